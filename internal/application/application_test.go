package application

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

const (
	clubID = "https://here.test/ap/actors/tafel"
	needID = "https://here.test/ap/objects/kuchen"
)

// desk is the applications of a club with one opportunity, on a clock of its own.
type desk struct {
	*Applications
	t  *testing.T
	mu sync.Mutex
	at time.Time
	// told are the kinds of what people were told, with who it was.
	told []string
}

func open(t *testing.T, url string) *desk {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	site := actor.Site{Origin: "https://here.test", HandleDomain: "here.test", Name: "Herzfelde"}
	d := &desk{Applications: New(db, actor.New(db, site, nil), zone), t: t, at: time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)}
	d.SetClock(func() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.at })
	d.Tell = func(_ context.Context, _ bun.Tx, n Notice) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.told = append(d.told, n.Kind+" "+n.Helper.Name)
		return nil
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		club := &actor.Actor{ID: clubID, Type: actor.Group, Local: true, PreferredUsername: "tafel", Name: "Tafel", URL: "https://here.test/vereine/tafel", State: actor.Active, Published: d.at}
		need := &object.Object{ID: needID, Type: "Opportunity", Local: true, AttributedTo: clubID, Name: "Kuchen verkaufen", URL: "https://here.test/ehrenamt/kuchen", Visibility: object.Public, Published: d.at}
		for _, row := range []any{club, need} {
			if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.exec("INSERT INTO opportunities (object_id, published, times, timezone, contact) VALUES (?, ?, 'once', 'Europe/Berlin', 'club')", needID, d.at)
	return d
}

