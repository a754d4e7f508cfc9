package opportunity

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// DraftKind is what drafts of opportunities are called.
const DraftKind = "opportunity"

// FormPath is where the form of a new opportunity is.
const FormPath = Path + "neu"

// making says of the form of an opportunity what drafts and templates need.
var making = page.Making{
	Kind: DraftKind, Path: FormPath, Days: []string{"day", "shifts", "until"}, Fields: fieldNames(),
	Title: func(v url.Values) string { return markup.Name(v.Get("name"), maxName) },
}

// fieldNames lists the fields of the form.
func fieldNames() []string {
	list := []string{
		"name", "text", "why", "field", "times", "day", "from", "to", "shifts", "time-note", "effort", "effort-per", "place", "remote", "emergency", "places",
		"minimum-age", "maximum-age", "for-young", "for-groups", "skills", "learn", "requirement", "payer", "expenses", "trial", "insurance",
		"accessibility", "contact", "contact-name", "contact-email", "contact-phone", "apply-link", "context", "until",
	}
	for prefix, keys := range map[string][]string{"weekdays-": short, "languages-": Tongues, "requirements-": Demands, "rewards-": Thanks} {
		for _, key := range keys {
			list = append(list, prefix+key)
		}
	}
	slices.Sort(list)
	return list
}

// newForm shows the form of a new opportunity: empty, or as a draft, a template,
// an earlier one or an event fills it.
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

// blank gives the form of a new opportunity without a draft: with the club that
// the address names, or as the event or the opportunity that it names fills it.
func (p *Pages) blank(r *http.Request, who *page.Person) (*page.Input, error) {
	in, q := &page.Input{Values: url.Values{"key": {page.NewKey()}, "contact": {ByClub}}}, r.URL.Query()
	switch {
	case q.Get("fuer") != "":
		return in, p.forEvent(r, who, in, q.Get("fuer"))
	case q.Get("von") == "":
		named := q.Get("verein")
		if slices.ContainsFunc(who.Clubs, func(c page.Membership) bool { return c.PreferredUsername == named }) {
			in.Set("club", named)
		}
		return in, nil
	}
	o, err := p.mine(r, who, q.Get("von"))
	if err != nil {
		return nil, err
	}
	in.Values = o.values()
	for _, field := range append([]string{"version", "context"}, making.Days...) { // its days are over
		in.Del(field)
	}
	in.Set("key", page.NewKey())
	in.Set("club", o.Author.PreferredUsername)
	if len(o.Attachment) > 0 {
		held, err := p.pictures.HoldCopy(r.Context(), o.Attachment[0])
		if err != nil {
			return nil, err
		}
		in.Set(page.HeldField, held.ID)
	}
	return in, nil
}

// forEvent fills in what an event of the person's clubs says already.
func (p *Pages) forEvent(r *http.Request, who *page.Person, in *page.Input, key string) error {
	e, err := p.helped(r.Context(), p.actors.Site().ObjectID(key))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(who.Clubs, func(c page.Membership) bool { return c.ID == e.AttributedTo })
	if i < 0 {
		return problem.Forbiddenf("%s is not an editor of this club", who.ID)
	}
	in.Set("club", who.Clubs[i].PreferredUsername)
	in.Set("context", e.ID)
	in.Set("times", Once)
	in.Set("place", e.Place)
	in.Set("day", e.Start.Format("02.01.2006"))
	if !e.AllDay {
		in.Set("from", e.Start.Format("15:04"))
		if !e.End.IsZero() {
			in.Set("to", e.End.Format("15:04"))
		}
	}
	return nil
}

// checked reads the form of a new opportunity, and when it shall appear; zero is
// at once.
func (p *Pages) checked(who *page.Person, in *page.Input) (Draft, time.Time, error) {
	d, err := p.check(who, in, nil)
	if problem.KindOf(err) == problem.Forbidden {
		return d, time.Time{}, err
	}
	var errs problem.Fields
	errs.Merge(err)
	due, bad := p.Planned(in)
	errs.Merge(bad)
	if err := errs.Err(); err != nil {
		return d, due, err
	}
	o, err := p.Draft(d)
	if err != nil {
		return d, due, err
	}
	if ends := o.Ends(); !ends.IsZero() && !ends.After(p.now()) {
		errs.Add(lastField(d), "This day is over; please choose one that is ahead.")
	} else if !due.IsZero() && o.Until.Before(due) {
		errs.Add("plan-date", "It is over by then. Please choose an earlier day on which it shall appear.")
	}
	return d, due, errs.Err()
}

// lastField is the field that says when the last day is.
func lastField(d Draft) string {
	if strings.TrimSpace(d.Shifts) != "" {
		return "shifts"
	}
	return "day"
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
		o, err := p.Draft(typed(in))
		if err != nil {
			return err
		}
		for _, field := range []string{"day", "shifts"} {
			in.Set(field, o.values().Get(field))
		}
		if in.Get("until") != "" {
			in.Set("until", o.Until.Format("02.01.2006"))
		}
	}
	if err := p.Keep(r, who, making, in, key, due); err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	return p.Kept(w, r, said)
}

// PublishDraft publishes what a draft of an opportunity holds, as its form
// would.
func (s *Opportunities) PublishDraft(ctx context.Context, by string, w *draft.Draft) error {
	in := page.Typed(w.Fields(), w.Held)
	d := typed(in)
	d.Key, d.Version, d.AttributedTo, d.Picture = w.ID, w.Version, w.ActorID, in.PictureChange().New
	_, err := s.Create(ctx, by, d)
	return err
}

// preview shows what the form would make.
func (p *Pages) preview(f *page.Form, who *page.Person) *page.Preview {
	c, err := who.Chosen(f.In)
	if err != nil {
		return nil
	}
	d := typed(f.In)
	d.AttributedTo = c.ID
	o, err := p.Draft(d)
	if err != nil {
		return nil
	}
	o.Author = c.Actor
	job := o.Job(f.Lang)
	job.Href = "#preview" // it has no page yet
	note := o.note(p.language)
	return &page.Preview{
		Job: &job, Content: component.SafeHTML(o.Content), Picture: f.Depicted(),
		Club:  &component.ClubCard{Name: c.DisplayName(), Handle: c.Handle(), IconURL: page.Local(c.IconURL)},
		There: page.There{Content: component.SafeHTML(markup.Sanitize(note)), Long: page.Folds(markup.Text(note))},
	}
}
