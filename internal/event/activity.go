package event

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// openEnd is the length that others are told of an event with an open end:
// FEP-8a8e demands an end, and displayEndTime says that it is none.
const openEnd = 2 * time.Hour

// Kind tells the kernel about events.
func (s *Events) Kind() object.Kind {
	return object.Kind{Type: Type, Receive: s.receive, Extend: s.extend, Over: s.over}
}

// over gives those of ids that are events which have ended.
func (s *Events) over(ctx context.Context, db bun.IDB, ids []string) ([]string, error) {
	var rows []*Details
	if err := db.NewSelect().Model(&rows).Where("object_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("ask which events are over: %w", err)
	}
	var over []string
	for _, row := range rows {
		e := &Event{Details: *row}
		e.localize()
		if e.end().Before(s.now()) {
			over = append(over, e.ObjectID)
		}
	}
	return over, nil
}

// extend adds to the document of an event what FEP-8a8e and Mobilizon want.
func (s *Events) extend(ctx context.Context, db bun.IDB, o *object.Object, doc *as.Object) error {
	e, err := s.with(ctx, db, o)
	if err != nil {
		return err
	}
	doc.Actor = doc.AttributedTo // Mobilizon and Pleroma compare the two
	doc.Name = e.title(s.language)
	// Mastodon shows this and not the content; others show it above.
	doc.Summary = "<p>" + html.EscapeString(e.headline(s.language)) + "</p>"
	doc.StartTime, doc.EndTime, doc.Timezone = e.StartTime, e.EndTime, e.Timezone
	if e.EndTime.IsZero() {
		doc.EndTime, doc.DisplayEndTime = e.StartTime.Add(openEnd), as.Bool(false)
	}
	if e.Place != "" {
		doc.Location = &as.Place{ID: s.placeID(e.Place), Type: "Place", Name: e.Place}
	}
	if len(doc.Attachment) > 0 {
		p := doc.Attachment[0]
		doc.Image = &as.Image{Type: "Image", MediaType: p.MediaType, URL: p.URL, Name: p.Name, Summary: p.Name, Width: p.Width, Height: p.Height, Blurhash: p.Blurhash, FocalPoint: p.FocalPoint}
	}
	if e.OnlineURL != "" {
		doc.Attachment = append(doc.Attachment, as.Attachment{Type: "Link", MediaType: "text/html", Href: e.OnlineURL, Name: "Online"})
	}
	if tag := s.tag(e.Category); tag != nil {
		doc.Tag = append(doc.Tag, *tag)
	}
	doc.Category, doc.InLanguage = termOf(e.Category), o.Language
	doc.Status, doc.EventStatus = e.Status, "EventScheduled"
	if e.Status == Cancelled {
		doc.EventStatus = "EventCancelled"
	}
	// Who wants to come finds on the page how; nobody can join by activity yet.
	doc.JoinMode, doc.ExternalParticipationURL = "external", e.URL
	doc.ParticipantCount = as.Int(0)
	doc.AnonymousParticipationEnabled, doc.IsOnline = as.Bool(false), as.Bool(e.OnlineURL != "" && e.Place == "")
	doc.CommentsEnabled, doc.Draft = as.Bool(true), as.Bool(false)
	doc.Organizers = &as.Collection{ID: o.ID + "/organizers", Type: "Collection", TotalItems: as.Int(1), Items: []any{o.AttributedTo}}
	return nil
}

// title is the name, marked when the event does not take place: not every
// peer reads the status.
func (e *Event) title(language string) string {
	if e.Status == Cancelled {
		return cancelled(language) + ": " + e.Name
	}
	return e.Name
}

// cancelled is the word that marks an event which does not take place; German
// unless English is asked for.
func cancelled(language string) string {
	if language == "en" {
		return "Cancelled"
	}
	return "Abgesagt"
}

// headline says when and where, and why not, in one line of plain text.
func (e *Event) headline(language string) string {
	line := e.When(language)
	if e.Place != "" {
		line += ", " + e.Place
	}
	if e.Status == Cancelled {
		line += ". " + cancelled(language) + ": " + e.Reason
	}
	return line
}

