package townhall

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
)

// atOnce is how much of each thing that waits the overview shows.
const atOnce = 5

type overview struct {
	Hall    page.Hall
	Standby bool
	Stats   []stat
	// Requests are clubs that wait, Reports and Lanes what else is due. More of
	// them than shown are behind the links to their rooms.
	Requests []request
	Orphans  []orphan
	Reports  []report
	Lanes    []lane
	// Letters is how many letters were refused.
	Letters int
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

// stat is a figure; Due says that somebody should do something about it.
type stat struct {
	N    int
	Key  string
	Href string
	Due  bool
}

// request is a person or a club that waits for a word.
type request struct {
	Name, Handle, Href string
	// Key is that of the words for what it is.
	Key      string
	Letters  string
	Activate component.Form
}

func (s *Surface) overview(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	lang := s.Web.Language(r)
	due, err := s.waiting(r)
	if err != nil {
		return err
	}
	view := overview{Standby: s.Standby(), Held: s.Held(), Gaps: due.gaps, Stale: due.stale, Letters: due.letters(), Objections: due.objections}
	if view.Hall, err = s.Frame(r, "/rathaus", s.Web.T(lang, "townhall.greeting", who.Name), true); err != nil {
		return err
	}
	view.Hall.Crumbs = nil
	followers, err := s.Actors.AllFollowers(r.Context())
	if err != nil {
		return err
	}
	view.Stats = []stat{
		{len(due.asked), "townhall.stat.requested", "/rathaus/antraege", len(due.asked) > 0},
		{len(due.reports), "townhall.stat.reports", "/rathaus/meldungen", len(due.reports) > 0},
		{due.stuck, "townhall.stat.stuck", "/rathaus/zustellungen", due.stuck > 0},
		{followers, "townhall.stat.followers", "/vereine", false},
	}
	for _, a := range due.asked[:min(len(due.asked), atOnce)] {
		view.Requests = append(view.Requests, s.request(r, a))
	}
	for _, c := range due.orphans[:min(len(due.orphans), atOnce)] {
		view.Orphans = append(view.Orphans, orphan{c.DisplayName(), "/rathaus/vereine/" + c.PreferredUsername, component.Letters(c.DisplayName()), due.since[c.ID].In(s.Zone), "/vereine/" + c.PreferredUsername + "/personen"})
	}
	if view.Reports, err = s.shown(r, due.reports[:min(len(due.reports), atOnce)]); err != nil {
		return err
	}
	view.Lanes = s.lanes(r, stuck(due.hosts))
	todo := len(view.Requests) + len(view.Orphans) + len(view.Reports) + len(view.Lanes) + view.Gaps + view.Letters + view.Stale + view.Objections
	if view.Hall.Lede = s.Web.T(lang, "townhall.due"); todo == 0 {
		view.Hall.Lede = s.Web.T(lang, "townhall.nothing")
		view.Empty = &component.Empty{
			Key: "townhall.none", TextKey: "townhall.none.text", Href: "/rathaus/vereine", ActionKey: "townhall.club.add", Icon: "plus",
			Also: []component.Crumb{{Key: "townhall.look", Href: "/rathaus/aussehen"}, {Key: "townhall.texts", Href: "/rathaus/seiten"}},
		}
	}
	return s.render(w, r, http.StatusOK, "overview", s.Web.T(lang, "townhall.title"), view)
}

// troubled tells whether a host does not take what it should.
func troubled(h activity.Host) bool { return h.Open || h.Failed > 0 || h.Error != "" }

// stuck gives the first of the hosts that have not taken something.
func stuck(hosts []activity.Host) []activity.Host {
	var list []activity.Host
	for _, h := range hosts {
		if troubled(h) && len(list) < atOnce {
			list = append(list, h)
		}
	}
	return list
}
