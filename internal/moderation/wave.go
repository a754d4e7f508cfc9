package moderation

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// waveLife is how long is kept what came in unusual numbers.
const waveLife = 7 * 24 * time.Hour

// A Wave is what came from one domain in unusual numbers, and what nobody has
// decided on yet.
type Wave struct {
	Host string
	// Kind is like, announce, follow, create or flag.
	Kind string
	// Since is the beginning of the hour in which it began, Hours for how many it
	// lasts, N how much came and Held how much of it was sent away for later.
	Since   time.Time
	Hours   int
	N, Held int
}

// Waves gives what came in unusual numbers, the most first.
func (s *Moderation) Waves(ctx context.Context) ([]Wave, error) {
	var list []Wave
	err := s.db.Read().NewRaw("SELECT host, kind, MIN(hour) AS since, COUNT(*) AS hours, SUM(n) AS n, SUM(held) AS held FROM waves "+
		"WHERE NOT settled AND hour > ? GROUP BY host, kind ORDER BY SUM(n) DESC, host, kind", s.now().Add(-waveLife)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list waves: %w", err)
	}
	return list, nil
}

// PlatformsWaiting counts what waits for the town hall.
type PlatformsWaiting struct {
	// Waves are domains from which unusually much came, Lists are lists of others
	// that say something else than what holds.
	Waves, Lists int
	// Looks are things from elsewhere that wait to be looked at.
	Looks int
}

// All is how much waits.
func (w PlatformsWaiting) All() int { return w.Waves + w.Lists + w.Looks }

// PlatformsDue counts what waits for the town hall.
func (s *Moderation) PlatformsDue(ctx context.Context) (PlatformsWaiting, error) {
	var w PlatformsWaiting
	err := s.db.Read().NewRaw("SELECT COUNT(DISTINCT host) FROM waves WHERE NOT settled AND hour > ?", s.now().Add(-waveLife)).Scan(ctx, &w.Waves)
	if err != nil {
		return w, fmt.Errorf("count waves: %w", err)
	}
	if err := s.db.Read().NewRaw("SELECT COUNT(*) FROM host_lists WHERE due > 0").Scan(ctx, &w.Lists); err != nil {
		return w, fmt.Errorf("count lists: %w", err)
	}
	err = s.db.Read().NewRaw("SELECT COUNT(*) FROM looks l JOIN objects o ON o.id = l.object_id WHERE l.decided IS NULL AND o.hidden AND o.deleted IS NULL").Scan(ctx, &w.Looks)
	if err != nil {
		return w, fmt.Errorf("count what waits for a look: %w", err)
	}
	return w, nil
}

// Fine is what is done about a wave that is none: all stays as it is. Besides it
// there are the severities that keep a host away.
const Fine = "fine"

// SettleWave decides on what came from a domain in unusual numbers. Blocked and
// Limited hold from now on, and what came since the wave began is cleared away:
// likes and what was shared are gone, follows ended, answers hidden, reports
// closed.
func (s *Moderation) SettleWave(ctx context.Context, by, host, what string) error {
	severity := actor.Severity(what)
	if severity != actor.Blocked && severity != actor.Limited && what != Fine {
		return problem.Invalidf("%q cannot be done to a wave", what)
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		var hours []time.Time
		if err := tx.NewRaw("SELECT hour FROM waves WHERE host = ? AND NOT settled ORDER BY hour LIMIT 1", host).Scan(ctx, &hours); err != nil {
			return err
		}
		if len(hours) == 0 {
			return nil // pressed twice
		}
		if what != Fine {
			if err := s.restrict(ctx, tx, by, host, severity); err != nil {
				return err
			}
			if err := s.clear(ctx, tx, by, host, hours[0]); err != nil {
				return err
			}
		}
		if _, err := tx.NewRaw("UPDATE waves SET settled = TRUE WHERE host = ?", host).Exec(ctx); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "block.wave", Target: host, Detail: what})
	})
	if err != nil {
		return fmt.Errorf("settle a wave: %w", err)
	}
	return nil
}

// restrict enters a severity for a domain and keeps what else its entry says.
func (s *Moderation) restrict(ctx context.Context, tx bun.Tx, by, host string, severity actor.Severity) error {
	var now []*actor.Block
	if err := tx.NewSelect().Model(&now).Where("domain = ?", host).Scan(ctx); err != nil {
		return err
	}
	entry := &actor.Block{Domain: host}
	if len(now) > 0 {
		entry = now[0]
	}
	entry.Severity, entry.ByAccount, entry.ListID = severity, person(by), ""
	if err := s.check(entry); err != nil {
		return err
	}
	return s.actors.PutBlocks(ctx, tx, entry)
}

// clear takes away what came from a domain since then.
func (s *Moderation) clear(ctx context.Context, tx bun.Tx, by, host string, since time.Time) error {
	if err := s.objects.ClearFrom(ctx, tx, host, since, by); err != nil {
		return err
	}
	if err := s.actors.EndFollowsFrom(ctx, tx, host, since); err != nil {
		return err
	}
	there, args := actor.Under(host)
	_, err := tx.NewUpdate().Model((*Report)(nil)).Set("closed = ?", s.now()).Set("contact = ''").Where("closed IS NULL").Where("received >= ?", since).
		Where("actor_id IN (SELECT id FROM actors WHERE "+there+")", args...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("close the reports from %s: %w", host, err)
	}
	return nil
}

// ForgetWaves drops what is older than a week.
func (s *Moderation) ForgetWaves(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("DELETE FROM waves WHERE hour <= ?", s.now().Add(-waveLife)).Exec(ctx)
		return err
	})
}
