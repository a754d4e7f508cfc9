package peer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Thing says that an object came by an agreement.
type Thing struct {
	bun.BaseModel `bun:"table:peer_objects,alias:shared"`

	ObjectID string `bun:"object_id,pk"`
	Host     string
	Scope    string
	// Held is true for what is hidden for as long as there is a pause.
	Held bool
	// Latitude and Longitude are nil when nobody knows where it is, nor its town.
	Latitude, Longitude *float64
}

// Neighbour implements activity.Region.
func (s *Peers) Neighbour(ctx context.Context, db bun.IDB, id string) (bool, error) {
	yes, err := db.NewSelect().Model((*Peer)(nil)).Where("actor_id = ?", id).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("ask whether %s is a town: %w", id, err)
	}
	return yes, nil
}

// anyLive finds at once that nothing was agreed, as in most towns.
var anyLive = database.NewStatement("SELECT 1 FROM peers WHERE host = ? AND state = '" + Live + "'")

// Agreed implements activity.Region.
func (s *Peers) Agreed(ctx context.Context, db bun.IDB, host string) (bool, error) {
	return anyLive.Exists(ctx, db, host)
}

// LetsGo implements activity.Region. What people here have to do with stays.
func (s *Peers) LetsGo(ctx context.Context, tx bun.Tx, id, host string) (bool, error) {
	if live, err := anyLive.Exists(ctx, tx, host); err != nil || !live {
		return false, err
	}
	shared, err := tx.NewSelect().Model((*Thing)(nil)).Where("shared.object_id = ?", id).Where("shared.host = ?", host).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("ask whether %s came from %s: %w", id, host, err)
	}
	if !shared {
		return false, nil
	}
	if err := s.clear(ctx, tx, host, "object_id IN (?)", id); err != nil {
		return false, err
	}
	database.Ring(ctx)
	_, err = s.objects.Stored(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound {
		return true, nil
	}
	return false, err
}

// Takes implements activity.Region. What is not public, or an answer, is never
// taken: agreements are about what stands in lists.
func (s *Peers) Takes(ctx context.Context, db bun.IDB, o *as.Object, author *actor.Actor) (bool, error) {
	if author.Local || o.InReplyTo != "" || !slices.ContainsFunc(o.To, as.IsPublic) || !as.SameOrigin(o.ID, author.ID) {
		return false, nil
	}
	if live, err := anyLive.Exists(ctx, db, author.Host); err != nil || !live {
		return false, err
	}
	p, err := s.find(ctx, db, author.Host)
	if err != nil || p == nil {
		return false, err
	}
	scope := s.ScopeOfDocument(o)
	if !slices.Contains(p.In(), scope) {
		return false, nil
	}
	near := p.InNear()
	if len(near) == 0 || !slices.Contains(placed, scope) {
		return true, nil
	}
	at, err := s.locate(ctx, s.SpotOfDocument(o), point(p.TheirHome))
	return err == nil && within(near, scope, at), err
}

// Taken implements activity.Region: what came is shown at once, after a look of the
// town hall, or after the pause.
func (s *Peers) Taken(ctx context.Context, tx bun.Tx, o *as.Object, author *actor.Actor) error {
	p, err := s.find(ctx, tx, author.Host)
	if err != nil || p == nil {
		return err
	}
	stored, err := s.objects.Stored(ctx, tx, o.ID)
	if problem.KindOf(err) == problem.NotFound || err == nil && stored.Tombstone() {
		return nil
	}
	if err != nil {
		return err
	}
	if s.now().Sub(p.Heard) > time.Minute { // one row of which everybody would write
		if _, err := tx.NewUpdate().Model((*Peer)(nil)).Set("heard = ?", s.now()).Where("host = ?", p.Host).Exec(ctx); err != nil {
			return fmt.Errorf("note that %s was heard: %w", p.Host, err)
		}
	}
	thing := &Thing{ObjectID: o.ID, Host: p.Host, Scope: s.ScopeOfDocument(o), Held: !p.Open() && !stored.Hidden}
	if slices.Contains(placed, thing.Scope) { // also without an area: there may be one later
		at, err := s.locate(ctx, s.SpotOfDocument(o), point(p.TheirHome))
		if err != nil {
			return err
		}
		if at != nil {
			thing.Latitude, thing.Longitude = &at.Latitude, &at.Longitude
		}
	}
	if known, err := s.again(ctx, tx, thing); err != nil || known {
		return err
	}
	if _, err := tx.NewInsert().Model(thing).On("CONFLICT (object_id) DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("note that %s came from %s: %w", o.ID, p.Host, err)
	}
	if !p.Trusted && s.Look != nil {
		if err := s.Look(ctx, tx, o.ID); err != nil {
			return err
		}
	}
	if thing.Held {
		return s.hide(ctx, tx, p.Host)
	}
	return nil
}

// all is the condition of clear that lets nothing stay.
const all = "scope NOT IN (?)"

