package watch

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// row is a kept search as its page shows it.
type row struct {
	Name, Href string
	Created    time.Time
	// Waiting is true while the mail address is not confirmed.
	Waiting   bool
	Pace, End component.Form
}

type manageView struct {
	Crumbs []component.Crumb
	Done   string
	// Confirm is the button of a link that says that the address is right.
	Confirm *component.Form
	// Name is what is confirmed, Email the address to which letters go, "" for
	// somebody with an account.
	Name, Email string
	Rows        []row
	// All ends them all.
	All   *component.Form
	Empty component.Empty
	// NoMail is true in a town that sends none.
	NoMail bool
}

// What a page says of what was just done stands in its address: who comes by a
// link has no session.
const doneField = "gut"

var doneKeys = []string{"watch.confirmed", "watch.kept", "watch.paced", "watch.ended", "watch.ended.all"}

// linked gives the search to which the link of a letter belongs.
func (s *Surface) linked(r *http.Request) (*Search, error) {
	key, err := s.Secret(r.Context())
	if err != nil {
		return nil, err
	}
	id, ok := readToken(key, chi.URLParam(r, "token"))
	if !ok {
		return nil, problem.Gonef("the link is none of ours")
	}
	return s.Find(r.Context(), id)
}

// manage shows all searches of the address of a link. Programs that look at
// letters open links too, so opening it changes nothing.
func (s *Surface) manage(w http.ResponseWriter, r *http.Request) error {
	one, err := s.linked(r)
	if problem.KindOf(err) == problem.Gone {
		return s.over(w, r)
	}
	if err != nil {
		return err
	}
	view := &manageView{Email: one.Email}
	if one.Confirmed.IsZero() {
		if view.Name, _, err = s.asked(r, one.Query); err != nil {
			return err
		}
		f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
		f.Hide("act", "confirm")
		confirm := f.Show(r.URL.Path, component.Button{Key: "watch.confirm.do", Icon: "check"})
		view.Confirm = &confirm
	}
	return s.showAll(w, r, one, view)
}

// over says that a search has ended.
func (s *Surface) over(w http.ResponseWriter, r *http.Request) error {
	return s.Web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: s.Web.T(s.Web.Language(r), "watch.gone"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "watch.gone", Href: listPath, ActionKey: "watch.list"},
	})
}

// showAll shows the searches of whom whose is for.
func (s *Surface) showAll(w http.ResponseWriter, r *http.Request, whose *Search, view *manageView) error {
	list, err := s.Beside(r.Context(), whose)
	if err != nil {
		return err
	}
	lang := s.Web.Language(r)
	view.NoMail = !s.Letters.Ready()
	if done := r.URL.Query().Get(doneField); slices.Contains(doneKeys, done) {
		view.Done = done
	}
	form := func(act, id string) *page.Form {
		f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
		f.Hide("act", act)
		f.Hide("id", id)
		return f
	}
	for _, one := range list {
		query, err := url.ParseQuery(one.Query)
		if err != nil {
			query = url.Values{}
		}
		name, canonical, ok, err := s.Finder.Name(r.Context(), query, lang)
		if err != nil {
			return err
		}
		if !ok {
			name = s.Web.T(lang, "watch.nothing")
		}
		shown := row{Name: name, Href: listPath + "?" + canonical.Encode(), Created: one.Created.In(s.Zone), Waiting: one.Confirmed.IsZero()}
		pace := form("pace", one.ID)
		field := component.Field{Kind: "select", Name: "pace", Prefix: one.ID + "-", Key: "watch.pace", Required: true}
		for _, p := range Paces {
			field.Options = append(field.Options, component.Option{Value: p, Label: s.Web.T(lang, "watch.pace."+p), Selected: p == one.Pace})
		}
		pace.In.Set("pace", one.Pace)
		pace.Group("", field)
		shown.Pace = pace.Show(r.URL.Path, component.Button{Key: "form.save", Plain: true})
		shown.End = form("end", one.ID).Show(r.URL.Path, component.Button{Key: "watch.end", Plain: true, Danger: true})
		shown.Pace.Still, shown.End.Still = true, true
		view.Rows = append(view.Rows, shown)
	}
	if len(list) > 1 {
		all := form("all", "").Show(r.URL.Path, component.Button{Key: "watch.end.all", Plain: true, Danger: true})
		view.All = &all
	}
	view.Empty = component.Empty{Key: "watch.none", TextKey: "watch.none.text", Href: listPath, ActionKey: "watch.list"}
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address of a link is the key to it
	return s.Web.Render(w, r, http.StatusOK, "watch/all", web.Page{Title: s.Web.T(lang, "watch.own"), Narrow: true, NoIndex: true, View: view})
}

// change does what a button of the page of a link says. A program for mails ends
// all letters at once (RFC 8058 3.2), with no button.
func (s *Surface) change(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	one, err := s.linked(r)
	if problem.KindOf(err) == problem.Gone {
		return s.over(w, r)
	}
	if err != nil {
		return err
	}
	if in.Get("act") == "confirm" {
		return s.done(w, r, r.URL.Path, "watch.confirmed", s.Confirm(r.Context(), one))
	}
	to := r.URL.Path
	if in.Get("act") != "pace" && (in.Get("act") != "end" || in.Get("id") == one.ID) {
		to = endedPath // the link is of what has ended
	}
	return s.do(w, r, one, in, to)
}

// do changes the pace of a search, or ends one or all.
func (s *Surface) do(w http.ResponseWriter, r *http.Request, whose *Search, in *page.Input, to string) error {
	switch in.Get("act") {
	case "pace":
		pace := in.Get("pace")
		if !slices.Contains(Paces, pace) {
			return problem.Invalidf("there is no pace %q", pace)
		}
		return s.done(w, r, to, "watch.paced", s.SetPace(r.Context(), whose, in.Get("id"), pace))
	case "end":
		err := s.End(r.Context(), whose, in.Get("id"))
		if problem.KindOf(err) == problem.Gone {
			err = nil // it was pressed twice
		}
		return s.done(w, r, to, "watch.ended", err)
	case "all", "":
		return s.done(w, r, to, "watch.ended.all", s.End(r.Context(), whose, ""))
	}
	return problem.Invalidf("%q cannot be done to a search", in.Get("act"))
}

// own shows the searches of who is signed in.
func (s *Surface) own(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showAll(w, r, &Search{AccountID: who.ID}, &manageView{Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "watch.own"}}})
}

func (s *Surface) changeOwn(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if in.Get("act") == "" {
		return problem.Invalidf("nothing was chosen")
	}
	return s.do(w, r, &Search{AccountID: who.ID}, in, ownPath)
}
