package app

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/town"
)

// TestLegalForms: the town hall fills in three forms, and the pages are whole,
// in both languages; its own text wins, and the forms say so.
func TestLegalForms(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		v := bare(t, url)
		v.person("ruth@example.org", account.Townhall)
		b, reader := v.signedIn("ruth@example.org"), v.browser()
		b.open("/rathaus/recht")
		b.shows(200, "Föderation und Registrierung warten", "Name der Gemeinde", "Datenschutzbeauftragte Person", "Geprüft am")
		b.leads("/rathaus/recht/datenschutz#officer")
		b.open("/rathaus")
		b.shows(200, "Bis dahin warten")
		b.leads("/rathaus/recht")

		b.open("/rathaus/recht/impressum")
		b.send("Speichern", map[string]string{"name": "Gemeinde Dorf", "mail": "rathaus"})
		b.shows(422, "Das ist keine Mailadresse", "Gemeinde Dorf")
		b.send("Speichern", map[string]string{"mail": "rathaus@dorf.example", "address": "Platz 1\n12345 Dorf", "represented": "Bürgermeisterin Ruth", "editor": "Ruth, Platz 1"})
		b.shows(200, "Gespeichert")
		reader.open("/impressum")
		reader.shows(200, "Gemeinde Dorf", "Bürgermeisterin Ruth", "rathaus@dorf.example", "Körperschaft des öffentlichen Rechts")
		reader.hides("Entwurf", "noch auszufüllen", "Umsatzsteuer", "Zuständige Aufsicht", "{")
		reader.open("/impressum?lang=en")
		reader.shows(200, "Gemeinde Dorf", "corporation under public law")
		reader.language = ""

		b.open("/rathaus/recht/datenschutz")
		b.send("Speichern", map[string]string{"land": "BY", "officer": "Frau Schutz", "hosting": "Rechenzentrum Süd", "backups": "14"})
		b.shows(200, "Das setzen wir für Bayern ein", "Bayerischer Landesbeauftragter für den Datenschutz", "Stand 2025")
		reader.open("/datenschutz")
		reader.shows(200, "Frau Schutz", "Rechenzentrum Süd", "höchstens 14 Tage", "Bayerischer Landesbeauftragter", "Gemeinde Dorf")
		reader.hides("Entwurf", "noch auszufüllen")
		b.send("Speichern", map[string]string{"authority": "Eigene Aufsicht"})
		reader.open("/datenschutz")
		reader.shows(200, "Eigene Aufsicht")
		reader.hides("Bayerischer Landesbeauftragter")

		b.open("/rathaus/recht/barrierefreiheit")
		b.send("Speichern", map[string]string{"conformity": "partial", "assessed": "2.11.2026", "method": "self", "barriers": "Karte ohne Text", "feedback": "Frau Frei"})
		b.shows(200, "Gespeichert", "bitv@bayern.de")
		reader.open("/barrierefreiheit")
		reader.shows(200, "teilweise mit diesen Anforderungen vereinbar", "November 2026", "Selbstbewertung", "Karte ohne Text", "bitv@bayern.de", "BayDiV", "Frau Frei")
		reader.hides("Entwurf", "noch auszufüllen")
		b.open("/rathaus/recht")
		b.shows(200, "Vollständig")
		b.hides("Angaben fehlen", "Angabe fehlt")
		b.open("/rathaus")
		b.hides("In den Pflichtseiten")

		b.open("/rathaus/recht/datenschutz")
		b.send("Speichern", map[string]string{"land": "SH"})
		b.open("/rathaus/recht/barrierefreiheit")
		b.shows(200, "Für Schleswig-Holstein kennen wir die Überwachungsstelle nicht")
		b.send("Speichern", map[string]string{"monitoring": "Landesstelle Nord"})
		b.hides("kennen wir die Überwachungsstelle nicht")

		if err := v.Settings.SetText(t.Context(), actor.Operator, "impressum", "de", "Wir sind {Stadt}.", time.Time{}); err != nil {
			t.Fatal(err)
		}
		b.open("/rathaus/recht/impressum")
		b.shows(200, "Hier gilt Ihr eigener Text", "Deutsch")
		reader.open("/impressum")
		reader.hides("Bürgermeisterin Ruth")
	})
}

