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
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
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
	// Archive archives an active club, and cancels its events to come if cancel is
	// true; Upcoming counts these by the club's id.
	Archive  func(ctx context.Context, by, handle string, cancel bool) error
	Upcoming func(ctx context.Context, actorID string) (int, error)
	// Helped counts what the club offers to helpers, and who has applied for it.
	Helped func(ctx context.Context, actorID string) (offers, people int, err error)
	// Verify says that the town hall knows a club, Verified since when.
	Verify   func(ctx context.Context, by, handle string, known bool) error
	Verified func(ctx context.Context, handle string) (time.Time, error)
	// AddEditor and RemoveEditor say who may speak for a club.
	AddEditor    func(ctx context.Context, by, handle, accountID, role string) error
	RemoveEditor func(ctx context.Context, by, handle, accountID string) error
	// Approve lets a club in that waits, Refuse gives its application back with a
	// reason.
	Approve func(ctx context.Context, by, handle string) error
	Refuse  func(ctx context.Context, by, handle, reason string) error
	// Merge makes the club handle a part of the club into, CheckMerge says what is
	// wrong with that, and Weigh counts what belongs to a club.
	Merge, CheckMerge func(ctx context.Context, by, handle, into string) error
	Weigh             func(ctx context.Context, actorID string) (Weight, error)
	// Field gives the key of the word for what a club does, "" for none.
	Field func(ctx context.Context, handle string) (string, error)
}

// Surface shows the town hall its pages.
type Surface struct {
	*page.Guard
	Accounts   *account.Accounts
	Actors     *actor.Actors
	Activities *activity.Activities
	Moderation *moderation.Moderation
	Clubs      Clubs
	// Leave forgets the person id for good; by is who does it.
	Leave func(ctx context.Context, by, id string) error
	// Refuse forgets a person who waits, by the application, with a last letter
	// that says why; RefuseAll does so for many, by the ids, a little later.
	Refuse    func(ctx context.Context, by string, a *account.Application, reason string) error
	RefuseAll func(ctx context.Context, by string, ids []string, reason string) error
	Letters   *page.Letters
	// Unwritten counts what is missing in the pages that the law asks for.
	Unwritten func(r *http.Request) (int, error)
	// Stuck gives letters that did not arrive, the newest first, and Settle says
	// that somebody has looked at one.
	Stuck  func(ctx context.Context, limit int) ([]mail.Stuck, error)
	Settle func(ctx context.Context, by, id string) error
	// Stale counts what nobody has confirmed for long of what these clubs care for;
	// nil is all clubs.
	Stale func(ctx context.Context, clubs []string) (int, error)
	// More are what else waits on the desk, below what the town hall itself knows.
	More []page.Waiting
	// Asking counts the towns that ask to share with this one.
	Asking func(ctx context.Context) (int, error)
	// Standby tells whether federation waits for the word that this is the only
	// copy of the town.
	Standby func() bool
	// PublishedSince gives when things of a type were published here.
	PublishedSince func(ctx context.Context, kind string, since time.Time) ([]time.Time, error)
	// Agent tells whether a person works for the volunteer agency, and SetAgent says
	// so.
	Agent    func(ctx context.Context, accountID string) (bool, error)
	SetAgent func(ctx context.Context, by, accountID string, yes bool) error
	// TermWord gives the word of a key of one of the town's lists; false when it has
	// none.
	TermWord func(lang, list, key string) (string, bool)
	// HelpedSince gives what volunteering came to since a time.
	HelpedSince func(ctx context.Context, since time.Time) (Helped, error)
	// Held tells whether federation and registration wait for the pages that the
	// law asks for.
	Held func() bool
}

// Mount enters the routes into r: those of all who belong to the town hall, whose
// handlers ask for which clubs, and those of who looks after all of the town.
func (s *Surface) Mount(r chi.Router) {
	for path, h := range map[string]page.PersonHandler{
		"/rathaus": s.overview, "/rathaus/vereine": s.clubs, "/rathaus/vereine/{handle}": s.club, archivePath: s.archiveForm, mergePath: s.mergeForm,
		"/rathaus/meldungen": s.reports, "/rathaus/verborgenes": s.hidden, "/rathaus/antraege": s.applications,
		page.DecidePath: s.decideForm, decisionsPath: s.decisions, decisionsPath + "/{id}": s.decision,
	} {
		r.Get(path, s.Web.Handle(s.Page(page.Office(h))))
	}
	for path, h := range map[string]page.FormHandler{
		"/rathaus/vereine/{handle}": s.changeClub, archivePath: s.archive, mergePath: s.merge,
		"/rathaus/meldungen": s.closeReport, "/rathaus/verborgenes": s.show, "/rathaus/antraege": s.decide,
		page.DecidePath: s.decideAbout, decisionsPath + "/{id}": s.changeDecision,
	} {
		r.Post(path, s.Web.Handle(s.Form(page.OfficeForm(h))))
	}
	for path, h := range map[string]page.PersonHandler{
		"/rathaus/personen": s.people, "/rathaus/personen/{id}": s.person, "/rathaus/zustellungen": s.deliveries,
		crowdPath:                         s.crowd,
		"/rathaus/personen/{id}/loeschen": s.leaveForm, deletionsPath: s.deletions, deletionsPath + "/{key}": s.deletion,
		"/rathaus/mails": s.mails, figuresPath: s.showFigures, figuresPath + ".csv": s.figuresSheet,
		logPath: s.log, logPath + ".csv": s.logTable,
	} {
		r.Get(path, s.Web.Handle(s.Page(page.Staff(h))))
	}
	for path, h := range map[string]page.FormHandler{
		"/rathaus/vereine": s.addClub, "/rathaus/personen": s.addPerson, "/rathaus/personen/{id}": s.changePerson,
		"/rathaus/zustellungen":           s.changeDeliveries,
		crowdPath:                         s.refuseCrowd,
		"/rathaus/personen/{id}/loeschen": s.leave, deletionsPath + "/{key}": s.tellAgain,
		"/rathaus/mails": s.settleMail,
	} {
		r.Post(path, s.Web.Handle(s.Form(page.StaffForm(h))))
	}
}

