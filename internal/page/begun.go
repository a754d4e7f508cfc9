package page

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// DraftsPath is where drafts and templates are listed.
const DraftsPath = "/entwuerfe"

// What the form of something new sends besides the fields of its kind.
const (
	fieldVersion  = "draft" // the version of the draft that it was opened from
	fieldKeep     = "keep"
	fieldTemplate = "template"
	fieldPlanDate = "plan-date"
	fieldPlanTime = "plan-time"
)

// How a form of something new is opened from what was kept.
const (
	askDraft    = "entwurf"
	askTemplate = "vorlage"
	askCheck    = "pruefen"
)

// maxPlan is how far ahead something can be planned.
const maxPlan = 2 * 366 * 24 * time.Hour

// A Making says of the form of something new what drafts and templates need.
type Making struct {
	// Kind is what draft.Drafts calls it, Path where the form is.
	Kind, Path string
	// Fields are the names of its fields, without that of the club and those of a
	// picture. Days are those of them that are about one day: a template leaves
	// them out.
	Fields, Days []string
	// Title is how it is listed, "" when there is none yet.
	Title func(url.Values) string
}

// DraftHref leads to the form of a kind at path, filled with a draft; check
// says there what is still wrong.
func DraftHref(path, id string, check bool) string {
	q := url.Values{askDraft: {id}}
	if check {
		q.Set(askCheck, "1")
	}
	return path + "?" + q.Encode()
}

// TemplateHref leads to the form of a kind at path, filled with a template.
func TemplateHref(path, id string) string {
	return path + "?" + url.Values{askTemplate: {id}}.Encode()
}

// Typed gives the form in which the fields stand, with the picture that is held.
func Typed(fields map[string]string, held string) *Input {
	in := &Input{Values: url.Values{}}
	for name, value := range fields {
		in.Set(name, value)
	}
	if held != "" {
		in.Set(HeldField, held)
	}
	return in
}

// fields gives what is kept of a form.
func (m Making) fields(in *Input) map[string]string {
	v := map[string]string{}
	for _, name := range append([]string{fieldAlt, fieldDecorative, fieldFocus, fieldPlanDate, fieldPlanTime}, m.Fields...) {
		if value := in.Get(name); value != "" {
			v[name] = value
		}
	}
	return v
}

// Begin gives the form as a draft or a template fills it that the address names
// (check tells whether to say what is wrong in it), nil when it names none.
func (g *Guard) Begin(r *http.Request, who *Person, m Making) (in *Input, check bool, err error) {
	q, clubs := r.URL.Query(), who.Viewer().Actors
	switch {
	case q.Get(askDraft) != "":
		d, err := g.Drafts.Find(r.Context(), clubs, q.Get(askDraft))
		if err == nil && d.Kind != m.Kind {
			err = problem.NotFoundf("the draft %s is of another kind", d.ID)
		}
		if err != nil {
			return nil, false, err
		}
		return who.opened(d), q.Get(askCheck) != "", nil
	case q.Get(askTemplate) != "":
		t, err := g.Drafts.FindTemplate(r.Context(), clubs, q.Get(askTemplate))
		if err == nil && t.Kind != m.Kind {
			err = problem.NotFoundf("the template %s is of another kind", t.ID)
		}
		if err != nil {
			return nil, false, err
		}
		in := Typed(t.Fields(), t.Held)
		in.Set("key", NewKey())
		in.Set("club", who.handle(t.ActorID))
		return in, false, nil
	}
	return nil, false, nil
}

// opened gives the form of a draft.
func (p *Person) opened(d *draft.Draft) *Input {
	in := Typed(d.Fields(), d.Held)
	in.Set("key", d.ID)
	in.Set(fieldVersion, strconv.Itoa(d.Version))
	in.Set("club", p.handle(d.ActorID))
	return in
}

// handle is that of one of the person's clubs, or "".
func (p *Person) handle(actorID string) string {
	if c := p.club(actorID); c != nil {
		return c.PreferredUsername
	}
	return ""
}

