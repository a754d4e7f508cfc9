package event

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// DraftKind is what drafts of events are called.
const DraftKind = "event"

// FormPath is where the form of a new event is.
const FormPath = Path + "neu"

// days are the fields of the form that are about one day.
var days = []string{"start-date", "end-date"}

// making says of the form of an event what drafts and templates need.
var making = page.Making{
	Kind: DraftKind, Path: FormPath, Days: days,
	Fields: []string{"name", "text", "category", "start-date", "start-time", "end-time", "end-date", "place", "online"},
	Title:  func(v url.Values) string { return markup.Name(v.Get("name"), maxName) },
}

// newForm shows the form of a new event: empty, or as a draft, a template or
// an earlier event fills it.
func (p *Pages) newForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	if err := who.MustSpeak(); err != nil {
		return err
	}
	in, check, err := p.Begin(r, who, making)
	if err != nil {
		return err
	}
	if in == nil {
		if in, err = p.blank(r, who); err != nil {
			return err
		}
	}
	if check {
		_, _, wrong := p.checked(who, in)
		return p.formIfInvalid(w, r, who, in, nil, wrong)
	}
	return p.form(w, r, who, in, nil, nil)
}

// blank gives the form of a new event without a draft: with the club that the
// address names, or as the event that it names fills it.
func (p *Pages) blank(r *http.Request, who *page.Person) (*page.Input, error) {
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}}}
	from := r.URL.Query().Get("von")
	if from == "" {
		named := r.URL.Query().Get("verein")
		if slices.ContainsFunc(who.Clubs, func(c page.Membership) bool { return c.PreferredUsername == named }) {
			in.Set("club", named)
		}
		return in, nil
	}
	e, err := p.mine(r, who, from)
	if err != nil {
		return nil, err
	}
	in.Values = e.values()
	in.Del("version")
	in.Set("key", page.NewKey())
	in.Set("club", e.Author.PreferredUsername)
	start := again(e.StartTime, midnight(p.now().In(p.zone)))
	in.Set("start-date", start.Format("02.01.2006"))
	if in.Get("end-date") != "" { // it lasts as many days as before
		in.Set("end-date", start.AddDate(0, 0, daysBetween(e.StartTime, e.EndTime)).Format("02.01.2006"))
	}
	if len(e.Attachment) > 0 {
		held, err := p.pictures.HoldCopy(r.Context(), e.Attachment[0])
		if err != nil {
			return nil, err
		}
		in.Set(page.HeldField, held.ID)
	}
	return in, nil
}

// again proposes when something happens that happened at t: on the same
// weekday a year later, or as many years later as it takes to be ahead.
func again(t, today time.Time) time.Time {
	for years := 1; ; years++ {
		next := t.AddDate(years, 0, 0)
		// The nearest day with the same name: three days before to three after.
		shift := (int(t.Weekday()-next.Weekday()) + 7) % 7
		if shift > 3 {
			shift -= 7
		}
		if next = next.AddDate(0, 0, shift); !next.Before(today) {
			return next
		}
	}
}

// daysBetween counts the nights from start to end.
func daysBetween(start, end time.Time) int {
	n := 0
	for day := midnight(start); day.AddDate(0, 0, n+1).Before(end) || day.AddDate(0, 0, n+1).Equal(end); n++ {
		continue
	}
	return n
}

// checked reads the form of a new event, and when it shall appear; zero is at
// once.
func (p *Pages) checked(who *page.Person, in *page.Input) (Draft, time.Time, error) {
	d, err := p.draft(who, in)
	if problem.KindOf(err) == problem.Forbidden {
		return d, time.Time{}, err
	}
	due, bad := p.Planned(in)
	if err != nil || bad != nil {
		var errs problem.Fields
		errs.Merge(err)
		errs.Merge(bad)
		return d, due, errs.Err()
	}
	if err := p.over(in, d, nil); err != nil || due.IsZero() {
		return d, due, err
	}
	return d, due, p.late(d, due)
}

// late says at the field of the day on which an event shall appear that it is
// over by then.
func (p *Pages) late(d Draft, due time.Time) error {
	e, err := p.Draft(d)
	if err != nil || e.last().After(due) || !e.last().After(p.now()) {
		return err
	}
	var errs problem.Fields
	errs.Add("plan-date", "The event is over by then. Please choose an earlier day on which it shall appear.")
	return errs.Err()
}

// last is the moment in which it is over.
func (e *Event) last() time.Time {
	if e.EndTime.IsZero() {
		return lastSecond(e.StartTime)
	}
	return e.EndTime
}

// keep keeps the form as a draft, which appears at due unless that is zero. A
// day that was typed without its year keeps the one that is meant now.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, key string, due time.Time) error {
	said := "draft.saved"
	if who.Early(in) && !in.Keeps() {
		said, due = "draft.early", time.Time{}
	}
	if !due.IsZero() {
		said = "draft.planned"
		if err := p.CheckPicture(r.Context(), in); err != nil {
			return p.formIfInvalid(w, r, who, in, nil, err)
		}
		d, err := p.typed(in)
		if err != nil {
			return err
		}
		e, err := p.Draft(d)
		if err != nil {
			return err
		}
		for _, field := range days {
			in.Set(field, e.values().Get(field))
		}
	}
	if err := p.Keep(r, who, making, in, key, due); err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	return p.Kept(w, r, said)
}

// PublishDraft publishes what a draft of an event holds, as its form would.
func (s *Events) PublishDraft(ctx context.Context, by string, w *draft.Draft) error {
	in := page.Typed(w.Fields(), w.Held)
	d, err := s.typed(in)
	if err != nil {
		return err
	}
	d.Key, d.Version, d.AttributedTo, d.Picture = w.ID, w.Version, w.ActorID, in.PictureChange().New
	_, err = s.Create(ctx, by, d)
	return err
}

// preview shows what the form would make.
func (p *Pages) preview(f *page.Form, who *page.Person) *page.Preview {
	c, err := who.Chosen(f.In)
	if err != nil {
		return nil
	}
	d, err := p.draft(who, f.In)
	if err != nil {
		return nil
	}
	e, err := p.Draft(d)
	if err != nil {
		return nil
	}
	e.Author = c.Actor
	row := p.Events.row(e, f.Lang)
	row.Href = "#preview" // it has no page yet
	return &page.Preview{
		Event: &row, Content: component.SafeHTML(e.Content), Picture: f.Depicted(),
		Club:  &component.ClubCard{Name: c.DisplayName(), Handle: c.Handle(), IconURL: page.Local(c.IconURL)},
		There: page.There{Title: e.title(p.language), Summary: e.headline(p.language), Link: page.Shortened(e.URL)},
	}
}
