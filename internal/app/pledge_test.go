package app

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/pledge"
)

// offer writes the Offer of a person of another town.
func (n *need) offer(id, by, shift string) string {
	return `{"id":"https://b.test/offers/` + id + `","type":"Offer","actor":"` + by + `","to":["` + n.club.ID + `"],"object":{"id":"https://b.test/offers/` + id +
		`#agreement","type":"Agreement","attributedTo":"` + by + `","stipulates":{"type":"Commitment","satisfies":"` + n.id + `#intent"},"helper":{"type":"Helper","name":"Lena Fern",` +
		`"message":"Gern.","email":"lena@b.test","oldEnough":true,"able":true,"helperShifts":["` + n.id + `#shift-` + shift + `"]}}}`
}

func (n *need) does(id, offer, by, what string) string {
	return `{"id":"https://b.test/acts/` + id + `","type":"Update","actor":"` + by + `","to":["` + n.club.ID + `"],"object":{"id":"https://b.test/offers/` + offer +
		`#agreement","type":"Agreement","attributedTo":"` + by + `","helper":{"type":"Helper",` + what + `}}}`
}

// TestSomebodyOfAnotherTown: an Offer becomes an application once, only who made
// it can change it, each act is answered by a receipt, and what is taken back is
// forgotten.
func TestSomebodyOfAnotherTown(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(2, 1)
		v.meet(lena)
		v.meet("https://b.test/mala")
		for range 2 {
			v.receive("%s", n.offer("1", lena, n.shifts[0]))
		}
		if state := v.receive("%s", strings.Replace(n.offer("9", lena, n.shifts[0]), `attributedTo":"`+lena, `attributedTo":"https://b.test/mala`, 1)).State; state != "refused" {
			t.Errorf("an offer in another's name is %s", state)
		}
		id := application.OriginKey("https://b.test/offers/1#agreement")
		h, err := v.Applications.Find(t.Context(), v.Applications.Reader(), id)
		if err != nil || h.Name != "Lena Fern" || h.Contact != "lena@b.test" || h.State != application.Asked || len(h.Commitments) != 1 || v.count("helpers") != 1 {
			t.Fatalf("the offer became %+v, %v", h, err)
		}
		_, said := v.sent("Update")
		if o := said.Object.Object; o == nil || o.Helper == nil || o.Helper.State != application.Asked || o.Helper.Offer != "https://b.test/offers/1" || len(said.To) != 1 || strings.Contains(string(said.Raw), "Lena") {
			t.Errorf("the person is told %s", said.Raw)
		}
		if err := v.Applications.Accept(t.Context(), actor.Operator, n.id, id, 0); err != nil {
			t.Fatal(err)
		}
		if _, yes := v.sent("Accept"); yes.Object.Ref() != "https://b.test/offers/1" || yes.Result.Object == nil || yes.Result.Object.Helper.State != application.Accepted {
			t.Errorf("accepted: %s", yes.Raw)
		}
		shift := `"shift":"` + n.id + `#shift-` + n.shifts[1] + `"`
		v.receive("%s", n.does("1", "1", lena, `"act":"taken",`+shift))
		v.receive("%s", n.does("2", "1", "https://b.test/mala", `"act":"given",`+shift))
		v.receive("%s", n.does("3", "1", lena, `"act":"message","message":"Bis Samstag"`))
		if state := v.receive("%s", n.does("4", "1", lena, `"act":"hours","minutes":-3`)).State; state != "applied" {
			t.Errorf("what cannot be is %s, and not answered", state)
		}
		h, _ = v.Applications.Find(t.Context(), v.Applications.Reader(), id)
		if len(h.Commitments) != 2 {
			t.Errorf("who took a shift has %d", len(h.Commitments))
		}
		list, err := v.Pledges.Receipts(t.Context(), id)
		if err != nil || len(list) != 3 || !list[0].Accepted || list[2].Accepted || !strings.Contains(string(list[0].Body), `"proof"`) {
			t.Errorf("receipts %v, %v", list, err)
		}
		v.receive(`{"id":"https://b.test/undo/1","type":"Undo","actor":"%s","object":{"id":"https://b.test/offers/1","type":"Offer","actor":"%s"}}`, lena, lena)
		h, _ = v.Applications.Find(t.Context(), v.Applications.Reader(), id)
		if h.State != application.Withdrawn || h.Message != "" || h.Contact != "" || h.Name != "Lena Fern" || v.count("commitments") != 0 {
			t.Errorf("taken back: %+v", h)
		}
		v.receive(`{"id":"https://b.test/bye","type":"Delete","actor":"%s","object":"%s"}`, lena, lena)
		if v.count("helpers") != 0 || v.count("helper_receipts") != 0 {
			t.Error("who is gone is not forgotten")
		}
	})
}

