package application

import (
	"strings"
	"time"
)

// A Span is a time of which the history of an application speaks.
type Span struct{ Start, End time.Time }

// Is tells whether a place is at this time.
func (x Span) Is(c *Commitment) bool { return x.Start.Equal(c.StartsAt) && x.End.Equal(c.EndsAt) }

// spanOf is how the history names the time of a place.
func spanOf(c *Commitment) string {
	if c.StartsAt.IsZero() {
		return ""
	}
	return c.StartsAt.UTC().Format(time.RFC3339) + "/" + c.EndsAt.UTC().Format(time.RFC3339)
}

// Spans gives the times that stand in a line of the history: of a moved shift the
// old one and the new one. A line may name the beginning alone.
func Spans(content string) []Span {
	var list []Span
	for _, word := range strings.Fields(content) {
		from, to, both := strings.Cut(word, "/")
		start, err := time.Parse(time.RFC3339, from)
		if err != nil {
			return nil
		}
		end := start
		if both {
			if end, err = time.Parse(time.RFC3339, to); err != nil {
				return nil
			}
		}
		list = append(list, Span{start, end})
	}
	return list
}