// leads fails the test unless there is a link to an address.
func (b *browser) leads(to string) {
	b.v.t.Helper()
	if !strings.Contains(b.page, `href="`+to+`"`) {
		b.v.t.Errorf("no link leads to %s", to)
	}
}

// TestLegalFormsOfTwo: who saves over what somebody else has changed sees it.
func TestLegalFormsOfTwo(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.person("ole@example.org", account.Admin)
		a, b := v.signedIn("ruth@example.org"), v.signedIn("ole@example.org")
		a.open("/rathaus/recht/impressum")
		b.open("/rathaus/recht/impressum")
		a.send("Speichern", map[string]string{"represented": "Ruth"})
		a.shows(200, "Gespeichert")
		b.send("Speichern", map[string]string{"represented": "Ole"})
		b.shows(409, "Ole", "Ruth")
	})
}

// TestLegalGate: a public town takes nothing from others, asks nothing of them
// and registers nobody until its legal pages are whole; a trial does.
func TestLegalGate(t *testing.T) {
	held := map[string]func(c *config.Config){"public": nil, "trial": func(c *config.Config) { c.Origin = "http://localhost:8080" }}
	for name, change := range held {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, url string) {
				var changes []func(*config.Config)
				if change != nil {
					changes = append(changes, change)
				}
				v := bare(t, url, changes...)
				public := change == nil
				v.gate(public)
				if !public {
					return
				}
				some := town.Facts{}
				for key, value := range sampleFacts {
					if !strings.HasPrefix(key, "datenschutz.") {
						some[key] = value
					}
				}
				if err := v.Settings.SetFacts(t.Context(), actor.Operator, some, time.Time{}); err != nil {
					t.Fatal(err)
				}
				if _, err := v.lookAtLaw(t.Context()); err != nil {
					t.Fatal(err)
				}
				v.gate(true)
				v.lawfully(v.Town)
				v.gate(false)
				// It stays open, and a process that starts without them is held again.
				if err := v.Settings.SetFacts(t.Context(), actor.Operator, town.Facts{"datenschutz.officer": ""}, time.Time{}); err != nil {
					t.Fatal(err)
				}
				v.gate(false)
				again := &village{Town: reopen(t, v.Config, v.log), t: t, queue: v.queue}
				again.gate(true)
				for _, document := range town.Documents {
					if err := again.Settings.SetText(t.Context(), actor.Operator, document, "de", "Rathaus Dorf", time.Time{}); err != nil {
						t.Fatal(err)
					}
				}
				if lacks, err := again.lookAtLaw(t.Context()); err != nil || len(lacks) > 0 {
					t.Fatal(lacks, err)
				}
				again.gate(false)
			})
		})
	}
}

// gate looks whether federation and registration are shut.
func (v *village) gate(shut bool) {
	v.t.Helper()
	if w := v.ask("POST", "/ap/inbox"); (w.Code == 503) != shut || shut && w.Header().Get("Retry-After") == "" {
		v.t.Errorf("the inbox answers %d, shut %v", w.Code, shut)
	}
	r := v.browser()
	r.open("/registrieren")
	if got := strings.Contains(r.page, "Konten legt hier das Rathaus an"); got != shut {
		v.t.Errorf("registration: closed %v, want %v", got, shut)
	}
	_, err := v.client.Plain(v.t.Context(), "https://away.test/", "*/*", 10)
	if got := problem.KindOf(err) == problem.Unavailable; got != shut {
		v.t.Errorf("asking another server: %v", err)
	}
	r.open("/")
	r.shows(200)
}

// TestLegalGateOpens: what waits starts by itself, once the pages are whole, and
// the log has said what is missing.
func TestLegalGateOpens(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		v := bare(t, url)
		if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "tsv", Name: "TSV", Active: true}); err != nil {
			t.Fatal(err)
		}
		said := new(diary)
		v.log = slog.New(slog.NewTextHandler(said, nil))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		opened := make(chan bool, 1)
		go func() { opened <- v.awaitLaw(ctx) }()
		for until := time.Now().Add(20 * time.Second); !strings.Contains(strings.Join(said.lines(), "\n"), "datenschutz.officer"); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("the log says %v", said.lines())
			}
		}
		if !v.unlawful() {
			t.Fatal("it is open")
		}
		if err := v.Settings.SetFacts(t.Context(), actor.Operator, sampleFacts, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if !<-opened || v.unlawful() {
			t.Error("it does not open")
		}
	})
}

