// Package peer keeps the agreements with other towns: who shares what with whom,
// what came by them, and who takes all that the town publishes through its relay
// actor (docs/adr/0047).
//
// It must not know any single kind nor any page.
package peer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// What can be shared, as agreements say it. All but the first three are on the pin
// board.
const (
	Events        = "events"
	Opportunities = "opportunities"
	Clubs         = "clubs"
	Announcements = "announcements"
	Wanted        = "wanted"
	Offers        = "offers"
	Help          = "help"
)

// Scopes are all of them, in the order in which they are shown.
var Scopes = []string{Events, Opportunities, Clubs, Announcements, Wanted, Offers, Help}

// usual is what an agreement is about that does not say it: events and posts.
const usual = Events + " " + Announcements + " " + Wanted + " " + Offers + " " + Help

// The states of an agreement.
const (
	// Asked is one that we have proposed, Asking one that they have.
	Asked  = "asked"
	Asking = "asking"
	// Live is in force, Declined was refused by them, Ended was ended by them.
	Live     = "live"
	Declined = "declined"
	Ended    = "ended"
)

// A Peer is another town and what was agreed with it.
type Peer struct {
	bun.BaseModel `bun:"table:peers,alias:peer"`

	// Host is canonical, with a port where it is not the default one; ActorID is
	// the relay actor there.
	Host    string `bun:"host,pk"`
	ActorID string
	State   string
	// Terms tells whether they say their terms. Who does not is told by
	// announcements alone, and counts as sharing events and posts.
	Terms bool
	// FollowID is the Follow by which they ask us, "" for none.
	FollowID string
	// Purpose says what it is for in our words, TheirPurpose in theirs.
	Purpose, TheirPurpose string
	// Asks is what we would like to have and Gives what they may have of us: some of
	// Scopes with a space between them. What is shared is what one side gives and
	// the other one asks for.
	Asks, Gives, TheirAsks, TheirGives string
	// AsksNear and GivesNear say that of what lies somewhere only what lies there is
	// asked for or given, TheirAsksNear and TheirGivesNear what they say of it.
	AsksNear, GivesNear, TheirAsksNear, TheirGivesNear Area
	// Home is where they know this town to be, TheirHome where they are.
	Home, TheirHome Area
	// Trusted shows at once what comes; otherwise the town hall looks at it first.
	Trusted bool
	Created time.Time
	// Since is when it came into force.
	Since time.Time `bun:",nullzero"`
	// Paused and TheirPaused are since when it pauses; zero for not.
	Paused      time.Time `bun:",nullzero"`
	TheirPaused time.Time `bun:",nullzero"`
	// Due is since when what was changed has to be sent, zero for nothing, and
	// DueAfter the last object that was. ClubsTold says of which clubs they know.
	Due       time.Time `bun:",nullzero"`
	DueAfter  string
	ClubsTold time.Time `bun:",nullzero"`
	// Heard is when something came last. Software and Clock, how many seconds their
	// clock is ahead, are as they said at Probed; Fault is why they did not.
	Heard    time.Time `bun:",nullzero"`
	Probed   time.Time `bun:",nullzero"`
	Software string
	Clock    int
	Fault    string
}

// Open tells whether things go and show: it is in force, and nobody pauses.
func (p *Peer) Open() bool { return p.State == Live && p.Paused.IsZero() && p.TheirPaused.IsZero() }

// Out gives what they get of us, In what we get of them.
func (p *Peer) Out() []string { return both(p.Gives, p.TheirAsks) }

// In gives what we get of them.
func (p *Peer) In() []string { return both(p.Asks, p.TheirGives) }

// both gives what stands in two lists of scopes, in the usual order.
func both(a, b string) []string {
	x, y := strings.Fields(a), strings.Fields(b)
	return slices.DeleteFunc(slices.Clone(Scopes), func(s string) bool { return !slices.Contains(x, s) || !slices.Contains(y, s) })
}

// known brings scopes into the form that is kept, without what nobody knows.
func known(list []string) string {
	return strings.Join(both(strings.Join(list, " "), strings.Join(Scopes, " ")), " ")
}

// terms gives ours as they are told.
func (p *Peer) terms() *as.Peering {
	list := func(s string) []string { return append([]string{}, strings.Fields(s)...) }
	return &as.Peering{
		Type: "Peering", Asks: list(p.Asks), Gives: list(p.Gives), Purpose: p.Purpose, Paused: !p.Paused.IsZero(),
		AsksWithin: p.AsksNear.told(), GivesWithin: p.GivesNear.told(), Location: p.Home.told(),
	}
}

// learn notes their terms; nil is those of who says none.
func (p *Peer) learn(t *as.Peering, now time.Time) {
	p.Heard, p.Terms = now, t != nil
	if t == nil {
		p.TheirAsks, p.TheirGives, p.TheirPaused = usual, usual, time.Time{}
		p.TheirAsksNear, p.TheirGivesNear, p.TheirHome = Area{}, Area{}, Area{}
		return
	}
	p.TheirAsksNear, p.TheirGivesNear, p.TheirHome = heard(t.AsksWithin), heard(t.GivesWithin), heard(t.Location)
	p.TheirAsks, p.TheirGives, p.TheirPurpose = known(t.Asks), known(t.Gives), line(t.Purpose)
	switch {
	case !t.Paused:
		p.TheirPaused = time.Time{}
	case p.TheirPaused.IsZero():
		p.TheirPaused = now
	}
}

