package page

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// MustSpeak gives a problem.Forbidden unless the person may write for some club.
func (p *Person) MustSpeak() error {
	if !slices.ContainsFunc(p.speaking(), publishes) {
		return problem.Forbiddenf("%s is not an editor of any club", p.ID)
	}
	return nil
}

// publishes tells whether a club publishes here: not after it has moved.
func publishes(c Membership) bool { return c.MovedTo == "" }

// speaking lists the clubs in whose name the person can write: the one for which
// they wrote last, then the others by name, and at the end those that wait for
// their approval; for these all becomes a draft, see Early.
func (p *Person) speaking() []Membership {
	var list, early []Membership
	for _, c := range p.Clubs {
		switch {
		case c.State == actor.Requested:
			early = append(early, c)
		case c.State != actor.Active:
		case c.ID == p.Latest:
			list = slices.Insert(list, 0, c)
		default:
			list = append(list, c)
		}
	}
	return append(list, early...)
}

// LatestFirst lets the choice of a club begin with the one for which the person
// wrote last.
func (g *Guard) LatestFirst(ctx context.Context, who *Person) error {
	if len(who.Clubs) < 2 {
		return nil
	}
	var err error
	who.Latest, err = g.Objects.WroteLast(ctx, who.ID)
	return err
}

// Chosen gives the club in whose name a form was sent: the field "club" holds
// its handle.
func (p *Person) Chosen(in *Input) (*Membership, error) {
	for _, c := range p.speaking() {
		if c.PreferredUsername == in.Get("club") {
			return &c, nil
		}
	}
	return nil, problem.Forbiddenf("%s may not publish in the name of %q", p.ID, in.Get("club"))
}

// Answering is Chosen for what cannot be a draft: the club must be approved.
func (p *Person) Answering(in *Input) (*Membership, error) {
	c, err := p.Chosen(in)
	if err == nil && c.State != actor.Active {
		err = problem.Forbiddenf("%s is not approved yet", c.PreferredUsername)
	}
	return c, err
}

// Early tells whether a form was sent in the name of a club that is not approved
// yet: nothing of it is published, and what was typed is kept as a draft.
func (p *Person) Early(in *Input) bool {
	c, err := p.Chosen(in)
	return err == nil && c.State == actor.Requested
}

// PublishButton is the one that sends the form of something new: it says what
// it does. For a club that waits for its approval nothing is published yet.
func (p *Person) PublishButton(in *Input) component.Button {
	list := slices.DeleteFunc(p.speaking(), func(c Membership) bool { return !publishes(c) })
	waits := func(c Membership) bool { return c.State == actor.Requested }
	if in.Get("club") == "" && len(list) > 0 && waits(list[0]) || p.Early(in) {
		return component.Button{Key: "form.early"}
	}
	return component.Button{Key: "form.publish"}
}

// ClubChoice adds the field that says in whose name something is published. It
// is always visible, and open only as long as nothing is published.
func (f *Form) ClubChoice(p *Person, open bool) {
	field := component.Field{Kind: "radio", Name: "club", Key: "form.club", Hint: "form.club.hint", Required: true}
	for _, c := range p.speaking() {
		if open && publishes(c) || c.PreferredUsername == f.In.Get("club") {
			field.Options = append(field.Options, f.clubOption(c))
		}
	}
	if len(field.Options) > maxCards {
		field.Kind = "select"
	}
	f.Group("", field)
}

// maxCards is how many clubs are shown as cards; more are a list.
const maxCards = 6

func (f *Form) clubOption(c Membership) component.Option {
	note := "role.as." + c.Role
	if c.State == actor.Requested {
		note = "form.club.early"
	}
	return component.Option{
		Value: c.PreferredUsername, Label: c.DisplayName(), Letters: component.Letters(c.DisplayName()),
		Note: f.Web.T(f.Lang, note), Icon: Local(c.IconURL),
	}
}