// TestAnotherTownIsBounded: whom a club keeps away can do nothing but withdraw,
// and nobody asks without end.
func TestAnotherTownIsBounded(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(2, 1)
		v.meet(lena)
		v.meet("https://b.test/mala")
		v.receive("%s", n.offer("1", lena, n.shifts[0]))
		id := application.OriginKey("https://b.test/offers/1#agreement")
		for i := range 25 {
			v.receive("%s", n.does(strconv.Itoa(i), "1", lena, `"act":"message","message":"Hallo `+strconv.Itoa(i)+`"`))
		}
		if got := v.count("helper_messages", "kind = 'message'"); got != 19 {
			t.Errorf("%d messages came through", got)
		}
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("INSERT INTO club_blocks (actor_id, target, created) VALUES (?, ?, ?)", n.club.ID, "https://b.test/mala", time.Now().UTC()).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		v.receive("%s", n.offer("2", "https://b.test/mala", n.shifts[0]))
		if _, no := v.sent("Reject"); no.Result.Object == nil || no.Result.Object.Helper.Notices[0].Kind != application.TellDeclined || v.count("helpers") != 1 {
			t.Errorf("who is kept away is told %s", no.Raw)
		}
		v.receive(`{"id":"https://b.test/undo/1","type":"Undo","actor":"%s","object":{"id":"https://b.test/offers/1","type":"Offer","actor":"%s"}}`, lena, lena)
		if h, err := v.Applications.Find(t.Context(), v.Applications.Reader(), id); err != nil || h.State != application.Withdrawn {
			t.Errorf("who asked too often cannot withdraw: %+v, %v", h, err)
		}
	})
}

