package torture

import (
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestTortureCatchesAttemptsCommittedTooLate: a build that commits the attempt
// after sending doubles what it does not know as begun.
func TestTortureCatchesAttemptsCommittedTooLate(t *testing.T) {
	f := newFanOut(t, databasetest.SQLite(t), "broken_attempt", "late", 60)
	var s sent
	for range 10 {
		if f.round(&s); s.err() != nil {
			t.Logf("caught at kill %d: %v", s.kills, s.err())
			return
		}
	}
	t.Errorf("not caught by %d kills: %+v", s.kills, s)
}

// TestTortureCatchesAnswersBeforeTheyAreDurable: a build that answers 202 before
// the activity is safe loses some of them.
func TestTortureCatchesAnswersBeforeTheyAreDurable(t *testing.T) {
	s := newFlood(t, databasetest.SQLite(t), "broken_answer", "early", 300).torture(10)
	if s.lost == 0 {
		t.Errorf("not caught by %d kills: %+v", s.kills, s)
	}
	t.Logf("caught: %v", s.err())
}
