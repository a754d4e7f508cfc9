package region

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/peer"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// health is how the connection to a town is.
type health struct {
	// Tone is that of the sign: "", wait, down or pause; Key that of the words.
	Tone, Key string
	Heard     time.Time
	Probed    time.Time
	// Waiting and Failed count what has not arrived there; Fault is why.
	Waiting, Failed int
	Fault           string
	Software        string
	// Clock is by how many seconds their clock is wrong, when that matters; Ahead
	// tells in which direction.
	Clock int
	Ahead bool
}

// tolerated is by how many seconds two clocks may differ.
const tolerated = 30

// health gives how it is, from what is stored: nobody is asked for a page.
func (s *Surface) health(t town, at activity.Host) health {
	h := health{Key: "region.health.live", Waiting: at.Waiting, Failed: at.Failed, Software: t.Software, Fault: t.Fault}
	if !t.Heard.IsZero() {
		h.Heard = t.Heard.In(s.Zone)
	}
	if !t.Probed.IsZero() {
		h.Probed = t.Probed.In(s.Zone)
	}
	if at.Error != "" && at.Waiting+at.Failed > 0 {
		h.Fault = at.Error
	}
	if h.Ahead = t.Peer.Clock > 0; t.Peer.Clock > tolerated || t.Peer.Clock < -tolerated {
		h.Clock = max(t.Peer.Clock, -t.Peer.Clock)
	}
	switch {
	case t.Blocked:
		h.Tone, h.Key = "down", "region.health.blocked"
	case t.State != peer.Live:
		h.Tone, h.Key = "wait", "region.health."+t.State
	case t.Pausing() != "":
		h.Tone, h.Key = "pause", "region.health.paused."+t.Pausing()
	case at.Open || at.Failed > 0 || t.Fault != "":
		h.Tone, h.Key = "down", "region.health.down"
	case at.Waiting > 0:
		h.Tone, h.Key = "wait", "region.health.behind"
	}
	return h
}

// row is a town in the list of the town hall.
type row struct {
	town
	Health health
	// Pause is the one button that pauses it or goes on, nil where there is none.
	Pause *component.Form
}

type roomView struct {
	Hall page.Hall
	Rows []row
	Form component.Form
}

func (s *Surface) room(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	in := &page.Input{Values: url.Values{"trusted": {"0"}}}
	for _, scope := range []string{peer.Events, peer.Opportunities, peer.Announcements} {
		in.Set("asks-"+scope, "1")
		in.Set("gives-"+scope, "1")
	}
	return s.showRoom(w, r, in, nil)
}

func (s *Surface) showRoom(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	var view roomView
	var err error
	if view.Hall, err = s.Frame(r, HallPath, s.t(r, "region.hall.title"), true); err != nil {
		return err
	}
	view.Hall.Lede = s.t(r, "region.hall.lede")
	list, err := s.Peers.List(r.Context())
	if err != nil {
		return err
	}
	var hosts []string
	for _, p := range list {
		hosts = append(hosts, p.Host)
	}
	at, err := s.Activities.HostsNamed(r.Context(), hosts)
	if err != nil {
		return err
	}
	towns, err := s.shown(r, list)
	if err != nil {
		return err
	}
	for _, t := range towns {
		one := row{town: t, Health: s.health(t, at[t.Host])}
		if t.State == peer.Live {
			one.Pause = s.pauseForm(r, t.Peer)
		}
		view.Rows = append(view.Rows, one)
	}
	f := page.NewForm(s.Web, r, in, wrong)
	f.Group("region.new", component.Field{Kind: "text", Name: "domain", Key: "region.domain", Hint: "region.domain.hint", Required: true})
	s.terms(r, f, in)
	view.Form = f.Show(HallPath, component.Button{Key: "region.propose"})
	return s.Web.Render(w, r, f.Status(), "region/room", web.Page{Title: view.Hall.Heading, View: view, Scripts: []string{page.SuggestScript}})
}

