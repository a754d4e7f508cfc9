package activity

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
)

// A Connection is another server with which follows join us.
type Connection struct {
	Host string
	// Followers are profiles there that follow ours, Follows those there that ours
	// follow.
	Followers, Follows int
	// Since is when the oldest of these follows began.
	Since time.Time
	// Last is when something arrived there last, or came from there; zero when
	// nothing is known of that.
	Last time.Time
	// Software is what the server says that it runs, or "".
	Software string
}

// contact is when something happened with a host.
type contact struct {
	Host string
	At   time.Time
}

// Connections lists the servers with which follows join us, those with the most
// followers first, without those that are kept out.
func (s *Activities) Connections(ctx context.Context) ([]Connection, error) {
	db := s.db.Read()
	var list []Connection
	err := db.NewRaw("SELECT a.host AS host, SUM(CASE WHEN f.actor_id = a.id THEN 1 ELSE 0 END) AS followers, SUM(CASE WHEN f.object_id = a.id THEN 1 ELSE 0 END) AS follows, MIN(f.created) AS since "+
		"FROM follows f JOIN actors a ON a.id IN (f.actor_id, f.object_id) WHERE NOT a.local AND NOT a.blocked AND a.state <> ? AND f.state = ? GROUP BY a.host",
		actor.Suspended, actor.FollowAccepted).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list with whom we are connected: %w", err)
	}
	at := map[string]*Connection{}
	for i := range list {
		at[list[i].Host] = &list[i]
	}
	var contacts []contact
	if err := db.NewSelect().Model((*lane)(nil)).ColumnExpr("host, last_success AS at").Where("last_success IS NOT NULL").Scan(ctx, &contacts); err != nil {
		return nil, fmt.Errorf("list what arrived last: %w", err)
	}
	var heard []contact
	if err := db.NewRaw("SELECT a.host AS host, MAX(i.received) AS at FROM inbox i JOIN actors a ON a.id = i.actor_id GROUP BY a.host").Scan(ctx, &heard); err != nil {
		return nil, fmt.Errorf("list what came last: %w", err)
	}
	for _, c := range append(contacts, heard...) {
		if one := at[c.Host]; one != nil && c.At.After(one.Last) {
			one.Last = c.At
		}
	}
	var told []software
	if err := db.NewSelect().Model(&told).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list what others run: %w", err)
	}
	for _, t := range told {
		if one := at[t.Host]; one != nil {
			one.Software = t.Software
		}
	}
	slices.SortFunc(list, func(a, b Connection) int {
		return cmp.Or(cmp.Compare(b.Followers, a.Followers), cmp.Compare(b.Follows, a.Follows), cmp.Compare(a.Host, b.Host))
	})
	return list, nil
}

// software is what another server said that it runs.
type software struct {
	bun.BaseModel `bun:"table:host_software,alias:told"`
	Host          string `bun:"host,pk"`
	Software      string
	Asked         time.Time
}

// How often a server is asked what it runs, and how many are in one round.
const (
	askAgain  = 30 * 24 * time.Hour
	askAtOnce = 20
)

// AskSoftware asks those servers with which we are connected, and that were not
// asked for a month, what they run: ask gives its name. Who does not say it is
// not asked again before a month is over either.
func (s *Activities) AskSoftware(ctx context.Context, ask func(ctx context.Context, host string) (string, error)) error {
	list, err := s.Connections(ctx)
	if err != nil {
		return err
	}
	var recent []string
	if err := s.db.Read().NewSelect().Model((*software)(nil)).Column("host").Where("asked > ?", s.now().Add(-askAgain)).Scan(ctx, &recent); err != nil {
		return fmt.Errorf("list who was asked what it runs: %w", err)
	}
	var told []*software
	for _, c := range list {
		if slices.Contains(recent, c.Host) || len(told) == askAtOnce {
			continue
		}
		name, err := ask(ctx, c.Host)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			name = "" // it does not say it, or is away
		}
		told = append(told, &software{Host: c.Host, Software: name, Asked: s.now()})
	}
	if len(told) == 0 {
		return ctx.Err()
	}
	return s.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&told).On("CONFLICT (host) DO UPDATE").
			Set("software = CASE WHEN EXCLUDED.software = '' THEN told.software ELSE EXCLUDED.software END").Set("asked = EXCLUDED.asked").Exec(ctx)
		if err != nil {
			return fmt.Errorf("note what others run: %w", err)
		}
		return nil
	})
}