// TestClubImprint: a club says who it is on its page, and others are led there.
func TestClubImprint(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		a := v.person("anna@example.org", account.Editor)
		if err := v.Clubs.AddEditor(t.Context(), actor.Operator, "tsv", a.ID, actor.Owner); err != nil {
			t.Fatal(err)
		}
		b, reader := v.signedIn("anna@example.org"), v.browser()
		b.open("/vereine/tsv/aendern")
		b.shows(200, "Weitere Angaben")
		b.send("Speichern", map[string]string{"imprint": strings.Repeat("x", 1501)})
		b.shows(422, "mehr als 1500 Zeichen")
		b.send("Speichern", map[string]string{"imprint": "TSV e.V.\nVorstand: <b>Anna</b>\n\nVR 123"})
		b.shows(200)
		reader.open("/vereine/tsv")
		reader.shows(200, "TSV e.V.", "<b>Anna</b>", "VR 123")
		if w := v.get(path(v.club.ID), as2); !strings.Contains(w.Body.String(), `"Impressum"`) || !strings.Contains(w.Body.String(), `/vereine/tsv#impressum`) {
			t.Errorf("the document is %s", w.Body)
		}
		b.open("/vereine/tsv/aendern")
		b.send("Speichern", map[string]string{"imprint": ""})
		reader.open("/vereine/tsv")
		reader.hides("VR 123")
		if w := v.get(path(v.club.ID), as2); strings.Contains(w.Body.String(), "impressum") {
			t.Errorf("the document still says %s", w.Body)
		}
	})
}