// again notes what a thing is now that came before, and tells whether it did.
func (s *Peers) again(ctx context.Context, tx bun.Tx, thing *Thing) (bool, error) {
	res, err := tx.NewUpdate().Model(thing).Column("scope", "latitude", "longitude").WherePK().Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("note what %s is: %w", thing.ObjectID, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// ofHost is, in SQL, what came by the agreement with a host.
const ofHost = "id IN (SELECT object_id FROM peer_objects WHERE host = ?"

// hold hides what came from a host and shows. What is hidden for another reason is
// held only when that reason is gone (object.SetHidden).
func (s *Peers) hold(ctx context.Context, tx bun.Tx, host string) error {
	const visible = "UPDATE peer_objects SET held = TRUE WHERE host = ? AND object_id IN (SELECT id FROM objects WHERE NOT hidden)"
	if _, err := tx.NewRaw(visible, host).Exec(ctx); err != nil {
		return fmt.Errorf("hold what came from %s: %w", host, err)
	}
	return s.hide(ctx, tx, host)
}

// hide hides what is held of a host.
func (s *Peers) hide(ctx context.Context, tx bun.Tx, host string) error {
	if _, err := tx.NewRaw("UPDATE objects SET hidden = TRUE WHERE NOT hidden AND "+ofHost+" AND held)", host).Exec(ctx); err != nil {
		return fmt.Errorf("hide what came from %s: %w", host, err)
	}
	return nil
}

// release shows again what was hidden for a pause, but not what the town hall has
// to look at or has hidden.
func (s *Peers) release(ctx context.Context, tx bun.Tx, host string) error {
	for _, statement := range []string{
		"UPDATE objects SET hidden = FALSE WHERE hidden AND " + ofHost + " AND held) " +
			"AND NOT EXISTS (SELECT 1 FROM looks l WHERE l.object_id = objects.id AND (l.decided IS NULL OR NOT l.shown)) " +
			"AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.target = objects.id AND d.act = 'hide' AND d.ended IS NULL)",
		"UPDATE peer_objects SET held = FALSE WHERE host = ? AND held",
	} {
		if _, err := tx.NewRaw(statement, host).Exec(ctx); err != nil {
			return fmt.Errorf("show what came from %s: %w", host, err)
		}
	}
	return nil
}

// narrow removes what is not shared any more.
func (s *Peers) narrow(ctx context.Context, tx bun.Tx, before, p *Peer) error {
	if p.State != Live {
		return nil
	}
	if err := s.clear(ctx, tx, p.Host, all, append([]string{""}, p.In()...)...); err != nil { // a list is never empty
		return err
	}
	near := p.InNear()
	if len(near) == 0 || before != nil && before.State == Live && slices.Equal(before.InNear(), near) && before.TheirHome == p.TheirHome {
		return nil
	}
	var list, gone []Thing
	err := tx.NewSelect().Model(&list).Where("shared.host = ?", p.Host).Where("shared.scope IN (?)", bun.List(placed)).Scan(ctx)
	if err != nil {
		return fmt.Errorf("list what came from %s: %w", p.Host, err)
	}
	for _, thing := range list {
		at := point(p.TheirHome)
		if thing.Latitude != nil && thing.Longitude != nil {
			at = &gazetteer.Point{Latitude: *thing.Latitude, Longitude: *thing.Longitude}
		}
		if !within(near, thing.Scope, at) {
			gone = append(gone, thing)
		}
	}
	for some := range slices.Chunk(gone, batch) {
		ids := make([]string, len(some))
		for i, thing := range some {
			ids[i] = thing.ObjectID
		}
		if err := s.clear(ctx, tx, p.Host, "object_id IN (?)", ids...); err != nil {
			return err
		}
	}
	return nil
}

// clear removes what came from a host by an agreement and for which a condition
// holds. It is as if it had never come: it may come again. What people here have to
// do with stays with them, but is not shared any more.
func (s *Peers) clear(ctx context.Context, tx bun.Tx, host, which string, list ...string) error {
	var gone []string
	err := tx.NewRaw("DELETE FROM objects WHERE "+ofHost+" AND "+which+") AND NOT local "+
		"AND NOT EXISTS (SELECT 1 FROM objects c JOIN actors a ON a.id = c.attributed_to WHERE c.in_reply_to = objects.id AND a.local AND c.deleted IS NULL) "+
		"AND NOT EXISTS (SELECT 1 FROM reactions r JOIN actors a ON a.id = r.actor_id WHERE r.object_id = objects.id AND a.local) "+
		"AND NOT EXISTS (SELECT 1 FROM follows f JOIN actors a ON a.id = f.actor_id WHERE f.object_id = objects.attributed_to AND a.local) RETURNING id",
		host, bun.List(list)).Scan(ctx, &gone)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("remove what came from %s: %w", host, err)
	}
	for some := range slices.Chunk(gone, batch) { // their rows of peer_objects are gone with them
		if _, err := tx.NewDelete().Table("looks").Where("object_id IN (?)", bun.List(some)).Exec(ctx); err != nil {
			return fmt.Errorf("remove what came from %s: %w", host, err)
		}
	}
	if _, err := tx.NewRaw("DELETE FROM peer_objects WHERE host = ? AND "+which, host, bun.List(list)).Exec(ctx); err != nil {
		return fmt.Errorf("remove what came from %s: %w", host, err)
	}
	return nil
}

// A Found is something of another town as a list shows it.
type Found struct {
	Host  string
	Scope string
	ID    string `bun:"id"`
}

// Of begins a query on objects of a type that came from these hosts by an agreement
// as one of some scopes, and that everybody may see; shared is their row here.
func (s *Peers) Of(kind string, hosts, scopes []string) *bun.SelectQuery {
	// SQLite looks into tables in this order: into objects in the order of time, or,
	// of a single town, into what came from there.
	from := "objects AS object CROSS JOIN peer_objects AS shared"
	if len(hosts) == 1 {
		from = "peer_objects AS shared CROSS JOIN objects AS object"
	}
	return s.db.Read().NewSelect().TableExpr(from+" CROSS JOIN actors AS author").
		ColumnExpr("shared.host, shared.scope, object.id").Where("object.id = shared.object_id").Where("author.id = object.attributed_to").
		Where("shared.host IN (?)", bun.List(append([]string{""}, hosts...))).Where("shared.scope IN (?)", bun.List(scopes)).
		Where("object.type = ?", kind).Where("object.local = FALSE").Where("object.deleted IS NULL").Where("NOT object.hidden").
		Where("NOT author.blocked").Where("NOT author.host_limited").Where("NOT author.limited").Where("author.state = ?", actor.Active).
		OrderExpr("object.published DESC, object.id DESC")
}

// Shared lists what came from these hosts and everybody may see, of this type and
// these scopes, the newest first.
func (s *Peers) Shared(ctx context.Context, kind string, hosts, scopes []string, limit int) ([]Found, error) {
	var list []Found
	if len(hosts) == 0 {
		return nil, nil
	}
	if err := s.Of(kind, hosts, scopes).Limit(int64(limit)).Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("list what other towns share: %w", err)
	}
	return list, nil
}