// sentBy gives what an actor of ours has said last of a kind.
func (v *village) sentBy(actorID, kind string) *as.Activity {
	v.t.Helper()
	var bodies [][]byte
	err := v.db.Read().NewSelect().Table("activities").Column("body").Where("actor_id = ?", actorID).Where("type = ?", kind).Order("published", "id").Scan(v.t.Context(), &bodies)
	if err != nil || len(bodies) == 0 {
		v.t.Fatalf("%s has sent no %s: %v", actorID, kind, err)
	}
	a, err := as.Decode(bodies[len(bodies)-1])
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

// takesAlong looks whether the download of a person has what was said between
// him or her and clubs of other towns, and that the readme speaks of it.
func (v *village) takesAlong(email string, words ...string) {
	v.t.Helper()
	files := unzip(v.t, v.signedIn(email).fetch("/konto/daten"))
	var list []any
	if err := json.Unmarshal([]byte(files[farFile]), &list); err != nil || len(list) != 1 {
		v.t.Errorf("%s: %v", files[farFile], err)
	}
	for _, w := range words {
		if !strings.Contains(files[farFile], w) {
			v.t.Errorf("the download does not say %q: %s", w, files[farFile])
		}
	}
	for _, w := range []string{farFile, "„Ich möchte helfen“"} {
		if !strings.Contains(files["LIESMICH.txt"], w) {
			v.t.Errorf("the readme does not say %q", w)
		}
	}
}

// TestAResidentElsewhere: the actor of a resident is made with the first Offer, is
// in no list, shows nothing, and is taken away when nothing is left.
func TestAResidentElsewhere(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		rosa := v.person("rosa@example.org", account.Resident)
		v.meet("https://b.test/tafel")
		need := &application.Need{ID: "https://b.test/o/1", ClubID: "https://b.test/tafel", Club: "Tafel", Name: "Suppe", Status: "open"}
		d := application.Draft{Key: "01a222f0-e68f-7555-b357-1e82f6362790", OpportunityID: need.ID, AccountID: rosa.ID, Name: "Rosa Rot", Message: "Gern.", Language: "de"}
		var p *pledge.Pledge
		for range 2 {
			var err error
			if p, _, err = v.Pledges.Apply(t.Context(), need, d, ""); err != nil {
				t.Fatal(err)
			}
		}
		offer := v.sentBy(p.ActorID, "Offer")
		if offer.Actor != p.ActorID || len(offer.To) != 1 || offer.Object.Object.Helper.Email != "" || v.count("activities", "type = 'Offer'") != 1 {
			t.Errorf("offered: %s", offer.Raw)
		}
		path := strings.TrimPrefix(p.ActorID, v.Config.Origin)
		doc := v.get(path, as2)
		var a as.Actor
		if err := json.Unmarshal(doc.Body.Bytes(), &a); err != nil || a.Type != actor.Person || a.Name != "" || a.Discoverable || a.Followers != "" || strings.Contains(doc.Body.String(), "osa") {
			t.Errorf("the actor is %s, %v", doc.Body, err)
		}
		for address, want := range map[string]int{
			path + "/followers": 404, path + "/outbox": 200, "/.well-known/webfinger?resource=acct:" + a.Webfinger: 200,
			"/.well-known/webfinger?resource=" + a.ID: 404, "/vereine/" + a.PreferredUsername: 404,
		} {
			if got := v.get(address, as2).Code; got != want {
				t.Errorf("%s: %d, want %d", address, got, want)
			}
		}
		stand := func(number, state, more string) {
			v.receive(`{"id":"https://b.test/says/%s","type":"Update","actor":"https://b.test/tafel","object":{"id":"https://b.test/x#agreement","type":"Agreement","attributedTo":"https://b.test/tafel","helper":{"type":"Helper","offer":"%s","number":%s,"state":"%s"%s}}}`,
				number+state, offer.ID, number, state, more)
		}
		stand("2", "accepted", `,"notices":[{"kind":"accepted"}]`)
		stand("1", "asked", "") // it comes late
		if p, _ = v.Pledges.Find(t.Context(), rosa.ID, p.ID); p.State != application.Accepted || p.Number != 2 {
			t.Errorf("it stands %s (%d)", p.State, p.Number)
		}
		v.said(v.Mail.Wait(t, "rosa@example.org"), "Suppe")
		if err := v.Pledges.Reply(t.Context(), p.ID, "Ich bringe Brot mit"); err != nil {
			t.Fatal(err)
		}
		v.receive(`{"id":"https://b.test/heard","type":"Accept","actor":"https://b.test/tafel","object":{"id":"%s","type":"Update"},"result":{"id":"https://b.test/x#agreement","type":"Agreement","attributedTo":"https://b.test/tafel","helper":{"type":"Helper","offer":"%s","number":3,"state":"accepted","said":[{"id":"https://b.test/m/1","kind":"message","content":"Brot ist gut","published":"2027-01-01T10:00:00Z"}]}}}`,
			v.sentBy(p.ActorID, "Update").ID, offer.ID)
		v.takesAlong("rosa@example.org", "Ich bringe Brot mit", "Brot ist gut", "Suppe", "b.test", "https://b.test/heard")
		if err := v.Pledges.Withdraw(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		gone := v.sentBy(p.ActorID, "Delete")
		v.receive(`{"id":"https://b.test/ok","type":"Accept","actor":"https://b.test/tafel","object":{"id":"%s","type":"Delete"},"result":{"id":"https://b.test/x#agreement","type":"Agreement","attributedTo":"https://b.test/tafel","helper":{"type":"Helper","offer":"%s","number":4,"state":"withdrawn","cause":"helper"}}}`, gone.ID, offer.ID)
		acts, err := v.Pledges.Acts(t.Context(), p.ID)
		if err != nil || len(acts) != 3 || acts[2].State != pledge.Accepted || len(acts[2].Receipt) == 0 {
			t.Errorf("acts %+v, %v", acts, err)
		}
		v.Applications.SetClock(func() time.Time { return time.Now().UTC().Truncate(time.Second).AddDate(2, 0, 0) })
		if err := v.Pledges.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		bye := v.sentBy(p.ActorID, "Delete")
		if bye.Object.Ref() != p.ActorID || v.get(path, as2).Code != http.StatusGone || v.count("residents") != 0 || v.count("activities", "type = 'Offer'") != 0 {
			t.Errorf("the actor is not taken away: %s", bye.Raw)
		}
	})
}
