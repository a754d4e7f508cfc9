package application

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestShutClub: what a club offers that is archived takes nobody on, nobody moves up
// or is reminded, and who applied is told once.
func TestShutClub(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.shift("a", 48*time.Hour, 1)
		anna, bert := d.apply("Anna", "a"), d.apply("Bert", "a")
		d.ok(d.Accept(t.Context(), actor.Operator, needID, anna, 0))
		d.exec("UPDATE actors SET state = 'archived' WHERE id = ?", clubID)
		d.told = nil
		for _, err := range []error{d.Accept(t.Context(), actor.Operator, needID, bert, 0), d.Write(t.Context(), actor.Operator, needID, bert, "Hallo")} {
			if !errors.Is(err, ErrShut) {
				t.Errorf("the club answers: %v", err)
			}
		}
		d.ok(d.GiveBack(t.Context(), anna, "a"))
		d.is(bert, "asked: a waiting 1")
		d.move(26 * time.Hour)
		d.move(time.Minute)
		d.heard("ended Anna", "ended Bert")
		d.is(bert, "declined: ")
	})
}

// TestAGoneShift: nobody is taken on for a shift that is gone or was moved, the
// answer to an old page is refused, and who has no shift left gets no yes.
func TestAGoneShift(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.shift("a", 48*time.Hour, 1)
		d.shift("b", 50*time.Hour, 1)
		anna, bert := d.apply("Anna", "a"), d.apply("Bert", "b")
		d.exec("DELETE FROM shifts WHERE id = 'a'")
		d.exec("UPDATE shifts SET starts_at = ? WHERE id = 'b'", d.at.Add(49*time.Hour))
		for _, id := range []string{anna, bert} {
			if err := d.Accept(t.Context(), actor.Operator, needID, id, 0); !errors.Is(err, ErrStale) {
				t.Errorf("accepted without the person knowing: %v", err)
			}
		}
		d.told = nil
		d.ok(d.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return d.Look(ctx, tx, needID) }))
		d.heard("lost Anna", "changed Bert")
		for _, id := range []string{anna, bert} {
			if err := d.Accept(t.Context(), actor.Operator, needID, id, 1); !errors.Is(err, ErrStale) {
				t.Errorf("accepted from an old page: %v", err)
			}
		}
		if err := d.Accept(t.Context(), actor.Operator, needID, anna, 2); !errors.Is(err, ErrNothing) {
			t.Errorf("accepted for nothing: %v", err)
		}
		d.ok(d.Accept(t.Context(), actor.Operator, needID, bert, 2))
		n, err := d.Standing(t.Context(), d.db.Read(), needID)
		if err != nil || n.Waiting != 1 || n.Accepted != 1 || len(n.Shifts) != 1 || n.Shifts["b"] != 1 {
			t.Errorf("%+v, %v", n, err)
		}
	})
}

// TestPlacesAreCounted: what others have to be told of is noted with its time.
func TestPlacesAreCounted(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		untold := func() bool {
			n, err := d.db.Read().NewSelect().Table("opportunities").Where("untold IS NOT NULL").Count(t.Context())
			d.ok(err)
			return n == 1
		}
		d.exec("UPDATE opportunities SET places = 1 WHERE object_id = ?", needID)
		if untold() {
			t.Error("nothing has changed")
		}
		d.apply("Anna")
		if !untold() {
			t.Error("a place is taken, and nobody will be told")
		}
		d.exec("UPDATE opportunities SET untold = NULL")
		if d.apply("Bert"); untold() {
			t.Error("who only waits is told to others")
		}
	})
}
