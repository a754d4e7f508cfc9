package offer

import (
	"context"
	"errors"
	"fmt"
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

// desk is the offers of a town with a club that looks for helpers, three people and
// a clock of its own.
type desk struct {
	*Offers
	t    *testing.T
	at   time.Time
	told []string
}

func opened(t *testing.T, url string) *desk {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	site := actor.Site{Origin: "https://here.test", HandleDomain: "here.test", Name: "Herzfelde"}
	words := Words{Fields: []string{"sport", "social"}, Times: []string{"once", "recurring"}, Languages: []string{"de", "tr"}}
	d := &desk{Offers: New(db, actor.New(db, site, nil), words, time.UTC), t: t, at: time.Date(2027, 7, 1, 8, 0, 0, 0, time.UTC)}
	d.SetClock(func() time.Time { return d.at })
	d.Tell = func(_ context.Context, _ bun.Tx, n Notice) error {
		d.told = append(d.told, n.Kind)
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
		for _, id := range []string{"anna", "edda", "otto"} {
			if _, err := tx.ExecContext(ctx, "INSERT INTO accounts (id, email, name, role, created) VALUES (?, ?, ?, 'editor', ?)", id, id+"@example.org", id, d.at); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO opportunities (object_id, published, times, timezone, contact, field) VALUES (?, ?, 'once', 'Europe/Berlin', 'club', 'social')", needID, d.at)
		if err == nil {
			_, err = tx.ExecContext(ctx, "INSERT INTO shifts (id, opportunity_id, starts_at, ends_at, places) VALUES ('s', ?, ?, ?, 2)", needID, d.at.Add(24*time.Hour), d.at.Add(26*time.Hour))
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, "INSERT INTO editors (account_id, actor_id, role, created) VALUES ('edda', ?, 'editor', ?)", clubID, d.at)
		}
		return err
	})
	d.must(err)
	d.must(d.SetAgent(t.Context(), actor.Operator, "otto", true))
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) is(err error, kind problem.Kind) {
	d.t.Helper()
	if problem.KindOf(err) != kind {
		d.t.Errorf("%v, want %v", err, kind)
	}
}

// TestYes: a club reads of nobody who did not say yes to it, also not by asking;
// what it may do ends with the yes.
func TestYes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d, ctx := opened(t, url), t.Context()
		o, err := d.Put(ctx, "anna", "anna", Draft{About: "Backen", Fields: []string{"social"}, Weekdays: 127, Phone: "03535 1"})
		d.must(err)
		n, err := d.Need(ctx, needID)
		d.must(err)
		fits, others, err := d.ShownToClub(ctx, "edda", n)
		d.must(err)
		if len(fits)+len(others) != 0 {
			t.Fatal("a club sees somebody without a yes")
		}
		key := func() string { return uuid.Must(uuid.NewV7()).String() }
		d.is(d.Invite(ctx, "edda", o.ID, key(), n, ""), problem.NotFound)
		_, _, err = d.ShownToClub(ctx, "otto", n)
		d.is(err, problem.Forbidden)
		d.must(d.Show(ctx, "anna", clubID, true))
		if fits, _, err = d.ShownToClub(ctx, "edda", n); err != nil || len(fits) != 1 || fits[0].Offer.Name != "anna" || fits[0].Offer.Phone != "" {
			t.Fatalf("%v %v", fits, err)
		}
		d.must(d.Propose(ctx, "otto", o.ID, key(), n, "", "", "")) // of which the club learns nothing
		k := key()
		d.must(d.Invite(ctx, "edda", o.ID, k, n, "Magst du?"))
		d.must(d.Invite(ctx, "edda", o.ID, k, n, "Magst du?")) // the same form
		if err := d.Invite(ctx, "edda", o.ID, key(), n, ""); !errors.Is(err, ErrAsked) {
			t.Error(err)
		}
		asked, err := d.Invited(ctx, n)
		d.must(err)
		if asked["anna"] != Proposed || len(d.told) != 2 {
			t.Error(asked, d.told)
		}
		d.must(d.Show(ctx, "anna", clubID, false))
		p, err := d.Proposal(ctx, "anna", k)
		d.must(err)
		if p.State != Withdrawn {
			t.Errorf("what the club asked is %s", p.State)
		}
		d.is(d.Answer(ctx, "anna", k, Applied), problem.Conflict)
		if fits, others, err = d.ShownToClub(ctx, "edda", n); err != nil || len(fits)+len(others) != 0 {
			t.Error("the club sees her still", err)
		}
	})
}