// Peers are the agreements. Make them with New.
type Peers struct {
	db         *database.DB
	actors     *actor.Actors
	objects    *object.Objects
	activities *activity.Activities
	now        func() time.Time

	// Places knows where places are.
	Places *gazetteer.Gazetteer
	// ScopeOf gives what an object of ours is, as an agreement calls it, and
	// ScopeOfDocument does so for one of others; "" for what is never shared.
	ScopeOf         func(ctx context.Context, db bun.IDB, o *object.Object) (string, error)
	ScopeOfDocument func(doc *as.Object) string
	// SpotOf and SpotOfDocument give where such things say that they are.
	SpotOf         func(ctx context.Context, db bun.IDB, o *object.Object) (Spot, error)
	SpotOfDocument func(doc *as.Object) Spot
	// Look hides what was just stored until the town hall has looked at it.
	Look func(ctx context.Context, tx bun.Tx, id string) error
	// Wake lets CatchUp be called soon.
	Wake func(ctx context.Context, tx bun.Tx) error
	// Ask asks a host what it runs and what time it is there.
	Ask func(ctx context.Context, host string) (software string, clock time.Duration, err error)
}

// New gives the agreements over db.
func New(db *database.DB, actors *actor.Actors, objects *object.Objects, activities *activity.Activities) *Peers {
	return &Peers{
		db: db, actors: actors, objects: objects, activities: activities,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
}

// List gives all agreements, the oldest first.
func (s *Peers) List(ctx context.Context) ([]*Peer, error) { return s.list(ctx, s.db.Read(), "") }

// list gives those in a state, "" for all.
func (s *Peers) list(ctx context.Context, db bun.IDB, state string) ([]*Peer, error) {
	var list []*Peer
	q := db.NewSelect().Model(&list).Order("peer.created", "peer.host")
	if state != "" {
		q = q.Where("peer.state = ?", state)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list agreements: %w", err)
	}
	return list, nil
}

// Names gives what some towns call themselves, by the ids of their relay actors.
func (s *Peers) Names(ctx context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var list []*actor.Actor
	if err := s.db.Read().NewSelect().Model(&list).Column("actor.id", "actor.name").Where("actor.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find the names of towns: %w", err)
	}
	for _, a := range list {
		names[a.ID] = a.Name
	}
	return names, nil
}

// Find gives the agreement with a host.
func (s *Peers) Find(ctx context.Context, host string) (*Peer, error) {
	p, err := s.find(ctx, s.db.Read(), host)
	if err == nil && p == nil {
		return nil, problem.NotFoundf("there is no agreement with %s", host)
	}
	return p, err
}

// find gives nil when there is none.
func (s *Peers) find(ctx context.Context, db bun.IDB, host string) (*Peer, error) {
	p := new(Peer)
	err := db.NewSelect().Model(p).Where("peer.host = ?", host).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // most hosts are no towns with which something is agreed
	}
	if err != nil {
		return nil, fmt.Errorf("find the agreement with %s: %w", host, err)
	}
	return p, nil
}

// latest is find for whoever writes the agreement back: until the end of tx nobody
// else does.
func (s *Peers) latest(ctx context.Context, tx bun.Tx, host string) (*Peer, error) {
	if err := database.Turn(ctx, tx, "peer "+host); err != nil {
		return nil, err
	}
	return s.find(ctx, tx, host)
}

// put stores p. What was agreed before is before, which may be nil: when things
// begin or cease to go, that is done here.
func (s *Peers) put(ctx context.Context, tx bun.Tx, before, p *Peer) error {
	was := before != nil && before.Open()
	switch is := p.Open(); {
	case is && !was:
		if p.Since.IsZero() {
			p.Since = s.now()
		}
		p.resend(since(before))
		if err := s.release(ctx, tx, p.Host); err != nil {
			return err
		}
	case was && !is:
		if err := s.hold(ctx, tx, p.Host); err != nil {
			return err
		}
	case is && fmt.Sprint(before.Out(), before.OutNear()) != fmt.Sprint(p.Out(), p.OutNear()):
		p.resend(time.Time{})
	}
	if err := s.narrow(ctx, tx, before, p); err != nil {
		return err
	}
	q := tx.NewInsert().Model(p).On("CONFLICT (host) DO UPDATE")
	for _, c := range []string{
		"actor_id", "state", "terms", "follow_id", "purpose", "their_purpose", "asks", "gives", "their_asks", "their_gives", "trusted", "created", "since", "paused",
		"asks_near", "gives_near", "their_asks_near", "their_gives_near", "home", "their_home", "their_paused", "due", "due_after", "clubs_told", "heard",
	} {
		q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("store the agreement with %s: %w", p.Host, err)
	}
	database.Ring(ctx)
	if !p.Due.IsZero() && p.Open() && s.Wake != nil {
		return s.Wake(ctx, tx)
	}
	return nil
}

// dawn is before all that is sent.
var dawn = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)

// since gives from when on they have missed what was changed: the beginning of the
// pause, or zero for all.
func since(before *Peer) time.Time {
	if before == nil || before.State != Live {
		return time.Time{}
	}
	first := before.Paused
	if first.IsZero() || !before.TheirPaused.IsZero() && before.TheirPaused.Before(first) {
		first = before.TheirPaused
	}
	return first
}

// resend lets all be sent that was changed since then; zero is all there is.
func (p *Peer) resend(since time.Time) {
	if since.IsZero() {
		since, p.ClubsTold = dawn, time.Time{}
	}
	if p.Due.IsZero() || since.Before(p.Due) {
		p.Due = since
	}
	p.DueAfter = ""
}

// maxPurpose is how long what an agreement is for may be, in characters.
const maxPurpose = 300

// line gives words of others in one line.
func line(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	return string(r[:min(len(r), maxPurpose)])
}
