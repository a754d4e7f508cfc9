package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// A Form is made for one answer: from what was typed, or stands there, and from
// what is wrong with it. Make one with NewForm.
type Form struct {
	Web  *web.Site
	Lang string
	In   *Input
	// Prefix begins the ids of the fields where the page has several forms with
	// fields of the same name.
	Prefix string
	// Shown is the path of the picture that stands in the form, or "".
	Shown string

	form   component.Form
	wrong  map[string]problem.FieldError
	old    url.Values
	status int
}

// Mendable tells whether the form that was sent is shown again with what err says:
// that a field is wrong, that the thing was changed in the meantime, or that the
// club has moved away.
func Mendable(err error) bool {
	return len(problem.FieldsOf(err)) > 0 || errors.Is(err, object.ErrStale) || errors.Is(err, actor.ErrMoved)
}

// NewForm makes a form that shows in; err, when it names fields, is shown at
// them. When err says that the thing was changed, cancelled or deleted in the
// meantime, that stands above the form, and what was typed is in it.
func NewForm(site *web.Site, r *http.Request, in *Input, err error) *Form {
	f := &Form{Web: site, Lang: site.Language(r), In: in, wrong: map[string]problem.FieldError{}, status: http.StatusOK}
	for _, m := range []struct {
		is     bool
		status int
		key    string
	}{
		{errors.Is(err, object.ErrStale), http.StatusConflict, "form.stale"},
		{errors.Is(err, actor.ErrMoved), http.StatusConflict, "form.moved"},
		{problem.KindOf(err) == problem.Conflict, http.StatusConflict, "form.closed"},
		{problem.KindOf(err) == problem.Gone, http.StatusGone, "form.gone"},
	} {
		if err != nil && m.is {
			f.status = m.status
			f.Notice(site.T(f.Lang, m.key))
			break
		}
	}
	for _, e := range problem.FieldsOf(err) {
		if _, known := f.wrong[e.Field]; !known {
			f.wrong[e.Field] = e
		}
	}
	return f
}

// Compare shows, at each field that differs, what stands there now. A picture
// of which the form says nothing came there in the meantime: it stays as it is.
func (f *Form) Compare(now url.Values) {
	f.old = now
	if f.In.Get(fieldAlt) == "" && f.In.Get(fieldDecorative) == "" {
		for _, field := range []string{fieldAlt, fieldDecorative, fieldFocus} {
			if now.Has(field) {
				f.In.Set(field, now.Get(field))
			}
		}
	}
}

// Notice sets the sentence above the form.
func (f *Form) Notice(sentence string) { f.form.Notice = sentence }

// Done sets the sentence above the form that says what went well.
func (f *Form) Done(sentence string) { f.form.Done = sentence }

// Hide adds a hidden value.
func (f *Form) Hide(name, value string) {
	f.form.Hidden = append(f.form.Hidden, component.Option{Value: name, Label: value})
}

// HideAll adds all that was typed as hidden values, but for the fields except.
func (f *Form) HideAll(except ...string) {
	for _, name := range slices.Sorted(maps.Keys(f.In.Values)) {
		if !slices.Contains(except, name) {
			for _, v := range f.In.Values[name] {
				f.Hide(name, v)
			}
		}
	}
}

// Group adds fields with their values and what is wrong with them, under a
// heading unless key is "".
func (f *Form) Group(key string, fields ...component.Field) {
	group := component.Group{Key: key}
	for _, field := range fields {
		group.Fields = append(group.Fields, f.fill(field))
	}
	f.form.Groups = append(f.form.Groups, group)
}

// Fold adds fields that are rarely needed, folded under a heading until
// something in them is filled in or wrong.
func (f *Form) Fold(key string, fields ...component.Field) {
	f.Group(key, fields...)
	f.form.Groups[len(f.form.Groups)-1].Fold = true
}

func (f *Form) fill(field component.Field) component.Field {
	value := f.In.Get(field.Name)
	if field.Kind == "points" && value == "" {
		value = middle
	}
	field.Prefix = f.Prefix
	switch field.Kind {
	case "checkbox":
		field.Checked = value != ""
	case "checks":
		for i := range field.Options {
			field.Options[i].Selected = f.In.Get(field.Name+"-"+field.Options[i].Value) != ""
		}
	case "select", "radio", "points":
		for i := range field.Options {
			field.Options[i].Selected = field.Options[i].Value == value
		}
		if value == "" && field.Required && field.Kind != "select" && len(field.Options) > 0 {
			field.Options[0].Selected = true // as a select has it
		}
	case "cards":
		for i := range field.Options {
			field.Options[i].Selected = slices.Contains(f.In.Values[field.Name], field.Options[i].Value)
		}
	case "password", "file", "shown":
	default:
		field.Value = value
	}
	if e, ok := f.wrong[field.Name]; ok {
		field.Error = f.Web.Sentence(f.Lang, e.Format, e.Args...)
		f.form.Wrong++
	}
	if now := f.old.Get(field.Name); f.old.Has(field.Name) && clean(now) != clean(value) {
		field.Old = now
		for _, o := range field.Options {
			if o.Value == now {
				field.Old = o.Label
			}
		}
		if now == "" {
			field.Old = f.Web.T(f.Lang, "form.nothing")
		}
	}
	return field
}