// Clubs lists the clubs of these hosts by name.
func (s *Peers) Clubs(ctx context.Context, hosts []string, limit int) ([]*actor.Actor, error) {
	var list []*actor.Actor
	if len(hosts) == 0 {
		return nil, nil
	}
	err := s.db.Read().NewSelect().Model(&list).Where("NOT actor.local").Where("actor.type = ?", actor.Group).Where("actor.host IN (?)", bun.List(hosts)).
		Where("actor.state = ?", actor.Active).Where("NOT actor.blocked").Where("NOT actor.host_limited").Where("NOT actor.limited").Where("actor.moved_to = ''").
		OrderExpr("LOWER(actor.name), actor.id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list clubs of other towns: %w", err)
	}
	return list, nil
}

// Waiting counts what came from a host and waits for the town hall.
func (s *Peers) Waiting(ctx context.Context, host string) (int, error) {
	n, err := s.db.Read().NewSelect().Model((*Thing)(nil)).Where("shared.host = ?", host).
		Where("shared.object_id IN (SELECT object_id FROM looks WHERE decided IS NULL)").Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count what waits of %s: %w", host, err)
	}
	return int(n), nil
}

// Counts tells how much of what kind stands here of a host.
func (s *Peers) Counts(ctx context.Context, host string) (map[string]int, error) {
	var rows []struct {
		Scope string
		N     int
	}
	err := s.db.Read().NewSelect().Model((*Thing)(nil)).ColumnExpr("shared.scope, COUNT(*) AS n").Join("JOIN objects ON objects.id = shared.object_id").
		Where("shared.host = ?", host).Where("objects.deleted IS NULL").GroupExpr("shared.scope").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count what came from %s: %w", host, err)
	}
	all := map[string]int{}
	for _, r := range rows {
		all[r.Scope] = r.N
	}
	return all, nil
}

// WaitingIDs gives the ids of what came from a host and waits for the town hall.
func (s *Peers) WaitingIDs(ctx context.Context, host string) ([]string, error) {
	var ids []string
	err := s.db.Read().NewSelect().Model((*Thing)(nil)).Column("shared.object_id").Where("shared.host = ?", host).
		Where("shared.object_id IN (SELECT object_id FROM looks WHERE decided IS NULL)").Order("shared.object_id").Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list what waits of %s: %w", host, err)
	}
	return ids, nil
}

// Asks counts the towns that wait for an answer.
func (s *Peers) Asks(ctx context.Context) (int, error) {
	n, err := s.db.Read().NewSelect().Model((*Peer)(nil)).Where("state = ?", Asking).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count who asks: %w", err)
	}
	return int(n), nil
}
