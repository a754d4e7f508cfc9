package application

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestAnActorElsewhere: who applies from another server is asked for no letter,
// is kept once, and is forgotten when the other server says so.
func TestAnActorElsewhere(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		shifts := []string{"a"}
		d.shift("a", 48*time.Hour, 2)
		const who, offer = "https://there.test/ap/actors/r1", "https://there.test/ap/activities/1#agreement"
		apply := func(origin string) (h *Helper, twice bool) {
			t.Helper()
			err := d.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) (err error) {
				h, twice, err = d.ApplyIn(ctx, tx, Draft{
					Key: OriginKey(origin), OpportunityID: needID, ActorID: who, Door: ByTown, OriginID: origin, Name: "Rosa", Contact: "rosa@there.test",
					Message: "Gern.", Shows: true, Language: "de", Shifts: shifts[:1], Old: true, Able: true,
				})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return h, twice
		}
		h, twice := apply(offer)
		if h.State != Asked || twice || h.Commitment(shifts[0]) == nil {
			t.Errorf("%s is %s with %d commitments (twice %v)", h.Name, h.State, len(h.Commitments), twice)
		}
		if _, twice := apply(offer); !twice {
			t.Error("the same offer counts twice")
		}
		if other, twice := apply(offer + "2"); !twice || other.ID != h.ID {
			t.Error("a second offer of the same person counts beside the first")
		}
		err := d.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			back, err := d.TakeBack(ctx, tx, who, offer)
			if err != nil {
				return err
			}
			if back.State != Withdrawn || back.Message != "" || back.Contact != "" || back.Name != "Rosa" || len(back.Commitments) != 0 {
				t.Errorf("taken back: %+v", back)
			}
			if back, err = d.TakeBack(ctx, tx, "https://evil.test/a", offer); back != nil {
				t.Error("somebody else takes it back")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		h, _ = apply(offer + "3")
		if err := d.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return d.LeaveActor(ctx, tx, who) }); err != nil {
			t.Fatal(err)
		}
		if h, err = d.Find(t.Context(), d.Reader(), h.ID); err != nil || h.Name != "" || h.ActorID != "" || h.Contact != "" || h.Cause != HasLeft {
			t.Errorf("who left is %+v, %v", h, err)
		}
	})
}