// terms adds the fields of what is agreed.
func (s *Surface) terms(r *http.Request, f *page.Form, in *page.Input) {
	choose := func(name string) component.Field {
		field := component.Field{Kind: "checks", Name: name, Key: "region." + name, Hint: "region." + name + ".hint"}
		for _, scope := range peer.Scopes {
			field.Options = append(field.Options, component.Option{Value: scope, Label: s.t(r, "region.scope."+scope)})
		}
		return field
	}
	place := func(name string) component.Field {
		return component.Field{Kind: "text", Name: name + "-place", Key: "region." + name + ".place", Hint: "region.place.hint", Free: true, Suggest: page.PlacesPath, Half: true}
	}
	around := func(name string) component.Field {
		field := component.Field{Kind: "select", Name: name + "-km", Key: "region.km", Hint: "region.km.hint", Free: true, Half: true}
		field.Options = append(field.Options, component.Option{Value: "", Label: s.t(r, "region.km.any")})
		kms := radii
		if km := near(in, name).Km; km > 0 && !slices.Contains(kms, km) { // from the command line
			kms = slices.Sorted(slices.Values(append(slices.Clone(kms), km)))
		}
		for _, km := range kms {
			field.Options = append(field.Options, component.Option{Value: strconv.Itoa(km), Label: s.t(r, "region.km.around", km)})
		}
		return field
	}
	f.Group("region.take", choose("asks"), place("asks"), around("asks"), component.Field{Kind: "radio", Name: "trusted", Key: "region.trusted", Required: true, Options: []component.Option{
		{Value: "0", Label: s.t(r, "region.trusted.no"), Note: s.t(r, "region.trusted.no.text")},
		{Value: "1", Label: s.t(r, "region.trusted.yes"), Note: s.t(r, "region.trusted.yes.text")},
	}})
	f.Group("region.give", choose("gives"), place("gives"), around("gives"), component.Field{Kind: "textarea", Rows: 3, Name: "purpose", Key: "region.purpose", Hint: "region.purpose.hint", Free: true})
}

// radii are the distances among which a town hall chooses, in kilometres.
var radii = []int{5, 10, 25, 50, 100, 200}

// near reads an area; a distance that is none is told from no limit by its place.
func near(in *page.Input, name string) peer.Near {
	km, err := strconv.Atoi(in.Get(name + "-km"))
	if err != nil {
		km = 0
	}
	return peer.Near{Place: markup.Name(in.Get(name+"-place"), maxPlace), Km: km}
}

// maxPlace is how long the name of a place may be, in characters.
const maxPlace = 100

// typedTerms reads them.
func typedTerms(in *page.Input) peer.Terms {
	t := peer.Terms{Trusted: in.Get("trusted") == "1", Purpose: in.Get("purpose"), AsksNear: near(in, "asks"), GivesNear: near(in, "gives")}
	for _, scope := range peer.Scopes {
		if in.Get("asks-"+scope) != "" {
			t.Asks = append(t.Asks, scope)
		}
		if in.Get("gives-"+scope) != "" {
			t.Gives = append(t.Gives, scope)
		}
	}
	return t
}

func (s *Surface) propose(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	host, err := s.Peers.Propose(r.Context(), who.ID, in.Get("domain"), typedTerms(in))
	switch {
	case len(problem.FieldsOf(err)) > 0:
		return s.showRoom(w, r, in, err)
	case problem.KindOf(err) == problem.Conflict: // it is known already, or asks itself
		http.Redirect(w, r, oneHref(host), http.StatusSeeOther)
		return nil
	case err != nil:
		return err
	}
	return s.back(w, r, oneHref(host), "region.done.ask")
}

