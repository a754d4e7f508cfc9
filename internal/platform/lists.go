package platform

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// listRow is a list of others as the page shows it.
type listRow struct {
	*moderation.List
	Href string
	Drop component.Form
}

type listsView struct {
	Hall            page.Hall
	Lists           []listRow
	File, Subscribe component.Form
}

func (s *Surface) lists(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return s.showLists(w, r, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showLists(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	heading := s.t(r, "hosts.lists")
	hall, err := s.frame(r, heading)
	if err != nil {
		return err
	}
	hall.Lede = s.t(r, "hosts.lists.lede")
	view := listsView{Hall: hall}
	lists, err := s.Moderation.Lists(r.Context())
	if err != nil {
		return err
	}
	for _, l := range lists {
		if !l.Fetched.IsZero() {
			l.Fetched = l.Fetched.In(s.Zone)
		}
		view.Lists = append(view.Lists, listRow{
			l, listsPath + "/" + l.ID, s.button(r, listsPath, component.Button{Key: "hosts.list.drop", Plain: true}, "act", "drop", "id", l.ID),
		})
	}
	empty := &page.Input{Values: url.Values{}}
	filed, subscribed, wrongFile, wrongAddress := in, empty, wrong, error(nil)
	if in.Get("act") == "subscribe" {
		filed, subscribed, wrongFile, wrongAddress = empty, in, nil, wrong
	}
	kind := func() component.Field {
		return component.Field{Kind: "select", Name: "kind", Key: "hosts.list.kind", Required: true, Options: []component.Option{
			{Value: "blocks", Label: s.t(r, "hosts.list.blocks")}, {Value: "allows", Label: s.t(r, "hosts.list.allows")},
		}}
	}
	f := page.NewForm(s.Web, r, filed, wrongFile)
	f.Hide("act", "file")
	f.Group("hosts.list.file", component.Field{Kind: "file", Name: page.FileField, Key: "hosts.list.choose", Hint: "hosts.list.choose.hint", Accept: ".csv,.txt,text/csv,text/plain"},
		component.Field{Kind: "textarea", Name: "list", Key: "hosts.list.paste", Hint: "hosts.list.paste.hint", Rows: 5}, kind())
	view.File = f.Show(listsPath, component.Button{Key: "hosts.list.review"})
	g := page.NewForm(s.Web, r, subscribed, wrongAddress)
	g.Prefix = "abo-"
	g.Hide("act", "subscribe")
	g.Group("hosts.list.subscribe", component.Field{Kind: "text", Name: "url", Key: "hosts.list.url", Hint: "hosts.list.url.hint", Inputmode: "url", Required: true},
		component.Field{Kind: "text", Name: "name", Key: "hosts.list.name"}, kind(),
		component.Field{Kind: "checkbox", Name: "auto", Key: "hosts.list.auto", Hint: "hosts.list.auto.hint"})
	view.Subscribe = g.Show(listsPath, component.Button{Key: "hosts.list.subscribe.do"})
	return s.render(w, r, max(f.Status(), g.Status()), "lists", heading, view)
}

func (s *Surface) add(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx := r.Context()
	l := moderation.List{Allows: in.Get("kind") == "allows"}
	switch in.Get("act") {
	case "file":
		l.Name = s.t(r, "hosts.list.own")
		if l.Body = in.Get(page.FileField); l.Body == "" {
			l.Body = in.Get("list")
		}
	case "subscribe":
		l.URL, l.Name, l.Auto = in.Get("url"), in.Get("name"), in.Get("auto") != ""
		if l.URL == "" {
			l.URL = "-" // which is no address, and says so
		}
	case "drop":
		if err := s.Moderation.DropList(ctx, who.ID, in.Get("id")); err != nil {
			return err
		}
		return s.back(w, r, listsPath, "hosts.list.dropped")
	default:
		return problem.Invalidf("%q cannot be done to lists", in.Get("act"))
	}
	kept, err := s.Moderation.AddList(ctx, who.ID, l)
	if len(problem.FieldsOf(err)) > 0 {
		if in.Get("act") == "subscribe" {
			err = problem.Rename(err, "list", "url")
		}
		return s.showLists(w, r, in, err)
	}
	if err != nil {
		return err
	}
	if err := s.Moderation.FetchList(ctx, kept.ID); err != nil {
		return err
	}
	http.Redirect(w, r, listsPath+"/"+kept.ID, http.StatusSeeOther)
	return nil
}

// mostShown is how many changes of a kind and faults one page shows.
const mostShown = 300

// change is what a list would change, as the page shows it.
type change struct {
	moderation.Change
	ID string
	// Picked says that it is done unless somebody decides otherwise.
	Picked bool
}

// Was and Will are the keys of the words for how far it is let in.
func (c change) Was() string { return "hosts." + string(c.Now.Severity) }

// Will is Was for what the list says.
func (c change) Will() string { return "hosts." + string(c.Next.Severity) }

type part struct {
	Key     string
	Changes []change
	// More is how many do not fit.
	More int
}

type fault struct {
	Line     int
	Sentence string
}

type reviewView struct {
	Hall   page.Hall
	List   *moderation.List
	Parts  []part
	Same   int
	Due    int
	Faults []fault
	// MoreFaults is how many do not fit.
	MoreFaults  int
	Action      string
	Fetch, Drop component.Form
}

func (s *Surface) review(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	ctx := r.Context()
	l, err := s.Moderation.List(ctx, s.Objects.Reader(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	plan, err := s.Moderation.Plan(ctx, l)
	if err != nil {
		return err
	}
	hall, err := s.frame(r, l.Name)
	if err != nil {
		return err
	}
	action := listsPath + "/" + l.ID
	view := reviewView{Hall: hall, List: l, Same: plan.Same, Due: plan.Due(), Action: action}
	if !l.Fetched.IsZero() {
		l.Fetched = l.Fetched.In(s.Zone)
	}
	n := 0
	for _, p := range []struct {
		key  string
		list []moderation.Change
	}{{"hosts.list.new", plan.New}, {"hosts.list.changed", plan.Changed}, {"hosts.list.gone", plan.Gone}} {
		if len(p.list) == 0 {
			continue
		}
		shown := part{Key: p.key, More: max(0, len(p.list)-mostShown)}
		for _, c := range p.list[:len(p.list)-shown.More] {
			n++
			shown.Changes = append(shown.Changes, change{c, fmt.Sprintf("c%d", n), !c.Any()})
		}
		view.Parts = append(view.Parts, shown)
	}
	for _, f := range plan.Faults[:min(len(plan.Faults), mostShown)] {
		view.Faults = append(view.Faults, fault{f.Line, s.Web.Sentence(s.Web.Language(r), f.Format, f.Args...)})
	}
	view.MoreFaults = len(plan.Faults) - len(view.Faults)
	view.Fetch = s.button(r, action, component.Button{Key: "hosts.list.fetch", Plain: true, Icon: "repeat"}, "act", "fetch")
	view.Drop = s.button(r, listsPath, component.Button{Key: "hosts.list.drop", Plain: true}, "act", "drop", "id", l.ID)
	return s.render(w, r, http.StatusOK, "review", l.Name, view)
}

func (s *Surface) apply(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, id := r.Context(), chi.URLParam(r, "id")
	l, err := s.Moderation.List(ctx, s.Objects.Reader(), id)
	if problem.KindOf(err) == problem.NotFound {
		return s.back(w, r, Path, "hosts.list.applied") // pressed twice
	}
	if err != nil {
		return err
	}
	domains := in.Values["domain"]
	switch in.Get("act") {
	case "fetch":
		if err := s.Moderation.FetchList(ctx, id); err != nil {
			return err
		}
		return s.back(w, r, listsPath+"/"+id, "hosts.list.fetched")
	case "chosen":
	case "all":
		plan, err := s.Moderation.Plan(ctx, l)
		if err != nil {
			return err
		}
		domains = nil
		for _, list := range [][]moderation.Change{plan.New, plan.Changed, plan.Gone} {
			for _, c := range list {
				domains = append(domains, c.Domain)
			}
		}
	default:
		return problem.Invalidf("%q cannot be done to a list", in.Get("act"))
	}
	if _, err := s.Moderation.Apply(ctx, who.ID, id, domains); err != nil {
		return err
	}
	return s.back(w, r, Path, "hosts.list.applied")
}
