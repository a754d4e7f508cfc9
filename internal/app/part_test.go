package app

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/problem"
)

// owners adds some people who own the club.
func (v *village) owners(round int) [6]string {
	v.t.Helper()
	var ids [6]string
	for i := range ids {
		a, _, err := v.Accounts.Create(v.t.Context(), actor.Operator, account.Draft{Email: fmt.Sprintf("o%d-%d@example.org", round, i), Name: "O", Role: account.Editor})
		if err != nil {
			v.t.Fatal(err)
		}
		if err := v.Clubs.AddEditor(v.t.Context(), actor.Operator, "tsv", a.ID, actor.Owner); err != nil {
			v.t.Fatal(err)
		}
		ids[i] = a.ID
	}
	return ids
}

// TestOwnersStopAtOnce: a club has an owner, or the town hall, also when all
// of its owners stop at the same moment, whichever way.
func TestOwnersStopAtOnce(t *testing.T) {
	ways := map[string]func(v *village, id string) error{
		"out of the club": func(v *village, id string) error { return v.Clubs.RemoveEditor(context.Background(), id, "tsv", id) },
		"to editors": func(v *village, id string) error {
			return v.Clubs.SetRole(context.Background(), id, "tsv", id, actor.Editor)
		},
		"for good": func(v *village, id string) error {
			_, _, err := v.RemovePerson(context.Background(), id, id)
			return err
		},
	}
	each(t, func(t *testing.T, v *village) {
		round := 0
		for name, stop := range ways {
			for range 8 {
				round++
				var stopped atomic.Int32
				var all sync.WaitGroup
				for _, id := range v.owners(round) {
					all.Go(func() {
						switch err := stop(v, id); {
						case err == nil:
							stopped.Add(1)
						case problem.Field(err) != "person":
							t.Errorf("%s: %v", name, err)
						}
					})
				}
				all.Wait()
				owners, orphans := v.count("editors", "role = 'owner'"), v.count("orphans")
				if owners+orphans != 1 {
					t.Fatalf("%s: %d owners, and %d times with the town hall; %d stopped", name, owners, orphans, stopped.Load())
				}
				if _, err := v.db.Pool().ExecContext(t.Context(), "DELETE FROM editors"); err != nil {
					t.Fatal(err)
				}
				if _, err := v.db.Pool().ExecContext(t.Context(), "DELETE FROM orphans"); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// TestAClubIsHandedOver: the only owner gives the club to the town hall, and
// stays in the town.
func TestAClubIsHandedOver(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ruth := v.person("ruth@example.org", account.Townhall)
		anna, bert := v.person("anna@example.org", account.Editor), v.person("bert@example.org", account.Editor)
		for id, role := range map[string]string{anna.ID: actor.Owner, bert.ID: actor.Owner} {
			if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", id, role); err != nil {
				t.Fatal(err)
			}
		}
		b := v.signedIn("anna@example.org")
		b.open("/vereine/tsv/personen")
		b.hides("Dem Rathaus übergeben")
		b.open("/vereine/tsv/uebergeben")
		b.shows(200, "Wer schreibt für TSV?")
		if w := b.ask("POST", "/vereine/tsv/uebergeben", html, nil); w.Code != 422 {
			t.Errorf("handed over, with another owner: %d", w.Code)
		}
		if err := v.Clubs.SetRole(t.Context(), bert.ID, "tsv", bert.ID, actor.Editor); err != nil {
			t.Fatal(err)
		}
		b.open("/vereine/tsv/personen")
		b.shows(200, "Nur Sie sind im Vorstand")
		b.follow("/vereine/tsv/uebergeben")
		b.shows(200, "TSV dem Rathaus übergeben?", "Die übrige Redaktion schreibt weiter.")
		b.send("Verein übergeben", nil)
		b.shows(200, "Der Verein ist jetzt beim Rathaus", "Mein Konto")
		v.said(v.Mail.Wait(t, ruth.Email), "TSV hat niemanden mehr im Vorstand")
		if v.count("orphans") != 1 || v.count("editors") != 1 || v.count("accounts") != 3 {
			t.Error("the club is not with the town hall alone")
		}
		if err := v.Clubs.HandOver(t.Context(), bert.ID, "tsv"); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor hands the club over: %v", err)
		}
		hall := v.signedIn("ruth@example.org")
		hall.open("/rathaus")
		hall.shows(200, "Vereine ohne Vorstand", "TSV")
	})
}

// TestDecidedOnce: an application is decided once. Who comes second reads so.
func TestDecidedOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ruth := v.person("ruth@example.org", account.Townhall)
		one, two := v.signedIn("ruth@example.org"), v.signedIn("ruth@example.org")
		v.registers("carla")
		one.open("/rathaus/antraege")
		two.open("/rathaus/antraege")
		two.follow("/rathaus/antraege?ablehnen=")
		one.send("Freigeben", nil)
		one.shows(200, "Freigegeben")
		two.send("Ablehnen", map[string]string{"reason": "Nein."})
		two.shows(200, "Darüber hat schon jemand anderes entschieden")
		v.registers("dora")
		one.open("/rathaus/antraege")
		two.open("/rathaus/antraege")
		two.follow("/rathaus/antraege?ablehnen=")
		two.send("Ablehnen", map[string]string{"reason": "Nein."})
		two.shows(200, "Abgelehnt")
		one.send("Freigeben", nil)
		one.shows(200, "Darüber hat schon jemand anderes entschieden")
		carla, err := v.Accounts.FindEmail(t.Context(), "carla@example.org")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			c, err := v.Clubs.AskFor(t.Context(), carla, club.Ask{Name: fmt.Sprint("Chor ", i), Handle: fmt.Sprint("chor", i)}, false)
			if err != nil {
				t.Fatal(err)
			}
			var done atomic.Int32
			var all sync.WaitGroup
			for _, decide := range []func() error{
				func() error { return v.Clubs.Approve(context.Background(), ruth.ID, c.PreferredUsername) },
				func() error { return v.Clubs.Refuse(context.Background(), ruth.ID, c.PreferredUsername, "Nein.") },
			} {
				all.Go(func() {
					switch err := decide(); {
					case err == nil:
						done.Add(1)
					case problem.KindOf(err) != problem.Conflict:
						t.Error(err)
					}
				})
			}
			all.Wait()
			if done.Load() != 1 {
				t.Errorf("%d decisions on one club", done.Load())
			}
		}
	})
}

