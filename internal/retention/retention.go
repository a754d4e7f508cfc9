// Package retention knows for how long the town keeps what: what is usual, what
// the town hall has set, and between which bounds it may. Whoever forgets
// something asks here for how long it stays.
//
// It must not know what the things are, nor who may set it.
package retention

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// The names of what is kept for a time.
const (
	// Report is what somebody reported, from the day on which it was dealt with.
	Report = "report"
	// Decision is what the town hall decided, from the day on which it held no more.
	Decision = "decision"
	// Application is one that was refused or never sent.
	Application = "application"
	// Invitation is what lets somebody into a club by a letter.
	Invitation = "invitation"
	// SignIns is what happened to how a person signs in.
	SignIns = "event"
	// Letter is that a letter was written, not what stood in it.
	Letter = "letter-memory"
	// Draft is a draft that nobody touches.
	Draft = "draft"
	// Helper is an application to help, from the day on which it ended.
	Helper = "helper"
	// Offer is for how long what somebody offers to do runs, until it is renewed;
	// OldOffer is one that ran out and that nobody renewed.
	Offer    = "offer"
	OldOffer = "offer-over"
	// Hint is what a reader says has changed, once it was dealt with, and OldHint
	// one that nobody deals with.
	Hint    = "hint"
	OldHint = "hint-open"
	// Received is what came and what could not be delivered.
	Received = "received"
	// Deletion is who confirmed that something was deleted.
	Deletion = "deletion"
	// Foreign is what came from elsewhere and nobody here dealt with.
	Foreign = "foreign-thing"
	// Readers are the numbers of readers of a day.
	Readers = "readers"
)

// A Term is for how many days something is kept: as long as nobody has set it,
// at least, and at most.
type Term struct {
	Name               string
	Usual, Least, Most int
}

// Terms lists them all, in the order in which they are shown.
var Terms = []Term{
	{Report, 730, 400, 1096},
	{Decision, 730, 400, 1096},
	{Application, 90, 14, 365},
	{Hint, 30, 7, 365},
	{OldHint, 365, 30, 730},
	{Draft, 365, 30, 1096},
	{Helper, 180, 30, 365},
	{Offer, 180, 30, 365},
	{OldOffer, 30, 7, 180},
	{Invitation, 14, 3, 60},
	{SignIns, 365, 90, 730},
	{Letter, 30, 14, 365},
	{Received, 30, 7, 90},
	{Deletion, 90, 30, 365},
	{Foreign, 365, 30, 1096},
	{Readers, 400, 60, 1096},
}

// Find gives the term of that name; false when there is none.
func Find(name string) (Term, bool) {
	for _, t := range Terms {
		if t.Name == name {
			return t, true
		}
	}
	return Term{}, false
}

// row is a term that the town hall has set.
type row struct {
	bun.BaseModel `bun:"table:retention"`
	Name          string `bun:"name,pk"`
	Days          int
}

// Days are the days of each term, by its name.
type Days map[string]int

// All gives the days of all terms: those that were set, and else the usual ones.
func All(ctx context.Context, db bun.IDB) (Days, error) {
	days := Days{}
	for _, t := range Terms {
		days[t.Name] = t.Usual
	}
	var rows []row
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read for how long things are kept: %w", err)
	}
	for _, r := range rows {
		// What is outside of the bounds was set by a program that had others.
		if t, ok := Find(r.Name); ok {
			days[r.Name] = min(max(r.Days, t.Least), t.Most)
		}
	}
	return days, nil
}

// Of gives for how long what has this name is kept.
func Of(ctx context.Context, db bun.IDB, name string) (time.Duration, error) {
	days, err := All(ctx, db)
	if err != nil {
		return 0, err
	}
	n, ok := days[name]
	if !ok {
		return 0, fmt.Errorf("nothing says for how long %q is kept", name)
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

// Before gives the time from before which what has this name is not kept any more.
func (d Days) Before(name string, now time.Time) time.Time {
	return now.Add(-time.Duration(d[name]) * 24 * time.Hour)
}

// Check gives what is wrong with days, at the names of the terms.
func (d Days) Check() error {
	var errs problem.Fields
	for name, n := range d {
		t, ok := Find(name)
		if !ok {
			return problem.Invalidf("nothing that is kept is called %q", name)
		}
		if n < t.Least || n > t.Most {
			errs.Add(name, "Please give a number of days from %d to %d.", t.Least, t.Most)
		}
	}
	return errs.Err()
}

// Put sets the days of terms; those that are left out stay as they are. It tells
// which of them have other days now.
func Put(ctx context.Context, tx bun.Tx, days Days) (changed []string, err error) {
	if err := days.Check(); err != nil {
		return nil, err
	}
	now, err := All(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, t := range Terms {
		n, given := days[t.Name]
		if !given || n == now[t.Name] {
			continue
		}
		changed = append(changed, t.Name)
		_, err := tx.NewInsert().Model(&row{Name: t.Name, Days: n}).On("CONFLICT (name) DO UPDATE").Set("days = EXCLUDED.days").Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("set for how long %s is kept: %w", t.Name, err)
		}
	}
	return changed, nil
}

// Used is the condition under which what somebody gave may be forgotten on its
// day: nobody has asked that it is kept and not used (GDPR, Article 18). It names
// the columns of the account, the mail address and the actor whose it is, "" for
// what a table does not have.
func Used(accountID, email, actorID string) string {
	var whose []string
	for _, c := range [][2]string{{"account_id", accountID}, {"contact", email}, {"actor_id", actorID}} {
		if c[1] != "" {
			whose = append(whose, fmt.Sprintf("x.%s <> '' AND x.%s = %s", c[0], c[0], c[1]))
		}
	}
	return "NOT EXISTS (SELECT 1 FROM restrictions x WHERE " + strings.Join(whose, " OR ") + ")"
}