// TestAgency: nobody else reads what the agency reads; a no holds; numbers have
// nobody in them.
func TestAgency(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d, ctx := opened(t, url), t.Context()
		o, err := d.Put(ctx, "anna", "anna", Draft{About: "Backen", Fields: []string{"social"}, Times: []string{"once"}})
		d.must(err)
		needs, err := d.Needs(ctx)
		d.must(err)
		counts, err := d.Counts(ctx, "otto", needs)
		d.must(err)
		if len(needs) != 1 || counts[needID] != 1 || needs[0].Key() != "kuchen" || needs[0].Club != "Tafel" {
			t.Fatal(needs, counts)
		}
		fits, err := d.ForOffer(ctx, o, true)
		d.must(err)
		if len(fits) != 1 || fits[0].Need.ID != needID {
			t.Fatal(fits)
		}
		n := needs[0]
		key := uuid.Must(uuid.NewV7()).String()
		for _, err := range []error{
			d.Propose(ctx, "edda", o.ID, key, n, "", "", ""), d.AddNote(ctx, "edda", o.ID, "x"), d.SetAgent(ctx, "edda", "edda", true), d.Withdraw(ctx, "anna", o.ID, key),
		} {
			d.is(err, problem.Forbidden)
		}
		_, err = d.FindGiven(ctx, "edda", o.ID)
		d.is(err, problem.Forbidden)
		d.must(d.AddNote(ctx, "otto", o.ID, "Ruft zurück"))
		notes, err := d.Notes(ctx, "otto", o)
		d.must(err)
		d.must(d.RemoveNote(ctx, "otto", o.ID, notes[0].ID))
		d.must(d.Propose(ctx, "otto", o.ID, key, n, "", "", "Etwas für Sie"))
		if w, err := d.Waiting(ctx); err != nil || w != 1 {
			t.Error(w, err)
		}
		d.is(d.Answer(ctx, "edda", key, Declined), problem.NotFound)
		d.must(d.Answer(ctx, "anna", key, Declined))
		d.must(d.Answer(ctx, "anna", key, Declined))
		if err := d.Propose(ctx, "otto", o.ID, uuid.NewString(), n, "", "", ""); !errors.Is(err, ErrAsked) {
			t.Error("a no does not hold:", err)
		}
		show := uuid.Must(uuid.NewV7()).String()
		d.must(d.Propose(ctx, "otto", o.ID, show, nil, clubID, "Tafel", ""))
		d.must(d.Answer(ctx, "anna", show, Shown))
		if ids, err := d.ShownTo(ctx, "anna"); err != nil || len(ids) != 1 {
			t.Error(ids, err)
		}
		for i := range mostOpen {
			d.must(d.Propose(ctx, "otto", o.ID, uuid.NewString(), nil, fmt.Sprint("club", i), "Verein", ""))
		}
		if err := d.Propose(ctx, "otto", o.ID, uuid.NewString(), nil, "one more", "Verein", ""); !errors.Is(err, ErrEnough) {
			t.Error(err)
		}
		months, topics, offers, wanted, err := d.Figures(ctx, "otto", 2)
		d.must(err)
		if months[0].N["offered"] != 1 || months[0].N["declined"] != 1 || months[0].N["shown"] != 1 || topics[1] != (Topic{"social", 1, 1}) || offers != 1 || wanted != 1 {
			t.Error(months, topics, offers, wanted)
		}
		d.must(d.SetAgent(ctx, actor.Operator, "otto", false))
		_, err = d.Given(ctx, "otto")
		d.is(err, problem.Forbidden)
	})
}

