// Package townhall is the surface of the town hall: clubs, people and their
// roles, reports, what is hidden, hosts that are kept out, and what has not
// arrived elsewhere.
//
// It must not know any single kind; what it does to clubs is handed in.
package townhall

import (
	"context"
	"embed"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of the town hall.
//
//go:embed *.html *.toml
var Files embed.FS

// Clubs is what the town hall does to clubs.
type Clubs struct {
	// Add makes an active club, SetState archives one or makes it active.
	Add      func(ctx context.Context, by, handle, name string) error
	SetState func(ctx context.Context, by, handle, state string) error
	// AddEditor and RemoveEditor say who may speak for a club.
	AddEditor    func(ctx context.Context, by, handle, accountID, role string) error
	RemoveEditor func(ctx context.Context, by, handle, accountID string) error
}

// Surface shows the town hall its pages.
type Surface struct {
	*page.Guard
	Accounts   *account.Accounts
	Actors     *actor.Actors
	Activities *activity.Activities
	Moderation *moderation.Moderation
	Clubs      Clubs
	// Standby tells whether federation waits for the word that this is the only
	// copy of the town.
	Standby func() bool
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	for path, h := range map[string]func(w http.ResponseWriter, r *http.Request, who *page.Person) error{
		"/rathaus": s.overview, "/rathaus/vereine": s.clubs, "/rathaus/vereine/{handle}": s.club, "/rathaus/personen": s.people,
		"/rathaus/personen/{id}": s.person, "/rathaus/meldungen": s.reports, "/rathaus/verborgenes": s.hidden,
		"/rathaus/sperren": s.blocks, "/rathaus/zustellungen": s.deliveries,
	} {
		r.Get(path, s.Web.Handle(s.Page(staff(h))))
	}
	for path, h := range map[string]page.FormHandler{
		"/rathaus/vereine": s.addClub, "/rathaus/vereine/{handle}": s.changeClub, "/rathaus/personen": s.addPerson,
		"/rathaus/personen/{id}": s.changePerson, "/rathaus/meldungen": s.closeReport, "/rathaus/verborgenes": s.show,
		"/rathaus/sperren": s.changeBlocks, "/rathaus/zustellungen": s.changeDeliveries,
	} {
		r.Post(path, s.Web.Handle(s.Form(staffForm(h))))
	}
}

func staff(h func(w http.ResponseWriter, r *http.Request, who *page.Person) error) func(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return func(w http.ResponseWriter, r *http.Request, who *page.Person) error {
		if !who.Staff() {
			return problem.Forbiddenf("%s does not belong to the town hall", who.ID)
		}
		return h(w, r, who)
	}
}

func staffForm(h page.FormHandler) page.FormHandler {
	return func(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
		if !who.Staff() {
			return problem.Forbiddenf("%s does not belong to the town hall", who.ID)
		}
		return h(w, r, who, in)
	}
}

// head is what every page of the town hall begins with.
type head struct {
	Crumbs  []component.Crumb
	Heading string
	// Done is the key of a sentence that says what was just done, Link an
	// address that is shown once.
	Done, Link string
}

func (s *Surface) head(r *http.Request, key string) head {
	return head{
		Crumbs: []component.Crumb{{Key: "townhall.title", Href: "/rathaus"}}, Heading: s.Web.T(s.Web.Language(r), key),
		Done: s.Flashed(r), Link: s.FlashedLink(r),
	}
}

// render shows a page of the town hall.
func (s *Surface) render(w http.ResponseWriter, r *http.Request, status int, name, heading string, view any) error {
	return s.Web.Render(w, r, status, "townhall/"+name, web.Page{Title: heading, View: view})
}

// button gives a form that is one button with hidden values.
func (s *Surface) button(r *http.Request, action, key string, hidden ...string) component.Form {
	f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(action, component.Button{Key: key, Plain: true})
}

// back leads to the page again and says what was done.
func (s *Surface) back(w http.ResponseWriter, r *http.Request, path, done string) error {
	s.Flash(r, done)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

type overview struct {
	Heading string
	Standby bool
	Rooms   []room
}

// room is a page of the town hall with how much waits there.
type room struct {
	Href, Key string
	Waiting   int
}

func (s *Surface) overview(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	ctx := r.Context()
	clubs, err := s.Actors.ListAll(ctx, actor.Group)
	if err != nil {
		return err
	}
	requested := 0
	for _, c := range clubs {
		if c.State == actor.Requested {
			requested++
		}
	}
	open, err := s.Moderation.Reports(ctx)
	if err != nil {
		return err
	}
	hosts, err := s.Activities.Hosts(ctx)
	if err != nil {
		return err
	}
	failed := 0
	for _, h := range hosts {
		if h.Failed > 0 || h.Error != "" {
			failed++
		}
	}
	heading := s.Web.T(s.Web.Language(r), "townhall.title")
	return s.render(w, r, http.StatusOK, "overview", heading, overview{heading, s.Standby(), []room{
		{"/rathaus/vereine", "townhall.clubs", requested},
		{"/rathaus/personen", "townhall.people", 0},
		{"/rathaus/meldungen", "townhall.reports", len(open)},
		{"/rathaus/verborgenes", "townhall.hidden", 0},
		{"/rathaus/sperren", "townhall.blocks", 0},
		{"/rathaus/zustellungen", "townhall.deliveries", failed},
	}})
}
