package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/pledge"
)

// puts changes the database behind the back of the program.
func (v *village) puts(query string, args ...any) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatalf("%s: %v", query, err)
	}
}

// pledges lets a person apply at a club of another town.
func (v *village) pledges(accountID, key string) *pledge.Pledge {
	v.t.Helper()
	n := &application.Need{ID: "https://b.test/o/" + key, ClubID: "https://b.test/tafel", Club: "Tafel", Name: "Suppe " + key, Status: "open"}
	p, _, err := v.Pledges.Apply(v.t.Context(), n, application.Draft{Key: uuid.NewString(), OpportunityID: n.ID, AccountID: accountID, Name: "Rosa Rot", Message: "Geheim " + key, Language: "de"}, "")
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

// stands is what the club elsewhere says of a pledge.
func (v *village) stands(p *pledge.Pledge, number int, state string) row {
	v.t.Helper()
	return v.receive(`{"id":"https://b.test/says/%s/%d","type":"Update","actor":"https://b.test/tafel","object":{"id":"https://b.test/x#agreement","type":"Agreement","attributedTo":"https://b.test/tafel","helper":{"type":"Helper","offer":"%s","number":%d,"state":"%s","notices":[{"kind":"%s"}]}}}`,
		p.ID, number, v.Config.Origin+"/ap/activities/"+p.ID, number, state, state)
}

// later moves the clock of who helps.
func (v *village) later(days int) {
	v.Applications.SetClock(func() time.Time { return time.Now().UTC().Truncate(time.Second).AddDate(0, 0, days) })
}

// TestNobodyAnswersElsewhere: an application that another town does not answer in
// a month ends, or when its opportunity is over; the person is told once and the
// club that nothing is offered; what ended stays so; its words go by the term,
// also from what was sent, though others go on; those of who wants the data kept
// stay.
func TestNobodyAnswersElsewhere(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		rosa := v.person("rosa@example.org", account.Resident)
		v.meet("https://b.test/tafel")
		silent, heard, over := v.pledges(rosa.ID, "eins"), v.pledges(rosa.ID, "zwei"), v.pledges(rosa.ID, "drei")
		v.stands(heard, 1, application.Accepted)
		v.puts("INSERT INTO objects (id, type, local, attributed_to, name, url, visibility, published) VALUES ('https://b.test/o/drei', 'Opportunity', ?, 'https://b.test/tafel', 'Suppe drei', 'https://b.test/o/drei', 'public', ?)", false, time.Now().UTC())
		v.puts("INSERT INTO opportunities (object_id, published, times, timezone, contact, field, status) VALUES ('https://b.test/o/drei', ?, 'once', 'Europe/Berlin', 'club', 'social', 'expired')", time.Now().UTC())
		run := func(want ...string) {
			t.Helper()
			for range 2 {
				if err := v.Pledges.Run(ctx); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, p := range []*pledge.Pledge{silent, heard, over} {
				now, err := v.Pledges.Find(ctx, rosa.ID, p.ID)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, now.State+now.Said().Cause)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("they stand %v, want %v", got, want)
			}
		}
		v.later(29)
		run("asked", "accepted", "declinedexpired")
		v.later(31)
		run("declinedsilent", "accepted", "declinedexpired")
		var told []string
		for _, m := range v.delivered("rosa@example.org") {
			told = append(told, m.Subject)
		}
		if got := strings.Join(told, ", "); strings.Count(got, "Keine Antwort: Suppe eins") != 1 || strings.Count(got, "Vorbei: Suppe drei") != 1 {
			t.Errorf("she is told: %s", got)
		}
		if bye := v.sentBy(silent.ActorID, "Delete"); bye.Object.Ref() != v.Config.Origin+"/ap/activities/"+silent.ID+"#agreement" || len(bye.To) != 1 {
			t.Errorf("the club is told %s", bye.Raw)
		}
		b := v.signedIn("rosa@example.org")
		for _, path := range []string{"/meine-einsaetze", "/meine-einsaetze/" + silent.ID} {
			b.open(path)
			b.shows(200, "Keine Antwort")
		}
		v.stands(silent, 1, application.Accepted) // too late
		run("declinedsilent", "accepted", "declinedexpired")
		for _, m := range v.delivered("rosa@example.org")[len(told):] {
			t.Errorf("she is told of what is over: %s", m.Subject)
		}
		left := func(key string) int { return len(v.places("Geheim " + key)) }
		v.puts("INSERT INTO restrictions (id, contact, account_id, actor_id, by_account, created) VALUES ('r', '', ?, '', '', ?)", rosa.ID, time.Now().UTC())
		v.later(31 + 181)
		sweep := func(counts ...int) {
			t.Helper()
			if err := v.Pledges.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			if got := []int{min(left("eins"), 1), min(left("zwei"), 1), min(left("drei"), 1), v.count("pledges"), v.count("residents")}; fmt.Sprint(got) != fmt.Sprint(counts) {
				t.Errorf("left are %v, want %v", got, counts)
			}
		}
		sweep(1, 1, 1, 3, 1)
		v.puts("DELETE FROM restrictions")
		sweep(0, 1, 0, 1, 1)
		if v.count("activities", "type = 'Delete'") != 2 {
			t.Error("it is not known any more whom to tell when she leaves")
		}
		if _, _, err := v.RemovePerson(ctx, rosa.ID, rosa.ID); err != nil {
			t.Fatal(err)
		}
		if bye := v.sentBy(silent.ActorID, "Delete"); bye.Object.Ref() != silent.ActorID || len(bye.To) != 1 || v.count("pledges") != 0 || left("zwei") != 0 {
			t.Errorf("who leaves says %s", bye.Raw)
		}
	})
}

