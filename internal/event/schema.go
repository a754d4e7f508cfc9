package event

import (
	"time"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/term"
)

// maxDescription is how much of its text schema.org is told, in characters.
const maxDescription = 500

// schema describes the event in the words of schema.org; words names its category.
func (e *Event) schema(words term.Book) *page.Schema {
	d := &page.Schema{
		Context: page.Vocabulary, Type: "Event", ID: e.ID, URL: e.URL, Name: e.Name, InLanguage: e.Language,
		Description: markup.Name(e.description(), maxDescription), StartDate: e.stamp(e.StartTime), EndDate: e.stamp(e.EndTime),
		EventStatus: "https://schema.org/EventScheduled", Organizer: page.Organization(e.Author), Keywords: words.Word(TermList, e.Language, e.Category),
	}
	switch {
	case e.Status == Cancelled:
		d.EventStatus = "https://schema.org/EventCancelled"
	case e.Rescheduled():
		d.EventStatus, d.PreviousStartDate = "https://schema.org/EventRescheduled", e.stamp(e.PreviousStart)
	}
	if e.Place != "" {
		d.EventAttendanceMode = "https://schema.org/OfflineEventAttendanceMode"
		d.Location = &page.Schema{Type: "Place", Name: e.Place, Address: e.Place}
	}
	if e.OnlineURL != "" && e.Place == "" {
		d.EventAttendanceMode = "https://schema.org/OnlineEventAttendanceMode"
		d.Location = &page.Schema{Type: "VirtualLocation", URL: e.OnlineURL}
	}
	if len(e.Attachment) > 0 {
		d.Image = e.Attachment[0].URL
	}
	return d
}

// stamp writes a time of the event: of a whole day its date, "" when open.
func (e *Event) stamp(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case e.AllDay:
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}
