package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/retention"
)

// keptThing is one thing that is kept for a time: how it is made, and which time of it
// counts.
type keptThing struct {
	term, table, column, where string
	make                       func(v *village)
}

// keptThings has one for each term but those that are looked at on their own.
var keptThings = []keptThing{
	{retention.Report, "reports", "closed", "id = 'r'", func(v *village) {
		v.exec("INSERT INTO reports (id, actor_id, objects, content, received, closed) VALUES ('r', '', '[]', 'Werbung', ?, ?)", time.Now().UTC(), time.Now().UTC())
	}},
	{retention.Decision, "decisions", "ended", "target = 'https://here.test/x'", func(v *village) { v.decided("https://here.test/x", time.Now().UTC()) }},
	{retention.Application, "applications", "changed", "", func(v *village) {
		v.exec("INSERT INTO actors (id, type, local, host, preferred_username, acct, name, inbox, followers, published, state) VALUES ('https://here.test/ap/actors/q', 'Group', TRUE, 'here.test', 'q', 'q@here.test', 'Q', '', '', ?, 'requested')", time.Now().UTC())
		v.exec("INSERT INTO applications (id, account_id, actor_id, state, contact, register_number, reason, by_account, created, changed) VALUES ('a', ?, 'https://here.test/ap/actors/q', 'refused', '', '', '', '', ?, ?)",
			v.find("anna@example.org"), time.Now().UTC(), time.Now().UTC())
	}},
	{retention.Hint, "hints", "closed", "", func(v *village) {
		v.exec("INSERT INTO hints (id, thing_id, club_id, content, received, closed) VALUES ('h', 'x', ?, 'Falsch', ?, ?)", v.club.ID, time.Now().UTC(), time.Now().UTC())
	}},
	{retention.OldHint, "hints", "received", "", func(v *village) {
		v.exec("INSERT INTO hints (id, thing_id, club_id, content, received) VALUES ('h', 'x', ?, 'Falsch', ?)", v.club.ID, time.Now().UTC())
	}},
	{retention.OldOffer, "help_offers", "ended", "", func(v *village) {
		v.exec("INSERT INTO help_offers (account_id, id, about, state, created, changed, until, ended) VALUES (?, 'o', 'Backen', 'expired', ?, ?, ?, ?)", v.find("anna@example.org"), time.Now().UTC(), time.Now().UTC(), time.Now().UTC(), time.Now().UTC())
	}},
	{retention.Draft, "drafts", "changed", "", func(v *village) {
		v.exec("INSERT INTO drafts (id, actor_id, account_id, kind, title, form, held, version, failed, changed) VALUES ('d', ?, '', 'post', 'Kuchen', '{}', '', 1, '', ?)", v.club.ID, time.Now().UTC())
	}},
	{retention.SignIns, "account_events", "created", "", func(v *village) {
		v.exec("INSERT INTO account_events (id, account_id, by_account, kind, created) VALUES ('e', ?, '', 'password', ?)", v.find("anna@example.org"), time.Now().UTC())
	}},
	{retention.Letter, "mails", "created", "id = 'm'", func(v *village) {
		v.exec("INSERT INTO mails (id, cause, recipient, letter, state, attempts, created, error) VALUES ('m', 'a cause', '', '', 'sent', 1, ?, '')", time.Now().UTC())
	}},
	{retention.Received, "inbox", "received", "activity_id = 'x'", func(v *village) {
		v.exec("INSERT INTO inbox (activity_id, actor_id, type, state, received) VALUES ('x', 'y', 'Like', 'applied', ?)", time.Now().UTC())
	}},
	{retention.Deletion, "deletions", "created", "", func(v *village) {
		v.post("Kuchen")
		v.exec("INSERT INTO deletions (activity_id, actor_id, object_id, created) SELECT MIN(id), 'x', 'y', ? FROM activities", time.Now().UTC())
	}},
	{retention.Foreign, "objects", "received", "NOT local", func(v *village) {
		v.exec("INSERT INTO objects (id, type, local, attributed_to, visibility, published, received) VALUES ('https://b.test/n', 'Note', FALSE, 'https://b.test/u', 'public', ?, ?)", time.Now().UTC(), time.Now().UTC())
	}},
}