func (d *desk) exec(query string, args ...any) {
	d.t.Helper()
	err := d.db.Write(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) move(by time.Duration) {
	d.t.Helper()
	d.mu.Lock()
	d.at = d.at.Add(by)
	d.mu.Unlock()
	if err := d.Run(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// shift adds one that begins after a time and lasts for 90 minutes.
func (d *desk) shift(id string, after time.Duration, places int) {
	d.t.Helper()
	d.exec("INSERT INTO shifts (id, opportunity_id, starts_at, ends_at, places) VALUES (?, ?, ?, ?, ?)", id, needID, d.at.Add(after), d.at.Add(after+90*time.Minute), places)
}

// apply has somebody with an account ask for shifts, and gives the id.
func (d *desk) apply(name string, shifts ...string) string {
	d.t.Helper()
	h, _, err := d.Apply(d.t.Context(), draft(name, shifts...))
	if err != nil {
		d.t.Fatal(err)
	}
	return h.ID
}

func draft(name string, shifts ...string) Draft {
	return Draft{Key: uuid.Must(uuid.NewV7()).String(), OpportunityID: needID, AccountID: "account-" + name, Name: name, Language: "de", Shifts: shifts}
}

// holds says what a person has, such as "accepted: a taken, b waiting 2".
func (d *desk) holds(id string) string {
	d.t.Helper()
	h, err := d.Find(d.t.Context(), d.db.Read(), id)
	if err != nil {
		return problemName(err)
	}
	var list []string
	for _, c := range h.Commitments {
		s := strings.TrimSpace(c.ShiftID + " " + c.State)
		if c.Position > 0 {
			s += fmt.Sprint(" ", c.Position)
		}
		list = append(list, s)
	}
	return h.State + ": " + strings.Join(list, ", ")
}

func problemName(err error) string {
	if problem.KindOf(err) == problem.NotFound {
		return "nothing"
	}
	return err.Error()
}

func (d *desk) is(id, want string) {
	d.t.Helper()
	if got := d.holds(id); got != want {
		d.t.Errorf("it is %q, want %q", got, want)
	}
}

func (d *desk) ok(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// heard takes what was told since, in any order.
func (d *desk) heard(want ...string) {
	d.t.Helper()
	got := d.told
	d.told = nil
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		d.t.Errorf("people were told %q, want %q", got, want)
	}
}

// TestWhoComesLaterWaitsInOrder: places are handed on in the order of who waits,
// whoever gives one back; everybody is told once.
func TestWhoComesLaterWaitsInOrder(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.shift("a", 48*time.Hour, 1)
		d.shift("b", 50*time.Hour, 2)
		anna, bert, cora := d.apply("Anna", "a", "b"), d.apply("Bert", "a", "b"), d.apply("Cora", "a", "b")
		d.is(anna, "asked: a taken, b taken")
		d.is(bert, "asked: a waiting 1, b taken")
		d.is(cora, "asked: a waiting 2, b waiting 1")
		d.heard("received Anna", "received Bert", "received Cora")
		d.ok(d.Accept(t.Context(), actor.Operator, needID, bert, 1))
		d.is(bert, "accepted: a waiting 1, b taken")
		d.ok(d.Withdraw(t.Context(), anna))
		d.ok(d.Withdraw(t.Context(), anna))
		d.is(anna, "withdrawn: ")
		d.is(bert, "accepted: a taken, b taken")
		d.is(cora, "asked: a waiting 1, b taken")
		d.heard("accepted Bert", "moved Bert", "moved Cora")
		d.ok(d.GiveBack(t.Context(), bert, "a"))
		d.ok(d.GiveBack(t.Context(), bert, "a"))
		d.is(cora, "asked: a taken, b taken")
		d.heard("moved Cora")
		n, err := d.Need(t.Context(), d.db.Read(), needID)
		d.ok(err)
		if n.Taken != 2 || n.Shifts[0].Taken != 1 || n.Shifts[1].Taken != 2 {
			t.Errorf("counted are %d people and the shifts %d and %d", n.Taken, n.Shifts[0].Taken, n.Shifts[1].Taken)
		}
		// The club makes room: the next minute hands it on.
		dora := d.apply("Dora", "b")
		d.is(dora, "asked: b waiting 1")
		d.exec("UPDATE shifts SET places = 3 WHERE id = 'b'")
		d.move(time.Minute)
		d.is(dora, "asked: b taken")
		d.heard("received Dora", "moved Dora")
	})
}

// TestAPlaceIsOfferedAndTakenOver: until somebody whom the club knows takes it, it
// stays with who offers it.
func TestAPlaceIsOfferedAndTakenOver(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.shift("a", 48*time.Hour, 1)
		d.shift("b", 50*time.Hour, 1)
		anna, bert := d.apply("Anna", "a"), d.apply("Bert", "b")
		d.ok(d.Accept(t.Context(), actor.Operator, needID, anna, 0))
		d.ok(d.Offer(t.Context(), anna, "a", true))
		d.is(anna, "accepted: a taken")
		d.ok(d.Take(t.Context(), bert, "a"))
		d.is(bert, "asked: a waiting 1, b taken") // the club does not know Bert yet
		d.is(anna, "accepted: a taken")
		d.told = nil
		d.ok(d.Accept(t.Context(), actor.Operator, needID, bert, 0))
		d.is(bert, "accepted: a taken, b taken")
		d.is(anna, "accepted: ")
		d.heard("accepted Bert", "given Anna", "moved Bert")
		// Both swap: Bert offers the other one, and Anna takes it.
		d.ok(d.Offer(t.Context(), bert, "b", true))
		d.ok(d.Offer(t.Context(), bert, "b", false))
		d.ok(d.Take(t.Context(), anna, "b"))
		d.is(anna, "accepted: b waiting 1")
		d.ok(d.Offer(t.Context(), bert, "b", true))
		d.is(anna, "accepted: b taken")
		d.is(bert, "accepted: a taken")
		d.heard("given Bert", "moved Anna")
	})
}

// TestWithoutShiftsThePlacesOfTheWholeCount: and any number where none is said.
func TestWithoutShiftsThePlacesOfTheWholeCount(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.is(d.apply("Anna"), "asked: taken")
		d.exec("UPDATE opportunities SET places = 2 WHERE object_id = ?", needID)
		d.is(d.apply("Bert"), "asked: taken")
		cora := d.apply("Cora")
		d.is(cora, "asked: waiting 1")
		d.exec("UPDATE opportunities SET places = 0 WHERE object_id = ?", needID)
		d.move(time.Minute)
		d.is(cora, "asked: taken")
	})
}

