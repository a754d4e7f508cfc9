package townhall

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// waiting is a person or a club that waits for a word of the town hall.
type waiting struct {
	// asked is nil for a club for which nobody asked by a form.
	asked *account.Application
	by    *account.Account
	club  *actor.Actor // nil for a person
}

// orphan is a club that has lost its last owner.
type orphan struct {
	Name, Href, Letters string
	Since               time.Time
	People              string
}

// mostAsked is how many applications stand on the page; those that wait longest
// come first.
const mostAsked = 50

// asking gives all who wait, the oldest first.
func (s *Surface) asking(ctx context.Context) ([]waiting, error) {
	clubs, err := s.Actors.ListAll(ctx, actor.Group)
	if err != nil {
		return nil, err
	}
	requested := map[string]*actor.Actor{}
	var list []waiting
	for _, c := range clubs {
		if c.State != actor.Requested {
			continue
		}
		requested[c.ID] = c
		a, err := s.Accounts.ApplicationOf(ctx, s.Objects.Reader(), c.ID)
		if err != nil {
			return nil, err
		}
		if a == nil {
			list = append(list, waiting{club: c})
		}
	}
	asked, err := s.Accounts.Applications(ctx, account.Asked)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range asked {
		ids = append(ids, a.AccountID)
	}
	people, err := s.Accounts.FindAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, a := range asked {
		w := waiting{asked: a, club: requested[a.ActorID], by: people[a.AccountID]}
		if a.ActorID != "" && w.club == nil || w.by == nil {
			continue // archived, or gone, in the meantime
		}
		list = append(list, w)
	}
	slices.SortStableFunc(list, func(a, b waiting) int { return a.since().Compare(b.since()) })
	return list, nil
}

// since is when the question was put.
func (w waiting) since() time.Time {
	if w.asked != nil {
		return w.asked.Changed
	}
	return w.club.Published
}

// request shows one who waits in the overview.
func (s *Surface) request(r *http.Request, w waiting) request {
	shown := request{Href: "/rathaus/antraege", Activate: s.approve(r, w, requestsAt), Since: w.since().In(s.Zone)}
	if w.asked != nil {
		shown.ID, shown.RefuseHref = w.asked.ID, "/rathaus?ablehnen="+w.asked.ID+"#antrag-"+w.asked.ID
	}
	if w.club == nil {
		shown.Name, shown.Handle, shown.Key = w.by.Name, w.by.Email, "townhall.request.person"
	} else {
		shown.Name, shown.Handle, shown.Key = w.club.DisplayName(), w.club.Handle(), "townhall.request.club"
		if w.asked != nil && w.asked.Reason != "" {
			shown.Key = "townhall.request.again"
		}
	}
	shown.Letters = component.Letters(shown.Name)
	return shown
}

// approve is the button that lets somebody in.
func (s *Surface) approve(r *http.Request, w waiting, at string) component.Form {
	button := component.Button{Key: "townhall.application.approve", Icon: "check"}
	if w.club != nil {
		return s.press(r, "/rathaus/antraege", button, "act", "approve", "club", w.club.PreferredUsername, page.AtField, at)
	}
	return s.press(r, "/rathaus/antraege", button, "act", "approve", "id", w.asked.ID, page.AtField, at)
}

// application is one who waits, as the page shows it.
type application struct {
	Name, Letters, Kind, Handle string
	Who, Email                  string
	When                        time.Time
	Field, Contact, Register    string
	// Again is why it was given back before, "" for one that comes first, and
	// AgainBy the name of who did.
	Again, AgainBy string
	// Page leads to what there is to look at.
	Page    string
	Approve component.Form
	// RefuseHref leads to the form in which the reason is written, and Refuse is
	// that form.
	RefuseHref string
	Refuse     *component.Form
}

type applicationsView struct {
	Hall page.Hall
	List []application
	// More is how many wait beyond those.
	More int
	// Crowds lead to applications that are alike.
	Crowds []crowdLink
	Empty  component.Empty
}

func (s *Surface) applications(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showApplications(w, r, who, &page.Input{Values: url.Values{"id": {r.URL.Query().Get("ablehnen")}}}, nil)
}

func (s *Surface) showApplications(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	view := applicationsView{Empty: component.Empty{
		Key: "townhall.applications.none", TextKey: "townhall.applications.none.text", Href: "/rathaus", ActionKey: "townhall.back",
	}}
	var err error
	if view.Hall, err = s.frame(r, "/rathaus/antraege", "townhall.applications"); err != nil {
		return err
	}
	due, err := s.waiting(r, who)
	if err != nil {
		return err
	}
	list := due.asked
	status := http.StatusOK
	if who.Staff() {
		view.Crowds = s.crowdLinks(r, list)
	}
	for i, one := range list {
		if i >= mostAsked && (one.asked == nil || in.Get("id") != one.asked.ID) {
			view.More++
			continue
		}
		a, err := s.application(r, one)
		if err != nil {
			return err
		}
		if one.asked != nil && in.Get("id") == one.asked.ID {
			form, answer := s.refusing(r, in, wrong, one.asked.ID, "")
			status = answer
			a.Refuse, a.RefuseHref = &form, ""
		}
		view.List = append(view.List, a)
	}
	return s.render(w, r, status, "applications", view.Hall.Heading, view)
}

