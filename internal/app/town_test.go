package app

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/town"
)

// TestLook: what the town hall enters counts at once, on all pages and for other
// servers.
func TestLook(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		reader := v.browser()
		reader.open("/")
		reader.shows(200, "Musterdorf")
		reader.hides("/stadt/", "topline--official")

		b.open("/rathaus/aussehen")
		b.send("Speichern", map[string]string{"name": "Bad Elster", "colour": "#e9a100", "contact": "Rathaus\n\nKirchplatz 1\nTelefon: 03536 123-14"})
		b.shows(422, "nicht gut zu lesen (Kontrast 1,", "nötig sind 4,5", "Bad Elster", "Kirchplatz 1")
		reader.open("/")
		reader.hides("Bad Elster")
		b.send("Vorgeschlagene Farbe nehmen", nil)
		b.shows(200, "Gespeichert", "Bad Elster")
		look, err := v.Settings.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if look.Colour != town.Nearest("#e9a100") || look.Colour == "" || !slices.Equal(look.Contact, []string{"Rathaus", "Kirchplatz 1", "Telefon: 03536 123-14"}) {
			t.Errorf("%+v", look)
		}
		for _, path := range []string{"/", "/vereine", "/veranstaltungen", "/pinnwand", "/impressum", "/anmelden"} {
			reader.open(path)
			reader.shows(200, "Bad Elster", "Kirchplatz 1")
			if !strings.Contains(reader.page, `href="`+town.Stylesheet(look.Colour, "")+`"`) {
				t.Errorf("%s lacks the colours", path)
			}
		}
		reader.open(town.Stylesheet(look.Colour, ""))
		if reader.status != 200 || reader.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(reader.page, "--town-action:"+look.Colour) {
			t.Errorf("%d %v %s", reader.status, reader.header, reader.page)
		}

		b.send("Speichern", map[string]string{"official": "1", "accent": "nachtblau"})
		b.shows(422, "Diese Farbe kennen wir nicht", "nachtblau")
		b.send("Speichern", map[string]string{"accent": ""})
		reader.open("/")
		if !strings.Contains(reader.page, "topline--official") {
			t.Error("the bar of public bodies is missing")
		}

		for address, says := range map[string]string{"/nodeinfo/2.1": `"nodeName":"Bad Elster"`, "/ap/instance": `"name":"Bad Elster"`, "/kalender.ics": "X-WR-CALNAME:Bad Elster"} {
			if body := v.get(address, as2).Body.String(); !strings.Contains(body, says) {
				t.Errorf("%s lacks %s:\n%.500s", address, says, body)
			}
		}
	})
}

// TestLookByTwo: two people at the same form do not overwrite each other
// unseen.
func TestLookByTwo(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.person("otto@example.org", account.Admin)
		a, b := v.signedIn("ruth@example.org"), v.signedIn("otto@example.org")
		for _, one := range []*browser{a, b} {
			one.open("/rathaus/aussehen")
		}
		a.send("Speichern", map[string]string{"name": "Elsterdorf"})
		a.shows(200, "Gespeichert")
		b.send("Speichern", map[string]string{"name": "Elsterstadt"})
		b.shows(409, "Inzwischen", "Elsterdorf", "Elsterstadt")
		b.send("Speichern", nil)
		b.shows(200, "Gespeichert", "Elsterstadt")
		b.open("/rathaus/seiten/netiquette")
		a.open("/rathaus/seiten/netiquette")
		a.send("Speichern", map[string]string{"text": "Seien Sie nett."})
		b.send("Speichern", map[string]string{"text": "Seien Sie sehr nett."})
		b.shows(409, "Seien Sie nett.", "Seien Sie sehr nett.")
	})
}