func (s *Surface) back(w http.ResponseWriter, r *http.Request, path, done string) error {
	s.Flash(r, done)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// button gives a form that is one button.
func (s *Surface) button(r *http.Request, host, act string, b component.Button) *component.Form {
	f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
	f.Hide("act", act)
	f.Hide("ort", host)
	form := f.Show(onePath, b)
	return &form
}

func (s *Surface) pauseForm(r *http.Request, p *peer.Peer) *component.Form {
	if p.Paused.IsZero() {
		return s.button(r, p.Host, "pause", component.Button{Key: "region.pause", Icon: "pause", Plain: true})
	}
	return s.button(r, p.Host, "resume", component.Button{Key: "region.resume", Icon: "right", Plain: true})
}

type oneView struct {
	Hall page.Hall
	row
	// Theirs are the keys of what they ask for and give.
	TheirAsks, TheirGives []string
	TheirNear             [2][]string
	Counts                []count
	Waiting               int
	Version               string
	Release               *component.Form
	Form                  *component.Form
	Decline, End          *component.Form
}

// count says how much of a kind stands here.
type count struct {
	Key string
	N   int
}

func (s *Surface) one(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	p, err := s.Peers.Find(r.Context(), r.URL.Query().Get("ort"))
	if err != nil {
		return err
	}
	return s.showOne(w, r, p, offered(p), nil)
}

// offered gives the form as it stands there first: our terms, or those that fit what
// another town asks for.
func offered(p *peer.Peer) *page.Input {
	asks, gives, trusted := p.Asks, p.Gives, "0"
	if p.State == peer.Asking {
		asks, gives = p.TheirGives, p.TheirAsks
	}
	if p.Trusted {
		trusted = "1"
	}
	in := &page.Input{Values: url.Values{"trusted": {trusted}, "purpose": {p.Purpose}}}
	for name, area := range map[string]peer.Area{"asks": p.AsksNear, "gives": p.GivesNear} {
		if area.Km > 0 {
			in.Set(name+"-place", area.Name)
			in.Set(name+"-km", strconv.Itoa(area.Km))
		}
	}
	for name, list := range map[string]string{"asks-": asks, "gives-": gives} {
		for _, scope := range strings.Fields(list) {
			in.Set(name+scope, "1")
		}
	}
	return in
}

func (s *Surface) showOne(w http.ResponseWriter, r *http.Request, p *peer.Peer, in *page.Input, wrong error) error {
	t, err := s.town(r, p)
	if err != nil {
		return err
	}
	at, err := s.Activities.HostsNamed(r.Context(), []string{p.Host})
	if err != nil {
		return err
	}
	view := oneView{
		row: row{town: t, Health: s.health(t, at[p.Host])}, TheirAsks: keys(strings.Fields(p.TheirAsks)), TheirGives: keys(strings.Fields(p.TheirGives)), Version: s.Version,
	}
	if view.Hall, err = s.Frame(r, HallPath, t.Name, false); err != nil {
		return err
	}
	for i, area := range []peer.Area{p.TheirAsksNear, p.TheirGivesNear} {
		if area.Km > 0 {
			view.TheirNear[i] = s.areas(r, []peer.Area{area})
		}
	}
	if err := s.count(r.Context(), &view); err != nil {
		return err
	}
	f := page.NewForm(s.Web, r, in, wrong)
	f.Hide("ort", p.Host)
	switch p.State {
	case peer.Asking:
		f.Hide("act", "accept")
		s.terms(r, f, in)
		form := f.Show(onePath, component.Button{Key: "region.accept"})
		view.Form, view.Decline = &form, s.button(r, p.Host, "decline", component.Button{Key: "region.decline", Danger: true})
	case peer.Live, peer.Asked:
		f.Hide("act", "change")
		s.terms(r, f, in)
		form := f.Show(onePath, component.Button{Key: "region.change"})
		view.Form, view.End = &form, s.button(r, p.Host, "end", component.Button{Key: "region.end", Danger: true})
	default:
		view.End = s.button(r, p.Host, "end", component.Button{Key: "region.remove", Plain: true})
	}
	if p.State == peer.Live {
		view.Pause = s.pauseForm(r, p)
	}
	if view.Waiting > 0 {
		view.Release = s.button(r, p.Host, "release", component.Button{Key: "region.release", Plain: true})
	}
	return s.Web.Render(w, r, f.Status(), "region/one", web.Page{Title: view.Hall.Heading, View: view, Scripts: []string{page.SuggestScript}})
}

// count says how much came and how much waits.
func (s *Surface) count(ctx context.Context, view *oneView) error {
	counts, err := s.Peers.Counts(ctx, view.Host)
	if err != nil {
		return err
	}
	for _, scope := range peer.Scopes {
		if counts[scope] > 0 {
			view.Counts = append(view.Counts, count{"region.scope." + scope, counts[scope]})
		}
	}
	view.Waiting, err = s.Peers.Waiting(ctx, view.Host)
	return err
}

func (s *Surface) act(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, host, act := r.Context(), in.Get("ort"), in.Get("act")
	p, err := s.Peers.Find(ctx, host)
	if err != nil {
		return err
	}
	to := oneHref(host)
	switch act {
	case "accept":
		err = s.Peers.Accept(ctx, who.ID, host, typedTerms(in))
	case "change":
		err = s.Peers.Change(ctx, who.ID, host, typedTerms(in))
	case "decline":
		err, to = s.Peers.Decline(ctx, who.ID, host), HallPath
	case "pause", "resume":
		err, to = s.Peers.Pause(ctx, who.ID, host, act == "pause"), HallPath
	case "end":
		err, to = s.Peers.End(ctx, who.ID, host), HallPath
	case "release":
		err = s.Release(ctx, who.ID, host)
	default:
		return problem.Invalidf("%q cannot be done to an agreement", act)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return s.showOne(w, r, p, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, to, "region.done."+act)
}

// Desk is a page.Waiting: the towns that ask.
func (s *Surface) Desk(r *http.Request, limit int) (page.Queue, error) {
	q := page.Queue{ID: "towns", Key: "region.desk", StatKey: "region.desk.stat", Room: HallPath}
	list, err := s.Peers.List(r.Context())
	if err != nil {
		return q, err
	}
	for _, p := range list {
		if p.State != peer.Asking {
			continue
		}
		if q.Total++; len(q.Items) == limit {
			continue
		}
		t, err := s.town(r, p)
		if err != nil {
			return q, err
		}
		q.Items = append(q.Items, page.WaitingItem{Name: t.Name, Href: t.Href, Icon: "globe", Since: p.Created, Note: s.t(r, "region.desk.note", p.Host), Said: p.TheirPurpose})
	}
	return q, nil
}
