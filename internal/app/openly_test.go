package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/town"
)

// openlyRows gives the rows of what the town says openly of its dealings.
func openlyRows() map[string]entry {
	return map[string]entry{
		"GET /transparenz": {open, "/transparenz", nil, 0}, "GET /transparenz.json": {open, "/transparenz.json", nil, 0}, "GET /transparenz.csv": {open, "/transparenz.csv", nil, 0},
		"GET /bekanntmachungen":         {open, "/bekanntmachungen", nil, 0},
		"GET /rathaus/bekanntmachungen": {staff, "/rathaus/bekanntmachungen", nil, 0}, "POST /rathaus/bekanntmachungen": {class: staff, path: "/rathaus/bekanntmachungen"},
		"GET /rathaus/fristen": {staff, "/rathaus/fristen", nil, 0}, "POST /rathaus/fristen": {class: staff, path: "/rathaus/fristen"},
	}
}

// said reads the file of what the town says openly.
func (b *browser) said() town.Openly {
	b.v.t.Helper()
	var o town.Openly
	w := b.ask(http.MethodGet, "/transparenz.json", "*/*", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil || w.Code != 200 {
		b.v.t.Fatalf("%d %v", w.Code, err)
	}
	return o
}

// TestOpenly: everybody reads with whom the town is connected, whom it keeps out
// and why, and what was reported and decided; and nothing that a single person is
// behind.
func TestOpenly(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		reader := v.browser()
		reader.open("/transparenz")
		reader.shows(200, "Mit wem wir verbunden sind", "mindestens drei Menschen folgen", "Keine Plattform ist eingetragen", "Sitzungen", "Meldungen von hier 0")
		reader.open("/")
		reader.leads("/transparenz")
		for _, id := range []string{"https://gross.test/a", "https://gross.test/b", "https://gross.test/c", "https://allein.test/lena", "https://boese.test/1", "https://boese.test/2", "https://boese.test/3"} {
			v.meet(id)
			v.fan(id)
		}
		v.enter(actor.Block{Domain: "boese.test", Severity: actor.Blocked, PublicComment: "Hetze gegen Kinder", PrivateComment: "Anzeige 12/26"})
		v.enter(actor.Block{Domain: "spam.example.test", Severity: actor.Limited, Obfuscate: true})
		v.enter(actor.Block{Domain: "bilder.test", Severity: actor.Noop, RejectMedia: true})
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/sperren/eintrag?domain=name.test")
		b.send("Eintragen", map[string]string{"severity": "block", "unlisted": "1"})
		b.shows(422, "warum der Eintrag nicht öffentlich genannt wird")
		b.send("Eintragen", map[string]string{"private_comment": "Der Name beleidigt"})
		b.shows(200, "Eingetragen", "nicht öffentlich genannt", "Der Name beleidigt")

		reader.open("/transparenz")
		reader.shows(200, "gross.test", "3 lesen hier mit", "Dazu kommt 1 weitere Plattform", "Von dort liest 1 Profil mit", "boese.test", "Hetze gegen Kinder", "Gesperrt", "Eingeschränkt",
			"spam.*******.test", "bilder.test", "ohne Bilder", "1 Eintrag nennen wir nicht")
		reader.hides("allein.test", "lena", "Anzeige 12/26", "spam.example", "name.test", "beleidigt")
		o := reader.said()
		if len(o.Connected) != 1 || o.Connected[0].Host != "gross.test" || o.Connected[0].Followers != 3 || o.Unnamed.Servers != 1 || o.Unlisted != 1 || len(o.Entries) != 3 || o.OnlyAllowed || !o.Federated {
			t.Errorf("it says %+v", o)
		}
		if o.Kept["session"] != 90*24 {
			t.Errorf("sessions are kept for %d hours", o.Kept["session"])
		}
		// What is taken back is named no more.
		if err := v.Moderation.Unblock(t.Context(), actor.Operator, "boese.test"); err != nil {
			t.Fatal(err)
		}
		if err := v.Moderation.OnlyAllowed(t.Context(), actor.Operator, true); err != nil {
			t.Fatal(err)
		}
		reader.open("/transparenz?lang=en")
		reader.shows(200, "only with platforms that are entered", "Limited")
		reader.hides("Hetze", "gross.test")
	})
}

