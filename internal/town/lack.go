package town

import (
	"context"
	"slices"
	"strings"
)

// A Lack is something without which the pages that the law asks for are not
// whole.
type Lack struct {
	// Document is the page whose form or text has the gap.
	Document string
	// Fact is the name of the fact that is missing, "" for a gap in a text that the
	// town wrote itself.
	Fact string
}

// Href leads to where it is filled in.
func (l Lack) Href() string {
	if l.Fact == "" {
		return textsPath + "/" + l.Document
	}
	_, field, _ := strings.Cut(l.Fact, ".")
	return lawPath + "/" + l.Document + "#" + field
}

// Name is what the command line calls it: the fact, or the page.
func (l Lack) Name() string {
	if l.Fact == "" {
		return l.Document
	}
	return l.Fact
}

// Lacks lists what is missing in the pages that the law asks for, as readers of a
// language see them; nothing when they are whole.
func (s *Settings) Lacks(ctx context.Context, lang string) ([]Lack, error) {
	told, err := s.Told(ctx)
	if err != nil {
		return nil, err
	}
	var list []Lack
	for _, document := range Documents {
		t, err := s.shown(ctx, told, document, lang)
		if err != nil {
			return nil, err
		}
		for _, l := range t.lacks(told) {
			if !slices.Contains(list, l) {
				list = append(list, l)
			}
		}
	}
	return list, nil
}

// lacks lists what is missing in one of them.
func (t *Text) lacks(told *Told) []Lack {
	var list []Lack
	if gaps.MatchString(t.Source) {
		list = append(list, Lack{Document: t.Name})
	}
	_, missing := told.filled(t.Source, t.Language)
	for _, name := range missing {
		document, _, _ := strings.Cut(name, ".")
		list = append(list, Lack{document, name})
	}
	return list
}