// Tools are what an editor can do with a thing ("page/tools").
type Tools struct {
	Links []component.Crumb
	// Done is the key of a sentence that says what was just done, or "".
	Done string
	// Hidden says that the town hall has hidden the thing from readers.
	Hidden bool
	// Waits says that it waits for the town hall, Returned why it was given back, or
	// "".
	Waits    bool
	Returned string
	// EditedBy is the name of who worked on it last and When that was.
	EditedBy, When string
}

// PinsPath is where editors say what stands at the top of their club's page,
// behind the path of the club.
const PinsPath = "/angeheftet"

// ReachPath is where editors see how far what their club publishes goes, behind
// the path of the club.
const ReachPath = "/reichweite"

// Tools gives what the person who asks may do with o, whose pages begin with
// path; nil for a reader. more are the last segments of further pages with the
// keys of their words.
func (g *Guard) Tools(r *http.Request, o *object.Object, path string, more ...component.Crumb) (*Tools, error) {
	who, err := g.Who(r)
	if err != nil || who == nil || !who.Speaks(o.AttributedTo) && !who.Cares(o.AttributedTo) {
		return nil, err
	}
	t := &Tools{Done: g.Flashed(r), Hidden: o.Hidden}
	if o.Hidden && o.Local {
		if t.Waits, t.Returned, err = g.Objects.Pending(r.Context(), g.Objects.Reader(), o.ID); err != nil {
			return nil, err
		}
		t.Hidden = !t.Waits
	}
	if who.Speaks(o.AttributedTo) {
		t.Links = more
	}
	if c := who.club(o.AttributedTo); c != nil && c.MovedTo == "" && o.InReplyTo == "" && o.Visibility == object.Public && o.Author != nil {
		t.Links = append(t.Links, component.Crumb{Key: "tools.pin", Href: "/vereine/" + o.Author.PreferredUsername + PinsPath + "?ding=" + o.Key()})
	}
	if who.Cares(o.AttributedTo) {
		t.Links = append(t.Links, component.Crumb{Key: "tools.decide", Href: Decide(o.ID)})
	}
	t.Links = append(t.Links, component.Crumb{Key: "tools.delete", Href: path + "/loeschen"})
	edits, err := g.Objects.Edits(r.Context(), o.ID)
	if err != nil || len(edits) == 0 {
		return t, err
	}
	t.When = locale.ShortDateTime(g.Web.Language(r), edits[0].At.In(g.Zone), time.Now())
	t.EditedBy = g.Web.T(g.Web.Language(r), "edits.operator")
	if edits[0].AccountID != actor.Operator {
		a, err := g.accounts.Find(r.Context(), edits[0].AccountID)
		if problem.KindOf(err) == problem.NotFound {
			t.EditedBy = ""
			return t, nil // the person left; the line is left out
		}
		if err != nil {
			return nil, err
		}
		t.EditedBy = a.Name
	}
	return t, nil
}

// ShowDelete asks whether o, called name, shall really be deleted; more are
// sentences about what else becomes of it.
func (g *Guard) ShowDelete(w http.ResponseWriter, r *http.Request, who *Person, o *object.Object, name string, more ...string) error {
	if !who.Speaks(o.AttributedTo) && !who.Cares(o.AttributedTo) {
		return problem.Forbiddenf("%s may not delete %s", who.ID, o.ID)
	}
	f := NewForm(g.Web, r, &Input{}, nil)
	lang := g.Web.Language(r)
	return g.Web.Render(w, r, http.StatusOK, "page/form", web.Page{Title: g.Web.T(lang, "delete.sure"), View: FormView{
		Heading: g.Web.T(lang, "delete.sure"), Intro: strings.Join(append([]string{g.Web.T(lang, "delete.text", name)}, more...), " "), Cancel: strings.TrimSuffix(r.URL.Path, "/loeschen"),
		Form: f.Show(r.URL.Path, component.Button{Key: "delete.do", Danger: true}, component.Button{Key: "delete.not", Href: strings.TrimSuffix(r.URL.Path, "/loeschen")}),
	}})
}

// Said is the key of the sentence that tells what was just done with o: done, or
// that o waits for the town hall.
func Said(done string, o *object.Object) string {
	if o.Hidden {
		return "form.waits"
	}
	return done
}