// TestOpenlyCounts: reports, decisions and objections are counted, as a page, a
// table and a file, and no word of them stands there.
func TestOpenlyCounts(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		v.meet(lena)
		o := v.post("Wer kommt mit?")
		v.receive(`{"id":"https://b.test/flag","type":"Flag","actor":"%s","object":["%s"],"content":"Das ist Werbung"}`, lena, o.ID)
		if err := v.Moderation.FileBarrier(ctx, "k", "Der Vorleser schweigt", "", ""); err != nil {
			t.Fatal(err)
		}
		var flag string
		list, err := v.Moderation.Reports(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.Kind == "" {
				flag = r.ID
			}
		}
		d, err := v.Moderation.Decide(ctx, moderation.Verdict{By: actor.Operator, ReportID: flag, Target: o.ID, Act: moderation.Hide, Basis: moderation.House, Rule: "Regel 3", Reason: "Es ist Werbung"})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Moderation.Object(ctx, moderation.Objection{DecisionID: d.ID, Content: "Es war ein Scherz", Language: "de"}); err != nil {
			t.Fatal(err)
		}
		open, err := v.Moderation.Objections(ctx)
		if err != nil || len(open) != 1 {
			t.Fatal(open, err)
		}
		if err := v.Moderation.Settle(ctx, actor.Operator, open[0].ID, moderation.Changed, "Sie haben recht"); err != nil {
			t.Fatal(err)
		}
		// What is older than a year counts no more.
		v.exec("INSERT INTO reports (id, actor_id, objects, content, received) VALUES ('old', '', '[]', 'alt', '2024-01-02 03:04:05+00:00')")
		reader := v.browser()
		reader.open("/transparenz")
		reader.shows(200, "Meldungen von hier 0", "Meldungen von anderen Plattformen 1", "Gemeldete Barrieren 1", "auch ältere 1", "Beiträge verborgen 1", "Widersprüche 1", "recht gaben 1")
		reader.hides("Das ist Werbung", "Es ist Werbung", "Scherz", "schweigt", "Regel 3", "b.test")
		month := time.Now().In(v.Config.Location()).Format("2006-01")
		table := reader.ask(http.MethodGet, "/transparenz.csv", "*/*", nil).Body.String()
		if !strings.Contains(table, month+",0,1,1,1,1,0,0,0,1,1\r\n") || strings.Count(table, "\r\n") != 13 {
			t.Errorf("the table is %s", table)
		}
		if m := reader.said().Months; len(m) != 12 || m[0].Month != month || m[0].Counts["flags"] != 1 {
			t.Errorf("the months are %+v", m)
		}
	})
}

// exec changes the database behind the back of the town.
func (v *village) exec(query string, args ...any) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// TestOpenlyAtOnce: the page that lies in memory goes when somebody is blocked,
// something is reported or a term is changed, in all processes.
func TestOpenlyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		r := v.read()
		for _, step := range []struct {
			what, want string
			do         func()
		}{
			{"a block", "boese.test", func() { v.enter(actor.Block{Domain: "boese.test", Severity: actor.Blocked}) }},
			{"a reason", "Betrug an Alten", func() {
				v.enter(actor.Block{Domain: "boese.test", Severity: actor.Blocked, PublicComment: "Betrug an Alten"})
			}},
			{"a report", `"barriers": 1`, func() {
				if err := v.Moderation.FileBarrier(t.Context(), "k", "Zu klein", "", ""); err != nil {
					t.Fatal(err)
				}
			}},
		} {
			for _, address := range []string{"/transparenz.json", "/transparenz"} {
				r.remembers(address, html)
			}
			step.do()
			r.becomes(step.what, "/transparenz.json", html, 200, step.want)
		}
	})
}

// TestOpenlyNamesSoftware: what a server says that it runs is shown, and it is
// asked once a month.
func TestOpenlyNamesSoftware(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		for i := range 3 {
			v.meet(fmt.Sprintf("https://gross.test/%d", i))
			v.fan(fmt.Sprintf("https://gross.test/%d", i))
		}
		var asked []string
		ask := func(_ context.Context, host string) (string, error) {
			asked = append(asked, host)
			return "mastodon", nil
		}
		for range 2 {
			if err := v.Activities.AskSoftware(t.Context(), ask); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(asked, []string{"gross.test"}) {
			t.Errorf("asked were %v", asked)
		}
		reader := v.browser()
		reader.open("/transparenz")
		reader.shows(200, "mastodon")
		v.exec("UPDATE host_software SET asked = '2026-01-01 00:00:00+00:00'")
		if err := v.Activities.AskSoftware(t.Context(), func(context.Context, string) (string, error) { return "", fmt.Errorf("away") }); err != nil {
			t.Fatal(err)
		}
		if o := reader.said(); len(o.Connected) != 1 || o.Connected[0].Software != "mastodon" {
			t.Errorf("it says %+v", o.Connected)
		}
	})
}