func TestArms(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/aussehen")
		b.send("Wappen speichern", map[string]string{"image": "kein Bild"})
		b.shows(422, "lässt sich nicht")
		b.open("/rathaus/aussehen")
		b.send("Wappen speichern", map[string]string{"image": string(mediatest.PNG("geheim"))})
		b.shows(422, "was auf dem Bild zu sehen ist")
		b.send("Wappen speichern", map[string]string{"alt": "Zwei Fische"})
		b.shows(200, "Gespeichert")
		b.open("/rathaus/aussehen")
		b.send("Bild speichern", map[string]string{"image": string(mediatest.JPEG("geheim")), "decorative": "1"})
		b.shows(200, "Gespeichert")
		look, err := v.Settings.Look(t.Context())
		if err != nil || look.Arms == nil || look.Arms.Name != "Zwei Fische" || look.Picture == nil || look.Picture.Name != "" {
			t.Fatalf("%+v %v", look, err)
		}
		// Neither a sweep nor a backup forgets them.
		files, err := object.Files(t.Context(), v.db.Read(), "https://here.test")
		if err != nil || len(files) < 2 {
			t.Errorf("%v %v", files, err)
		}
		reader := v.browser()
		reader.open("/")
		if path := strings.TrimPrefix(look.Arms.URL, "https://here.test"); !strings.Contains(reader.page, path) {
			t.Errorf("the page lacks %s", path)
		}
		reader.open(strings.TrimPrefix(look.Arms.URL, "https://here.test"))
		if reader.status != 200 || strings.Contains(reader.page, "geheim") {
			t.Errorf("%d, or what was hidden in the picture is still there", reader.status)
		}
		if body := v.get("/ap/instance", as2).Body.String(); !strings.Contains(body, look.Arms.URL) || !json.Valid([]byte(body)) {
			t.Errorf("the server has no icon: %s", body)
		}
		b.open("/rathaus/aussehen")
		b.send("Wappen speichern", map[string]string{"remove": "1"})
		if look, err = v.Settings.Look(t.Context()); err != nil || look.Arms != nil || look.Picture == nil {
			t.Errorf("%+v %v", look, err)
		}
	})
}

// TestLookByAnotherProcess: all processes on a database look the same.
func TestLookByAnotherProcess(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		other, err := Open(t.Context(), v.Config, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close() //nolint:errcheck // the test is over
		r := v.read()
		for i, name := range []string{"Erstdorf", "Zweitdorf"} {
			for _, address := range []string{"/", "/impressum", "/nodeinfo/2.1"} {
				r.remembers(address, html)
			}
			if err := other.Settings.Change(t.Context(), actor.Operator, town.Draft{Name: name}); err != nil {
				t.Fatal(err)
			}
			for _, address := range []string{"/", "/impressum", "/nodeinfo/2.1"} {
				r.becomes(name, address, html, 200, name)
			}
			r.remembers("/netiquette", html)
			text := strings.Repeat("Neu. ", i+1) + name
			if err := other.Settings.SetText(t.Context(), actor.Operator, "netiquette", "de", text, time.Time{}); err != nil {
				t.Fatal(err)
			}
			r.becomes("a page", "/netiquette", html, 200, text)
		}
	})
}

