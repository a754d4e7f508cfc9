package upkeep

import (
	"embed"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of upkeep.
//
//go:embed *.html *.toml
var Files embed.FS

// mostShown is how many things stand on a page; those that wait longest come
// first.
const mostShown = 50

// Surface shows the pages of upkeep.
type Surface struct {
	*page.Guard
	Accounts *account.Accounts
	Actors   *actor.Actors
	Courier  *Courier
	// Frame is the frame of the pages of the town hall.
	Frame page.HallFrame
	// Icons are the names of the icons of kinds.
	Icons map[string]string
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(page.CarePath, s.Web.Handle(s.Page(s.own)))
	r.Post(page.CarePath, s.Web.Handle(s.Form(s.answer)))
	r.Get(page.CarePath+"/{token}", s.Web.Handle(s.linked))
	r.Post(page.CarePath+"/{token}", s.Web.Handle(s.answerLinked))
	r.Get(page.HintPath, s.Web.Handle(s.hint))
	r.Post(page.HintPath, s.Web.Handle(s.fileHint))
	r.Get(hintThanks, s.Web.Handle(s.thanks))
	r.Get(hallPath, s.Web.Handle(s.Page(page.Office(s.hall))))
	r.Post(hallPath, s.Web.Handle(s.Form(page.OfficeForm(s.decide))))
	r.Get(rulesPath, s.Web.Handle(s.Page(page.Staff(s.rules))))
	r.Post(rulesPath, s.Web.Handle(s.Form(page.StaffForm(s.setRules))))
}

// row is a thing as pages list it.
type row struct {
	*care.Thing
	Icon, KindKey string
	// Checked and Told are in the town's zone.
	Checked, Told time.Time
	// Change and Delete lead to where that is done, "" for who may not.
	Change, Delete string
	Confirm        component.Form
}

// hintRow is what a reader says, as pages list it.
type hintRow struct {
	*care.Hint
	Received time.Time
	Close    component.Form
}

type ownView struct {
	// Crumbs are nil for who is not signed in, whose account they lead to.
	Crumbs []component.Crumb
	// Done is the key of a sentence that says what was just done, or "".
	Done  string
	Rows  []row
	More  int
	All   *component.Form
	Hints []hintRow
	// Terms are the clubs of which the person is an owner, with whether they
	// accepted the agreement on data care.
	Terms []term
	Empty component.Empty
	// SignIn leads to where one signs in to see more, "" for who has.
	SignIn string
}

func (s *Surface) row(r *http.Request, action string, t *care.Thing) row {
	return row{
		Thing: t, Icon: s.Icons[t.Kind], KindKey: "care.kind." + t.Kind, Checked: t.Checked.In(s.Zone), Told: t.Told.In(s.Zone),
		Confirm: s.button(r, action, component.Button{Key: "care.confirm", Plain: true, Icon: "check"}, "act", "confirm", "thing", t.ID),
	}
}

// button gives a form that is one button with hidden values.
func (s *Surface) button(r *http.Request, action string, b component.Button, hidden ...string) component.Form {
	f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(action, b)
}

// own shows what the person cares for and nobody has confirmed for long, and
// what readers say of it.
func (s *Surface) own(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	view, err := s.view(r, who, page.CarePath)
	if err != nil {
		return err
	}
	view.Crumbs, view.Done = []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "care.title"}}, s.Flashed(r)
	hints, err := s.Care.Hints(r.Context(), s.Care.Now(), clubsOf(who))
	if err != nil {
		return err
	}
	for _, h := range hints {
		view.Hints = append(view.Hints, s.hintRow(r, page.CarePath, h))
	}
	if view.Terms, err = s.terms(r, who); err != nil {
		return err
	}
	return s.render(w, r, view)
}

func (s *Surface) hintRow(r *http.Request, action string, h *care.Hint) hintRow {
	return hintRow{h, h.Received.In(s.Zone), s.button(r, action, component.Button{Key: "care.hint.close", Plain: true, Icon: "check"}, "act", "hint", "hint", h.ID)}
}

// clubsOf gives the ids of the person's clubs; of nobody's clubs none, and not
// all.
func clubsOf(who *page.Person) []string {
	return append([]string{}, who.Viewer().Actors...)
}

func (s *Surface) view(r *http.Request, who *page.Person, action string) (*ownView, error) {
	things, err := s.Care.List(r.Context(), s.Care.Now(), clubsOf(who))
	if err != nil {
		return nil, err
	}
	view := &ownView{Empty: component.Empty{Key: "care.none", TextKey: "care.none.text", Href: "/konto", ActionKey: "care.none.action", Icon: "user"}}
	if len(things) > mostShown {
		view.More = len(things) - mostShown
	}
	if len(things) > 1 {
		all := s.button(r, action, component.Button{Key: "care.confirm.all", Icon: "check"}, "act", "all")
		view.All = &all
	}
	for _, t := range things[:min(len(things), mostShown)] {
		one := s.row(r, action, t)
		own := t.ID == t.ClubID
		if !own || who.Owns(t.ClubID) {
			one.Change = t.Path + "/aendern"
		}
		if !own {
			one.Delete = t.Path + "/loeschen"
		}
		view.Rows = append(view.Rows, one)
	}
	return view, nil
}