// TestByMail: nothing is held and nobody sees anything before the link of the
// letter was followed; after two days it is forgotten.
func TestByMail(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.shift("a", 72*time.Hour, 1)
		who := draft("Anna", "a")
		who.AccountID, who.Email = "", "anna@example.org"
		h, twice, err := d.Apply(t.Context(), who)
		d.ok(err)
		if twice {
			t.Error("the first one is told to be there already")
		}
		bert := d.apply("Bert", "a")
		d.is(h.ID, "unconfirmed: a wanted")
		d.is(bert, "asked: a taken")
		n, err := d.Need(t.Context(), d.db.Read(), needID)
		d.ok(err)
		if list, err := d.List(t.Context(), actor.Operator, n); err != nil || len(list) != 1 {
			t.Errorf("the club sees %d applications, %v", len(list), err)
		}
		d.ok(d.Confirm(t.Context(), h.ID))
		d.ok(d.Confirm(t.Context(), h.ID))
		d.is(h.ID, "asked: a waiting 1")
		d.heard("confirm Anna", "received Bert", "received Anna")
		// Again with the same address: a letter tells, and nothing else.
		again := who
		again.Key = uuid.NewString()
		if _, twice, err = d.Apply(t.Context(), again); err != nil || !twice {
			t.Errorf("asked again: %v, %v", twice, err)
		}
		d.heard("again Anna")
		late := draft("Cora", "a")
		late.AccountID, late.Email = "", "cora@example.org"
		h, _, err = d.Apply(t.Context(), late)
		d.ok(err)
		d.move(49 * time.Hour)
		if err := d.Confirm(t.Context(), h.ID); problem.KindOf(err) != problem.Gone {
			t.Errorf("confirmed after two days: %v", err)
		}
		d.ok(d.Sweep(t.Context()))
		d.is(h.ID, "nothing")
	})
}

// TestTwoEditorsAtOnce: the second one is told that the first was faster.
func TestTwoEditorsAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		anna := d.apply("Anna")
		d.ok(d.Accept(t.Context(), actor.Operator, needID, anna, 1))
		for _, err := range []error{
			d.Accept(t.Context(), actor.Operator, needID, anna, 1),
			d.Decline(t.Context(), actor.Operator, needID, anna, 1, "Zu spät"),
		} {
			if problem.KindOf(err) != problem.Conflict {
				t.Errorf("the second editor gets %v", err)
			}
		}
		d.is(anna, "accepted: taken")
		d.heard("received Anna", "accepted Anna")
		if err := d.Decline(t.Context(), actor.Operator, needID, anna, 2, " "); len(problem.FieldsOf(err)) != 1 {
			t.Errorf("declined without a reason: %v", err)
		}
		if err := d.Decline(t.Context(), "stranger", needID, anna, 2, "Nein"); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("declined by a stranger: %v", err)
		}
		d.ok(d.Decline(t.Context(), actor.Operator, needID, anna, 2, "Wir sind genug."))
		d.is(anna, "declined: ")
		d.heard("declined Anna")
	})
}

// TestTheClubCancels: whoever asked is told once, whatever the club did.
func TestTheClubCancels(t *testing.T) {
	for change, want := range map[string]string{
		"UPDATE opportunities SET status = 'cancelled', reason = 'Regen' WHERE object_id = ?": IsCancelled,
		"UPDATE objects SET deleted = published, name = '' WHERE id = ?":                      IsDeleted,
		"UPDATE opportunities SET until = published WHERE object_id = ?":                      IsExpired,
		"DELETE FROM opportunities WHERE object_id = ?":                                       IsDeleted,
		"UPDATE opportunities SET status = 'expired' WHERE object_id = ?":                     IsExpired,
	} {
		databasetest.Each(t, func(t *testing.T, url string) {
			d := open(t, url)
			anna, bert := d.apply("Anna"), d.apply("Bert")
			d.ok(d.Accept(t.Context(), actor.Operator, needID, bert, 0))
			d.told = nil
			d.exec(change, needID)
			d.move(time.Minute)
			d.move(time.Minute)
			d.is(anna, "declined: ")
			if want == IsExpired { // who was accepted has helped
				d.is(bert, "done: taken")
				d.heard("ended Anna", "thanks Bert")
			} else {
				d.is(bert, "declined: ")
				d.heard("ended Anna", "ended Bert")
			}
			h, err := d.Find(t.Context(), d.db.Read(), anna)
			d.ok(err)
			if h.Cause != want || h.Title != "Kuchen verkaufen" {
				t.Errorf("the cause is %q, the title %q", h.Cause, h.Title)
			}
		})
	}
}

