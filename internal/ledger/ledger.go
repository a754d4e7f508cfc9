// Package ledger is the log of the town hall: who did what, when and to what.
// A row is written in the transaction of what it tells of, and never changed:
// the database refuses it, and each row carries the hash of the one before.
//
// It knows people by the ids of their accounts alone, and forgets those when they
// leave (docs/adr/0029).
package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// Kept is for how long at least a row is kept; the database deletes none that is
// younger.
const Kept = 3 * 366 * 24 * time.Hour

// An Entry says that somebody of the town hall did something.
type Entry struct {
	bun.BaseModel `bun:"table:ledger,alias:entry"`

	// Seq counts the rows from 1.
	Seq int64 `bun:"seq,pk"`
	At  time.Time
	// ByAccount is the id of an account, or actor.Operator; "" once that person
	// has left.
	ByAccount string
	// Act is a word with its object before the point: "club.state".
	Act string
	// Target is what it was done to: the id of an object or an actor, the handle
	// of a club, a domain. It is no person.
	Target string
	// AccountID is the person it was done to, "" for none.
	AccountID string
	// Detail is what else must be known, without words of others.
	Detail string
	// ByMark and AboutMark stand for the two people in the hash.
	ByMark    string
	AboutMark string
	Hash      string
}

// maxDetail is how much of a detail is kept, in runes.
const maxDetail = 500

// Note writes e into the log. What is noted at the same time takes turns.
func Note(ctx context.Context, tx bun.Tx, e Entry) error {
	if err := database.Turn(ctx, tx, "ledger"); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	last, err := lastOf(ctx, tx)
	if err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	if r := []rune(e.Detail); len(r) > maxDetail {
		e.Detail = string(r[:maxDetail])
	}
	e.Seq, e.At = last.Seq+1, time.Now().UTC().Truncate(time.Second)
	e.ByMark, e.AboutMark = mark(e.Seq, e.ByAccount), mark(e.Seq, e.AccountID)
	e.Hash = e.sum(last.Hash)
	if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return nil
}

func lastOf(ctx context.Context, db bun.IDB) (*Entry, error) {
	last := new(Entry)
	err := db.NewSelect().Model(last).OrderExpr("seq DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return new(Entry), nil
	}
	return last, err
}

// mark stands for a person in row seq. It is another one in each row, and tells
// who it was only to somebody who has the id.
func mark(seq int64, id string) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(strconv.FormatInt(seq, 10) + "\x00" + id))
	return hex.EncodeToString(sum[:16])
}

// sum gives the hash of the row after one with the hash before.
func (e *Entry) sum(before string) string {
	parts := []string{before, strconv.FormatInt(e.Seq, 10), strconv.FormatInt(e.At.Unix(), 10), e.Act, e.Target, e.Detail, e.ByMark, e.AboutMark}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// A Filter says which entries are wanted. The zero Filter gives all of them.
type Filter struct {
	// Of is the word before the point of an act, By the id of an account, "" for
	// all.
	Of, By string
	// Since leaves out what is older; zero leaves out nothing.
	Since time.Time
	// Before is the Seq of the last entry of the page before, 0 for the first page.
	Before int64
	Limit  int
}

// List gives entries, the latest first.
func List(ctx context.Context, db bun.IDB, f Filter) ([]*Entry, error) {
	var list []*Entry
	q := db.NewSelect().Model(&list).OrderExpr("seq DESC").Limit(int64(f.Limit))
	if f.Of != "" {
		q = q.Where("act LIKE ?", f.Of+".%")
	}
	if f.By != "" {
		q = q.Where("by_account = ?", f.By)
	}
	if !f.Since.IsZero() {
		q = q.Where("at >= ?", f.Since.UTC())
	}
	if f.Before > 0 {
		q = q.Where("seq < ?", f.Before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return list, nil
}

// checked is how many rows Check reads at once.
const checked = 500

// Check gives the Seq of the first row that is not as it was written or that has
// lost the one before it; 0 when there is none. The oldest row has nothing before
// it that could be asked.
func Check(ctx context.Context, db bun.IDB) (int64, error) {
	var last *Entry
	for {
		var list []*Entry
		q := db.NewSelect().Model(&list).Order("seq").Limit(checked)
		if last != nil {
			q = q.Where("seq > ?", last.Seq)
		}
		if err := q.Scan(ctx); err != nil {
			return 0, fmt.Errorf("check the log: %w", err)
		}
		for _, e := range list {
			if last == nil && e.Seq > 1 {
				last = e
				continue
			}
			before := &Entry{}
			if last != nil {
				before = last
			}
			if e.Seq != before.Seq+1 || e.Hash != e.sum(before.Hash) || !e.marked() {
				return e.Seq, nil
			}
			last = e
		}
		if len(list) < checked {
			return 0, nil
		}
	}
}

// marked tells whether the people that are known still are those of the marks.
func (e *Entry) marked() bool {
	return (e.ByAccount == "" || mark(e.Seq, e.ByAccount) == e.ByMark) && (e.AccountID == "" || mark(e.Seq, e.AccountID) == e.AboutMark)
}

// Forget drops what is older than Kept.
func Forget(ctx context.Context, db *database.DB, now time.Time) error {
	return db.Prune(ctx, "ledger", "seq", "at < ?", now.Add(-Kept).UTC())
}

var ofHall = database.NewStatement("SELECT 1 FROM accounts WHERE id = ? AND role IN ('office', 'townhall', 'admin')")

// NoteHall is Note for what others may do too, such as the owners of a club: it
// writes nothing unless somebody of the town hall or the operator did it.
func NoteHall(ctx context.Context, tx bun.Tx, e Entry) error {
	const operator = "operator" // as internal/actor calls who acts on the command line
	if e.ByAccount != operator {
		yes, err := ofHall.Exists(ctx, tx, e.ByAccount)
		if err != nil {
			return fmt.Errorf("ask who acts: %w", err)
		}
		if !yes {
			return nil
		}
	}
	return Note(ctx, tx, e)
}