func TestTownPages(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		v := bare(t, url)
		v.person("ruth@example.org", account.Townhall)
		b, reader := v.signedIn("ruth@example.org"), v.browser()
		for path, says := range map[string]string{
			"/ueber": "schwarze Brett", "/netiquette": "Marktplatz", "/impressum": "noch auszufüllen", "/datenschutz": "keine Cookies",
			"/barrierefreiheit": "Durchsetzungsstelle", "/leichte-sprache": "Herzlich willkommen",
		} {
			reader.open(path)
			reader.shows(200, says)
			if strings.Count(reader.page, "<h1") != 1 || reader.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %d h1, cookie %q", path, strings.Count(reader.page, "<h1"), reader.header.Get("Set-Cookie"))
			}
			reader.open(path + "?lang=en")
			reader.shows(200)
			reader.hides("noch auszufüllen")
		}
		reader.open("/impressum")
		reader.shows(200, "Entwurf")

		b.open("/rathaus")
		b.shows(200, "In den Pflichtseiten fehlen")
		b.open("/rathaus/seiten")
		b.shows(200, "Impressum", "Angaben fehlen noch", "Ausgangstext")
		b.open("/rathaus/seiten/impressum")
		b.send("Speichern", map[string]string{"text": ""})
		b.shows(422, "Bitte schreiben Sie einen Text")
		b.open("/rathaus/seiten/impressum")
		const text = "# Wer\n\nRathaus von {Stadt} <script>x</script> [Regeln](/netiquette)\n\n[noch auszufüllen: Amt]"
		b.send("Vorschau ansehen", map[string]string{"text": text})
		b.shows(200, "Rathaus von Musterdorf", "1 Angabe fehlt noch")
		reader.open("/impressum")
		reader.hides("Rathaus von Musterdorf")
		b.send("Speichern", nil)
		b.shows(200, "Gespeichert", "Ihr eigener Text")
		reader.open("/impressum")
		reader.shows(200, "Rathaus von Musterdorf", "Stand:", "noch auszufüllen: Amt")
		reader.hides("<script>x", "Entwurf")
		if !strings.Contains(reader.page, `<a href="/netiquette">Regeln</a>`) || !strings.Contains(reader.page, "<h2>Wer</h2>") {
			t.Errorf("the page is %s", reader.page)
		}
		// English readers get what the town wrote, not what nobody has checked.
		reader.language = "en"
		reader.open("/impressum")
		reader.shows(200, "Rathaus von Musterdorf", "German only")
		if !strings.Contains(reader.page, `class="prose" lang="de"`) {
			t.Error("the German text is not marked as German")
		}
		b.open("/rathaus/seiten/impressum?sprache=en")
		b.send("Speichern", map[string]string{"text": "Town hall"})
		reader.open("/impressum")
		reader.shows(200, "Town hall")

		b.open("/rathaus/seiten/impressum")
		b.send("Ausgangstext wiederherstellen", nil)
		b.shows(200, "Hier steht wieder der Ausgangstext")
		b.shows(200, "Das ist der Ausgangstext", "Frühere Fassungen")
		all, err := v.Settings.Versions(t.Context(), "impressum", "de")
		if err != nil || len(all) != 2 || !all[0].Starting || all[1].Starting {
			t.Fatalf("%v %v", all, err)
		}
		b.open("/rathaus/seiten/impressum?sprache=de&stand=" + all[1].Changed.Format(time.RFC3339))
		if !strings.Contains(b.page, "Rathaus von {Stadt}") {
			t.Error("the old version does not come into the field")
		}
		for _, path := range []string{"/rathaus/seiten/nichts", "/rathaus/seiten/impressum?sprache=fr", "/rathaus/seiten/impressum?stand=x"} {
			b.open(path)
			b.shows(404)
		}
	})
}

// passed lets the time pass that a person needs for a form.
func (v *village) passed(name string, f *form) {
	v.t.Helper()
	key, err := v.Actors.Secret(v.t.Context(), page.SealPurpose)
	if err != nil {
		v.t.Fatal(err)
	}
	f.values.Set("time", page.Sealed(key, name, time.Now().Add(-time.Minute)))
}

// contacts sends the report f with ways to reach somebody, good and bad ones.
func (b *browser) contacts(f form) {
	b.v.t.Helper()
	for contact, good := range map[string]bool{
		"kaputt": false, "@": false, "12": false, "anna@": false, "": true, "412": true, "Anna, anna@example.org": true, "<anna@example.org>": true, "+49 171 23": true,
	} {
		f.values.Set("contact", contact)
		b.post(f)
		if says := strings.Contains(b.page, "Damit erreichen wir Sie nicht"); says == good {
			b.v.t.Errorf("%q can be reached: %v", contact, !says)
		}
	}
}

