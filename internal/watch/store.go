package watch

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// The paces at which somebody is told.
const (
	Daily  = "daily"
	Weekly = "weekly"
)

// Paces are all of them, in the order in which they are offered.
var Paces = []string{Weekly, Daily}

const (
	// Most is how many searches one person or address can keep.
	Most = 20
	// unconfirmed is how long a mail address may wait to be confirmed.
	unconfirmed = 7 * 24 * time.Hour
	// window is how far back something may have come here that is told for the
	// first time: it may have been hidden until somebody had looked at it.
	window = 60 * 24 * time.Hour
	// remembered is how long it is kept what was told; longer than window.
	remembered = 90 * 24 * time.Hour
)

// A Search is kept for somebody.
type Search struct {
	bun.BaseModel `bun:"table:saved_searches,alias:search"`

	ID string `bun:"id,pk"`
	// AccountID or Email says whose it is; the other one is "".
	AccountID string `bun:",nullzero"`
	Email     string
	Language  string
	// Query is what the address of the list asks for.
	Query string
	Pace  string

	Created time.Time
	// Confirmed is zero while a mail address waits to be confirmed.
	Confirmed time.Time `bun:",nullzero"`
	// Told is the last round in which it was looked for.
	Told time.Time
}

// hit is something of which somebody was told.
type hit struct {
	bun.BaseModel `bun:"table:saved_search_hits,alias:hit"`

	SearchID string `bun:"search_id,pk"`
	ObjectID string `bun:"object_id,pk"`
	Sent     time.Time
}

// Searches are kept in a database. Make them with New.
type Searches struct {
	db  *database.DB
	now func() time.Time
}

// New gives the searches in db.
func New(db *database.DB) *Searches {
	return &Searches{db: db, now: func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }}
}

// SetClock lets tests say what time it is.
func (s *Searches) SetClock(now func() time.Time) { s.now = now }

// of narrows a query to the searches of whom search is for.
func (s *Search) of(q *bun.SelectQuery) *bun.SelectQuery {
	if s.AccountID != "" {
		return q.Where("search.account_id = ?", s.AccountID)
	}
	return q.Where("search.account_id IS NULL AND search.email = ?", s.Email)
}

// Store stores a search, with letter in the same transaction. The same id twice
// is one search. It fails with problem.TooMany when there are too many.
func (s *Searches) Store(ctx context.Context, one *Search, letter func(ctx context.Context, tx bun.Tx) error) error {
	one.Created, one.Told = s.now(), s.now()
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := database.Turn(ctx, tx, "searches "+one.AccountID+one.Email); err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*Search)(nil)).Apply(one.of).Count(ctx)
		if err != nil {
			return err
		}
		if n >= Most {
			return problem.TooManyf("there are %d searches already", n)
		}
		result, err := tx.NewInsert().Model(one).On("CONFLICT (id) DO NOTHING").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if !one.Confirmed.IsZero() {
			if err := s.alone(ctx, tx, one); err != nil {
				return err
			}
		}
		return letter(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("keep a search: %w", err)
	}
	return nil
}

// alone removes the other searches of the same person that ask for the same.
func (s *Searches) alone(ctx context.Context, tx bun.Tx, one *Search) error {
	var ids []string
	err := tx.NewSelect().Model((*Search)(nil)).Column("id").Apply(one.of).Where("query = ?", one.Query).Where("id <> ?", one.ID).Where("confirmed IS NOT NULL").Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return err
	}
	// What was told is not told again.
	_, err = tx.ExecContext(ctx, "INSERT INTO saved_search_hits (search_id, object_id, sent) SELECT ?, object_id, MAX(sent) FROM saved_search_hits WHERE search_id IN (?) GROUP BY object_id ON CONFLICT DO NOTHING", one.ID, bun.List(ids))
	if err != nil {
		return err
	}
	_, err = tx.NewDelete().Model((*Search)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx)
	return err
}

// Find gives the search id; problem.Gone when it has ended.
func (s *Searches) Find(ctx context.Context, id string) (*Search, error) {
	var list []*Search
	if err := s.db.Read().NewSelect().Model(&list).Where("id = ?", id).Limit(1).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find a search: %w", err)
	}
	if len(list) == 0 {
		return nil, problem.Gonef("the search %s has ended", id)
	}
	return list[0], nil
}

// Beside gives all searches of whom a search is for, the newest first.
func (s *Searches) Beside(ctx context.Context, one *Search) ([]*Search, error) {
	var list []*Search
	if err := s.db.Read().NewSelect().Model(&list).Apply(one.of).Order("created DESC", "id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list searches: %w", err)
	}
	return list, nil
}

