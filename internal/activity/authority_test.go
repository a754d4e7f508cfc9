package activity

import (
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/problem"
)

func TestAuthorise(t *testing.T) {
	const eve, bob, alice = "https://b.test/eve", "https://b.test/bob", "https://a.test/alice"
	note := func(id, by string) as.Item {
		return as.Item{Object: &as.Object{ID: id, Type: "Note", AttributedTo: by}}
	}
	undo := func(id, by string) as.Item {
		return as.Item{Activity: &as.Activity{ID: id, Type: Like, Actor: by, Object: as.Item{ID: "https://here.test/1"}}}
	}
	for name, tc := range map[string]struct {
		a     as.Activity
		owner string // of what is stored under the object's id
		ok    bool
	}{
		"an author creates":                                 {as.Activity{Type: Create, Actor: eve, Object: note("https://b.test/1", eve)}, "", true},
		"T-ID-08 an object on another host":                 {as.Activity{Type: Create, Actor: eve, Object: note("https://a.test/1", eve)}, "", false},
		"T-ID-20 an object attributed to someone else":      {as.Activity{Type: Create, Actor: eve, Object: note("https://b.test/1", alice)}, "", false},
		"T-ID-04 an update of an object of another host":    {as.Activity{Type: Update, Actor: eve, Object: note("https://a.test/1", eve)}, alice, false},
		"T-ID-05 an update of a neighbour's object":         {as.Activity{Type: Update, Actor: eve, Object: note("https://b.test/1", eve)}, bob, false},
		"an author updates":                                 {as.Activity{Type: Update, Actor: eve, Object: note("https://b.test/1", eve)}, eve, true},
		"an actor updates itself":                           {as.Activity{Type: Update, Actor: eve, Object: as.Item{Actor: &as.Actor{ID: eve}}}, "", true},
		"an actor updates another one":                      {as.Activity{Type: Update, Actor: eve, Object: as.Item{Actor: &as.Actor{ID: bob}}}, "", false},
		"an author deletes":                                 {as.Activity{Type: Delete, Actor: eve, Object: as.Item{ID: "https://b.test/1"}}, eve, true},
		"a deletion before the creation":                    {as.Activity{Type: Delete, Actor: eve, Object: as.Item{ID: "https://b.test/1"}}, "", true},
		"a deletion of a neighbour's object":                {as.Activity{Type: Delete, Actor: eve, Object: as.Item{ID: "https://b.test/1"}}, bob, false},
		"a deletion of something unknown elsewhere":         {as.Activity{Type: Delete, Actor: eve, Object: as.Item{ID: "https://a.test/1"}}, "", false},
		"an actor deletes itself":                           {as.Activity{Type: Delete, Actor: eve, Object: as.Item{ID: eve}}, "", true},
		"an actor takes back what it did":                   {as.Activity{Type: Undo, Actor: eve, Object: undo("https://b.test/l1", eve)}, "", true},
		"T-ID-25 an actor takes back what another did":      {as.Activity{Type: Undo, Actor: eve, Object: undo("https://b.test/l1", bob)}, "", false},
		"an actor takes back an id of another host":         {as.Activity{Type: Undo, Actor: eve, Object: as.Item{ID: "https://a.test/l1"}}, "", false},
		"T-ID-19 an actor moves another one":                {as.Activity{Type: Move, Actor: eve, Object: as.Item{ID: bob}, Target: alice}, "", false},
		"T-ID-23 a quote by an object of another host":      {as.Activity{Type: QuoteRequest, Actor: eve, Object: as.Item{ID: "https://here.test/1"}, Instrument: as.Item{ID: "https://a.test/9"}}, "", false},
		"a like of something that belongs to someone else":  {as.Activity{Type: Like, Actor: eve, Object: as.Item{ID: "https://here.test/1"}}, alice, true},
		"a create of what is stored as someone else's note": {as.Activity{Type: Create, Actor: eve, Object: note("https://b.test/1", eve)}, bob, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := authorise(&tc.a, tc.owner)
			if (err == nil) != tc.ok {
				t.Fatalf("authorise = %v, want allowed = %v", err, tc.ok)
			}
			if err != nil && (!problem.IsDiscard(err) || problem.KindOf(err) != problem.Forbidden) {
				t.Errorf("%v is not a final refusal", err)
			}
		})
	}
}
