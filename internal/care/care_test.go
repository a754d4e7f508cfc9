package care

import (
	"testing"
	"time"
)

// TestLadder: a moved clock takes every step once, each after its days.
func TestLadder(t *testing.T) {
	now := time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	rules := usual
	thing := &Thing{}
	var took []int
	for range 90 {
		if step := rules.Next(thing, now); step != none {
			took = append(took, step)
			thing.Step, thing.Told = step, now
		}
		now = now.Add(day)
	}
	if len(took) != LeftOut || took[0] != FirstLetter || took[4] != LeftOut {
		t.Errorf("it took %v", took)
	}
	for step, days := range map[int]int{FirstLetter: 14, Reminder: 14, LastLetter: 7, Greyed: 30} {
		for age, want := range map[time.Duration]int{time.Duration(days) * day: step + 1, time.Duration(days)*day - time.Second: none} {
			if got := rules.Next(&Thing{Step: step, Told: now.Add(-age)}, now); got != want {
				t.Errorf("%v after step %d: %d, want %d", age, step, got, want)
			}
		}
	}
}