// TestLongOverElsewhere: what was answered and whose time is over for a month ends,
// as done for who was accepted; what has a place to come goes on.
func TestLongOverElsewhere(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		rosa := v.person("rosa@example.org", account.Resident)
		v.meet("https://b.test/tafel")
		one, two := v.pledges(rosa.ID, "eins"), v.pledges(rosa.ID, "zwei")
		for _, p := range []*pledge.Pledge{one, two} {
			v.stands(p, 1, application.Accepted)
			v.puts("INSERT INTO objects (id, type, local, attributed_to, name, url, visibility, published) VALUES (?, 'Opportunity', ?, 'https://b.test/tafel', 'Suppe', ?, 'public', ?)", p.OpportunityID, false, p.OpportunityID, time.Now().UTC())
			v.puts("INSERT INTO opportunities (object_id, published, times, timezone, contact, field, status, until) VALUES (?, ?, 'once', 'Europe/Berlin', 'club', 'social', 'open', ?)", p.OpportunityID, time.Now().UTC(), time.Now().UTC().AddDate(0, 0, 10))
		}
		v.receive(`{"id":"https://b.test/says/place","type":"Update","actor":"https://b.test/tafel","object":{"id":"https://b.test/x#agreement","type":"Agreement","attributedTo":"https://b.test/tafel","helper":{"type":"Helper","offer":"%s","number":2,"state":"accepted","helperPlaces":[{"state":"taken","startTime":"2126-01-01T10:00:00Z","endTime":"2126-01-01T12:00:00Z"}]}}}`,
			v.Config.Origin+"/ap/activities/"+two.ID)
		for _, c := range []struct {
			days int
			want string
		}{{35, application.Accepted}, {45, application.Done}} {
			v.later(c.days)
			if err := v.Pledges.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			for p, want := range map[*pledge.Pledge]string{one: c.want, two: application.Accepted} {
				if now, err := v.Pledges.Find(t.Context(), rosa.ID, p.ID); err != nil || now.State != want {
					t.Errorf("after %d days %s is %s, want %s: %v", c.days, p.Title, now.State, want, err)
				}
			}
		}
		if v.count("activities", "type = 'Delete'") != 0 {
			t.Error("what a club has is taken back")
		}
	})
}

