package torture

import (
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestOneOfTwoProcessesIsKilled: two processes share a PostgreSQL. One dies at
// the inbox and comes back; then it dies in a fan-out and stays away, and the
// other one takes over what it had begun. Nothing is lost, and nothing is done
// twice but deliveries of the same activity that were in flight.
func TestOneOfTwoProcessesIsKilled(t *testing.T) {
	f := newFlood(t, databasetest.PostgreSQL(t), "", "pairbox", 300)
	fan := gather(f.town, "pair", 50)
	other := f.second()
	other.serve()
	f.serve()
	f.addresses = append(f.addresses, other.address)
	if r := f.torture(2); r.err() != nil || r.kills != 2 || r.answered != len(f.letters) {
		t.Errorf("%v: %+v", r.err(), r)
	}
	var s sent
	begun := fan.publishAndDie()
	fan.settled(begun, &s)
	if s.err() != nil || s.deliveries != len(fan.inboxes) {
		t.Errorf("%v: %+v", s.err(), s)
	}
}
