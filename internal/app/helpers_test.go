package app

import (
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/opportunity"
)

// TestShiftsWithPeople: a shift with people on it goes or moves only after a
// question, they are told at once, nobody with a yes is missing on the list of the
// day, and the pages say how many people something concerns.
func TestShiftsWithPeople(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		day := time.Now().In(v.Config.Location()).AddDate(0, 1, 0).Format("02.01.2006")
		o := v.publishes(opportunity.Draft{
			Name: "Kuchen verkaufen", Text: "Bitte.", Times: opportunity.Once, Place: "Freibad", Shifts: day + ", 14:00 bis 16:00, 2\n" + day + ", 16:00 bis 18:00, 2",
		})
		n := &need{village: v, id: o.ID, path: "/ehrenamt/" + o.Key(), shifts: [2]string{o.Shifts[0].ID, o.Shifts[1].ID}}
		v.person("anna@example.org", account.Editor, "tsv")
		anna := v.signedIn("anna@example.org")
		bert := n.asks("", "Bert Blau", n.shifts[1])
		cora := n.asks("", "Cora Rot", n.shifts[0])
		if err := v.Applications.Accept(ctx, actor.Operator, o.ID, bert, 0); err != nil {
			t.Fatal(err)
		}
		anna.open(n.path + "/bewerbungen/" + cora)
		yes := anna.formWith("Zusagen")

		anna.open(n.path + "/aendern")
		anna.send("Speichern", map[string]string{"shifts": day + ", 14:30 bis 16:00, 2", "from": "25 Uhr"})
		anna.shows(422, "Das ist keine Uhrzeit")
		anna.send("Speichern", map[string]string{"shifts": day + ", 14:30 bis 16:00, 2", "from": ""})
		anna.shows(422, "Für diese Schichten haben sich schon Menschen beworben", "fällt weg, 1 Person", "Ja, so soll es sein")
		if v.count("shifts") != 2 {
			t.Fatal("a shift goes without a question")
		}
		anna.send("Speichern", map[string]string{opportunity.FieldSure: "1"})
		anna.shows(200, "Ihre Änderung ist veröffentlicht")
		said := ""
		for _, who := range []string{"bert.blau@example.org", "cora.rot@example.org"} {
			for _, m := range v.delivered(who) {
				said += m.Subject + "\n"
			}
		}
		if !strings.Contains(said, "Schicht fällt aus: Kuchen verkaufen") {
			t.Errorf("who was on a shift that is gone is told: %s", said)
		}
		anna.post(yes)
		anna.shows(409)
		anna.open(n.path + "/bewerbungen/liste")
		anna.shows(200, "Zugesagt, ohne Schicht", "Bert Blau")
		anna.open(n.path + "/bewerbungen.csv")
		anna.shows(200, "Bert Blau")

		for _, page := range []string{"/absagen", "/loeschen"} {
			anna.open(n.path + page)
			anna.shows(200, "2 Personen haben sich beworben, davon mit Zusage: 1", "Alle erfahren es")
		}
		anna.open("/konto")
		anna.shows(200, "Helfende suchen", "Bewerbungen")
		anna.open("/vereine/tsv")
		anna.shows(200, "Helfende suchen", "Bewerbungen")
		anna.open("/ehrenamt/bewerbungen")
		anna.shows(200, "Kuchen verkaufen", "warten auf Antwort: 1, zugesagt: 1")

		anna.open(n.path + "/loeschen")
		anna.send("Endgültig löschen", nil)
		if v.count("helpers", "cause = 'deleted'") != 2 {
			t.Error("who applied does not learn at once that it is deleted")
		}
	})
}

// TestPlacesAreTold: other servers learn how many places are free some minutes after
// they have changed, once for many changes, and no form is old by that.
func TestPlacesAreTold(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, o := t.Context(), v.job("Ratten zählen")
		n := &need{village: v, id: o.ID, path: "/ehrenamt/" + o.Key()}
		v.person("anna@example.org", account.Editor, "tsv")
		anna := v.signedIn("anna@example.org")
		anna.open(n.path + "/aendern")
		n.asks("", "Bert Blau")
		n.asks("", "Cora Rot")
		if err := v.Opportunities.Announce(ctx); err != nil || len(v.sentOf("Update")) != 0 {
			t.Errorf("others are told at every step: %v", err)
		}
		later := time.Now().UTC().Truncate(time.Second).Add(6 * time.Minute)
		v.Opportunities.SetClock(func() time.Time { return later })
		for range 2 {
			if err := v.Opportunities.Announce(ctx); err != nil {
				t.Fatal(err)
			}
		}
		told := v.sentOf("Update")
		if len(told) != 1 || !strings.Contains(told[0], `"availableQuantity":{`) || !strings.Contains(told[0], `"hasNumericalValue":"2"`) {
			t.Errorf("%d updates: %v", len(told), told)
		}
		anna.send("Speichern", map[string]string{"name": "Mäuse zählen"})
		anna.shows(200, "Ihre Änderung ist veröffentlicht", "Mäuse zählen")
		if v.count("opportunities", "edited IS NULL AND untold IS NULL") != 1 {
			t.Error("a change leaves places untold")
		}
	})
}

// TestOwnThemes: the topics of opportunities are the town's own words; renamed and
// joined ones are found under their new name.
func TestOwnThemes(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		v.publishes(opportunity.Draft{Name: "Noten sortieren", Text: "Bitte.", Times: opportunity.Flexible, Place: "Freibad", Field: "music"})
		reader, hall := v.browser(), v.person("ruth@example.org", account.Townhall)
		reader.open("/ehrenamt?umkreis=egal")
		reader.shows(200, "Noten sortieren")
		if err := v.Terms.Rename(ctx, hall.ID, opportunity.TermList, "culture", "Bühne und Klang", "Stage and sound"); err != nil {
			t.Fatal(err)
		}
		if err := v.Terms.Merge(ctx, hall.ID, opportunity.TermList, "music", "culture"); err != nil {
			t.Fatal(err)
		}
		reader.open("/ehrenamt?umkreis=egal&feld=musik") // an old address holds
		reader.shows(200, "Noten sortieren", "Bühne und Klang")
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/begriffe?liste=opportunity")
		b.shows(200, "Themen im Ehrenamt", "Bühne und Klang")
		if v.count("opportunities", "field = 'culture'") != 1 {
			t.Error("a joined topic stays on what has it")
		}
	})
}

// TestContactLeaves: who leaves is named no more as the contact of what a club needs
// help with, here and elsewhere.
func TestContactLeaves(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ina := v.person("ina@here.test", account.Editor, "tsv")
		o := v.wholeJob()
		v.has("/ehrenamt/"+o.Key(), 200, []string{"Ina Muster", "03535 1234"}, nil)
		if _, _, err := v.RemovePerson(t.Context(), ina.ID, ina.ID); err != nil {
			t.Fatal(err)
		}
		v.has("/ehrenamt/"+o.Key(), 200, nil, []string{"Ina Muster", "03535 1234", "ina@here.test"})
		told := v.sentOf("Update")
		if len(told) != 1 || strings.Contains(told[0], "Muster") || !strings.Contains(told[0], "Vorlesen") {
			t.Errorf("%d updates: %v", len(told), told)
		}
		if v.count("opportunities", "contact = 'club' AND contact_name = '' AND contact_phone = '' AND contact_email = ''") != 1 {
			t.Error("something of the contact stays")
		}
	})
}