func TestBarrier(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		v.person("anna@example.org", account.Editor, "tsv")
		reader := v.browser()
		reader.open("/barriere-melden?seite=/pinnwand")
		reader.shows(200, "Was geht nicht?", "/pinnwand")
		reader.send("Meldung abschicken", map[string]string{"contact": "0171 23"})
		reader.shows(422, "Ein Satz genügt", "/pinnwand", "0171 23")
		if got := reader.header.Get("Cache-Control"); strings.Contains(got, "no-store") {
			t.Errorf("on the way back what was typed is lost: %s", got)
		}
		f := reader.formWith("Meldung abschicken")
		f.values.Set("what", "Der Kontrast <b>fehlt</b>")
		reader.contacts(f)
		f.values.Set("contact", "0171 23")

		reader.post(f) // sent at once, as programs do
		reader.shows(422, "noch einmal ab", "Der Kontrast", "0171 23")
		filled := reader.formWith("Meldung abschicken")
		v.passed("barrier form", &filled)
		filled.values.Set("homepage", "https://pillen.example")
		reader.post(filled)
		reader.shows(422, "noch einmal ab", "Der Kontrast")
		reader.hides("pillen.example")
		forged := reader.formWith("Meldung abschicken")
		forged.values.Set("time", "AAAAAGtJ0gA")
		reader.post(forged)
		reader.shows(422, "noch einmal ab")
		if n := v.count("reports"); n != 0 {
			t.Fatalf("%d reports", n)
		}

		good := reader.formWith("Meldung abschicken")
		v.passed("barrier form", &good)
		reader.post(good)
		reader.shows(200, "Danke für Ihre Meldung", "spätestens nach einem Monat", "Durchsetzungsstelle")
		if reader.header.Get("Set-Cookie") != "" {
			t.Error("a reader gets a cookie")
		}
		reader.post(good) // twice is once
		if n := v.count("reports", "kind = 'barrier'"); n != 1 {
			t.Fatalf("%d reports", n)
		}

		b := v.signedIn("ruth@example.org")
		b.open("/neues")
		b.shows(200, "Barriere gemeldet", "Der Kontrast")
		b.open("/rathaus/meldungen")
		b.shows(200, "Barriere", "Der Kontrast <b>fehlt</b>", "/pinnwand", "0171 23")
		anna := v.signedIn("anna@example.org")
		anna.open("/neues")
		anna.hides("Kontrast", "0171 23")
		b.send("Erledigt", nil)
		b.shows(200, "Die Meldung ist erledigt")
		if n := v.count("reports", "contact <> ''"); n != 0 {
			t.Error("how to reach who reported is still known")
		}

		more := good // the way back, and a word more
		more.values = maps.Clone(good.values)
		more.values.Set("where", "/vereine")
		reader.post(more)
		reader.post(more)
		if n := v.count("reports", "kind = 'barrier'"); n != 2 {
			t.Fatalf("%d reports", n)
		}

		for range 4 {
			reader.open("/barriere-melden")
			one := reader.formWith("Meldung abschicken")
			v.passed("barrier form", &one)
			one.values.Set("what", "Noch etwas")
			reader.post(one)
		}
		reader.shows(429, "Bitte warten Sie eine Stunde", "Noch etwas")
	})
}

// TestKnownAddresses: what programs ask for without a link to it.
func TestKnownAddresses(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		v := bare(t, url)
		if w := v.ask("GET", "/favicon.ico"); w.Code != 307 || !strings.HasPrefix(w.Header().Get("Location"), "/assets/img/wappen") {
			t.Errorf("favicon: %d %s", w.Code, w.Header().Get("Location"))
		}
		if w := v.get("/.well-known/security.txt", "text/html"); w.Code != 404 || !strings.Contains(w.Body.String(), "Diese Seite gibt es nicht") {
			t.Errorf("without a contact: %d %s", w.Code, w.Body)
		}
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/aussehen")
		b.send("Speichern", map[string]string{"contact": "Rathaus\nTelefon: 03536 123-14\nMail: rathaus@example.org"})
		b.shows(200)
		w := v.ask("GET", "/.well-known/security.txt")
		said := w.Body.String()
		for _, want := range []string{"Contact: tel:0353612314\n", "Contact: mailto:rathaus@example.org\n", "Preferred-Languages: de, en\n", "Canonical: https://here.test/.well-known/security.txt\n"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not in %s", want, said)
			}
		}
		if w.Code != 200 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || strings.Contains(said, "Rathaus") {
			t.Errorf("%d %s %s", w.Code, w.Header().Get("Content-Type"), said)
		}
		_, rest, _ := strings.Cut(said, "Expires: ")
		line, _, _ := strings.Cut(rest, "\n")
		if until, err := time.Parse(time.RFC3339, line); err != nil || until.Before(time.Now()) || until.After(time.Now().AddDate(1, 0, 0)) {
			t.Errorf("it counts until %q: %v", line, err)
		}
	})
}
