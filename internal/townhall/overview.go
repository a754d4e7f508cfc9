package townhall

import (
	"net/http"
	"slices"
	"time"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// atOnce is how much of each thing that waits the desk shows.
const atOnce = 5

// overview is the desk: what waits today, each kind a section with the oldest
// first. More of them than shown are behind the links to their rooms.
type overview struct {
	Hall    page.Hall
	Standby bool
	Stats   []stat

	Requests []request
	Orphans  []orphan
	// Reports are what somebody finds wrong, Barriers what somebody cannot use.
	Reports, Barriers []report
	Lanes             []lane
	// Queues are what else waits.
	Queues []page.Queue
	// Of counts all of a section, by its name.
	Of map[string]int
	// At is the section in which something was just done, and Done the sentence
	// that says so there; "" when it has nothing more to show.
	At, Done string
	// Waves say what came in unusual numbers.
	Waves []surge
	// Crowds lead to applications that are alike.
	Crowds []crowdLink
	// Looks is how much from elsewhere waits to be looked at.
	Looks int
	// Objections is how many wait for another look.
	Objections int
	// Gaps is how much is missing in the pages that the law asks for.
	Gaps int
	// Stale counts what nobody has confirmed for long.
	Stale int
	// Held says that federation and registration wait for that.
	Held  bool
	Empty *component.Empty
}

// surge is one domain from which unusually much came.
type surge struct{ Host, Said string }

// surges gives a sentence for each of them, about the kind of which most came.
func (s *Surface) surges(r *http.Request) ([]surge, error) {
	waves, err := s.Moderation.Waves(r.Context())
	if err != nil {
		return nil, err
	}
	var list []surge
	lang, known := s.Web.Language(r), map[string]bool{}
	for _, w := range waves {
		if known[w.Host] || len(list) == atOnce {
			continue
		}
		known[w.Host] = true
		key := "townhall.wave." + w.Kind
		if w.Hours > 1 {
			key += ".hours"
		}
		list = append(list, surge{w.Host, s.Web.T(lang, key, map[string]any{"Host": w.Host, "Hours": w.Hours, "N": locale.Number(lang, w.N)})})
	}
	return list, nil
}

// stat is a figure; Due says that somebody should do something about it.
type stat struct {
	N    int
	Key  string
	Href string
	Due  bool
}

// request is a person or a club that waits for a word.
type request struct {
	ID, Name, Handle, Href string
	// Key is that of the words for what it is.
	Key      string
	Letters  string
	Since    time.Time
	Activate component.Form
	// RefuseHref leads to the form in which the reason is written, and Refuse is
	// that form.
	RefuseHref string
	Refuse     *component.Form
}

func (s *Surface) overview(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showDesk(w, r, who, asksFor(r), nil)
}

// showDesk shows the desk with the form that in speaks of opened, and what is
// wrong in it.
func (s *Surface) showDesk(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	lang := s.Web.Language(r)
	due, err := s.waiting(r, who)
	if err != nil {
		return err
	}
	view := overview{Standby: s.Standby(), Held: s.Held(), Gaps: due.gaps, Stale: due.stale, Objections: due.objections}
	if view.Hall, err = s.Frame(r, "/rathaus", s.Web.T(lang, "townhall.greeting", who.Name), true); err != nil {
		return err
	}
	view.Hall.Crumbs = nil
	if err := s.fill(r, who, &view, due); err != nil {
		return err
	}
	status := s.opened(r, &view, in, wrong)
	if at := r.URL.Query().Get(page.SectionQuery); view.Of[at] > 0 {
		view.At, view.Done, view.Hall.Done = at, view.Hall.Done, ""
	}
	todo := view.Gaps + view.Stale + view.Objections
	for _, n := range view.Of {
		todo += n
	}
	if who.Staff() {
		if view.Waves, err = s.surges(r); err != nil {
			return err
		}
	}
	view.Looks = due.platforms.Looks
	todo += view.Looks + len(view.Waves)
	if view.Hall.Lede = s.Web.T(lang, "townhall.due"); todo == 0 {
		view.Hall.Lede = s.Web.T(lang, "townhall.nothing")
		view.Empty = &component.Empty{
			Key: "townhall.none", TextKey: "townhall.none.text", Href: "/rathaus/vereine", ActionKey: "townhall.club.add", Icon: "plus",
			Also: []component.Crumb{{Key: "townhall.look", Href: "/rathaus/aussehen"}, {Key: "townhall.texts", Href: "/rathaus/seiten"}},
		}
		if !who.Staff() {
			view.Empty = &component.Empty{Key: "townhall.none", TextKey: "townhall.none.office", Href: "/rathaus/vereine", ActionKey: "townhall.clubs.mine", Icon: "people"}
		}
	}
	return s.render(w, r, status, "overview", s.Web.T(lang, "townhall.title"), view)
}

// fill writes into view what is due.
func (s *Surface) fill(r *http.Request, who *page.Person, view *overview, due waits) error {
	followers, err := s.Actors.AllFollowers(r.Context())
	if err != nil {
		return err
	}
	reports, barriers := sorted(due.reports)
	for _, a := range due.asked[:min(len(due.asked), atOnce)] {
		view.Requests = append(view.Requests, s.request(r, a))
	}
	if who.Staff() {
		view.Crowds = s.crowdLinks(r, due.asked)
	}
	view.Orphans = s.orphansOf(due)
	if view.Reports, err = s.shown(r, reports[:min(len(reports), atOnce)], reportsAt); err != nil {
		return err
	}
	if view.Barriers, err = s.shown(r, barriers[:min(len(barriers), atOnce)], barriersAt); err != nil {
		return err
	}
	view.Lanes = s.lanes(r, stuck(due.hosts), lanesAt)
	if who.Staff() { // what else waits is the business of who looks after all of the town
		if view.Queues, err = s.queues(r, due); err != nil {
			return err
		}
	}
	view.Of = map[string]int{requestsAt: len(due.asked), orphansAt: len(due.orphans), reportsAt: len(reports), barriersAt: len(barriers), lanesAt: due.stuck}
	view.Stats = []stat{
		{len(due.asked), "townhall.stat.requested", "/rathaus/antraege", len(due.asked) > 0},
		{len(due.reports), "townhall.stat.reports", "/rathaus/meldungen", len(due.reports) > 0},
	}
	if who.Staff() {
		view.Stats = append(view.Stats, stat{due.stuck, "townhall.stat.stuck", "/rathaus/zustellungen", due.stuck > 0})
	}
	for _, q := range view.Queues {
		view.Of[q.ID] = q.Total
		view.Stats = append(view.Stats, stat{q.Total, q.StatKey, "#" + q.ID, true})
	}
	view.Stats = append(view.Stats, stat{followers, "townhall.stat.followers", "/vereine", false})
	return nil
}

// opened opens the form that in speaks of, and gives the status of the answer.
func (s *Surface) opened(r *http.Request, view *overview, in *page.Input, wrong error) int {
	id, status := in.Get("id"), http.StatusOK
	if id == "" {
		return status
	}
	for i := range view.Requests {
		if one := &view.Requests[i]; one.ID == id {
			form, answer := s.refusing(r, in, wrong, id, requestsAt)
			one.Refuse, one.RefuseHref, status = &form, "", answer
		}
	}
	for i := range view.Barriers {
		if one := &view.Barriers[i]; one.ID == id && one.AnswerHref != "" {
			status = s.answering(r, one, in, wrong, barriersAt)
		}
	}
	return status
}

// troubled tells whether a host does not take what it should.
func troubled(h activity.Host) bool { return h.Open || h.Failed > 0 || h.Error != "" }

// stuck gives the first of the hosts that have not taken something, those first
// to which something is due for longest.
func stuck(hosts []activity.Host) []activity.Host {
	var list []activity.Host
	for _, h := range hosts {
		if troubled(h) {
			list = append(list, h)
		}
	}
	slices.SortStableFunc(list, func(a, b activity.Host) int { return a.Since.Compare(b.Since) })
	return list[:min(len(list), atOnce)]
}