// Frame is a page.HallFrame: it gives what every page of the town hall begins
// with.
func (s *Surface) Frame(r *http.Request, room, heading string, own bool) (page.Hall, error) {
	who, err := s.Who(r)
	if err != nil {
		return page.Hall{}, err
	}
	waits, err := s.waiting(r, who)
	if err != nil {
		return page.Hall{}, err
	}
	h := page.Hall{
		Heading: heading, Done: s.Flashed(r), Link: s.FlashedLink(r), Crumbs: []component.Crumb{{Key: "townhall.title", Href: "/rathaus"}},
		Rooms: []page.Room{
			{Href: "/rathaus", Key: "townhall.today", Icon: "list"},
			{Href: "/rathaus/meldungen", Key: "townhall.reports", Icon: "flag", Waiting: len(waits.reports)},
			{Href: decisionsPath, Key: "townhall.decisions", Icon: "check", Waiting: waits.objections},
			{Href: "/rathaus/antraege", Key: "townhall.applications", Icon: "plus", Waiting: len(waits.asked)},
			{Href: "/rathaus/vereine", Key: "townhall.clubs", Icon: "people", Waiting: len(waits.orphans)},
			{Href: "/rathaus/pflege", Key: "townhall.care", Icon: "clock", Waiting: waits.stale},
			{Href: "/rathaus/personen", Key: "townhall.people", Icon: "user"},
			{Href: "/rathaus/auskunft", Key: "inquiry.title", Icon: "info"},
			{Href: "/rathaus/zustellungen", Key: "townhall.deliveries", Icon: "repeat", Waiting: waits.stuck},
			{Href: deletionsPath, Key: "townhall.deletions", Icon: "bin"},
			{Href: "/rathaus/mails", Key: "townhall.mails", Icon: "mail", Waiting: waits.letters()},
			{Href: "/rathaus/verborgenes", Key: "townhall.hidden", Icon: "lock"},
			{Href: "/rathaus/sperren", Key: "townhall.blocks", Icon: "shield", Waiting: waits.platforms.All()},
			{Href: "/rathaus/nachbarn", Key: "region.hall.title", Icon: "globe", Waiting: waits.towns},
			{Href: figuresPath, Key: "figures.title", Icon: "chart"},
			{Href: "/rathaus/recht", Key: "law.title", Icon: "scales", Waiting: waits.gaps},
			{Href: "/rathaus/fristen", Key: "term.title", Icon: "hourglass"},
			{Href: "/rathaus/seiten", Key: "texts.title", Icon: "edit"},
			{Href: "/rathaus/aussehen", Key: "look.title", Icon: "leaf"},
			{Href: "/rathaus/orte", Key: "place.title", Icon: "place"},
			{Href: "/rathaus/bekanntmachungen", Key: "notice.title", Icon: "pin"},
			{Href: "/rathaus/begriffe", Key: "word.title", Icon: "copy"},
			{Href: "/rathaus/sprache", Key: "manner.title", Icon: "reply"},
			{Href: "/rathaus/module", Key: "module.title", Icon: "filter"},
			{Href: "/rathaus/hinweise", Key: "alert.title", Icon: "alert"},
			{Href: logPath, Key: "townhall.log", Icon: "book"},
		},
	}
	if !who.Staff() {
		h.Rooms = append(h.Rooms, page.Room{Href: looksPath, Key: "looks.title", Icon: "search", Waiting: waits.platforms.Looks})
	}
	h.Rooms = entitled(who, h.Rooms)
	for i := range h.Rooms {
		if h.Rooms[i].Href != room {
			continue
		}
		h.Rooms[i].Current = true
		if !own {
			h.Crumbs = append(h.Crumbs, component.Crumb{Key: h.Rooms[i].Key, Href: room})
		}
	}
	h.Crumbs = append(h.Crumbs, component.Crumb{Text: heading})
	h.Groups = grouping(h.Rooms)
	return h, nil
}

