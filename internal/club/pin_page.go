package club

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// A Pinned is something that stands, or could stand, at the top of a club's
// page.
type Pinned struct {
	// Key is the last segment of its id.
	Key string
	// Href is the path of its page, Title what it is called and Line, plain text,
	// when it is or how it goes on.
	Href, Title, Line string
}

// Pins gives what clubs have pinned; the application composes it.
type Pins struct {
	// Pinned is what stands at the top of the club's page, in order.
	Pinned func(ctx context.Context, actorID string) ([]Pinned, error)
	// Pinnable are the next events and the newest posts of the club.
	Pinnable func(ctx context.Context, actorID string) ([]Pinned, error)
	// Pin, Unpin and Raise do so with the object id.
	Pin, Unpin, Raise func(ctx context.Context, by, id string) error
}

// fieldThing is the field that says what is to be pinned.
const fieldThing = "thing"

type pinView struct {
	Crumbs        []component.Crumb
	Heading, Done string
	Pinned        []pinRow
	// Form asks what to pin; nil when nothing can be.
	Form *component.Form
}

// pinRow is what is pinned, with the forms that take it away or let it stand
// higher. Raise is nil for the first one.
type pinRow struct {
	Pinned
	Remove component.Form
	Raise  *component.Form
}

func (p *Pages) pinForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := p.spoken(r, who)
	if err != nil {
		return err
	}
	return p.showPins(w, r, c, &page.Input{Values: url.Values{fieldThing: {r.URL.Query().Get("ding")}}}, nil)
}

// spoken gives a club that is public and for which the person speaks.
func (p *Pages) spoken(r *http.Request, who *page.Person) (*Club, error) {
	c, err := p.Find(r.Context(), chi.URLParam(r, "handle"))
	if err == nil && !who.Speaks(c.ID) {
		err = problem.Forbiddenf("%s is not an editor of this club", who.ID)
	}
	return c, err
}

func (p *Pages) showPins(w http.ResponseWriter, r *http.Request, c *Club, in *page.Input, wrong error) error {
	path, lang := Path+c.PreferredUsername+page.PinsPath, p.web.Language(r)
	view := pinView{
		Crumbs:  []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: Path + c.PreferredUsername}, {Key: "club.tools.pins"}},
		Heading: p.web.T(lang, "club.pins.title", c.DisplayName()), Done: p.Flashed(r),
	}
	pinned, err := p.Pins.Pinned(r.Context(), c.ID)
	if err != nil {
		return err
	}
	for i, one := range pinned {
		row := pinRow{Pinned: one, Remove: p.act(r, path, component.Button{Key: "club.pins.remove", Plain: true}, "remove", fieldThing, one.Key)}
		if i > 0 {
			up := p.act(r, path, component.Button{Key: "club.pins.up", Plain: true}, "up", fieldThing, one.Key)
			row.Raise = &up
		}
		view.Pinned = append(view.Pinned, row)
	}
	choice, err := p.Pinnable(r.Context(), c.ID)
	if err != nil {
		return err
	}
	choice = slices.DeleteFunc(choice, func(one Pinned) bool { return slices.Contains(pinned, one) })
	status := http.StatusOK
	if len(choice) > 0 && c.MovedTo == "" {
		f := page.NewForm(p.web, r, in, wrong)
		f.Hide("act", "add")
		field := component.Field{Kind: "select", Name: fieldThing, Key: "club.pins.thing", Required: true}
		for _, one := range choice {
			label := one.Title
			if one.Line != "" {
				label += " – " + one.Line
			}
			field.Options = append(field.Options, component.Option{Value: one.Key, Label: label})
		}
		f.Group("", field)
		status = f.Status()
		form := f.Show(path, component.Button{Key: "club.pins.add"})
		view.Form = &form
	}
	return p.web.Render(w, r, status, "club/pins", web.Page{Title: view.Heading, Narrow: true, View: view})
}

func (p *Pages) pin(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	c, err := p.spoken(r, who)
	if err != nil {
		return err
	}
	id, done := p.actors.Site().ObjectID(in.Get(fieldThing)), ""
	switch in.Get("act") {
	case "add":
		done = "club.pins.added"
		err = p.Pin(r.Context(), who.ID, id)
	case "remove":
		done = "club.pins.removed"
		err = p.Unpin(r.Context(), who.ID, id)
	case "up":
		done = "club.pins.raised"
		err = p.Raise(r.Context(), who.ID, id)
	default:
		err = problem.Invalidf("%q cannot be done to what is pinned", in.Get("act"))
	}
	if kind := problem.KindOf(err); in.Get("act") == "add" && (kind == problem.NotFound || kind == problem.Gone) {
		var errs problem.Fields
		errs.Add(fieldThing, "This entry is not there any more; please choose another one.")
		err = errs.Err()
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showPins(w, r, c, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	return nil
}

// pinsOf gives what stands at the top of the page of a club.
func (p *Pages) pinsOf(r *http.Request, c *actor.Actor) ([]Pinned, error) {
	return p.Pins.Pinned(r.Context(), c.ID)
}