// When says the time of the event as people say it.
func (e *Event) When(language string) string {
	return locale.DateRange(language, e.StartTime, e.EndTime, e.AllDay)
}

// placeID gives the id of a place: the same for the same name, and the name
// can be read from it again.
func (s *Events) placeID(name string) string {
	return s.actors.Site().Origin + "/ap/places/" + base64.RawURLEncoding.EncodeToString([]byte(name))
}

// Place gives the document of a place that an event of ours names.
func (s *Events) Place(ctx context.Context, key string) (*as.Place, error) {
	name, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return nil, problem.NotFoundf("there is no place %s", key)
	}
	known, err := s.filtered(Filter{}).Model((*joined)(nil)).Relation("Details").Where("details.place = ?", string(name)).Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("find place: %w", err)
	}
	if !known {
		return nil, problem.NotFoundf("there is no place %s", key)
	}
	return &as.Place{ID: s.placeID(string(name)), Type: "Place", Name: string(name)}, nil
}

// receive stores an Event that another server created or updated.
//
// ActivityPub 7.2, 7.3: the sender must own the object; authorise has checked
// that.
func (s *Events) receive(ctx context.Context, tx bun.Tx, doc *as.Object, author *actor.Actor) error {
	o, err := s.objects.FromActivity(doc, author)
	if err != nil {
		return err
	}
	d, err := detailsOf(doc)
	if err != nil {
		return err
	}
	return s.put(ctx, tx, &Event{Object: *o, Details: d})
}

// detailsOf reads what an Event has beyond an Object. Without a name or a
// start it is none.
func detailsOf(doc *as.Object) (Details, error) {
	if doc.Name == "" || doc.StartTime.IsZero() {
		return Details{}, problem.Discard(problem.Invalidf("%s is an Event without a name or a start", doc.ID))
	}
	d := Details{StartTime: doc.StartTime, EndTime: doc.EndTime, Timezone: doc.Timezone, Status: Confirmed, Category: keyOfTerm(doc.Category)}
	if _, err := time.LoadLocation(d.Timezone); err != nil || d.Timezone == "" {
		d.Timezone = "UTC"
	}
	if doc.DisplayEndTime != nil && !*doc.DisplayEndTime || d.EndTime.Before(d.StartTime) {
		d.EndTime = time.Time{}
	}
	if strings.EqualFold(doc.Status, Cancelled) || doc.EventStatus == "EventCancelled" {
		d.Status = Cancelled
	}
	if doc.Location != nil && doc.Location.Type != "VirtualLocation" {
		d.Place = markup.Name(doc.Location.Name, maxPlace)
	}
	if online := onlineOf(doc); markup.IsLink(online) {
		d.OnlineURL = online
	}
	return d, nil
}

// onlineOf gives where an Event is on the web: by a VirtualLocation (FEP-8a8e),
// or, when it says that it is there, by the first Link.
func onlineOf(doc *as.Object) string {
	if doc.Location != nil && doc.Location.Type == "VirtualLocation" {
		return doc.Location.URL
	}
	if doc.IsOnline != nil && *doc.IsOnline {
		for _, a := range doc.Attachment {
			if a.Type == "Link" {
				return a.Href
			}
		}
	}
	return ""
}

// notice says what followers must learn now, as HTML: that an event was
// cancelled, or has moved. "" when nothing of that happened.
func (s *Events) notice(before, e *Event) string {
	moved, now, then := e.moved(before), e.headline(s.language), before.headline(s.language)
	switch {
	case !moved:
		now, then = e.Place, before.Place
	case e.Place == before.Place:
		now, then = e.When(s.language), before.When(s.language)
	}
	link := fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(e.URL), html.EscapeString(e.Name))
	switch {
	case e.Status == Cancelled && before.Status != Cancelled:
		return "<p><strong>Abgesagt:</strong> " + link + " (" + html.EscapeString(before.headline(s.language)) + "). " + html.EscapeString(e.Reason) + "</p>"
	case moved || e.Place != before.Place:
		return "<p><strong>Geändert:</strong> " + link + ", jetzt " + html.EscapeString(cmp.Or(now, "ohne Ort")) +
			" (bisher " + html.EscapeString(cmp.Or(then, "ohne Ort")) + ").</p>"
	}
	return ""
}