// roomGroups are the rooms by what somebody looks for, in the order of the list.
// A room that stands nowhere comes with the last ones.
var roomGroups = []struct {
	key   string
	rooms []string
}{
	{"", []string{"/rathaus"}},
	{"hall.group.decide", []string{"/rathaus/meldungen", decisionsPath, looksPath, "/rathaus/antraege", "/rathaus/auskunft"}},
	{"hall.group.people", []string{"/rathaus/vereine", "/rathaus/personen", "/rathaus/pflege"}},
	{"hall.group.others", []string{"/rathaus/nachbarn", "/rathaus/sperren", "/rathaus/verborgenes", "/rathaus/zustellungen", deletionsPath, "/rathaus/mails"}},
	{"hall.group.look", []string{figuresPath, logPath}},
	{"hall.group.town", nil},
}

// grouping puts rooms into their groups, each in its own order.
func grouping(rooms []page.Room) []page.RoomGroup {
	groups := make([]page.RoomGroup, len(roomGroups))
	for i, g := range roomGroups {
		groups[i].Key = g.key
	}
	for _, room := range rooms {
		at := slices.IndexFunc(roomGroups, func(g struct {
			key   string
			rooms []string
		},
		) bool {
			return slices.Contains(g.rooms, room.Href)
		})
		if at < 0 {
			at = len(groups) - 1
		}
		groups[at].Rooms = append(groups[at].Rooms, room)
	}
	return slices.DeleteFunc(groups, func(g page.RoomGroup) bool { return len(g.Rooms) == 0 })
}

// frame gives the frame of a room, whose heading is its name.
func (s *Surface) frame(r *http.Request, room, key string) (page.Hall, error) {
	return s.Frame(r, room, s.Web.T(s.Web.Language(r), key), true)
}

// waits is what the town hall should look at.
type waits struct {
	// asked are the people and clubs who wait for a word, orphans the clubs that
	// have lost their last owner.
	asked   []waiting
	orphans []*actor.Actor
	since   map[string]time.Time
	reports []*moderation.Report
	hosts   []activity.Host
	// stuck is how many hosts have not taken something, gaps how much is missing
	// in the pages that the law asks for.
	stuck, gaps int
	// stale counts what nobody has confirmed for long.
	stale int
	// objections is how many wait for another look.
	objections int
	mails      []mail.Stuck
	platforms  moderation.PlatformsWaiting
	// towns is how many ask to share with this one.
	towns int
}

// letters is how many letters were refused and wait for somebody who looks.
func (w waits) letters() int {
	n := 0
	for _, m := range w.mails {
		if m.Final {
			n++
		}
	}
	return n
}

// waiting finds what the town hall should look at, as far as it concerns who,
// once for the list of rooms and the page itself.
func (s *Surface) waiting(r *http.Request, who *page.Person) (waits, error) {
	return page.Once(r, "town hall waits", func() (waits, error) { return s.find(r, who) })
}

func (s *Surface) find(r *http.Request, who *page.Person) (w waits, err error) {
	ctx := r.Context()
	if w.asked, err = s.asking(ctx); err != nil {
		return w, err
	}
	if w.orphans, w.since, err = s.Actors.Orphans(ctx); err != nil {
		return w, err
	}
	if w.reports, err = s.Moderation.Reports(ctx); err != nil {
		return w, err
	}
	objections, err := s.Moderation.Objections(ctx)
	if err != nil {
		return w, err
	}
	w.objections = len(objections)
	if w.hosts, err = s.Activities.Hosts(ctx); err != nil {
		return w, err
	}
	for _, h := range w.hosts {
		if troubled(h) {
			w.stuck++
		}
	}
	if w.mails, err = s.Stuck(ctx, mostMails); err != nil {
		return w, err
	}
	if s.Asking != nil {
		if w.towns, err = s.Asking(ctx); err != nil {
			return w, err
		}
	}
	if w.platforms, err = s.Moderation.PlatformsDue(ctx); err != nil {
		return w, err
	}
	var clubs []string // nil is all of them
	if !who.Staff() {
		clubs = append([]string{}, who.Cared...)
	}
	if w.stale, err = s.Stale(ctx, clubs); err != nil {
		return w, err
	}
	if w.gaps, err = s.Unwritten(r); err != nil {
		return w, err
	}
	return w, s.theirs(r, who, &w)
}

// render shows a page of the town hall.
func (s *Surface) render(w http.ResponseWriter, r *http.Request, status int, name, heading string, view any) error {
	return s.Web.Render(w, r, status, "townhall/"+name, web.Page{Title: heading, View: view})
}

// button gives a form that is one button with hidden values.
func (s *Surface) button(r *http.Request, action, key string, hidden ...string) component.Form {
	return s.press(r, action, component.Button{Key: key, Plain: true}, hidden...)
}

// press is button with all that a button may be.
func (s *Surface) press(r *http.Request, action string, b component.Button, hidden ...string) component.Form {
	f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		if hidden[i] != "" {
			f.Hide(hidden[i-1], hidden[i])
		}
	}
	return f.Show(action, b)
}

// back leads to the page again and says what was done.
func (s *Surface) back(w http.ResponseWriter, r *http.Request, path, done string) error {
	s.Flash(r, done)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
