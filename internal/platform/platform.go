// Package platform is the surface on which the town hall says how far other
// servers are let in: one by one, by lists of others, or only those that are
// entered; and what came from one of them in unusual numbers.
//
// It must not know any single kind.
package platform

import (
	"bytes"
	"context"
	"embed"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of these pages.
//
//go:embed *.html *.toml
var Files embed.FS

// Path is where the pages begin.
const Path = "/rathaus/sperren"

const (
	entryPath = Path + "/eintrag"
	listsPath = Path + "/listen"
	onlyPath  = Path + "/nur-eingetragene"
	// WavesPath is the page of what came in unusual numbers.
	WavesPath = "/rathaus/wellen"
	// LooksPath is the page of what waits to be looked at.
	LooksPath = "/rathaus/durchsehen"
	// WordsPath is the page of the words that need a look.
	WordsPath = LooksPath + "/woerter"
)

// Surface shows the pages.
type Surface struct {
	*page.Guard
	Actors     *actor.Actors
	Moderation *moderation.Moderation
	// Account gives the person with an id, to name who entered something.
	Account func(ctx context.Context, id string) (*account.Account, error)
	Frame   page.HallFrame
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	for path, h := range map[string]page.PersonHandler{
		Path: s.list, entryPath: s.entry, listsPath: s.lists, listsPath + "/{id}": s.review, onlyPath: s.only,
		Path + "/liste.csv": s.export(false), Path + "/erlaubt.csv": s.export(true), WavesPath: s.waves,
		WordsPath: s.words,
	} {
		r.Get(path, s.Web.Handle(s.Page(page.Staff(h))))
	}
	for path, h := range map[string]page.FormHandler{
		Path: s.look, entryPath: s.enter, listsPath: s.add, listsPath + "/{id}": s.apply, onlyPath: s.setOnly, WavesPath: s.settle,
		WordsPath: s.setWords,
	} {
		r.Post(path, s.Web.Handle(s.Form(page.StaffForm(h))))
	}
	// What waits for a look is also for who looks after some clubs only.
	r.Get(LooksPath, s.Web.Handle(s.Page(page.Office(s.looks))))
	r.Post(LooksPath, s.Web.Handle(s.Form(page.OfficeForm(s.decideLook))))
}

// frame gives the frame of a page below that of all platforms.
func (s *Surface) frame(r *http.Request, heading string) (page.Hall, error) {
	return s.Frame(r, Path, heading, false)
}

func (s *Surface) t(r *http.Request, key string, data ...any) string {
	return s.Web.T(s.Web.Language(r), key, data...)
}

func (s *Surface) render(w http.ResponseWriter, r *http.Request, status int, name, heading string, view any) error {
	return s.Web.Render(w, r, status, "platform/"+name, web.Page{Title: heading, View: view})
}

// back leads to a page and says what was done.
func (s *Surface) back(w http.ResponseWriter, r *http.Request, path, done string) error {
	s.Flash(r, done)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// button gives a form that is one button with hidden values.
func (s *Surface) button(r *http.Request, action string, b component.Button, hidden ...string) component.Form {
	f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(action, b)
}

// row is an entry as the page shows it.
type row struct {
	*actor.Block
	Href, By, List string
}

// Key is that of the word for how far it is let in.
func (r row) Key() string { return "hosts." + string(r.Severity) }

type listView struct {
	Hall    page.Hall
	Rows    []row
	Blocks  int
	Allowed int
	Empty   *component.Empty
	Form    component.Form
	// Only tells that nobody else is let in, Waves how many hosts sent unusually
	// much, and Lists how many differences of lists nobody has looked at.
	Only         bool
	Waves, Lists int
	// Looks is how much waits to be looked at.
	Looks int
}

func (s *Surface) list(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return s.showList(w, r, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showList(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	ctx := r.Context()
	heading := s.t(r, "hosts.title")
	hall, err := s.Frame(r, Path, heading, true)
	if err != nil {
		return err
	}
	hall.Lede = s.t(r, "hosts.lede")
	view := listView{Hall: hall}
	if view.Rows, err = s.rows(ctx); err != nil {
		return err
	}
	for _, b := range view.Rows {
		if b.Severity == actor.Allowed {
			view.Allowed++
		} else {
			view.Blocks++
		}
	}
	only, err := s.Actors.OnlyAllowed(ctx)
	if err != nil {
		return err
	}
	view.Only = only != nil
	waits, err := s.Moderation.PlatformsDue(ctx)
	if err != nil {
		return err
	}
	view.Waves, view.Lists, view.Looks = waits.Waves, waits.Lists, waits.Looks
	f := page.NewForm(s.Web, r, in, wrong)
	f.Group("hosts.new", component.Field{Kind: "text", Name: "domain", Key: "hosts.domain", Hint: "hosts.domain.hint", Required: true})
	view.Form = f.Show(Path, component.Button{Key: "hosts.look", Icon: "search"})
	return s.render(w, r, f.Status(), "list", heading, view)
}

// rows gives the entries with who made them.
func (s *Surface) rows(ctx context.Context) ([]row, error) {
	entries, err := s.Actors.Blocks(ctx)
	if err != nil {
		return nil, err
	}
	lists, err := s.Moderation.Lists(ctx)
	if err != nil {
		return nil, err
	}
	names, people := map[string]string{}, map[string]string{"": ""}
	for _, l := range lists {
		names[l.ID] = l.Name
	}
	var all []row
	for _, b := range entries {
		if _, known := people[b.ByAccount]; !known {
			if people[b.ByAccount], err = s.name(ctx, b.ByAccount); err != nil {
				return nil, err
			}
		}
		b.Created = b.Created.In(s.Zone)
		all = append(all, row{b, entryHref(b.Domain), people[b.ByAccount], names[b.ListID]})
	}
	return all, nil
}

// name gives the name of a person, "" for one who has left.
func (s *Surface) name(ctx context.Context, id string) (string, error) {
	a, err := s.Account(ctx, id)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return a.Name, nil
}

func entryHref(domain string) string {
	return entryPath + "?" + url.Values{"domain": {domain}}.Encode()
}

// look leads to the page of one platform.
func (s *Surface) look(w http.ResponseWriter, r *http.Request, _ *page.Person, in *page.Input) error {
	domain, _, err := s.Moderation.Standing(r.Context(), bare(in.Get("domain")))
	if len(problem.FieldsOf(err)) > 0 {
		return s.showList(w, r, in, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, entryHref(domain), http.StatusSeeOther)
	return nil
}

// export gives the entries in the form of Mastodon's files.
func (s *Surface) export(allows bool) page.PersonHandler {
	return func(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
		entries, err := s.Actors.Blocks(r.Context())
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := moderation.WriteList(&b, entries, allows); err != nil {
			return err
		}
		name := "domain_blocks.csv"
		if allows {
			name = "domain_allows.csv"
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_, err = w.Write(b.Bytes())
		return err
	}
}

type onlyView struct {
	Hall page.Hall
	// Since is zero while everybody is let in.
	Since time.Time
	By    string
	// Allowed is how many are entered, Ties what joins us to all others.
	Allowed int
	Ties    moderation.Ties
	Form    component.Form
}

func (s *Surface) only(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	ctx := r.Context()
	heading := s.t(r, "hosts.only")
	hall, err := s.frame(r, heading)
	if err != nil {
		return err
	}
	hall.Lede = s.t(r, "hosts.only.lede")
	view := onlyView{Hall: hall}
	entries, err := s.Actors.Blocks(ctx)
	if err != nil {
		return err
	}
	for _, b := range entries {
		if b.Severity != actor.Blocked {
			view.Allowed++
		}
	}
	on, err := s.Actors.OnlyAllowed(ctx)
	if err != nil {
		return err
	}
	if on != nil {
		view.Since = on.Created.In(s.Zone)
		if on.ByAccount != "" {
			if view.By, err = s.name(ctx, on.ByAccount); err != nil {
				return err
			}
		}
		view.Form = s.button(r, onlyPath, component.Button{Key: "hosts.only.end"}, "act", "end")
	} else {
		ties, err := s.Moderation.Ties(ctx, s.Objects.Reader())
		if err != nil {
			return err
		}
		view.Ties = ties[actor.Everyone]
		view.Form = s.button(r, onlyPath, component.Button{Key: "hosts.only.begin", Danger: true}, "act", "begin")
	}
	return s.render(w, r, http.StatusOK, "only", heading, view)
}

func (s *Surface) setOnly(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	act := in.Get("act")
	if act != "begin" && act != "end" {
		return problem.Invalidf("%q cannot be done to all platforms", act)
	}
	if err := s.Moderation.OnlyAllowed(r.Context(), who.ID, act == "begin"); err != nil {
		return err
	}
	return s.back(w, r, Path, "hosts.only."+act+".done")
}

// bare gives the domain of an address that was pasted whole, and everything else
// as it is.
func bare(typed string) string {
	if u, err := url.Parse(strings.TrimSpace(typed)); err == nil && u.Host != "" {
		return u.Hostname()
	}
	return typed
}
