package townhall

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// mergePath is the page on which a club becomes a part of another one.
const mergePath = "/rathaus/vereine/{handle}/zusammenlegen"

// Weight counts what belongs to a club.
type Weight struct{ People, Entries, Followers, Invitations, Drafts, Templates int }

type mergeView struct {
	Hall page.Hall
	// Points are sentences that say what happens; none as long as it is not chosen
	// which club stays.
	Points []string
	Form   component.Form
}

func (s *Surface) mergeForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	if err := s.mayEnter(r, who, chi.URLParam(r, "handle")); err != nil {
		return err
	}
	return s.showMerge(w, r, who, &page.Input{Values: url.Values{}}, nil)
}

// merging gives the club of the page if it can become a part of another one; nil
// when it was led to its own page.
func (s *Surface) merging(w http.ResponseWriter, r *http.Request) (*actor.Actor, error) {
	c, err := s.Actors.FindUsername(r.Context(), s.Objects.Reader(), chi.URLParam(r, "handle"), actor.Active, actor.Requested, actor.Archived, actor.Suspended)
	if err != nil {
		return nil, err
	}
	if c.Type != actor.Group {
		return nil, problem.NotFoundf("%s is no club", c.ID)
	}
	if c.State != actor.Active || c.MovedTo != "" { // done already, or not to be done here
		http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/zusammenlegen"), http.StatusSeeOther)
		return nil, nil
	}
	return c, nil
}

// showMerge asks which club stays or, when that was chosen, says what will happen
// and asks whether it shall.
func (s *Surface) showMerge(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	c, err := s.merging(w, r)
	if err != nil || c == nil {
		return err
	}
	ctx, lang, path := r.Context(), s.Web.Language(r), "/rathaus/vereine/"+c.PreferredUsername
	f := page.NewForm(s.Web, r, in, wrong)
	heading := s.Web.T(lang, "townhall.merge", c.DisplayName())
	view := mergeView{}
	if view.Hall, err = s.Frame(r, "/rathaus/vereine", heading, false); err != nil {
		return err
	}
	back := component.Button{Key: "townhall.merge.not", Href: path}
	if into := in.Get("into"); into != "" && wrong == nil {
		stays, err := s.Actors.FindUsername(ctx, s.Objects.Reader(), into, actor.Active)
		if err != nil {
			return err
		}
		if view.Points, err = s.mergePoints(r, c, stays); err != nil {
			return err
		}
		heading = s.Web.T(lang, "townhall.merge.both", map[string]string{"Club": c.DisplayName(), "Into": stays.DisplayName()})
		view.Hall.Heading = heading
		f.Hide("act", "merge")
		f.Hide("into", stays.PreferredUsername)
		view.Form = f.Show(r.URL.Path, component.Button{Key: "townhall.merge.do", Danger: true}, back)
		return s.render(w, r, f.Status(), "merge", heading, view)
	}
	clubs, err := s.Actors.List(ctx, actor.Group)
	if err != nil {
		return err
	}
	field := component.Field{Kind: "select", Name: "into", Key: "townhall.merge.into", Hint: "townhall.merge.into.hint", Required: true}
	field.Options = []component.Option{{Label: s.Web.T(lang, "townhall.merge.choose")}} // nobody is taken by chance
	for _, one := range clubs {
		if one.ID != c.ID && one.MovedTo == "" && who.Cares(one.ID) {
			field.Options = append(field.Options, component.Option{Value: one.PreferredUsername, Label: one.DisplayName() + " (" + one.Handle() + ")"})
		}
	}
	view.Hall.Lede = s.Web.T(lang, "townhall.merge.lede")
	f.Hide("act", "look")
	f.Group("", field)
	view.Form = f.Show(r.URL.Path, component.Button{Key: "townhall.merge.look"}, back)
	return s.render(w, r, f.Status(), "merge", heading, view)
}

// mergePoints say what happens when c becomes a part of stays.
func (s *Surface) mergePoints(r *http.Request, c, stays *actor.Actor) ([]string, error) {
	w, err := s.Clubs.Weigh(r.Context(), c.ID)
	if err != nil {
		return nil, err
	}
	lang := s.Web.Language(r)
	names := map[string]string{"Club": c.DisplayName(), "Into": stays.DisplayName()}
	points := []string{s.Web.T(lang, "townhall.merge.page", names)}
	for _, count := range []struct {
		key string
		n   int
	}{
		{"townhall.merge.people", w.People},
		{"townhall.merge.entries", w.Entries},
		{"townhall.merge.followers", w.Followers},
		{"townhall.merge.invitations", w.Invitations},
		{"townhall.merge.drafts", w.Drafts},
		{"townhall.merge.templates", w.Templates},
	} {
		if count.n > 0 {
			points = append(points, s.Web.Plural(lang, count.key, count.n))
		}
	}
	return append(points, s.Web.T(lang, "townhall.merge.goes", names), s.Web.T(lang, "townhall.merge.ids", names), s.Web.T(lang, "townhall.merge.final")), nil
}

func (s *Surface) merge(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if err := s.mayEnter(r, who, chi.URLParam(r, "handle")); err != nil {
		return err
	}
	c, err := s.merging(w, r)
	if err != nil || c == nil {
		return err
	}
	switch in.Get("act") {
	case "look":
		err = s.Clubs.CheckMerge(r.Context(), who.ID, c.PreferredUsername, in.Get("into"))
		if err == nil || len(problem.FieldsOf(err)) > 0 {
			return s.showMerge(w, r, who, in, err)
		}
		return err
	case "merge":
		return s.FreshForm(s.doMerge)(w, r, who, in)
	}
	return problem.Invalidf("%q cannot be done to two clubs", in.Get("act"))
}

// doMerge does it, for somebody who has shown lately who it is: it cannot be taken
// back.
func (s *Surface) doMerge(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	handle := chi.URLParam(r, "handle")
	err := s.Clubs.Merge(r.Context(), who.ID, handle, in.Get("into"))
	if len(problem.FieldsOf(err)) > 0 {
		return s.showMerge(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, "/rathaus/vereine/"+in.Get("into"), "townhall.merged")
}
