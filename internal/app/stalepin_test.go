package app

import (
	"slices"
	"testing"

	"codeberg.org/aushang/aushang/internal/actor"
)

// TestStalePinsDoNotStandFirst: what nobody has confirmed for long is not shown first, and is again once it is confirmed.
func TestStalePinsDoNotStandFirst(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		old, fresh := v.post("Alt"), v.post("Neu")
		for _, id := range []string{fresh.ID, old.ID} {
			if err := v.Activities.Pin(t.Context(), actor.Operator, id); err != nil {
				t.Fatal(err)
			}
		}
		for stale, want := range [][]string{{old.ID, fresh.ID}, {fresh.ID}, {fresh.ID}} {
			if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE objects SET stale = "+string(rune('0'+stale))+" WHERE id = '"+old.ID+"'"); err != nil {
				t.Fatal(err)
			}
			if got := v.featured(); !slices.Equal(got, want) {
				t.Errorf("stale %d: %v, want %v", stale, got, want)
			}
		}
		if err := v.Care.Confirm(t.Context(), actor.Operator, old.ID); err != nil {
			t.Fatal(err)
		}
		if got := v.featured(); !slices.Equal(got, []string{old.ID, fresh.ID}) {
			t.Errorf("confirmed: %v", got)
		}
	})
}
