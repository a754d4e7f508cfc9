package app

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestWaveOfApplications: many who ask alike are refused together, in five
// clicks, and who is not one of them still waits.
func TestWaveOfApplications(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		const many = 60 // more than are forgotten in one go
		ask := func(name, email string) {
			a := v.person(email, account.Resident)
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				return v.Accounts.Apply(ctx, tx, &account.Application{AccountID: a.ID, State: account.Asked, Contact: name})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range many {
			ask("Bot", fmt.Sprintf("bot%d@evil.test", i))
		}
		ask("Anna", "anna@example.org")
		v.person("ruth@example.net", account.Townhall)
		b := v.signedIn("ruth@example.net")
		b.open("/rathaus")
		b.follow("/rathaus/antraege")
		b.shows(200, "Viele Anträge sehen sich ähnlich", "60 Anträge mit Mailadressen von evil.test", "61 Anträge vom")
		b.hides("von example.org")
		b.follow("/rathaus/antraege/gemeinsam?was=%40evil")
		b.shows(200, "Wen lehnen Sie ab? (60)", "bot11@evil.test")
		b.hides("anna@example.org")
		b.send("Angekreuzte ablehnen", nil)
		b.shows(422, "höchstens 1000 Zeichen")
		b.send("Angekreuzte ablehnen", map[string]string{"reason": "Das war keine Anmeldung."})
		b.shows(200, "Abgelehnt", "anna@example.org")
		b.hides("evil.test", "sehen sich ähnlich")
		v.forgotten("evil.test")
		v.said(v.Mail.Wait(t, "bot0@evil.test"), "Das war keine Anmeldung.")
		b.open("/rathaus/antraege/gemeinsam?was=%40evil.test")
		b.shows(200, "Diese Anträge warten nicht mehr")
	})
}

// forgotten waits until nobody is left whose mail address ends so.
func (v *village) forgotten(domain string) {
	v.t.Helper()
	v.Mail.work(v.t)
	for end := time.Now().Add(time.Minute); v.count("accounts", "email LIKE '%"+domain+"'") > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			v.t.Fatalf("people of %s are still there", domain)
		}
	}
}

// TestARefusedPersonIsNobody: until those who were refused together are
// forgotten, they may do no more than those who wait, and a job whose process
// ended goes on.
func TestARefusedPersonIsNobody(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ruth := v.person("ruth@example.org", account.Townhall)
		v.registers("carla")
		carla, err := v.Accounts.FindEmail(t.Context(), "carla@example.org")
		if err != nil {
			t.Fatal(err)
		}
		asked, err := v.Accounts.Applications(t.Context(), account.Asked)
		if err != nil || len(asked) != 1 {
			t.Fatal(asked, err)
		}
		hold := v.Accounts.Refused
		v.Accounts.Refused = nil
		if err := v.Accounts.RefusePeople(t.Context(), v.person("eva@example.org", account.Editor).ID, []string{asked[0].ID}, "Nein."); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor refuses: %v", err)
		}
		for range 2 { // the second click finds nobody
			if err := v.Accounts.RefusePeople(t.Context(), ruth.ID, []string{asked[0].ID}, "Wir kennen Sie nicht."); err != nil {
				t.Fatal(err)
			}
		}
		if waits, err := v.Accounts.Waits(t.Context(), carla.ID); err != nil || !waits {
			t.Errorf("who was refused waits: %t, %v", waits, err)
		}
		if err := v.Accounts.ApprovePerson(t.Context(), ruth.ID, asked[0].ID, nil); !errors.Is(err, account.ErrDecided) {
			t.Errorf("who was refused is let in: %v", err)
		}
		if n := v.count("ledger", "act = 'application.refuse'"); n != 1 {
			t.Errorf("%d refusals in the log", n)
		}
		if err := v.db.Write(t.Context(), hold); err != nil {
			t.Fatal(err)
		}
		v.forgotten("carla@example.org")
		v.said(v.Mail.Wait(t, "carla@example.org"), "Wir kennen Sie nicht.")
	})
}