// refusing is the form in which the reason of a refusal is written, with the
// status of its answer.
func (s *Surface) refusing(r *http.Request, in *page.Input, wrong error, id, at string) (component.Form, int) {
	f := page.NewForm(s.Web, r, in, wrong)
	f.Hide("act", "refuse")
	f.Hide("id", id)
	if at != "" {
		f.Hide(page.AtField, at)
	}
	f.Group("", component.Field{Kind: "textarea", Name: "reason", Key: "townhall.application.reason", Hint: "townhall.application.reason.hint", Required: true, Rows: 4})
	return f.Show("/rathaus/antraege", component.Button{Key: "townhall.application.refuse", Danger: true}), f.Status()
}

func (s *Surface) application(r *http.Request, w waiting) (application, error) {
	a := application{Approve: s.approve(r, w, ""), Kind: "townhall.application.person"}
	if w.asked != nil {
		a.Email, a.When, a.Contact, a.Register = w.by.Email, w.asked.Changed.In(s.Zone), w.asked.Contact, w.asked.RegisterNumber
		a.RefuseHref = "/rathaus/antraege?ablehnen=" + w.asked.ID
		a.Name = w.by.Name
		if a.Again = w.asked.Reason; a.Again != "" && w.asked.ByAccount != "" {
			by, err := s.Accounts.Find(r.Context(), w.asked.ByAccount)
			if err == nil {
				a.AgainBy = by.Name
			} else if problem.KindOf(err) != problem.NotFound {
				return a, err
			}
		}
	}
	if w.club != nil {
		if w.by != nil {
			a.Who = w.by.Name
		} else {
			a.When = w.club.Published.In(s.Zone)
		}
		a.Kind, a.Name, a.Handle, a.Page = "townhall.application.club", w.club.DisplayName(), w.club.Handle(), "/vereine/"+w.club.PreferredUsername
		var err error
		if a.Field, err = s.Clubs.Field(r.Context(), w.club.PreferredUsername); err != nil {
			return a, err
		}
	}
	a.Letters = component.Letters(a.Name)
	return a, nil
}

// decide lets somebody in or gives the application back.
func (s *Surface) decide(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, done := r.Context(), "townhall.application.approved"
	var err error
	switch in.Get("act") {
	case "approve":
		if handle := in.Get("club"); handle != "" {
			err = s.Clubs.Approve(ctx, who.ID, handle)
		} else if err = must(who, who.Staff(), nil); err == nil { // a person concerns the whole town
			err = s.Accounts.ApprovePerson(ctx, who.ID, in.Get("id"), s.tellApproved(in.Get("id")))
		}
	case "refuse":
		done = "townhall.application.refused"
		err = s.refuse(ctx, who, in)
	default:
		err = problem.Invalidf("%q cannot be done to an application", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 {
		if in.Get(page.AtField) != "" {
			return s.showDesk(w, r, who, in, err)
		}
		return s.showApplications(w, r, who, in, err)
	}
	if errors.Is(err, account.ErrDecided) {
		err, done = nil, "townhall.application.decided"
	}
	if err != nil {
		return err
	}
	return s.back(w, r, page.BackTo(in, "/rathaus/antraege"), done)
}

func (s *Surface) refuse(ctx context.Context, who *page.Person, in *page.Input) error {
	reason, err := account.CheckReason(in.Get("reason"))
	if err != nil {
		return err
	}
	a, err := s.Accounts.Application(ctx, s.Objects.Reader(), in.Get("id"))
	if problem.KindOf(err) == problem.NotFound { // who was refused is forgotten
		return account.ErrDecided
	}
	if err != nil {
		return err
	}
	if err := must(who, who.Staff() || a.ActorID != "" && who.Cares(a.ActorID), nil); err != nil {
		return err
	}
	if a.ActorID == "" {
		return s.Refuse(ctx, who.ID, a, reason)
	}
	c, err := s.Actors.Find(ctx, s.Objects.Reader(), a.ActorID)
	if err != nil {
		return err
	}
	return s.Clubs.Refuse(ctx, who.ID, c.PreferredUsername, reason)
}

// tellApproved writes to who is let in.
func (s *Surface) tellApproved(id string) account.Told {
	return func(ctx context.Context, tx bun.Tx, a *account.Account) error {
		return s.Letters.Send(ctx, tx, page.Message{Cause: "approved " + id, Person: a, Key: "letter.person.approved", Path: "/konto"})
	}
}
