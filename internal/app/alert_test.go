package app

import (
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/town"
)

// TestAlert: what the town hall says stands at the head of every page, in the
// language of the page, from its beginning to its end, though pages are answered
// from memory.
func TestAlert(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		reader := v.browser()
		for range 2 {
			reader.open("/vereine")
			reader.hides("Wasser", "js/alert")
		}
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/hinweise")
		b.send("Hinweis zeigen", map[string]string{"ends": "wann", "ends-at": "spät"})
		b.shows(422, "Bitte prüfen Sie 2 Angaben", "was alle wissen sollen", "Diesen Tag können wir nicht lesen")
		f := b.formWith("Hinweis zeigen")
		f.values.Set("severity", "danger")
		f.values.Set("german", "Bitte kochen Sie das <b>Wasser</b> ab.")
		f.values.Set("english", "Please boil the water.")
		f.values.Set("ends", "")
		f.values.Set("ends-at", "")
		b.post(f)
		b.shows(200, "Der Hinweis ist gespeichert", "steht auf jeder Seite")
		b.post(f) // sent twice is once
		if v.count("alerts") != 1 {
			t.Fatal("it is there twice")
		}
		for _, path := range []string{"/", "/vereine", "/vereine/tsv", "/impressum", "/anmelden", "/gibtesnicht"} {
			reader.open(path)
			if !strings.Contains(reader.page, `role="alert"`) || !strings.Contains(reader.page, "das &lt;b&gt;Wasser&lt;/b&gt; ab") || !strings.Contains(reader.page, "Gefahr:") {
				t.Errorf("%s does not show it", path)
			}
		}
		english := v.browser()
		english.language = "en"
		english.open("/vereine")
		english.shows(200, "Danger: Please boil the water.")
		b.open("/rathaus/hinweise")
		b.send("Beenden", nil)
		b.shows(200, "Der Hinweis ist beendet")
		reader.open("/vereine")
		reader.hides("Wasser")

		if err := v.Settings.Announce(t.Context(), anna.ID, "", town.Alert{Severity: town.Info, German: "x"}); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor announces: %v", err)
		}
		if err := v.Settings.EndAlert(t.Context(), anna.ID, "x"); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor ends: %v", err)
		}
	})
}

// TestAlertByTheClock: it begins and ends when it shall, and a clock that
// changes nothing drops no prepared page.
func TestAlertByTheClock(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ruth := v.person("ruth@example.org", account.Townhall)
		now := time.Now()
		a := town.Alert{Severity: town.Warning, German: "Die Brücke ist gesperrt.", Starts: now.Add(time.Hour), Ends: now.Add(2 * time.Hour)}
		if err := v.Settings.Announce(t.Context(), ruth.ID, "", a); err != nil {
			t.Fatal(err)
		}
		reader := v.browser()
		turn := func(at time.Duration, changes bool) {
			t.Helper()
			before := v.count("changes")
			if err := v.Settings.TurnAlerts(t.Context(), now.Add(at)); err != nil {
				t.Fatal(err)
			}
			if after := v.count("changes"); (after > before) != changes {
				t.Errorf("after %v: %d changes before, %d then", at, before, after)
			}
			reader.open("/vereine")
		}
		turn(0, false)
		reader.hides("Brücke")
		turn(61*time.Minute, true)
		reader.shows(200, "Warnung: Die Brücke ist gesperrt.")
		if !strings.Contains(reader.page, `role="status"`) {
			t.Error("a warning is an alert")
		}
		reader.language = "en"
		turn(62*time.Minute, false)
		if !strings.Contains(reader.page, `<bdi lang="de">Die Brücke`) {
			t.Error("the language of the text is not said")
		}
		turn(3*time.Hour, true)
		reader.hides("Brücke")
		if v.count("alerts") != 0 {
			t.Error("it is kept")
		}
	})
}

// TestAlertsHaveBounds.
func TestAlertsHaveBounds(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ruth := v.person("ruth@example.org", account.Townhall)
		now := time.Now()
		for name, a := range map[string]town.Alert{
			"no severity": {German: "x"}, "no text": {Severity: town.Info}, "a long text": {Severity: town.Info, German: strings.Repeat("x", 301)},
			"over before it began": {Severity: town.Info, German: "x", Starts: now.Add(2 * time.Hour), Ends: now.Add(time.Hour)},
			"over already":         {Severity: town.Info, German: "x", Starts: now.Add(-2 * time.Hour), Ends: now.Add(-time.Hour)},
		} {
			if err := v.Settings.Announce(t.Context(), ruth.ID, "", a); len(problem.FieldsOf(err)) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 10 {
			if err := v.Settings.Announce(t.Context(), ruth.ID, "", town.Alert{Severity: town.Info, German: "x"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := v.Settings.Announce(t.Context(), ruth.ID, "", town.Alert{Severity: town.Info, German: "x"}); len(problem.FieldsOf(err)) != 1 {
			t.Errorf("one more: %v", err)
		}
	})
}