// decided stores a decision; it holds when ended is zero.
func (v *village) decided(target string, ended time.Time) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&moderation.Decision{ID: "d " + target, Target: target, Act: moderation.Hide, Basis: moderation.House, Rule: "3", Reason: "Werbung", Created: time.Now().UTC(), Ended: ended}).Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// ages lets so much time pass for one column.
func (v *village) ages(table, column string, by time.Duration) {
	v.t.Helper()
	v.exec(fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s IS NOT NULL", table, column, column), time.Now().UTC().Add(-by).Truncate(time.Second))
}

// forgets runs the job that forgets what is over.
func (v *village) forgets() {
	v.t.Helper()
	if err := v.forgetAll(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
	if err := v.Care.Sweep(v.t.Context()); err != nil {
		v.t.Fatal(err)
	}
}

// TestRetention: each thing stays as long as the town hall says, and goes then;
// as long as it has said nothing, as long as is usual.
func TestRetention(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor)
		for _, one := range keptThings {
			term, ok := retention.Find(one.term)
			if !ok {
				t.Fatalf("there is no term %s", one.term)
			}
			for _, days := range []int{term.Usual, term.Least + 1} {
				if err := v.Settings.SetTerms(t.Context(), actor.Operator, retention.Days{one.term: days}); err != nil {
					t.Fatal(err)
				}
				one.make(v)
				for age, want := range map[time.Duration]int{-time.Hour: 1} {
					v.ages(one.table, one.column, time.Duration(days)*24*time.Hour+age)
					v.forgets()
					if n := v.count(one.table, where(one.where)...); n != want {
						t.Errorf("%s: an hour before %d days are over there are %d", one.term, days, n)
					}
				}
				v.ages(one.table, one.column, time.Duration(days)*24*time.Hour+time.Hour)
				v.forgets()
				if n := v.count(one.table, where(one.where)...); n != 0 {
					t.Errorf("%s: an hour after %d days are over there are %d", one.term, days, n)
				}
			}
		}
	})
}

func where(condition string) []string {
	if condition == "" {
		return nil
	}
	return []string{condition}
}

// TestRetentionOfInvitations: an invitation works as long as the town hall says.
func TestRetentionOfInvitations(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		for _, days := range []int{14, 4} {
			if err := v.Settings.SetTerms(t.Context(), actor.Operator, retention.Days{retention.Invitation: days}); err != nil {
				t.Fatal(err)
			}
			i := &account.Invitation{ActorID: v.club.ID, Email: "ole@example.org", Role: actor.Editor, ByAccount: actor.Operator}
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := v.Accounts.PutInvitation(ctx, tx, i)
				return err
			})
			if err != nil || i.Expires.Sub(i.Created) != time.Duration(days)*24*time.Hour {
				t.Errorf("it works for %v, want %d days (%v)", i.Expires.Sub(i.Created), days, err)
			}
		}
		v.exec("UPDATE invitations SET expires = ?", time.Now().UTC().Add(-time.Hour))
		v.forgets()
		if v.count("invitations") != 0 {
			t.Error("it is not forgotten")
		}
	})
}

// TestRetentionOfReaders: the numbers of a day go when they are too old.
func TestRetentionOfReaders(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		if err := v.Settings.SetTerms(t.Context(), actor.Operator, retention.Days{retention.Readers: 100}); err != nil {
			t.Fatal(err)
		}
		for _, days := range []int{99, 101} {
			v.exec("INSERT INTO readers (actor_id, feed, day, readers) VALUES (?, 'feed', ?, 3)", v.club.ID, time.Now().In(v.Config.Location()).AddDate(0, 0, -days).Format(time.DateOnly))
		}
		v.forgets()
		if n := v.count("readers"); n != 1 {
			t.Errorf("there are numbers of %d days", n)
		}
	})
}

