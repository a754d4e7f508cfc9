package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/internal/moderation"
)

// TestWhoHelpsIsForgotten: the town hall hands on what somebody told a club
// without reading it, and when it forgets a mail address the place goes to who
// waits.
func TestWhoHelpsIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, n := t.Context(), v.needing(1)
		v.person("ruth@example.org", account.Townhall)
		ids := map[string]string{}
		for _, email := range []string{"Bert@Example.org", "cora@example.org"} {
			ids[email] = uuid.NewString()
			_, _, err := v.Applications.Apply(ctx, application.Draft{
				Key: ids[email], OpportunityID: n.id, Email: email, Name: "Bert Blau", Phone: "03535 4711", Message: "Nur für den Verein", Language: "de", Old: true, Able: true, Shifts: n.shifts[:1],
			})
			if err == nil {
				err = v.Applications.Confirm(ctx, ids[email])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		ruth := v.signedIn("ruth@example.org")
		ruth.asks(map[string]string{"contact": "bert@example.org", "wanted": inquiry.Erasure, "channel": "letter"})
		ruth.shows(200, "Einsätze", "Bert Blau", "Kuchen verkaufen", "Worum es geht")
		ruth.hides("opportunity_id", "helpers", "https://here.test/ap/")
		ruth.hides("Nur für den Verein", "03535 4711")
		if err := v.Applications.Reply(ctx, ids["Bert@Example.org"], "Ich bringe einen Kuchen mit"); err != nil {
			t.Fatal(err)
		}
		ruth.send("Als Datei mitgeben", nil)
		if told := unzip(t, []byte(ruth.page))["einsaetze.json"]; !strings.Contains(told, "Ich bringe einen Kuchen mit") || !strings.Contains(told, `"starts"`) || strings.Contains(told, "cora@") {
			t.Errorf("the answer to who has no account has %s", told)
		}
		list, err := v.Requests.Waiting(ctx)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if err := v.Requests.Erase(ctx, actor.Operator, list[0].ID); err != nil {
			t.Fatal(err)
		}
		h, err := v.Applications.Find(ctx, v.Applications.Reader(), ids["cora@example.org"])
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Commitments) != 1 || h.Commitments[0].State != application.Taken {
			t.Errorf("the place does not go on: %+v", h.Commitments)
		}
		if n := v.count("helpers", "name = 'Bert Blau' AND email = 'bert@example.org'"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		need, err := v.Applications.Need(ctx, v.Applications.Reader(), n.id)
		if err != nil || need.Shifts[0].Taken != 1 {
			t.Errorf("%+v %v", need, err)
		}
	})
}

// TestContactOfTheClub: a contact that is not chosen any more is nobody's, not
// even for who was accepted.
func TestContactOfTheClub(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(1)
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE opportunities SET contact_name = 'Frau Geheim', contact_phone = '1' WHERE contact = 'club'"); err != nil {
			t.Fatal(err)
		}
		need, err := v.Applications.Need(t.Context(), v.Applications.Reader(), n.id)
		if err != nil || need.ContactName != "" || need.ContactPhone != "" {
			t.Errorf("%+v %v", need, err)
		}
	})
}

// TestShutOutClubNeedsNobody: what a club offers that is shut out is cancelled
// though nothing is sent in its name; who applied is told, nobody moves up, and
// its editors answer and write to nobody.
func TestShutOutClubNeedsNobody(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, n := t.Context(), v.needing(1)
		rosa := v.person("rosa@example.org", account.Resident)
		v.person("anna@example.org", account.Editor, "tsv")
		anna := v.signedIn("anna@example.org")
		id := n.asks(rosa.ID, "Rosa Rot", n.shifts[0])
		last := n.asks("", "Bert Blau", n.shifts[0])
		one := n.path + "/bewerbungen/" + id
		anna.open(one)
		yes := anna.formWith("Zusagen")
		v.decide(v.club.ID, moderation.Suspend)
		before := len(v.sentOf("Update"))
		anna.post(yes)
		anna.shows(409, "Dieser Verein ist gerade nicht aktiv")
		anna.open(one)
		anna.hides("Zusagen", "Nachricht senden")
		for _, err := range []error{
			v.Applications.Write(ctx, actor.Operator, n.id, id, "Kommen Sie?"), v.Applications.Accept(ctx, actor.Operator, n.id, id, 0), v.Applications.Decline(ctx, actor.Operator, n.id, id, 0, "Nein"),
		} {
			if !errors.Is(err, application.ErrShut) {
				t.Errorf("a club that is shut out answers: %v", err)
			}
		}
		if err := v.Applications.GiveBack(ctx, id, n.shifts[0]); err != nil {
			t.Fatal(err)
		}
		if h, err := v.Applications.Find(ctx, v.Applications.Reader(), last); err != nil || h.Commitments[0].State != application.Waiting {
			t.Errorf("somebody moves up: %+v, %v", h, err)
		}
		if err := errors.Join(v.Applications.Run(ctx), v.expire(ctx), v.Applications.Run(ctx)); err != nil {
			t.Fatal(err)
		}
		if n := v.count("opportunities", "status = 'cancelled' AND reason = 'Der Verein ist nicht mehr aktiv.'"); n != 1 {
			t.Errorf("%d are cancelled", n)
		}
		if v.count("helpers", "state = 'declined' AND cause = 'shut'") != 2 || len(v.sentOf("Update")) != before {
			t.Error("who applied is not told, or others are")
		}
		for _, who := range []string{"rosa@example.org", "bert.blau@example.org"} {
			var said []string
			for _, m := range v.delivered(who) {
				said = append(said, m.Subject)
			}
			if got := strings.Join(said, ", "); !strings.Contains(got, "Fällt aus: Kuchen verkaufen") || strings.Contains(got, "nachgerückt") {
				t.Errorf("%s is told: %s", who, got)
			}
		}
	})
}