// TestARefusedPersonLeavesClubsToOthers: what others write for is not forgotten
// with who began it, and nothing points to who was refused.
func TestARefusedPersonLeavesClubsToOthers(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		bert := v.person("bert@example.org", account.Editor)
		v.registers("carla")
		carla, err := v.Accounts.FindEmail(t.Context(), "carla@example.org")
		if err != nil {
			t.Fatal(err)
		}
		for _, handle := range []string{"chor", "imker"} {
			if _, err := v.Clubs.AskFor(t.Context(), carla, club.Ask{Name: handle, Handle: handle}, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "chor", bert.ID, actor.Editor); err != nil {
			t.Fatal(err)
		}
		id := ""
		asked, err := v.Accounts.Applications(t.Context(), account.Asked)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range asked {
			if a.ActorID == "" {
				id = a.ID
			}
		}
		hall := v.signedIn("ruth@example.org")
		hall.open("/rathaus/antraege?ablehnen=" + id)
		hall.send("Ablehnen", map[string]string{"reason": "Wir kennen Sie nicht."})
		hall.shows(200, "Abgelehnt")
		v.said(v.Mail.Wait(t, "carla@example.org"), "Wir kennen Sie nicht.")
		if v.count("actors", "preferred_username = 'chor'") != 1 || v.count("actors", "preferred_username = 'imker'") != 0 {
			t.Error("the club of others is forgotten, or that of nobody stays")
		}
		if v.count("orphans") != 1 || v.count("editors", "account_id = '"+carla.ID+"'") != 0 || v.count("accounts", "id = '"+carla.ID+"'") != 0 {
			t.Error("who was refused is still there, or the club is nobody's")
		}
	})
}