// NewThingKey reads the key that the form of something new carries. That of a
// draft may be as old as the draft.
func (g *Guard) NewThingKey(r *http.Request, who *Person, in *Input) (string, error) {
	key, err := in.Key()
	if err == nil {
		return key, nil
	}
	if _, none := g.Drafts.Find(r.Context(), who.Viewer().Actors, in.Get("key")); none == nil {
		return in.Get("key"), nil
	}
	o, none := g.Objects.Find(r.Context(), who.Viewer(), g.actors.Site().ObjectID(in.Get("key")))
	if none == nil && who.Speaks(o.AttributedTo) {
		return in.Get("key"), nil // sent twice
	}
	return "", err
}

// Later adds to the form of something new when it shall appear, and whether it
// becomes a template.
func (f *Form) Later() {
	f.Hide(fieldVersion, f.In.Get(fieldVersion))
	f.Group(
		"form.later",
		component.Field{Kind: "text", Name: fieldPlanDate, Key: "form.plan-date", Hint: "form.plan-date.hint", Half: true},
		component.Field{Kind: "text", Name: fieldPlanTime, Key: "form.plan-time", Hint: "form.plan-time.hint", Half: true},
		component.Field{Kind: "checkbox", Name: fieldTemplate, Key: "form.template"},
	)
}

// KeepButton is the one that keeps a form as a draft.
func KeepButton() component.Button {
	return component.Button{Key: "form.keep", Name: fieldKeep, Value: "draft", Plain: true}
}

// Keeps tells whether that button was pressed.
func (in *Input) Keeps() bool { return in.Get(fieldKeep) != "" }

// Ready makes the form of something new ready: the club for which the person
// wrote last comes first, a fresh form offers templates, and what a colleague
// changed in the draft stands beside what was typed.
func (g *Guard) Ready(r *http.Request, who *Person, m Making, f *Form, view *FormView, wrong error) error {
	if err := g.LatestFirst(r.Context(), who); err != nil {
		return err
	}
	if errors.Is(wrong, object.ErrStale) {
		return g.CompareDraft(r, who, f)
	}
	q := r.URL.Query()
	if r.Method == http.MethodPost || q.Has(askDraft) || q.Has(askTemplate) || q.Has("von") {
		return nil
	}
	var err error
	view.Templates, err = g.offer(r.Context(), who, m)
	return err
}

// offer gives the templates from which a form of this kind can begin.
func (g *Guard) offer(ctx context.Context, who *Person, m Making) (component.Chips, error) {
	list, err := g.Drafts.Templates(ctx, who.Viewer().Actors, m.Kind)
	chips := component.Chips{Label: "form.templates"}
	for _, t := range list {
		text := t.Name
		if c := who.club(t.ActorID); c != nil && len(who.Clubs) > 1 {
			text += " (" + c.DisplayName() + ")"
		}
		chips.List = append(chips.List, component.Chip{Text: text, Href: TemplateHref(m.Path, t.ID)})
	}
	return chips, err
}

// Planned reads when something shall appear, zero for at once.
func (g *Guard) Planned(in *Input) (time.Time, error) {
	date, clock := strings.TrimSpace(in.Get(fieldPlanDate)), strings.TrimSpace(in.Get(fieldPlanTime))
	if date == "" && clock == "" {
		return time.Time{}, nil
	}
	var errs problem.Fields
	now := time.Now().In(g.Zone)
	y, month, d := now.Date()
	day, ok := ParseDate(date, time.Date(y, month, d, 0, 0, 0, 0, g.Zone))
	switch {
	case date == "":
		errs.Add(fieldPlanDate, "Please say on which day it shall appear, or leave the time empty too.")
	case !ok:
		errs.Add(fieldPlanDate, "This is no date; write it like 11.7. or 11.07.2026.")
	}
	h, m, ok := ParseClock(clock)
	switch {
	case clock == "":
		errs.Add(fieldPlanTime, "Please say at what time it shall appear.")
	case !ok:
		errs.Add(fieldPlanTime, "This is no time of day; write it like 19:00 or 19 Uhr.")
	}
	if err := errs.Err(); err != nil {
		return time.Time{}, err
	}
	due := time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, g.Zone)
	switch {
	case due.Hour() != h:
		errs.Add(fieldPlanTime, "This hour does not exist on that day: the clocks go forward.")
	case !due.After(now):
		errs.Add(fieldPlanDate, "This moment has passed. Please choose a later one, or leave day and time empty.")
	case due.After(now.Add(maxPlan)):
		errs.Add(fieldPlanDate, "That is more than two years ahead. Please choose an earlier day.")
	}
	in.Set(fieldPlanDate, due.Format("02.01.2006"))
	return due, errs.Err()
}

