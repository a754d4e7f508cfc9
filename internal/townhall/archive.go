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

// archivePath is the page on which a club is archived.
const archivePath = "/rathaus/vereine/{handle}/archivieren"

// standing writes into view how the club stands with the town hall, and what
// can be done about it.
func (s *Surface) standing(r *http.Request, view *clubView) error {
	c, path := view.Club, "/rathaus/vereine/"+view.Club.PreferredUsername
	if c.Part() {
		var err error
		view.Whole, err = s.Actors.Find(r.Context(), s.Objects.Reader(), c.MovedTo)
		return err
	}
	if c.State == actor.Suspended { // a decision is taken back where it stands
		return nil
	}
	if c.State != actor.Active {
		form := s.button(r, path, "townhall.club.activate", "act", "state", "state", actor.Active)
		view.State = &form
		return nil
	}
	view.ArchiveHref = path + "/archivieren"
	if c.MovedTo == "" {
		view.MergeHref = path + "/zusammenlegen"
	}
	parts, err := s.Actors.Parts(r.Context(), c.ID)
	if err != nil {
		return err
	}
	view.Parts = parts
	since, err := s.Clubs.Verified(r.Context(), c.PreferredUsername)
	if err != nil {
		return err
	}
	known, key := "1", "townhall.club.verify"
	if !since.IsZero() {
		view.Verified, known, key = since.In(s.Zone), "", "townhall.club.verify.not"
	}
	form := s.button(r, path, key, "act", "verify", "known", known)
	view.Verify = &form
	return nil
}

// The answers to what becomes of events to come.
const (
	cancelEvents = "cancel"
	keepEvents   = "keep"
)

type archiveView struct {
	Hall page.Hall
	// Points are sentences that say what happens.
	Points []string
	Form   component.Form
}

// archiveForm says what archiving a club does, and asks what becomes of its
// events.
func (s *Surface) archiveForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	if err := s.mayEnter(r, who, chi.URLParam(r, "handle")); err != nil {
		return err
	}
	return s.showArchive(w, r, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showArchive(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	ctx, path := r.Context(), strings.TrimSuffix(r.URL.Path, "/archivieren")
	c, err := s.Actors.FindUsername(ctx, s.Objects.Reader(), chi.URLParam(r, "handle"), actor.Active, actor.Archived, actor.Requested)
	if err != nil {
		return err
	}
	if c.Type != actor.Group {
		return problem.NotFoundf("%s is no club", c.ID)
	}
	if c.State != actor.Active || c.Part() { // done already, or not to be done here
		http.Redirect(w, r, path, http.StatusSeeOther)
		return nil
	}
	events, err := s.Clubs.Upcoming(ctx, c.ID)
	if err != nil {
		return err
	}
	followers, err := s.Actors.Followers(ctx, s.Objects.Reader(), c.ID)
	if err != nil {
		return err
	}
	f := page.NewForm(s.Web, r, in, wrong)
	view := archiveView{Points: []string{
		s.Web.T(f.Lang, "townhall.archive.page"), s.Web.Plural(f.Lang, "townhall.archive.followers", followers), s.Web.T(f.Lang, "townhall.archive.back"),
	}}
	offers, people, err := s.Clubs.Helped(ctx, c.ID)
	if err != nil {
		return err
	}
	if offers > 0 && s.Web.Open("/ehrenamt") {
		view.Points = append(view.Points, s.Web.Plural(f.Lang, "townhall.archive.offers", offers), s.Web.Plural(f.Lang, "townhall.archive.helpers", people))
	}
	if events > 0 {
		f.Group("", component.Field{Kind: "radio", Name: "events", Key: "townhall.archive.events", Hint: "townhall.archive.events.hint", Required: true, Options: []component.Option{
			{Value: keepEvents, Label: s.Web.T(f.Lang, "townhall.archive.keep")},
			{Value: cancelEvents, Label: s.Web.Plural(f.Lang, "townhall.archive.cancel", events)},
		}})
	}
	heading := s.Web.T(f.Lang, "townhall.archive", c.DisplayName())
	if view.Hall, err = s.Frame(r, "/rathaus/vereine", heading, false); err != nil {
		return err
	}
	view.Form = f.Show(r.URL.Path, component.Button{Key: "townhall.club.archive", Danger: true}, component.Button{Key: "townhall.archive.not", Href: path})
	return s.render(w, r, f.Status(), "archive", heading, view)
}

func (s *Surface) archive(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, handle := r.Context(), chi.URLParam(r, "handle")
	if err := s.mayEnter(r, who, handle); err != nil {
		return err
	}
	c, err := s.Actors.FindUsername(ctx, s.Objects.Reader(), handle, actor.Active)
	if problem.KindOf(err) == problem.NotFound {
		return s.showArchive(w, r, in, nil) // pressed twice
	}
	if err != nil {
		return err
	}
	events, err := s.Clubs.Upcoming(ctx, c.ID)
	if err != nil {
		return err
	}
	choice := in.Get("events")
	if events > 0 && choice != cancelEvents && choice != keepEvents {
		var errs problem.Fields
		errs.Add("events", "Please say what becomes of the events to come.")
		return s.showArchive(w, r, in, errs.Err())
	}
	if err := s.Clubs.Archive(ctx, who.ID, handle, choice == cancelEvents); err != nil {
		return err
	}
	return s.back(w, r, "/rathaus/vereine/"+c.PreferredUsername, "townhall.archived")
}