// TestAskedForWhatIsGone: who asks for what is not here any more is told so by the
// club, once for each thing, and so is who changes what was forgotten.
func TestAskedForWhatIsGone(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(1)
		v.meet(lena)
		gone := *n
		gone.id = v.Config.Origin + "/ap/objects/nie-dagewesen"
		v.receive("%s", gone.offer("1", lena, n.shifts[0]))
		_, no := v.sent("Reject")
		if no.Actor != n.club.ID || no.Object.Ref() != "https://b.test/offers/1" || no.Result.Object == nil || no.Result.Object.Helper.Cause != application.IsDeleted || v.count("helpers") != 0 {
			t.Errorf("who asks is told %s", no.Raw)
		}
		v.receive("%s", n.does("1", "7", lena, `"act":"message","message":"Hallo"`))
		if _, no = v.sent("Reject"); no.Actor != n.club.ID || no.Object.Ref() != "https://b.test/acts/1" {
			t.Errorf("who changes what is forgotten is told %s", no.Raw)
		}
		nobody := strings.ReplaceAll(gone.offer("2", lena, n.shifts[0]), `"to":["`+n.club.ID+`"]`, `"to":["`+v.Config.Origin+`/ap/actors/niemand"]`)
		v.receive("%s", nobody)
		if got := len(v.sentOf("Reject")); got != 2 {
			t.Errorf("%d are told", got)
		}
	})
}

// TestAnswersAreForgotten: what clubs here told people of other towns goes with the
// term of the application or with the person, that of others stays; what belongs to
// no application goes after a month.
func TestAnswersAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, n := t.Context(), v.needing(4)
		const mala, otto = "https://b.test/mala", "https://b.test/otto"
		for i, who := range []string{v.meet(lena), v.meet(mala), v.meet(otto)} {
			key := fmt.Sprint(i + 1)
			v.receive("%s", n.offer(key, who, n.shifts[0]))
			v.receive("%s", n.does(key, key, who, `"act":"message","message":"Hallo"`))
		}
		answers := func(key string) int {
			own := v.Config.Origin + "/ap/activities/" + application.OriginKey("https://b.test/offers/"+key+"#agreement") + "#agreement"
			return v.count("activities", "NOT public AND object_id IN ('https://b.test/offers/"+key+"', 'https://b.test/acts/"+key+"', '"+own+"')")
		}
		want := func(counts ...bool) {
			t.Helper()
			for i, some := range counts {
				if got := answers(fmt.Sprint(i + 1)); (got > 0) != some {
					t.Errorf("%d answers to person %d are left", got, i+1)
				}
			}
		}
		want(true, true, true)
		v.receive(`{"id":"https://b.test/bye","type":"Delete","actor":"%s","object":"%s"}`, mala, mala)
		want(true, false, true)
		v.puts("UPDATE helpers SET state = 'declined', ended = ? WHERE actor_id = ?", time.Now().UTC().AddDate(0, 0, -181), otto)
		if err := v.Pledges.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		want(true, false, false)
		v.puts("UPDATE activities SET published = ? WHERE NOT public", time.Now().UTC().AddDate(0, 0, -31))
		if err := v.Activities.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		want(false, false, false)
	})
}

// TestAskingWhileItIsSwept: who applies at the moment in which the actor is taken
// away for want of use has one afterwards.
func TestAskingWhileItIsSwept(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		rosa := v.person("rosa@example.org", account.Resident)
		v.meet("https://b.test/tafel")
		for i := range 4 {
			v.pledges(rosa.ID, fmt.Sprint("zuvor", i))
			v.puts("DELETE FROM pledges")
			done := make(chan error, 1)
			go func() { done <- v.Pledges.Sweep(context.WithoutCancel(t.Context())) }()
			n := &application.Need{ID: fmt.Sprint("https://b.test/o/", i), ClubID: "https://b.test/tafel", Club: "Tafel", Name: "Suppe", Status: "open"}
			d := application.Draft{Key: uuid.NewString(), OpportunityID: n.ID, AccountID: rosa.ID, Name: "Rosa Rot", Language: "de"}
			_, _, err := v.Pledges.Apply(t.Context(), n, d, "")
			if err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if v.count("pledges", "NOT EXISTS (SELECT 1 FROM residents r JOIN activities a ON a.actor_id = r.actor_id WHERE r.actor_id = pledges.actor_id AND a.type = 'Offer')") != 0 {
				t.Error("an application has no actor, or was not sent")
			}
		}
	})
}