// TestTerm: a pause hides, an offer runs out and is forgotten, each told once, and
// what is public says nobody.
func TestTerm(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d, ctx := opened(t, url), t.Context()
		o, err := d.Put(ctx, "anna", "anna", Draft{About: "Backen", Phone: "03535 1", Public: true})
		d.must(err)
		public := func(want int) {
			t.Helper()
			list, err := d.Public(ctx, 10)
			d.must(err)
			if len(list) != want {
				t.Fatalf("%d are public, want %d", len(list), want)
			}
			for _, one := range list {
				if one.AccountID != "" || one.Name != "" || one.Phone != "" {
					t.Error("it says whose it is")
				}
			}
		}
		public(1)
		d.must(d.Pause(ctx, "anna"))
		public(0)
		d.must(d.Resume(ctx, "anna"))
		public(1)
		later := func(days int, told ...string) {
			t.Helper()
			d.at, d.told = d.at.Add(time.Duration(days)*24*time.Hour), nil
			for range 2 {
				d.must(d.Run(ctx))
				d.must(d.Sweep(ctx))
			}
			if fmt.Sprint(d.told) != fmt.Sprint(told) {
				t.Errorf("told %v, want %v", d.told, told)
			}
		}
		later(165)
		later(2, TellRenew)
		d.must(d.RenewByID(ctx, o.ID))
		later(165)
		later(16, TellOver)
		public(0)
		d.must(d.Renew(ctx, "anna"))
		public(1)
		later(181, TellOver)
		later(29)
		if _, err := d.Own(ctx, "anna"); err != nil {
			t.Error("it was forgotten too early:", err)
		}
		later(2)
		_, err = d.Own(ctx, "anna")
		d.is(err, problem.NotFound)
		_, err = d.ByID(ctx, o.ID)
		d.is(err, problem.Gone)
		d.must(d.Delete(ctx, "anna"))
	})
}

// TestRestricted: of who wants the data kept and not used (GDPR, Article 18) nobody
// else reads the offer, and it is not forgotten on its day.
func TestRestricted(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		d, ctx := opened(t, url), t.Context()
		o, err := d.Put(ctx, "anna", "anna", Draft{About: "Backen", Fields: []string{"social"}, Public: true})
		d.must(err)
		d.must(d.Show(ctx, "anna", clubID, true))
		n, err := d.Need(ctx, needID)
		d.must(err)
		read := func(want int) {
			t.Helper()
			public, err := d.Public(ctx, 10)
			d.must(err)
			given, err := d.Given(ctx, "otto")
			d.must(err)
			fits, others, err := d.ShownToClub(ctx, "edda", n)
			d.must(err)
			if len(public) != want || len(given) != want || len(fits)+len(others) != want {
				t.Errorf("%d are public, the agency reads %d, a club %d, want %d", len(public), len(given), len(fits)+len(others), want)
			}
		}
		set := func(query string, args ...any) {
			t.Helper()
			d.must(d.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.ExecContext(ctx, query, args...)
				return err
			}))
		}
		read(1)
		set("INSERT INTO restrictions (id, contact, account_id, actor_id, by_account, created) VALUES ('r', '', 'anna', '', '', ?)", d.at)
		read(0)
		_, err = d.FindGiven(ctx, "otto", o.ID)
		d.is(err, problem.NotFound)
		if _, err := d.Own(ctx, "anna"); err != nil {
			t.Error("she does not see it herself:", err)
		}
		for range 2 {
			d.at = d.at.AddDate(1, 0, 0)
			d.must(d.Run(ctx))
			d.must(d.Sweep(ctx))
		}
		if _, err := d.Own(ctx, "anna"); err != nil {
			t.Error("it is forgotten:", err)
		}
		set("DELETE FROM restrictions")
		d.must(d.Renew(ctx, "anna"))
		read(1)
		d.at = d.at.AddDate(1, 0, 0)
		d.must(d.Run(ctx))
		d.at = d.at.AddDate(1, 0, 0)
		d.must(d.Sweep(ctx))
		_, err = d.Own(ctx, "anna")
		d.is(err, problem.NotFound)
	})
}