// DraftVersion gives the version of the draft that a form was opened from, 0
// for none.
func DraftVersion(in *Input) int {
	version, _ := strconv.Atoi(in.Get(fieldVersion))
	return version
}

// Keep keeps a form as a draft, to be published at due unless that is zero, and
// as a template if that is wished for.
func (g *Guard) Keep(r *http.Request, who *Person, m Making, in *Input, key string, due time.Time) error {
	club, err := who.Chosen(in)
	if err != nil {
		return err
	}
	held, err := g.held(r.Context(), in)
	if err != nil {
		return err
	}
	d := &draft.Draft{ID: key, ActorID: club.ID, Kind: m.Kind, Title: m.Title(in.Values), Held: held, Version: DraftVersion(in), DueAt: due.UTC()}
	if due.IsZero() {
		d.DueAt = due
	}
	d.SetFields(m.fields(in))
	if err := g.KeepTemplate(r, who, m, in, key); err != nil {
		return err
	}
	return g.Drafts.Save(r.Context(), who.ID, d)
}

// KeepTemplate keeps a form as a template if that is wished for.
func (g *Guard) KeepTemplate(r *http.Request, who *Person, m Making, in *Input, key string) error {
	if in.Get(fieldTemplate) == "" {
		return nil
	}
	club, err := who.Chosen(in)
	if err != nil {
		return err
	}
	held, err := g.held(r.Context(), in)
	if err != nil {
		return err
	}
	t := &draft.Template{ID: key, ActorID: club.ID, Kind: m.Kind, Name: m.Title(in.Values), Held: held}
	if t.Name == "" {
		t.Name = g.Web.T(g.Web.Language(r), "draft.untitled")
	}
	v := m.fields(in)
	for _, name := range append([]string{fieldPlanDate, fieldPlanTime}, m.Days...) {
		delete(v, name)
	}
	t.SetFields(v)
	return g.Drafts.SaveTemplate(r.Context(), who.ID, t)
}

// held gives the name under which the picture of a form is held, "" for none.
func (g *Guard) held(ctx context.Context, in *Input) (string, error) {
	if in.Get(fieldRemove) != "" {
		in.Image = nil
		for _, field := range []string{HeldField, fieldAlt, fieldDecorative, fieldFocus} {
			in.Del(field)
		}
		return "", nil
	}
	if in.Image != nil {
		h, err := g.Pictures.Hold(ctx, bytes.NewReader(in.Image))
		if err != nil {
			return "", err
		}
		in.Image = nil
		in.Set(HeldField, h.ID)
	} else if in.Get(HeldField) != "" {
		if _, err := g.Pictures.FindHeld(ctx, in.Get(HeldField)); err != nil {
			return "", err
		}
	}
	return in.Get(HeldField), nil
}

// CheckPicture says what is wrong with the picture of a form, as publishing it
// would.
func (g *Guard) CheckPicture(ctx context.Context, in *Input) error {
	if _, err := g.held(ctx, in); err != nil {
		return err
	}
	_, err := g.Pictures.Keep(ctx, in.PictureChange().New)
	return err
}

// Unmoved gives object.ErrStale when somebody has saved the draft of this key
// since the form was opened.
func (g *Guard) Unmoved(r *http.Request, who *Person, in *Input, key string) error {
	d, err := g.Drafts.Find(r.Context(), who.Viewer().Actors, key)
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err == nil && strconv.Itoa(d.Version) != in.Get(fieldVersion) {
		err = object.ErrStale
	}
	return err
}

// CompareDraft shows, at each field that differs, what stands in the draft now.
func (g *Guard) CompareDraft(r *http.Request, who *Person, f *Form) error {
	d, err := g.Drafts.Find(r.Context(), who.Viewer().Actors, f.In.Get("key"))
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	now := who.opened(d).Values
	for _, field := range []string{"key", HeldField} {
		now.Del(field)
	}
	f.In.Set(fieldVersion, now.Get(fieldVersion))
	now.Del(fieldVersion)
	f.Compare(now)
	return nil
}

// Kept leads to the drafts and says what was done.
func (g *Guard) Kept(w http.ResponseWriter, r *http.Request, key string) error {
	g.Flash(r, key)
	http.Redirect(w, r, DraftsPath, http.StatusSeeOther)
	return nil
}