// Confirm says that the mail address of a search is right.
func (s *Searches) Confirm(ctx context.Context, one *Search) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*Search)(nil)).Set("confirmed = ?", s.now()).Set("told = ?", s.now()).Where("id = ?", one.ID).Where("confirmed IS NULL").Exec(ctx)
		if err != nil {
			return err
		}
		return s.alone(ctx, tx, one)
	})
	if err != nil {
		return fmt.Errorf("confirm a search: %w", err)
	}
	return nil
}

// SetPace changes when is told of one of the searches of whom whose is for.
func (s *Searches) SetPace(ctx context.Context, whose *Search, id, pace string) error {
	return s.change(ctx, whose, id, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*Search)(nil)).Set("pace = ?", pace).Where("id = ?", id).Exec(ctx)
		return err
	})
}

// End ends one of the searches of whom whose is for, or all with id "".
func (s *Searches) End(ctx context.Context, whose *Search, id string) error {
	return s.change(ctx, whose, id, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewDelete().Model((*Search)(nil))
		switch {
		case id != "":
			q = q.Where("id = ?", id)
		case whose.AccountID != "":
			q = q.Where("account_id = ?", whose.AccountID)
		default:
			q = q.Where("account_id IS NULL").Where("email = ?", whose.Email)
		}
		_, err := q.Exec(ctx)
		return err
	})
}

// change does something to a search that is of whom whose is for.
func (s *Searches) change(ctx context.Context, whose *Search, id string, do func(ctx context.Context, tx bun.Tx) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if id != "" {
			theirs, err := tx.NewSelect().Model((*Search)(nil)).Apply(whose.of).Where("search.id = ?", id).Exists(ctx)
			if err != nil {
				return err
			}
			if !theirs {
				return problem.Gonef("the search %s has ended", id)
			}
		}
		return do(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("change a search: %w", err)
	}
	return nil
}

// due lists the searches whose round has come, those of one person together.
func (s *Searches) due(ctx context.Context, daily, weekly time.Time) ([]*Search, error) {
	var list []*Search
	err := s.db.Read().NewSelect().Model(&list).Where("confirmed IS NOT NULL").
		Where("(pace = ? AND told < ? OR pace = ? AND told < ?)", Daily, daily, Weekly, weekly).
		OrderExpr("account_id, email, created, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list searches that are due: %w", err)
	}
	return list, nil
}

// told gives the ids of all that the person of a search was told of.
func (s *Searches) told(ctx context.Context, one *Search) (map[string]bool, error) {
	var ids []string
	err := s.db.Read().NewSelect().Model((*hit)(nil)).Column("object_id").Join("JOIN saved_searches AS search ON search.id = hit.search_id").Apply(one.of).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list what was told: %w", err)
	}
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
	}
	return known, nil
}

// note notes a round and what is told in it; mine is false when another process
// has done this round.
func (s *Searches) note(ctx context.Context, tx bun.Tx, round time.Time, list []*Search, hits []*hit) (mine bool, err error) {
	for _, one := range list {
		result, err := tx.NewUpdate().Model((*Search)(nil)).Set("told = ?", round).Where("id = ?", one.ID).Where("told = ?", one.Told).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("note a round of searches: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return false, err
		}
	}
	if len(hits) == 0 {
		return true, nil
	}
	if _, err := tx.NewInsert().Model(&hits).On("CONFLICT (search_id, object_id) DO NOTHING").Exec(ctx); err != nil {
		return false, fmt.Errorf("note what is told: %w", err)
	}
	return true, nil
}

// Sweep removes what nobody has confirmed, and what was told long ago.
func (s *Searches) Sweep(ctx context.Context) error {
	if err := s.db.Prune(ctx, "saved_searches", "id", "confirmed IS NULL AND created < ? AND "+retention.Used("saved_searches.account_id", "saved_searches.email", ""), s.now().Add(-unconfirmed)); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*hit)(nil)).Where("sent < ?", s.now().Add(-remembered)).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget what was told: %w", err)
	}
	return nil
}

// Token lets who has it confirm, change and end the searches of the address of
// one, and do nothing else. key is the town's secret for it.
func Token(key []byte, id string) string { return id + "." + seal(key, id) }

// readToken reads what Token gave; ok is false for anything else.
func readToken(key []byte, token string) (id string, ok bool) {
	id, sealed, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(seal(key, id)), []byte(sealed)) {
		return "", false
	}
	_, err := uuid.Parse(id)
	return id, err == nil
}

func seal(key []byte, said string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("saved search " + said))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
