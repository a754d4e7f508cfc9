package townhall

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

type clubsView struct {
	Hall page.Hall
	// Groups are the clubs by their states, those that wait first.
	Groups []clubGroup
	// Ownerless are the ids of those that nobody owns.
	Ownerless map[string]bool
	// Agreed are those of them that accepted the agreement on data care.
	Agreed map[string]*care.Agreement
	// Form takes a club in, nil for who may not.
	Form *component.Form
}

// clubGroup is the clubs that are in one state.
type clubGroup struct {
	State string
	Clubs []*actor.Actor
}

// grouped gives clubs by their states; a state of none is left out.
func grouped(clubs []*actor.Actor) []clubGroup {
	var list []clubGroup
	for _, state := range []string{actor.Requested, actor.Active, actor.Suspended, actor.Archived} {
		g := clubGroup{State: state}
		for _, c := range clubs {
			if c.State == state && !c.Part() {
				g.Clubs = append(g.Clubs, c)
			}
		}
		if len(g.Clubs) > 0 {
			list = append(list, g)
		}
	}
	parts := clubGroup{State: "merged"}
	for _, c := range clubs {
		if c.Part() {
			parts.Clubs = append(parts.Clubs, c)
		}
	}
	if len(parts.Clubs) > 0 {
		list = append(list, parts)
	}
	return list
}