// TestRetentionKeepsWhatIsNeeded: a decision that holds stays, and what somebody
// objected to; so do foreign things with which somebody here dealt, and planned
// drafts.
func TestRetentionKeepsWhatIsNeeded(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, old := t.Context(), 4000*24*time.Hour
		o := v.post("Wer kommt mit?")
		v.meet(lena)
		v.fan(lena)
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, o.ID, "Ich", "")))
		v.receive("%s", create("https://b.test/c/2", lena, note("https://b.test/n/2", lena, toClub(v), "", "Wann?", "")))
		v.decided(o.ID, time.Time{})
		v.decided("https://here.test/gone", time.Time{})
		v.decided("https://here.test/again", time.Now().UTC())
		if err := v.Moderation.Object(ctx, moderation.Objection{DecisionID: "d https://here.test/again", Content: "Es war ein Scherz", Language: "de"}); err != nil {
			t.Fatal(err)
		}
		v.planned("Kuchen", time.Now().Add(24*time.Hour))
		for table, columns := range map[string][]string{"objects": {"received", "published"}, "decisions": {"created", "ended"}, "drafts": {"changed"}, "actors": {"fetched", "updated", "published"}, "inbox": {"received"}} {
			for _, c := range columns {
				v.ages(table, c, old)
			}
		}
		v.forgets()
		for what, n := range map[string][2]int{
			"answers to what we wrote":      {v.count("objects", "id = 'https://b.test/n/1'"), 1},
			"messages nobody answered":      {v.count("objects", "id = 'https://b.test/n/2'"), 0},
			"decisions that hold":           {v.count("decisions", "target = '"+o.ID+"'"), 1},
			"decisions about what is gone":  {v.count("decisions", "target = 'https://here.test/gone'"), 0},
			"decisions with an objection":   {v.count("decisions", "target = 'https://here.test/again'"), 1},
			"objections":                    {v.count("objections"), 1},
			"planned drafts":                {v.count("drafts"), 1},
			"followers":                     {v.count("actors", "id = '"+lena+"'"), 1},
			"what we published":             {v.count("objects", "id = '"+o.ID+"'"), 1},
			"activities that we sent of it": {min(1, v.count("activities", "type = '"+activity.Create+"'")), 1},
		} {
			if n[0] != n[1] {
				t.Errorf("there are %d %s, want %d", n[0], what, n[1])
			}
		}
		if counts := v.counts(o.ID); counts.Replies != 1 {
			t.Errorf("the thing has %d answers", counts.Replies)
		}
		// Whom nothing joins to us any more is forgotten, too, and read again.
		if err := v.Activities.DeleteObject(ctx, actor.Operator, o.ID); err != nil {
			t.Fatal(err)
		}
		v.exec("DELETE FROM follows")
		v.forgets()
		v.forgets()
		if n := v.count("objects", "NOT local"); n != 0 || v.count("actors", "id = '"+lena+"'") != 0 {
			t.Errorf("there are %d foreign things, and their author", n)
		}
		v.meet(lena)
		if _, err := v.Objects.Find(ctx, object.Viewer{}, o.ID); err == nil {
			t.Error("what was deleted is there")
		}
	})
}

// TestTerms: the town hall sets the terms, within their bounds; the plan, the
// privacy notice and the open page say so at once, and the log has it.
func TestTerms(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		b, reader := v.signedIn("ruth@example.org"), v.browser()
		b.open("/rathaus/fristen")
		b.shows(200, "Erledigte Meldungen", "400 bis 1096 Tage, üblich sind 730", "Was fest ist", "Netzadressen")
		b.send("Speichern", map[string]string{"report": "20", "draft": "ein Jahr"})
		b.shows(422, "eine Zahl von Tagen zwischen 400 und 1096", "zwischen 30 und 1096", "ein Jahr")
		b.send("Speichern", map[string]string{"report": "777", "draft": "111", "deletion": "99", "hint": "44", "hint-open": "222", "decision": "888", "foreign-thing": "333"})
		b.shows(200, "Gespeichert")
		b.open("/rathaus/recht/loeschkonzept")
		b.shows(200, "777 Tagen", "111 Tagen", "99 Tagen", "44 Tagen", "222 Tagen", "888 Tagen", "333 Tagen", "Netzadressen")
		reader.open("/transparenz")
		reader.shows(200, "777 Tagen", "111 Tagen", "888 Tagen")
		reader.open("/datenschutz")
		reader.shows(200, "halten wir 99 Tage lang fest", "44 Tage später", "nach 222 Tagen", "777 Tage nachdem", "888 Tage, nachdem", "111 Tage lang", "nach 333 Tagen")
		b.open("/rathaus/protokoll?was=town")
		b.shows(200, "Frist geändert")
		if n := v.count("ledger", "act = 'town.term'"); n != 7 {
			t.Errorf("the log has %d changes", n)
		}
		v.person("anna@example.org", account.Editor)
		if err := v.Settings.SetTerms(t.Context(), v.find("anna@example.org"), retention.Days{retention.Report: 500}); err == nil {
			t.Error("an editor sets terms")
		}
	})
}

// TestTermsSayTheirBounds: what stands below each field is what holds.
func TestTermsSayTheirBounds(t *testing.T) {
	for _, term := range retention.Terms {
		for lang, said := range wordsOf(t, "term."+term.Name+".hint") {
			for _, n := range []int{term.Least, term.Most, term.Usual} {
				if !strings.Contains(spaced(said), fmt.Sprintf(" %d", n)) {
					t.Errorf("%s: %q does not say %d", lang, said, n)
				}
			}
		}
	}
}
