package app

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/application"
)

// byAccount, byLetter, byOffer and byMessage bring somebody before a door, and give
// the last step through it.
func (n *need) byAccount(i int) func() {
	email := fmt.Sprintf("konto%d@example.org", i)
	n.person(email, account.Resident)
	b := n.signedIn(email)
	b.open(n.path + "/mitmachen")
	n.volunteer(b, "Weiter zur Durchsicht", map[string]string{"name": email, "old": "1", "able": "1"}, n.shifts[0])
	f := b.formWith("Jetzt senden")
	return func() { b.post(f) }
}

func (n *need) byLetter(i int) func() {
	email, b := fmt.Sprintf("brief%d@example.org", i), n.browser()
	b.open(n.path + "/mitmachen")
	n.volunteer(b, "Link schicken lassen", map[string]string{"name": email, "email": email, "old": "1", "able": "1"}, n.shifts[0])
	b.open(n.link(n.Mail.Wait(n.t, email)))
	f := b.formWith("Bestätigen und senden")
	return func() { b.post(f) }
}

func (n *need) byOffer(i int) func() {
	who := n.meet(fmt.Sprintf("https://b.test/einwohner%d", i))
	return func() { n.receive("%s", n.offer(fmt.Sprint("offer", i), who, n.shifts[0])) }
}

func (n *need) byMessage(i int) func() {
	who := n.meet(fmt.Sprintf("https://b.test/trompete%d", i))
	return func() { n.replies(fmt.Sprint("message", i), who, n.directly(), n.id, "Ich komme.", "") }
}

// TestAllDoorsAtOnce: forms with an account, links of letters, Offers of another
// town and direct messages, all at the same time and each twice: never more than
// there are places, and the others wait in order.
func TestAllDoorsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		const ofEach, places = 5, 4
		n := v.needing(places)
		var steps []func()
		for i := range ofEach {
			steps = append(steps, n.byAccount(i), n.byLetter(i), n.byOffer(i), n.byMessage(i))
		}
		var through sync.WaitGroup
		for _, step := range steps {
			through.Go(func() { step(); step() })
		}
		done := make(chan struct{})
		go func() { through.Wait(); close(done) }()
		for open := true; open; {
			select {
			case <-done:
				open = false
			case <-time.After(5 * time.Millisecond):
			}
			if taken := v.count("commitments", "state = 'taken'"); taken > places {
				t.Fatalf("%d have one of %d places", taken, places)
			}
		}
		var rows []*application.Commitment
		if err := v.db.Read().NewSelect().Model(&rows).OrderExpr("seq").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(steps) || v.count("helpers") != len(steps) {
			t.Fatalf("of %d people %d have or wait for a place, of %d applications", len(steps), len(rows), v.count("helpers"))
		}
		for i, c := range rows {
			if want := map[bool]string{true: application.Taken, false: application.Waiting}[i < places]; c.State != want || i > 0 && c.Seq == rows[i-1].Seq {
				t.Errorf("number %d in the order has seq %d and is %s, not %s", i+1, c.Seq, c.State, want)
			}
		}
	})
}