func (s *Surface) render(w http.ResponseWriter, r *http.Request, view *ownView) error {
	return s.Web.Render(w, r, http.StatusOK, "upkeep/own", web.Page{Title: s.Web.T(s.Web.Language(r), "care.title"), Narrow: true, NoIndex: true, View: view})
}

// answer does what was pressed by somebody who is signed in.
func (s *Surface) answer(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	done, err := s.act(r, who, in)
	if err != nil {
		return err
	}
	s.Flash(r, done)
	http.Redirect(w, r, page.CarePath, http.StatusSeeOther)
	return nil
}

// act does what a form of the page says, and gives the key of the sentence for
// it.
func (s *Surface) act(r *http.Request, who *page.Person, in *page.Input) (done string, err error) {
	ctx := r.Context()
	switch in.Get("act") {
	case "confirm":
		t, err := s.Care.Find(ctx, in.Get("thing"))
		if problem.KindOf(err) == problem.NotFound {
			return "care.gone", nil
		}
		if err != nil {
			return "", err
		}
		return "care.confirmed", s.Care.Confirm(ctx, who.ID, t.ID)
	case "all":
		things, err := s.Care.List(ctx, s.Care.Now(), clubsOf(who))
		if err != nil {
			return "", err
		}
		return "care.confirmed.all", s.Care.Confirm(ctx, who.ID, ids(things)...)
	case "agree":
		version, err := time.Parse(time.RFC3339, in.Get("version"))
		if err != nil {
			return "", problem.Invalidf("the form says no version: %w", err)
		}
		if err = s.Care.Agree(ctx, who.ID, in.Get("club"), version); errors.Is(err, object.ErrStale) {
			return "care.terms.changed", nil
		}
		return "care.terms.agreed", err
	case "hint":
		return "care.hint.closed", s.Care.CloseHint(ctx, who.ID, in.Get("hint"))
	}
	return "", problem.Invalidf("%q cannot be done to what is cared for", in.Get("act"))
}

// whose gives the person that the link of a letter names; nil when it is none,
// is too old, or the person is gone.
func (s *Surface) whose(r *http.Request) (*page.Person, error) {
	key, err := s.Courier.Key(r.Context())
	if err != nil {
		return nil, err
	}
	id, ok := readToken(key, chi.URLParam(r, "token"), s.Care.Now())
	if !ok {
		return nil, nil
	}
	who, err := page.FindPerson(r.Context(), s.Accounts, s.Actors, id)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	return who, err
}

// linked shows the page to who has the link of a letter. Nothing is done by
// opening it: programs open links in mails, too.
func (s *Surface) linked(w http.ResponseWriter, r *http.Request) error { return s.showLinked(w, r, "") }

func (s *Surface) showLinked(w http.ResponseWriter, r *http.Request, done string) error {
	who, err := s.whose(r)
	if err != nil {
		return err
	}
	if who == nil {
		return s.noLink(w, r)
	}
	view, err := s.view(r, who, r.URL.Path)
	if err != nil {
		return err
	}
	view.Done, view.SignIn = done, "/anmelden?"+url.Values{"weiter": {page.CarePath}}.Encode()
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "private, no-store")
	return s.render(w, r, view)
}

// answerLinked does what was pressed by who has the link of a letter. It says no
// more than that things are still true.
func (s *Surface) answerLinked(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	who, err := s.whose(r)
	if err != nil {
		return err
	}
	if who == nil {
		return s.noLink(w, r)
	}
	if act := in.Get("act"); act != "confirm" && act != "all" {
		return problem.Forbiddenf("the link of a letter does no more than confirm, and not %q", act)
	}
	if id := in.Get("thing"); id != "" {
		t, err := s.Care.Find(r.Context(), id)
		if err == nil && !who.Speaks(t.ClubID) { // nor what the town hall may
			return problem.Forbiddenf("%s does not care for %s", who.ID, id)
		}
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return err
		}
	}
	done, err := s.act(r, who, in)
	if err != nil {
		return err
	}
	return s.showLinked(w, r, done)
}

func (s *Surface) noLink(w http.ResponseWriter, r *http.Request) error {
	return s.Web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: s.Web.T(s.Web.Language(r), "care.link.gone"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "care.link.gone", Href: "/anmelden?" + url.Values{"weiter": {page.CarePath}}.Encode(), ActionKey: "care.link.gone.do"},
	})
}