// TestRecords: each setting is found in the records that are made of it.
func TestRecords(t *testing.T) {
	const all, measures, plan = "/rathaus/recht/verzeichnis", "/rathaus/recht/massnahmen", "/rathaus/recht/loeschkonzept"
	type said struct{ path, with, without string }
	for name, c := range map[string]struct {
		change func(c *config.Config)
		says   []said
	}{
		"mail server": {
			func(c *config.Config) { c.SMTP.Host, c.SMTP.Security = "mail.dorf.example", config.StartTLS },
			[]said{{all, "mail.dorf.example", "keine Mails"}, {measures, "mail.dorf.example, verschlüsselt mit STARTTLS", "sendet keine Mails"}, {plan, "Mails, die nicht ankommen", ""}},
		},
		"no mail server": {
			func(c *config.Config) { c.SMTP = config.Defaults().SMTP },
			[]said{{all, "Konten", "Der Mailserver"}, {measures, "sendet keine Mails", ""}, {plan, "Sitzungen", "Mails, die nicht ankommen"}},
		},
		"open registration":   {func(c *config.Config) { c.Registration = config.Open }, []said{{all, "wer die Mailadresse bestätigt, ist dabei", ""}, {measures, "Offen:", ""}, {plan, "Anträge Nach 90 Tagen", ""}}},
		"closed registration": {func(c *config.Config) { c.Registration = config.Closed }, []said{{all, "Konten", "Menschen und Vereine aufnehmen"}, {measures, "Geschlossen:", ""}}},
		"sign-in service":     {func(c *config.Config) { c.OIDC.Issuer, c.OIDC.ClientID = "https://sso.dorf.example", "x" }, []said{{all, "https://sso.dorf.example", ""}, {measures, "https://sso.dorf.example", ""}}},
		"metrics":             {func(c *config.Config) { c.MetricsListen = "127.0.0.1:9099" }, []said{{measures, "127.0.0.1:9099", "Werden nicht ausgegeben"}}},
		"no pictures":         {func(c *config.Config) { c.Federation.Pictures = "0" }, []said{{measures, "Werden nicht geladen", "Kleine Kopien"}, {plan, "Empfangene", "fremder Bilder"}}},
		"pictures":            {func(c *config.Config) { c.Federation.Pictures = "77 MB" }, []said{{measures, "höchstens 77 MB", ""}, {plan, "fremder Bilder Nach 30 Tagen", ""}}},
		"log":                 {func(c *config.Config) { c.LogLevel = "warn" }, []said{{measures, "ab der Stufe warn", ""}}},
		"own TLS":             {func(c *config.Config) { c.TLSCert = "x" }, []said{{measures, "durch das Programm selbst", "Proxy"}}},
		"trial":               {func(c *config.Config) { c.Origin = "http://localhost:8080" }, []said{{measures, "Testplattform", "TLS) durch"}}},
		"as it is":            {func(*config.Config) {}, []said{{measures, "durch den Proxy", ""}, {all, "Rechenzentrum Musterland", ""}, {plan, "Sicherungskopien Nach 30 Tagen", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			v := empty(t, migrated.SQLite(t), c.change)
			v.person("ruth@example.org", account.Townhall)
			b := v.signedIn("ruth@example.org")
			for _, s := range c.says {
				b.open(s.path)
				b.shows(200, s.with)
				if s.without != "" {
					b.hides(s.without)
				}
			}
		})
	}
}

// TestRecordsFollowTheTown: facts, federation and the database are found, too.
func TestRecordsFollowTheTown(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		v := bare(t, url)
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/recht/massnahmen")
		b.shows(200, "Nicht verbunden", "Noch nicht ausgefüllt", map[bool]string{true: "PostgreSQL", false: "SQLite"}[strings.HasPrefix(url, "postgres")])
		b.open("/rathaus/recht/verzeichnis")
		b.hides("Antworten von anderen Plattformen", "weltweit")
		v.lawfully(v.Town)
		if err := v.Settings.SetFacts(t.Context(), actor.Operator, town.Facts{"datenschutz.backups": "12", "datenschutz.officer": "Frau Schutz"}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		b.open("/rathaus/recht/verzeichnis")
		b.shows(200, "Antworten von anderen Plattformen", "weltweit", "Frau Schutz", "nach 12 Tagen")
		b.open("/rathaus/recht/massnahmen")
		b.shows(200, "Verbunden:", "nach 12 Tagen")
		b.open("/rathaus/recht/loeschkonzept")
		b.shows(200, "Nach 12 Tagen")
	})
}

// TestFigures: the council reads how much is new in each month, as a page and as
// a table, and nothing about a person.
func TestFigures(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		month := time.Now().In(v.Config.Location()).Format("2006-01")
		line := func(want string) {
			t.Helper()
			b.open("/rathaus/zahlen.csv")
			if !strings.Contains(b.page, month+want+"\r\n") || strings.Contains(b.page, "away.test") {
				t.Errorf("the table is %q, want %s", b.page, want)
			}
		}
		line(",1,0,0,0,0,0,0,0,0")
		v.post("Kuchen")
		gone := v.post("Torte")
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, gone.ID); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"https://away.test/a", "https://away.test/b", "https://fern.test/c"} {
			v.meet(id)
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				return v.Actors.PutFollow(ctx, tx, &actor.Follow{ID: id + "/f", ActorID: id, ObjectID: v.club.ID, State: actor.FollowAccepted})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		line(",1,0,1,0,0,0,3,2,0")
		n, key := v.needing(1), "0197c000-0000-7000-8000-00000000000a"
		_, _, err := v.Applications.Apply(t.Context(), application.Draft{
			Key: key, OpportunityID: n.id, Email: "bert@example.org", Name: "Bert", Language: "de", Old: true, Able: true, Shifts: n.shifts[:1],
		})
		if err == nil {
			line(",1,0,1,1,0,0,3,2,0") // nobody has shown that it was Bert
			err = v.Applications.Confirm(t.Context(), key)
		}
		if err != nil {
			t.Fatal(err)
		}
		v.set("UPDATE helpers SET minutes = 110, agreed = created")
		line(",1,0,1,1,1,2,3,2,0")
		b.open("/rathaus/zahlen")
		b.shows(200, "Stunden 2", "Mitlesende 3", "Aushänge 1", "Plattformen, von denen aus jemand mitliest 2")
		b.hides("away.test")
	})
}