// asks applies with an account or, for "", with a mail address that is the name.
func (n *need) asks(accountID, name string, shifts ...string) string {
	n.t.Helper()
	d := application.Draft{Key: uuid.NewString(), OpportunityID: n.id, AccountID: accountID, Name: name, Language: "de", Old: true, Able: true, Shifts: shifts}
	if accountID == "" {
		d.Email = strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@example.org"
	}
	_, _, err := n.Applications.Apply(n.t.Context(), d)
	if err == nil && accountID == "" {
		err = n.Applications.Confirm(n.t.Context(), d.Key)
	}
	if err != nil {
		n.t.Fatal(err)
	}
	return d.Key
}

// TestArchivedClubCancelsItsHelp: what it offers is cancelled while it can still say
// so, the page says before how many that concerns, and who applied is told at once.
func TestArchivedClubCancelsItsHelp(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(1)
		v.person("ruth@example.org", account.Townhall)
		n.asks("", "Bert Blau", n.shifts[0])
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/vereine/tsv/archivieren")
		ruth.shows(200, "1 Einsatz für Helfende wird abgesagt", "1 Bewerbung endet")
		ruth.send("Archivieren", nil)
		ruth.shows(200, "Der Verein ist archiviert")
		if told := v.sentOf("Update"); len(told) != 2 || !strings.Contains(told[0], "nicht mehr aktiv") || !strings.Contains(told[1], `"Group"`) {
			t.Errorf("%d updates: %v", len(told), told)
		}
		if v.count("helpers", "state = 'declined' AND cause = 'cancelled'") != 1 || v.count("ledger", "act = 'club.help.cancel'") != 1 {
			t.Error("who applied is not told, or the log does not say it")
		}
	})
}

// TestAnswerToOtherShifts: a club does not say yes to shifts that it has not seen.
func TestAnswerToOtherShifts(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, n, id := t.Context(), v.needing(1, 1), uuid.NewString()
		_, _, err := v.Applications.Apply(ctx, application.Draft{Key: id, OpportunityID: n.id, Email: "bert@example.org", Name: "Bert", Language: "de", Old: true, Able: true, Shifts: n.shifts[:1]})
		if err == nil {
			err = v.Applications.Confirm(ctx, id)
		}
		if err != nil {
			t.Fatal(err)
		}
		seen, err := v.Applications.Find(ctx, v.Applications.Reader(), id)
		if err == nil {
			err = v.Applications.Take(ctx, id, n.shifts[1])
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Applications.Accept(ctx, actor.Operator, n.id, id, seen.Version); !errors.Is(err, application.ErrStale) {
			t.Errorf("it said yes to what it had not seen: %v", err)
		}
		if err := v.Applications.Accept(ctx, actor.Operator, n.id, id, seen.Version+1); err != nil {
			t.Error(err)
		}
	})
}

// TestGoneIsAskedAgain: browsers keep what is gone for good unless they are told
// to ask again, and a club that was archived comes back.
func TestGoneIsAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		for _, path := range []string{"/einsatz/x", "/gibt-es-nicht"} {
			if w := v.get(path, html); w.Code < 400 || w.Header().Get("Cache-Control") == "" {
				t.Errorf("%s: %d %v", path, w.Code, w.Header())
			}
		}
	})
}

// TestRestrictionsAndDecisions: who asked to be left out of sight and was shut
// out comes back when both have ended.
func TestRestrictionsAndDecisions(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		v.meet(lena)
		state := func() string {
			a, err := v.Actors.Find(ctx, v.db.Read(), lena)
			if err != nil {
				t.Fatal(err)
			}
			return a.State
		}
		restrict := func() (id string) {
			who, err := v.Actors.Find(ctx, v.db.Read(), lena)
			if err != nil {
				t.Fatal(err)
			}
			r, err := v.Requests.Enter(ctx, actor.Operator, inquiry.Draft{Handle: who.Handle(), Wanted: inquiry.Restriction, Channel: "letter", Received: time.Now()})
			if err == nil {
				err = v.Requests.Check(ctx, actor.Operator, r.ID, "card")
			}
			if err == nil {
				err = v.Requests.Restrict(ctx, actor.Operator, r.ID)
			}
			if err == nil {
				err = v.db.Pool().QueryRowContext(ctx, "SELECT id FROM restrictions").Scan(&id)
			}
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		free := func(id string) error { // and the week that it is said before is over
			if err := v.Requests.Free(ctx, actor.Operator, id); err != nil {
				return err
			}
			if _, err := v.db.Pool().ExecContext(ctx, "UPDATE restrictions SET ends = '2020-01-01 00:00:00+00:00'"); err != nil {
				return err
			}
			return v.Requests.Sweep(ctx)
		}
		one := restrict()
		d := v.decide(lena, moderation.Suspend)
		if err := free(one); err != nil || state() != actor.Suspended {
			t.Errorf("freed, and let in against a decision: %s %v", state(), err)
		}
		two := restrict()
		v.takeBack(d)
		if state() != actor.Suspended {
			t.Error("a decision that ended ends what was asked for")
		}
		if err := free(two); err != nil || state() != actor.Active {
			t.Errorf("both have ended: %s %v", state(), err)
		}
	})
}
