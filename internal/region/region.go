// Package region is the surface of the neighbourhood: what other towns share with
// this one, with whom it is connected and on what terms, and where the town hall
// agrees with them.
//
// It must not know any single kind; what kinds show is handed in.
package region

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/peer"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of these pages.
//
//go:embed *.html *.toml
var Files embed.FS

const (
	// Path is the page of what other towns share with this one.
	Path = "/region"
	// AgreementsPath says with whom the town is connected.
	AgreementsPath = Path + "/verbund"
	// HallPath is the room of the town hall.
	HallPath = "/rathaus/nachbarn"
	onePath  = HallPath + "/vereinbarung"
)

// Surface shows the pages.
type Surface struct {
	*page.Guard
	Peers      *peer.Peers
	Actors     *actor.Actors
	Activities *activity.Activities
	Frame      page.HallFrame
	// Events and Jobs give rows of what came from these hosts and is to come or open;
	// Note is the type of what stands on the pin board.
	Events func(ctx context.Context, hosts []string, lang string, limit int) ([]component.EventRow, error)
	Jobs   func(ctx context.Context, hosts []string, lang string, limit int) ([]component.Job, error)
	Note   string
	// Headline gives the heading of a post by its text.
	Headline func(text string) string
	// Release lets through all that came from a host and waits for a look.
	Release func(ctx context.Context, by, host string) error
	// Version is the program's.
	Version string
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(Path, s.Web.Handle(s.region))
	r.Get(AgreementsPath, s.Web.Handle(s.agreements))
	r.Get(HallPath, s.Web.Handle(s.Page(page.Staff(s.room))))
	r.Post(HallPath, s.Web.Handle(s.Form(page.StaffForm(s.propose))))
	r.Get(onePath, s.Web.Handle(s.Page(page.Staff(s.one))))
	r.Post(onePath, s.Web.Handle(s.Form(page.StaffForm(s.act))))
}

func (s *Surface) t(r *http.Request, key string, data ...any) string {
	return s.Web.T(s.Web.Language(r), key, data...)
}

// oneHref is the address of the page of an agreement.
func oneHref(host string) string { return onePath + "?" + url.Values{"ort": {host}}.Encode() }

// town is another town as pages show it.
type town struct {
	*peer.Peer
	// Name is what it calls itself, or its host.
	Name, Href string
	// In and Out are the keys of the words for what comes and goes.
	In, Out []string
	// InNear and OutNear say within which areas of that lies what lies somewhere.
	InNear, OutNear []string
	Since           time.Time
	Blocked         bool
}

// Pausing tells who pauses: ours, theirs, or "".
func (t town) Pausing() string {
	switch {
	case !t.Paused.IsZero():
		return "ours"
	case !t.TheirPaused.IsZero():
		return "theirs"
	}
	return ""
}

func keys(scopes []string) []string {
	var list []string
	for _, s := range scopes {
		list = append(list, "region.scope."+s)
	}
	return list
}

// shown gives towns as pages show them, however many there are by one look at their
// names and one at who is kept out.
func (s *Surface) shown(r *http.Request, list []*peer.Peer) ([]town, error) {
	ctx := r.Context()
	var ids, hosts []string
	for _, p := range list {
		ids, hosts = append(ids, p.ActorID), append(hosts, p.Host)
	}
	names, err := s.Peers.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	blocked, err := s.Actors.BlockedAmong(ctx, s.Actors.Reader(), hosts)
	if err != nil {
		return nil, err
	}
	all := make([]town, len(list))
	for i, p := range list {
		all[i] = town{Peer: p, Name: p.Host, Href: oneHref(p.Host), In: keys(p.In()), Out: keys(p.Out()), Since: p.Since.In(s.Zone), Blocked: blocked[p.Host]}
		all[i].InNear, all[i].OutNear = s.areas(r, p.InNear()), s.areas(r, p.OutNear())
		if name := names[p.ActorID]; name != "" {
			all[i].Name = name
		}
	}
	return all, nil
}

// areas says areas in words.
func (s *Surface) areas(r *http.Request, list []peer.Area) []string {
	var all []string
	for _, a := range list {
		name := a.Name
		if name == "" {
			name = s.t(r, "region.point", strings.ReplaceAll(fmt.Sprintf("%.2f / %.2f", a.Latitude, a.Longitude), ".", s.t(r, "region.comma")))
		}
		all = append(all, s.t(r, "region.near", map[string]any{"Km": a.Km, "Name": name}))
	}
	return all
}

// town reads a town for a page.
func (s *Surface) town(r *http.Request, p *peer.Peer) (town, error) {
	all, err := s.shown(r, []*peer.Peer{p})
	if err != nil {
		return town{}, err
	}
	return all[0], nil
}

// towns gives those in force for all readers, without who is kept out.
func (s *Surface) towns(r *http.Request) ([]town, error) {
	list, err := s.Peers.List(r.Context())
	if err != nil {
		return nil, err
	}
	all, err := s.shown(r, slices.DeleteFunc(list, func(p *peer.Peer) bool { return p.State != peer.Live }))
	return slices.DeleteFunc(all, func(t town) bool { return t.Blocked }), err
}

// How much of each kind the page of the region shows.
const (
	mostEvents = 30
	mostJobs   = 12
	mostPosts  = 12
	mostClubs  = 60
)

// board are the scopes of the pin board.
var board = []string{peer.Announcements, peer.Wanted, peer.Offers, peer.Help}

type regionView struct {
	Chips  component.Chips
	Towns  int
	Events []component.EventRow
	Jobs   []component.Job
	Posts  []component.PostCard
	Clubs  []component.ClubCard
	Empty  *component.Empty
}

// region shows what other towns share with this one.
func (s *Surface) region(w http.ResponseWriter, r *http.Request) error {
	ctx, lang := r.Context(), s.Web.Language(r)
	towns, err := s.towns(r)
	if err != nil {
		return err
	}
	view, asked := regionView{Towns: len(towns), Chips: component.Chips{Label: "region.towns"}}, r.URL.Query().Get("ort")
	view.Chips.List = append(view.Chips.List, component.Chip{Key: "region.all", Href: Path, Current: asked == ""})
	var hosts, directories []string
	for _, t := range towns {
		view.Chips.List = append(view.Chips.List, component.Chip{Text: t.Name, Href: Path + "?" + url.Values{"ort": {t.Host}}.Encode(), Current: asked == t.Host})
		if asked != "" && asked != t.Host || !t.Open() {
			continue
		}
		hosts = append(hosts, t.Host)
		for _, scope := range t.Peer.In() {
			if scope == peer.Clubs {
				directories = append(directories, t.Host)
			}
		}
	}
	if err := s.fill(ctx, &view, hosts, lang); err != nil {
		return err
	}
	if view.Clubs, err = s.clubs(ctx, directories, named(towns)); err != nil {
		return err
	}
	if len(view.Events)+len(view.Jobs)+len(view.Posts)+len(view.Clubs) == 0 {
		view.Empty = &component.Empty{Key: "region.none", TextKey: "region.none.text", Href: AgreementsPath, ActionKey: "region.agreements"}
	}
	return s.Web.Render(w, r, http.StatusOK, "region/region", web.Page{
		Title: s.t(r, "region.title"), Description: s.t(r, "region.lede"), Canonical: s.Actors.Site().Origin + Path, View: view, NoIndex: asked != "",
	})
}

// named gives the names of towns by their hosts.
func named(towns []town) map[string]string {
	names := map[string]string{}
	for _, t := range towns {
		names[t.Host] = t.Name
	}
	return names
}