func (s *Surface) clubs(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showClubs(w, r, who, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showClubs(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	var view clubsView
	var err error
	if view.Hall, err = s.frame(r, "/rathaus/vereine", "townhall.clubs"); err != nil {
		return err
	}
	clubs, err := s.Actors.ListAll(r.Context(), actor.Group)
	if err != nil {
		return err
	}
	clubs = slices.DeleteFunc(clubs, func(c *actor.Actor) bool { return !who.Cares(c.ID) })
	view.Groups = grouped(clubs)
	if view.Ownerless, err = s.Actors.Ownerless(r.Context()); err != nil {
		return err
	}
	if view.Agreed, err = s.Care.Agreed(r.Context()); err != nil {
		return err
	}
	if !who.Staff() {
		view.Hall.Lede = s.Web.T(s.Web.Language(r), "townhall.clubs.office")
		return s.render(w, r, http.StatusOK, "clubs", view.Hall.Heading, view)
	}
	f := page.NewForm(s.Web, r, in, wrong)
	f.Group("townhall.club.new", component.Field{Kind: "text", Name: "name", Key: "townhall.club.name", Required: true},
		component.Field{Kind: "text", Name: "handle", Key: "townhall.club.handle", Hint: "townhall.club.handle.hint", Required: true})
	form := f.Show("/rathaus/vereine", component.Button{Key: "townhall.club.add"})
	view.Form = &form
	return s.render(w, r, f.Status(), "clubs", view.Hall.Heading, view)
}

func (s *Surface) addClub(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	err := s.Clubs.Add(r.Context(), who.ID, in.Get("handle"), in.Get("name"))
	if problem.KindOf(err) == problem.Conflict {
		var errs problem.Fields
		errs.Add("handle", "There is a club with this handle already.")
		err = errs.Err()
	}
	if len(problem.FieldsOf(err)) > 0 {
		return s.showClubs(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, "/rathaus/vereine/"+strings.ToLower(strings.TrimPrefix(strings.TrimSpace(in.Get("handle")), "@")), "townhall.club.added")
}

// editor is who may speak for a club.
type editor struct {
	Account *account.Account
	Role    string
}

type clubView struct {
	Hall    page.Hall
	Club    *actor.Actor
	Editors []editor
	// Asked is what the club gave when it asked to join, nil for none.
	Asked *account.Application
	// State is the button that makes the club active; an active one is archived
	// on a page of its own, ArchiveHref.
	State       *component.Form
	ArchiveHref string
	// MergeHref is the page on which it becomes a part of another one, "" where it
	// cannot. Whole is the club that it is a part of, nil for none, and Parts are the
	// clubs that are a part of it.
	MergeHref string
	Whole     *actor.Actor
	Parts     []*actor.Actor
	// Verified is since when the town hall knows the club, and Verify the button
	// that changes it, nil for a club that is not active.
	Verified time.Time
	Verify   *component.Form
}

func (s *Surface) club(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	ctx, handle := r.Context(), chi.URLParam(r, "handle")
	if err := s.mayEnter(r, who, handle); err != nil {
		return err
	}
	c, err := s.Actors.FindUsername(ctx, s.Objects.Reader(), handle, actor.Active, actor.Requested, actor.Archived, actor.Suspended)
	if err != nil {
		return err
	}
	if c.Type != actor.Group {
		return problem.NotFoundf("%s is no club", handle)
	}
	view := clubView{Club: c}
	if view.Hall, err = s.Frame(r, "/rathaus/vereine", c.DisplayName(), false); err != nil {
		return err
	}
	if view.Asked, err = s.Accounts.ApplicationOf(ctx, s.Objects.Reader(), c.ID); err != nil {
		return err
	}
	roles, err := s.Actors.Editors(ctx, c.ID)
	if err != nil {
		return err
	}
	people, err := s.Accounts.List(ctx)
	if err != nil {
		return err
	}
	for _, a := range people {
		if role := roles[a.ID]; role != "" {
			view.Editors = append(view.Editors, editor{a, role})
		}
	}
	if err := s.standing(r, &view); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "club", c.DisplayName(), view)
}

func (s *Surface) changeClub(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, handle := r.Context(), chi.URLParam(r, "handle")
	err := s.mayEnter(r, who, handle)
	if err != nil {
		return err
	}
	switch in.Get("act") {
	case "state":
		err = s.Clubs.SetState(ctx, who.ID, handle, in.Get("state"))
	case "verify":
		err = s.Clubs.Verify(ctx, who.ID, handle, in.Get("known") != "")
	default:
		err = problem.Invalidf("%q cannot be done to a club", in.Get("act"))
	}
	if err != nil {
		return err
	}
	return s.back(w, r, r.URL.Path, "townhall.saved")
}

type peopleView struct {
	Hall   page.Hall
	People []*account.Account
	Form   component.Form
	Given  given
}

// given says which roles come from the sign-in service, and what it is called.
type given struct {
	Service string
	roles   map[string]string
}

// By tells whether the role of a comes from there.
func (g given) By(a *account.Account) bool { return g.roles[a.ID] == a.Role }

func (s *Surface) given(r *http.Request) (g given, err error) {
	if v := s.Accounts.Service(); v != nil {
		g.Service = v.Name
	}
	g.roles, err = s.Accounts.Given(r.Context())
	return g, err
}

func (s *Surface) people(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return s.showPeople(w, r, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showPeople(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	var view peopleView
	var err error
	if view.Hall, err = s.frame(r, "/rathaus/personen", "townhall.people"); err != nil {
		return err
	}
	if view.People, err = s.Accounts.List(r.Context()); err != nil {
		return err
	}
	if view.Given, err = s.given(r); err != nil {
		return err
	}
	f := page.NewForm(s.Web, r, in, wrong)
	f.Group("townhall.person.new", component.Field{Kind: "text", Name: "name", Key: "account.name", Required: true},
		component.Field{Kind: "email", Name: "email", Key: "sign-in.email", Required: true}, s.roleField(f.Lang))
	view.Form = f.Show("/rathaus/personen", component.Button{Key: "townhall.person.add"})
	return s.render(w, r, f.Status(), "people", view.Hall.Heading, view)
}

func (s *Surface) roleField(lang string) component.Field {
	field := component.Field{Kind: "select", Name: "role", Key: "account.role", Required: true}
	for _, role := range account.Roles {
		field.Options = append(field.Options, component.Option{Value: role, Label: s.Web.T(lang, "role."+role)})
	}
	return field
}

func (s *Surface) addPerson(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	_, link, err := s.Accounts.Create(r.Context(), who.ID, account.Draft{Email: in.Get("email"), Name: in.Get("name"), Role: in.Get("role")})
	if err = field(err, problem.Conflict, "email", "There is an account with this address already."); len(problem.FieldsOf(err)) == 0 {
		err = field(err, problem.Forbidden, "role", "Only the administration gives this role.")
	}
	if len(problem.FieldsOf(err)) > 0 {
		return s.showPeople(w, r, in, err)
	}
	if err != nil {
		return err
	}
	s.FlashLink(r, link)
	return s.back(w, r, "/rathaus/personen", "townhall.person.added")
}

// field makes of an error of a kind one that names a field.
func field(err error, kind problem.Kind, name, sentence string) error {
	if problem.KindOf(err) != kind {
		return err
	}
	var errs problem.Fields
	errs.Add(name, sentence)
	return errs.Err()
}

type personView struct {
	Hall   page.Hall
	Person *account.Account
	Given  given
	Form   component.Form
	Invite component.Form
	// Mandates are the clubs that the person may look after, none where the role is
	// another one.
	Mandates []aMandate
	// Agency is the button that lets the person work for the volunteer agency, or no
	// more; Agent tells which.
	Agency component.Form
	Agent  bool
	// Factor is the person's second factor, nil for none; Take takes it away.
	Factor *account.Factor
	Take   component.Form
	// Events are what happened to how the person signs in.
	Events []happened
}

// happened is an event with who did it.
type happened struct {
	*account.Event
	// By is the name of somebody else than the person, or "".
	By string
}

// events gives what happened to how the person signs in.
func (s *Surface) events(r *http.Request, id string) ([]happened, error) {
	list, err := s.Accounts.Events(r.Context(), id)
	if err != nil {
		return nil, err
	}
	var all []happened
	for _, e := range list {
		h := happened{Event: e}
		h.Created = h.Created.In(s.Zone)
		if e.ByAccount != id {
			if h.By, err = s.nameOf(r, e.ByAccount); err != nil {
				return nil, err
			}
		}
		all = append(all, h)
	}
	return all, nil
}

// nameOf gives the name of who did something.
func (s *Surface) nameOf(r *http.Request, by string) (string, error) {
	if by == actor.Operator {
		return s.Web.T(s.Web.Language(r), "edits.operator"), nil
	}
	a, err := s.Accounts.Find(r.Context(), by)
	if problem.KindOf(err) == problem.NotFound {
		return s.Web.T(s.Web.Language(r), "townhall.somebody"), nil
	}
	if err != nil {
		return "", err
	}
	return a.Name, nil
}

func (s *Surface) person(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return s.showPerson(w, r, nil, nil)
}

func (s *Surface) showPerson(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	a, err := s.Accounts.Find(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if in == nil {
		in = &page.Input{Values: url.Values{"role": {a.Role}}}
	}
	view := personView{Person: a}
	if view.Given, err = s.given(r); err != nil {
		return err
	}
	if view.Hall, err = s.Frame(r, "/rathaus/personen", a.Name, false); err != nil {
		return err
	}
	if view.Mandates, err = s.mandates(r, a); err != nil {
		return err
	}
	f := page.NewForm(s.Web, r, in, wrong)
	f.Hide("act", "role")
	f.Group("", s.roleField(f.Lang))
	view.Form = f.Show(r.URL.Path, component.Button{Key: "form.save"})
	view.Invite = s.button(r, r.URL.Path, "townhall.person.invite", "act", "invite")
	if view.Agent, err = s.Agent(r.Context(), a.ID); err != nil {
		return err
	}
	if view.Agent {
		view.Agency = s.button(r, r.URL.Path, "townhall.agency.end", "act", "agency")
	} else {
		view.Agency = s.button(r, r.URL.Path, "townhall.agency.begin", "act", "agency", "yes", "1")
	}
	if view.Factor, err = s.Accounts.Factor(r.Context(), a.ID); err != nil {
		return err
	}
	view.Take = s.press(r, r.URL.Path, component.Button{Key: "townhall.factor.take", Danger: true}, "act", "factor")
	if view.Events, err = s.events(r, a.ID); err != nil {
		return err
	}
	return s.render(w, r, f.Status(), "person", a.Name, view)
}

func (s *Surface) changePerson(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	id, done := chi.URLParam(r, "id"), "townhall.saved"
	var err error
	switch in.Get("act") {
	case "role":
		err = field(s.Accounts.SetRole(r.Context(), who.ID, id, in.Get("role")), problem.Forbidden, "role", "Only the administration gives this role.")
	case "mandates":
		err = field(s.Accounts.SetMandates(r.Context(), who.ID, id, s.Actors, in.Values["clubs"]), problem.Forbidden, "role", "Only the administration gives this role.")
	case "agency":
		err = s.SetAgent(r.Context(), who.ID, id, in.Get("yes") != "")
	case "invite":
		var link string
		if link, err = s.Accounts.Invite(r.Context(), who.ID, id); err == nil {
			s.FlashLink(r, link)
			done = "townhall.person.invited"
		}
	case "factor":
		return s.FreshForm(s.takeFactor)(w, r, who, in)
	default:
		err = problem.Invalidf("%q cannot be done to a person", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 {
		return s.showPerson(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, r.URL.Path, done)
}

// takeFactor takes the second factor of a person away who has lost it.
func (s *Surface) takeFactor(w http.ResponseWriter, r *http.Request, who *page.Person, _ *page.Input) error {
	err := s.Accounts.TakeFactor(r.Context(), who.ID, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return s.back(w, r, r.URL.Path, "townhall.factor.taken")
}