// TestAMovedClock: reminder on the day before, a shift that moves or goes, thanks,
// hours of both sides, and the end of what is kept.
func TestAMovedClock(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url) // July 1, 10:00 in Berlin
		d.shift("a", 48*time.Hour, 5)
		d.shift("b", 96*time.Hour, 5)
		d.shift("c", 120*time.Hour, 5)
		anna, bert := d.apply("Anna", "a", "b", "c"), d.apply("Bert", "b")
		d.ok(d.Accept(t.Context(), actor.Operator, needID, anna, 0))
		d.told = nil
		d.move(22*time.Hour + 59*time.Minute)
		d.heard()
		d.move(time.Minute) // July 2, 9:00
		d.heard("remind Anna")
		d.move(time.Hour)
		d.heard()
		d.exec("DELETE FROM shifts WHERE id = 'c'")
		d.exec("UPDATE shifts SET starts_at = ?, ends_at = ? WHERE id = 'b'", d.at.Add(40*time.Hour), d.at.Add(42*time.Hour))
		d.move(time.Minute)
		d.heard("changed Anna", "lost Anna", "changed Bert")
		d.move(time.Minute)
		d.heard()
		d.is(anna, "accepted: a taken, b taken")
		d.move(24 * time.Hour) // July 3, 10:02: shift a runs, b is tomorrow
		d.heard("remind Anna")
		if err := d.GiveBack(t.Context(), anna, "a"); problem.KindOf(err) != problem.Conflict {
			t.Errorf("given back what has begun: %v", err)
		}
		d.move(24 * time.Hour)
		d.heard("thanks Anna", "ended Bert") // nobody ever answered Bert
		d.is(anna, "done: a taken, b taken")
		d.ok(d.Hours(t.Context(), anna, 180))
		h, err := d.Find(t.Context(), d.db.Read(), anna)
		d.ok(err)
		if !h.Agreed.IsZero() {
			t.Error("hours count that the club has not confirmed")
		}
		if err := d.SayHours(t.Context(), actor.Operator, needID, anna, h.Version-1, 180); problem.KindOf(err) != problem.Conflict {
			t.Errorf("hours on an old page: %v", err)
		}
		d.ok(d.SayHours(t.Context(), actor.Operator, needID, anna, h.Version, 180))
		if h, err = d.Find(t.Context(), d.db.Read(), anna); err != nil || h.Agreed.IsZero() {
			t.Errorf("hours that both say do not count: %v", err)
		}
		d.move(179 * 24 * time.Hour)
		d.ok(d.Sweep(t.Context()))
		d.is(anna, "done: a taken, b taken")
		d.move(2 * 24 * time.Hour)
		d.ok(d.Sweep(t.Context()))
		d.is(anna, "nothing")
		d.is(bert, "nothing")
	})
}

// TestWhoLeaves: nothing of the person stays, the club sees that somebody is
// missing, and who waits moves up.
func TestWhoLeaves(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d := open(t, url)
		d.exec("UPDATE opportunities SET places = 1 WHERE object_id = ?", needID)
		anna, bert := d.apply("Anna"), d.apply("Bert")
		d.ok(d.Reply(t.Context(), anna, "Ich komme gern"))
		d.told = nil
		d.ok(d.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			return d.Leave(ctx, tx, "account-Anna", "anna@example.org")
		}))
		d.is(anna, "withdrawn: ")
		d.is(bert, "asked: taken")
		d.heard("moved Bert")
		h, err := d.Find(t.Context(), d.db.Read(), anna)
		d.ok(err)
		if h.Name != "" || h.AccountID != "" || h.Cause != HasLeft {
			t.Errorf("of who left this stays: %+v", h)
		}
		if m, err := d.Messages(t.Context(), anna); err != nil || len(m) != 1 || m[0].Content != "" {
			t.Errorf("of what was written this stays: %v, %v", m, err)
		}
	})
}