// clean is a text as it is compared: browsers send other line ends.
func clean(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// Show gives the form for its template.
func (f *Form) Show(action string, buttons ...component.Button) component.Form {
	f.form.Action, f.form.Buttons = action, buttons
	return f.form
}

// Status is that of the answer that shows the form.
func (f *Form) Status() int {
	if len(f.wrong) > 0 {
		return http.StatusUnprocessableEntity
	}
	return f.status
}

// The fields of a picture in a form.
const (
	fieldImage      = "image"
	fieldAlt        = "alt"
	fieldDecorative = "decorative"
	fieldFocus      = "focus"
	fieldRemove     = "remove"
)

// focuses are the points among which a person chooses: name and place.
var focuses = []struct{ key, point string }{
	{"focus.top-left", "-0.8,0.8"},
	{"focus.top", "0,0.8"},
	{"focus.top-right", "0.8,0.8"},
	{"focus.left", "-0.8,0"},
	{"focus.middle", middle},
	{"focus.right", "0.8,0"},
	{"focus.bottom-left", "-0.8,-0.8"},
	{"focus.bottom", "0,-0.8"},
	{"focus.bottom-right", "0.8,-0.8"},
}

// middle is the point of who chooses none.
const middle = "0,0"

// Logo adds the fields of a picture that is never cropped; see Picture.
func (f *Form) Logo(ctx context.Context, pictures *object.Pictures, key string, now *object.Attachment) {
	f.picture(ctx, pictures, key, now, false)
}

// Picture adds the fields of a picture under the heading key. now is what the
// thing has already, or nil. A picture that was sent, but with a form that must
// be sent again, is held and shown.
func (f *Form) Picture(ctx context.Context, pictures *object.Pictures, key string, now *object.Attachment) {
	f.picture(ctx, pictures, key, now, true)
}

func (f *Form) picture(ctx context.Context, pictures *object.Pictures, key string, now *object.Attachment, cropped bool) {
	shown := ""
	if now != nil {
		shown = now.URL
	}
	if held := f.hold(ctx, pictures); held != nil {
		f.Hide(HeldField, held.ID)
		shown = held.URL
	}
	f.Shown = Local(shown)
	if f.In.Get(fieldRemove) != "" {
		f.Shown = ""
	}
	fields := []component.Field{
		{Kind: "file", Name: fieldImage, Key: "picture.file", Hint: "picture.file.hint", Accept: "image/jpeg,image/png,image/webp"},
		{Kind: "text", Name: fieldAlt, Key: "picture.alt", Hint: "picture.alt.hint"},
		{Kind: "checkbox", Name: fieldDecorative, Key: "picture.decorative"},
	}
	if cropped {
		fields = append(fields, f.focusField())
	}
	if now != nil || shown != "" {
		fields = append(fields, component.Field{Kind: "checkbox", Name: fieldRemove, Key: "picture.remove"})
	}
	f.Group(key, fields...)
	if path := Local(shown); path != "" {
		group := &f.form.Groups[len(f.form.Groups)-1]
		group.Picture, group.PictureKey = path, "picture.shown"
	}
}

func (f *Form) focusField() component.Field {
	focus := component.Field{Kind: "points", Name: fieldFocus, Key: "picture.focus", Hint: "picture.focus.hint", Required: true}
	known := f.In.Get(fieldFocus) == ""
	for _, p := range focuses {
		focus.Options = append(focus.Options, component.Option{Value: p.point, Label: f.Web.T(f.Lang, p.key)})
		known = known || p.point == f.In.Get(fieldFocus)
	}
	if !known {
		focus.Options = append(focus.Options, component.Option{Value: f.In.Get(fieldFocus), Label: f.Web.T(f.Lang, "focus.other")})
	}
	return focus
}

// hold keeps the picture that came with the form, or finds the one that is kept
// already.
func (f *Form) hold(ctx context.Context, pictures *object.Pictures) *object.Held {
	if _, bad := f.wrong[fieldImage]; bad {
		return nil
	}
	var held *object.Held
	var err error
	switch {
	case f.In.Image != nil:
		held, err = pictures.Hold(ctx, bytes.NewReader(f.In.Image))
	case f.In.Get(HeldField) != "":
		held, err = pictures.FindHeld(ctx, f.In.Get(HeldField))
	default:
		return nil
	}
	for _, e := range problem.FieldsOf(err) {
		f.wrong[e.Field] = e
	}
	if err != nil {
		return nil
	}
	return held
}

// PictureChange reads what the form says of a picture.
func (in *Input) PictureChange() object.PictureChange {
	u := &object.Upload{
		Image: in.Picture(), Held: in.Get(HeldField), Alt: in.Get(fieldAlt), Decorative: in.Get(fieldDecorative) != "", Focus: focus(in.Get(fieldFocus)),
	}
	switch {
	case in.Get(fieldRemove) != "":
		return object.PictureChange{Remove: true}
	case u.Image != nil || u.Held != "":
		return object.PictureChange{New: u}
	}
	return object.PictureChange{Describe: u}
}

// focus reads a point; what is none is outside of the picture and refused by
// whoever checks it.
func focus(s string) media.FocalPoint {
	var p media.FocalPoint
	if s == "" {
		return p
	}
	if _, err := fmt.Sscanf(s, "%g,%g", &p.X, &p.Y); err != nil {
		return media.FocalPoint{X: 2}
	}
	return p
}

// PictureValues gives what a form says of a picture that is there already.
func PictureValues(v url.Values, a *object.Attachment) {
	v.Set(fieldAlt, a.Name)
	if a.Name == "" {
		v.Set(fieldDecorative, "1")
	}
	v.Set(fieldFocus, fmt.Sprintf("%g,%g", a.FocalX, a.FocalY))
}

// NewKey gives the key of a thing that a form will make. The form carries it,
// so that a form which is sent twice makes one thing.
func NewKey() string { return uuid.Must(uuid.NewV7()).String() }

// keyLife is how long a form may lie before it is sent.
const keyLife = 30 * 24 * time.Hour

// Key reads the key that the form carries.
func (in *Input) Key() (string, error) {
	id, err := uuid.Parse(in.Get("key"))
	if err != nil || id.Version() != 7 || id.String() != in.Get("key") {
		return "", problem.Invalidf("the form carries no key")
	}
	sec, nsec := id.Time().UnixTime()
	if age := time.Since(time.Unix(sec, nsec)); age < -time.Hour || age > keyLife {
		return "", problem.Invalidf("the key of the form is of another time")
	}
	return id.String(), nil
}

// A FormView is a page that is a form ("page/form").
type FormView struct {
	Crumbs         []component.Crumb
	Heading, Intro string
	// Templates are those from which the form can begin.
	Templates component.Chips
	// Cancel is where who gives up goes; "" takes the last of the crumbs, and
	// without crumbs the page is one like others.
	Cancel string
	// Preview is what the form would make, or nil.
	Preview *Preview
	Form    component.Form
}

// Leave implements web.Task.
func (v FormView) Leave() string {
	if v.Cancel == "" && len(v.Crumbs) > 0 {
		return v.Crumbs[len(v.Crumbs)-1].Href
	}
	return v.Cancel
}

// A Preview shows what a form would make: here and on Mastodon.
type Preview struct {
	// Event, Card or Job is how it stands in the lists here.
	Event *component.EventRow
	Card  *component.PostCard
	Job   *component.Job
	// Content is the text of an event or an opportunity.
	Content component.SafeHTML
	// Picture is nil when there is none.
	Picture *component.Picture
	// Club is who publishes it; nil leaves out how it looks elsewhere.
	Club  *component.ClubCard
	There There
}

// There is what Mastodon makes of a thing. Of an Event it shows name, summary
// and address and leaves out the content; of a Note it shows the content.
type There struct {
	Title, Summary string
	// Link is the address as Mastodon shortens it, "" for none.
	Link    string
	Content component.SafeHTML
	// Long is true for a text that Mastodon folds.
	Long bool
}

// What Mastodon shows of an address (30 characters after the scheme), and from
// how many characters or lines on its timeline folds a text: 22 lines of 22
// pixels on a phone.
const (
	maxLink  = 30
	maxShown = 900
	maxLines = 22
)

// Shortened gives an address as Mastodon shows it.
func Shortened(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	rest = strings.TrimPrefix(rest, "www.")
	if runes := []rune(rest); len(runes) > maxLink {
		return string(runes[:maxLink]) + "…"
	}
	return rest
}

// Folds tells whether the timeline of Mastodon folds a plain text.
func Folds(text string) bool {
	return utf8.RuneCountInString(text) > maxShown || strings.Count(text, "\n") >= maxLines
}

// Depicted is the picture that stands in the form with what is said about it;
// nil when there is none.
func (f *Form) Depicted() *component.Picture {
	if f.Shown == "" {
		return nil
	}
	p := &component.Picture{URL: f.Shown, Alt: strings.TrimSpace(f.In.Get(fieldAlt))}
	if f.In.Get(fieldDecorative) != "" {
		p.Alt = ""
	}
	return p
}
