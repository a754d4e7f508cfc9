// Package calendar makes iCalendar files (RFC 5545) of what has a time: one
// calendar of the town, one of each actor, or one of a single thing. It knows
// how such a file is written, with its zones and folded lines, and how it is
// served so that programs can come back for it.
//
// It must not know any kind of thing: each is a Source, handed in by the
// application, or hands in its own components.
package calendar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-ical"
)

// MediaType is that of every calendar.
const MediaType = "text/calendar; charset=utf-8"

// product names the program in each file (RFC 5545 3.7.3).
const product = "-//Aushang//Aushang//DE"

// refresh is how often a subscriber should come back (RFC 7986 5.7).
const refresh = 6 * time.Hour

// A Calendar is one file.
type Calendar struct {
	// Name is what the calendar is called in the list of whoever subscribes.
	Name string
	// URL is the page that shows the same, or "".
	URL string
	// Zone is that of the town. Its rules stand in every file; those of other
	// zones when a component uses them.
	Zone *time.Location
	// Components are what the calendar holds, in this order.
	Components []*ical.Component
}

// Encode gives the file.
func (c Calendar) Encode() ([]byte, error) {
	cal := ical.NewCalendar()
	cal.Props.SetText(ical.PropVersion, "2.0")
	cal.Props.SetText(ical.PropProductID, product)
	cal.Props.SetText(ical.PropCalendarScale, "GREGORIAN")
	SetText(cal.Props, ical.PropName, c.Name) // RFC 7986 5.1
	SetText(cal.Props, "X-WR-CALNAME", c.Name)
	SetText(cal.Props, "X-WR-TIMEZONE", c.Zone.String())
	interval := ical.NewProp(ical.PropRefreshInterval)
	interval.Params.Set(ical.ParamValue, string(ical.ValueDuration)) // it has no default
	interval.Value = fmt.Sprintf("PT%dH", int(refresh.Hours()))
	cal.Props.Set(interval)
	SetText(cal.Props, "X-PUBLISHED-TTL", interval.Value) // Outlook's name for it
	if u, err := url.Parse(c.URL); err == nil && c.URL != "" {
		cal.Props.SetURI(ical.PropURL, u)
	}
	zones, err := zones(c.Zone, c.Components)
	if err != nil {
		return nil, err
	}
	cal.Children = append(zones, c.Components...)
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(cal); err != nil {
		return nil, fmt.Errorf("write calendar: %w", err)
	}
	return fold(b.Bytes()), nil
}

// Serve answers with the file. Who has it already is told so (RFC 9110
// 13.1.2).
func (c Calendar) Serve(w http.ResponseWriter, r *http.Request) error {
	body, err := c.Encode()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("Content-Type", MediaType)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// SetText sets a property to plain text, without the control characters that a
// line of a file cannot hold; "" leaves it out.
func SetText(p ical.Props, name, text string) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if text == "" {
		return
	}
	p.SetText(name, text)
	// Some programs know the X- properties by their names alone.
	p.Get(name).Params.Del(ical.ParamValue)
}

// SetParam sets a parameter of a property to plain text. Quotes cannot stand
// in one (RFC 5545 3.2), so they become single.
func SetParam(p *ical.Prop, name, text string) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	p.Params.Set(name, text)
}

// maxLine is how long a line may be, in bytes without its end (RFC 5545 3.1).
const maxLine = 75

// fold breaks lines that are too long, never within a character.
func fold(file []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(file) {
		line = bytes.TrimRight(line, "\r\n")
		for room := maxLine; len(line) > room; room = maxLine - 1 { // the blank of a continued line counts
			n := room
			for n > 1 && !utf8.RuneStart(line[n]) {
				n--
			}
			b.Write(line[:n])
			b.WriteString("\r\n ")
			line = line[n:]
		}
		b.Write(line)
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// A Source gives what one kind of thing puts into calendars.
type Source interface {
	// Components gives what has not ended at the time since, the first one
	// first. by narrows it to one actor; "" means all.
	Components(ctx context.Context, by string, since time.Time) ([]*ical.Component, error)
}

// past is for how long what is over stays in a subscribed calendar.
const past = 30 * 24 * time.Hour

// A Feed is what can be subscribed to: everything of all sources.
type Feed struct {
	// Zone is the town's.
	Zone    *time.Location
	Sources []Source
}

// Serve answers with what is to come and the last 30 days of the actor by, or
// of all with "". name and page are of the calendar.
func (f *Feed) Serve(w http.ResponseWriter, r *http.Request, by, name, page string) error {
	c := Calendar{Name: name, URL: page, Zone: f.Zone}
	since := time.Now().Add(-past)
	for _, s := range f.Sources {
		more, err := s.Components(r.Context(), by, since)
		if err != nil {
			return err
		}
		c.Components = append(c.Components, more...)
	}
	return c.Serve(w, r)
}
