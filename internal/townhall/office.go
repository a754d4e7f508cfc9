package townhall

import (
	"net/http"
	"slices"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// officeRooms are the rooms of who looks after some clubs only. What concerns the
// whole town, other people, or other servers is not among them.
var officeRooms = []string{
	"/rathaus", "/rathaus/meldungen", decisionsPath, "/rathaus/antraege", "/rathaus/vereine", "/rathaus/pflege", "/rathaus/verborgenes", looksPath,
}

// looksPath is the page of what waits to be looked at. It is a room of its own for
// who does not see the platforms.
const looksPath = "/rathaus/durchsehen"

// entitled leaves the rooms that who asks may enter.
func entitled(who *page.Person, rooms []page.Room) []page.Room {
	if who.Staff() {
		return rooms
	}
	return slices.DeleteFunc(rooms, func(r page.Room) bool { return !slices.Contains(officeRooms, r.Href) })
}

// caresAny tells whether who looks after one of the clubs.
func caresAny(who *page.Person, clubs []string) bool {
	return who.Staff() || slices.ContainsFunc(clubs, who.Cares)
}

// concerns tells whether a thing or an actor is the business of who: for who looks
// after some clubs only it is when it is about one of these. What is gone is
// nobody's but the whole town hall's.
func (s *Surface) concerns(r *http.Request, who *page.Person, id string) (bool, error) {
	if who.Staff() {
		return true, nil
	}
	about, err := s.Moderation.Subject(r.Context(), s.Objects.Reader(), id)
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	clubs, err := s.Moderation.Concerned(r.Context(), s.Objects.Reader(), about)
	return caresAny(who, clubs), err
}

// must gives a problem.Forbidden where that is not so.
func must(who *page.Person, ok bool, err error) error {
	if err == nil && !ok {
		err = problem.Forbiddenf("this does not concern a club that %s looks after", who.ID)
	}
	return err
}

// theirs leaves what is the business of who.
func (s *Surface) theirs(r *http.Request, who *page.Person, w *waits) error {
	if who.Staff() {
		return nil
	}
	w.asked = slices.DeleteFunc(w.asked, func(one waiting) bool { return one.club == nil || !who.Cares(one.club.ID) })
	w.orphans = slices.DeleteFunc(w.orphans, func(c *actor.Actor) bool { return !who.Cares(c.ID) })
	var err error
	if w.reports, err = s.reportsOf(r, who, w.reports); err != nil {
		return err
	}
	open, err := s.objectionsOf(r, who)
	if err != nil {
		return err
	}
	w.objections, w.hosts, w.stuck, w.gaps, w.mails = len(open), nil, 0, 0, nil
	w.platforms = moderation.PlatformsWaiting{}
	looks, _, err := s.Moderation.LooksOf(r.Context(), who.Cared)
	w.platforms.Looks = len(looks)
	return err
}

// reportsOf leaves the reports that are the business of who. A barrier is about the
// town itself.
func (s *Surface) reportsOf(r *http.Request, who *page.Person, list []*moderation.Report) ([]*moderation.Report, error) {
	if who.Staff() {
		return list, nil
	}
	var mine []*moderation.Report
	for _, one := range list {
		clubs, err := s.Moderation.ConcernedBy(r.Context(), s.Objects.Reader(), one)
		if err != nil {
			return nil, err
		}
		if caresAny(who, clubs) {
			mine = append(mine, one)
		}
	}
	return mine, nil
}

// objectionsOf gives the objections that are the business of who.
func (s *Surface) objectionsOf(r *http.Request, who *page.Person) ([]*moderation.Objection, error) {
	open, err := s.Moderation.Objections(r.Context())
	if err != nil || who.Staff() {
		return open, err
	}
	var mine []*moderation.Objection
	for _, o := range open {
		ok, err := s.concernsObjection(r, who, o)
		if err != nil {
			return nil, err
		}
		if ok {
			mine = append(mine, o)
		}
	}
	return mine, nil
}

func (s *Surface) concernsObjection(r *http.Request, who *page.Person, o *moderation.Objection) (bool, error) {
	if who.Staff() {
		return true, nil
	}
	if o.DecisionID != "" {
		d, err := s.Moderation.FindDecision(r.Context(), s.Objects.Reader(), o.DecisionID)
		if err != nil {
			return false, err
		}
		return s.concernsDecision(r, who, d)
	}
	one, err := s.Moderation.FindReport(r.Context(), s.Objects.Reader(), o.ReportID)
	if err != nil {
		return false, err
	}
	clubs, err := s.Moderation.ConcernedBy(r.Context(), s.Objects.Reader(), one)
	return caresAny(who, clubs), err
}

// concernsDecision tells whether a decision is the business of who; one about what
// is gone still is that of who looks after its club.
func (s *Surface) concernsDecision(r *http.Request, who *page.Person, d *moderation.Decision) (bool, error) {
	if who.Cares(d.ActorID) {
		return true, nil
	}
	return s.concerns(r, who, d.Target)
}

// mayEnter gives a problem.Forbidden unless who looks after the club with this
// handle. Who looks after all of the town passes, also where there is no such club.
func (s *Surface) mayEnter(r *http.Request, who *page.Person, handle string) error {
	if who.Staff() {
		return nil
	}
	c, err := s.Actors.FindUsername(r.Context(), s.Objects.Reader(), handle, actor.Active, actor.Requested, actor.Archived, actor.Suspended)
	if problem.KindOf(err) == problem.NotFound {
		return who.MustCare("") // nor does who may not enter learn whether there is one
	}
	if err != nil {
		return err
	}
	return who.MustCare(c.ID)
}

// aMandate is a club that somebody may look after.
type aMandate struct {
	ID, Field, Name, Handle string
	Picked                  bool
}

// mandates gives the clubs that somebody with the role "office" may look after,
// and marks those that are looked after; none for all others.
func (s *Surface) mandates(r *http.Request, a *account.Account) ([]aMandate, error) {
	if a.Role != account.Office {
		return nil, nil
	}
	clubs, err := s.Actors.ListAll(r.Context(), actor.Group)
	if err != nil {
		return nil, err
	}
	cared, err := s.Actors.Mandates(r.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	var list []aMandate
	for _, c := range clubs {
		if !c.Part() {
			list = append(list, aMandate{c.ID, "club-" + actor.Key(c.ID), c.DisplayName(), c.Handle(), slices.Contains(cared, c.ID)})
		}
	}
	return list, nil
}
