package app

import (
	"encoding/json"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
)

// document gives the ActivityPub document of what a page shows.
func (b *browser) document() map[string]any {
	b.v.t.Helper()
	w := b.v.get(b.path, as2)
	w = b.v.get(strings.TrimPrefix(w.Header().Get("Location"), "https://here.test"), as2)
	var doc map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		b.v.t.Fatalf("%s: %v: %s", b.path, err, w.Body)
	}
	return doc
}

// picture is the bytes of one.
var picture = string(mediatest.JPEG("x"))

var sommerfest = map[string]string{
	"club": "tsv", "name": "Sommerfest", "start-date": "10.7.2027", "start-time": "19 Uhr", "end-time": "23:00", "place": "Marktplatz",
	"online": "https://meet.example/fest", "text": "Es gibt **Kuchen**.\n\n- viel\n- davon",
}

func with(fields map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for k, v := range fields {
		all[k] = v
	}
	for i := 1; i < len(more); i += 2 {
		all[more[i-1]] = more[i]
	}
	return all
}

func TestPublishEvent(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/veranstaltungen/neu?verein=tsv")
		b.shows(200, "Im Namen von", "TSV")
		b.send("Vorschau ansehen", with(sommerfest, "image", picture, "alt", "Lampions", "focus", "0,0.8"))
		b.shows(200, "Vorschau", "Sa., 10. Juli 2027, 19 bis 23 Uhr", "Kuchen", "Sommerfest")
		if v.count("objects", "local") != 0 {
			t.Fatal("a preview is published")
		}
		b.send("Veröffentlichen", nil) // all that was typed is still there, and the picture too
		b.shows(200, "Ihre Veranstaltung ist veröffentlicht", "Marktplatz", "Zuletzt bearbeitet: Anna editor", "https://meet.example/fest")
		doc := b.document()
		if doc["name"] != "Sommerfest" || doc["attributedTo"] != v.club.ID || !strings.Contains(doc["content"].(string), "<strong>Kuchen</strong>") {
			t.Errorf("%v", doc)
		}
		image := doc["image"].(map[string]any)
		if image["name"] != "Lampions" || image["focalPoint"].([]any)[1] != 0.8 {
			t.Errorf("%v", image)
		}
		for _, secret := range []string{"Anna", "anna@example.org"} { // who wrote it is kept inside
			body, _ := json.Marshal(doc)
			reader := v.browser()
			reader.open(b.path)
			if strings.Contains(string(body), secret) || strings.Contains(reader.page, secret) {
				t.Errorf("it tells %s", secret)
			}
		}

		page := b.path
		b.open(page + "/aendern")
		b.shows(200, "10.07.2027", "19:00", "23:00", "Lampions", "Sie sind in der Redaktion")
		b.send("Speichern", map[string]string{"place": "Festhalle", "alt": "Bunte Lampions", "start-date": "11.7.2027"})
		b.shows(200, "Ihre Änderung ist veröffentlicht", "Festhalle", "So., 11. Juli 2027")
		if doc := b.document(); doc["image"].(map[string]any)["name"] != "Bunte Lampions" {
			t.Errorf("%v", doc["image"])
		}
		b.open(page + "/aendern")
		b.send("Speichern", map[string]string{"remove": "1"})
		b.shows(200, "Festhalle")
		if doc := b.document(); doc["image"] != nil {
			t.Errorf("%v", doc["image"])
		}

		b.open("/veranstaltungen/neu?von=" + page[strings.LastIndexByte(page, '/')+1:])
		b.shows(200, "Sommerfest", "Festhalle", "19:00")
		b.hides("11.07.2027")
		b.send("Veröffentlichen", map[string]string{"start-date": ""})
		b.shows(422, "Bitte prüfen Sie eine Angabe", "an welchem Tag es beginnt", "Festhalle")
		b.send("Veröffentlichen", map[string]string{"start-date": "9.7.2028"})
		b.shows(200, "9. Juli 2028")

		b.open(page + "/absagen")
		b.send("Veranstaltung absagen", map[string]string{"reason": ""})
		b.shows(422, "warum sie ausfällt")
		f := b.formWith("Veranstaltung absagen")
		f.values.Set("reason", "Es regnet.")
		b.post(f)
		b.shows(200, "Abgesagt", "Es regnet.", "ist abgesagt")
		b.post(f) // a second click
		b.shows(200, "Es regnet.")
		if n := v.count("activities", "type = 'Create'"); n != 4 { // two events, and a notice each that one moved and was cancelled
			t.Errorf("%d Creates", n)
		}

		b.open(page + "/loeschen")
		b.shows(200, "Wirklich löschen?")
		f = b.formWith("Endgültig löschen")
		b.post(f)
		b.shows(200, "Veranstaltungen")
		b.post(f)
		b.shows(200, "Veranstaltungen")
		b.open(page)
		b.shows(410, "gelöscht")
	})
}

func TestWrongEventKeepsWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		for name, tc := range map[string]struct {
			fields map[string]string
			says   string
		}{
			"no name":              {with(sommerfest, "name", " "), "einen Namen mit höchstens 200 Zeichen"},
			"a date nobody knows":  {with(sommerfest, "start-date", "bald"), "Das ist kein Datum"},
			"an odd time":          {with(sommerfest, "start-time", "abends"), "Das ist keine Uhrzeit"},
			"an end before it":     {with(sommerfest, "end-date", "9.7.2027"), "nicht nach dem Beginn"},
			"an address":           {with(sommerfest, "online", "Zoom um acht"), "keine Webadresse"},
			"a script":             {with(sommerfest, "online", "javascript:alert(1)"), "keine Webadresse"},
			"a picture nobody saw": {with(sommerfest, "image", picture), "was auf dem Bild zu sehen ist"},
			"no picture":           {with(sommerfest, "image", "GIF89a", "alt", "x"), "Bitte nehmen Sie JPEG, PNG oder WebP"},
			"a large picture":      {with(sommerfest, "image", "\xff\xd8\xff"+strings.Repeat("x", 11<<20), "alt", "x"), "größer als 10 MB"},
			"an odd point":         {with(sommerfest, "image", picture, "alt", "x", "focus", "7,7"), "außerhalb des Bildes"},
		} {
			b.open("/veranstaltungen/neu")
			b.send("Veröffentlichen", tc.fields)
			b.shows(422, "Bitte prüfen Sie eine Angabe", tc.says)
			for _, typed := range []string{"Marktplatz", "**Kuchen**"} {
				if !strings.Contains(b.text(), typed) {
					t.Errorf("%s: %q is lost", name, typed)
				}
			}
		}
		if n := v.count("objects", "local"); n != 0 {
			t.Errorf("%d objects are stored", n)
		}
	})
}

func TestEventSentTwice(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/veranstaltungen/neu")
		f := b.formWith("Veröffentlichen")
		for k, val := range sommerfest {
			f.values.Set(k, val)
		}
		b.post(f)
		b.shows(200, "Sommerfest")
		first := b.path
		b.post(f)
		b.shows(200, "Sommerfest")
		if b.path != first || v.count("objects", "type = 'Event'") != 1 || v.count("activities", "type = 'Create'") != 1 {
			t.Fatalf("a form sent twice publishes twice: %s, %s", first, b.path)
		}
		f.values.Set("text", "Es gibt Eis.") // went back, changed it, and sent it once more
		b.post(f)
		b.shows(409, "Inzwischen wurde dieser Eintrag geändert", "Es gibt Eis.", "Es gibt **Kuchen**.")
		b.send("Speichern", nil)
		b.shows(200, "Es gibt Eis.")
		if b.path != first {
			t.Errorf("%s is not %s", b.path, first)
		}
		for _, key := range []string{"", "x", "018f2f44-0000-7000-8000-000000000000", "5f7c9a34-0000-4000-8000-000000000000"} {
			f.values.Set("key", key)
			b.post(f)
			b.shows(422)
		}
	})
}

func TestStaleEvent(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		v.person("bert@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		page := strings.TrimPrefix(e.URL, "https://here.test") + "/aendern"
		anna, bert := v.signedIn("anna@example.org"), v.signedIn("bert@example.org")
		anna.open(page)
		bert.open(page)
		bert.send("Speichern", map[string]string{"place": "Berts Wiese", "text": "Berts Text"})
		bert.shows(200, "Berts Wiese")
		anna.send("Speichern", map[string]string{"name": "Annas Fest", "text": "Annas Text"})
		anna.shows(409, "Inzwischen wurde dieser Eintrag geändert", "Annas Fest", "Annas Text", "Berts Text", "Berts Wiese")
		if v.count("objects", "name = 'Annas Fest'") != 0 {
			t.Fatal("the older version won")
		}
		anna.send("Speichern", map[string]string{"place": "Berts Wiese"})
		anna.shows(200, "Annas Fest", "Berts Wiese", "Annas Text")
	})
}

func TestExpiredSession(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/veranstaltungen/neu")
		f := b.formWith("Veröffentlichen")
		b.loseSession()
		for k, val := range with(sommerfest, "image", picture, "alt", "Lampions") {
			f.values.Set(k, val)
		}
		b.post(f)
		b.shows(403, "Alles, was Sie eingegeben haben, ist noch da")
		b.send("Anmelden und abschicken", map[string]string{"again-email": "anna@example.org", "again-password": "falsch"})
		b.shows(403, "passen nicht zusammen")
		b.hides("falsch")
		b.send("Anmelden und abschicken", map[string]string{"again-password": satz})
		b.shows(200, "Ihre Veranstaltung ist veröffentlicht", "Sommerfest")
		if doc := b.document(); doc["image"].(map[string]any)["name"] != "Lampions" {
			t.Errorf("the picture is lost: %v", doc["image"])
		}
		b.open("/konto")
		b.shows(200, "Mein Konto")
	})
}

func TestOnlyEditorsPublish(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "chor", Name: "Chor", Active: true}); err != nil {
			t.Fatal(err)
		}
		v.person("anna@example.org", account.Editor, "chor")
		v.person("rosi@example.org", account.Resident)
		e := v.event("Sommerfest")
		page := strings.TrimPrefix(e.URL, "https://here.test")
		b := v.signedIn("anna@example.org")
		b.open("/veranstaltungen/neu?verein=tsv")
		b.send("Veröffentlichen", with(sommerfest, "club", "tsv"))
		b.shows(403)
		b.open(page)
		b.hides("/aendern", "Zuletzt bearbeitet")
		for _, act := range []string{"/aendern", "/absagen", "/loeschen"} {
			b.open(page + act)
			b.shows(403)
		}
		b.open("/veranstaltungen/neu")
		f := b.formWith("Veröffentlichen")
		f.action = page + "/aendern"
		b.post(f)
		b.shows(403)
		f.action = page + "/loeschen"
		b.post(f)
		b.shows(403)
		rosi := v.signedIn("rosi@example.org")
		rosi.open("/veranstaltungen/neu")
		rosi.shows(403)
		if v.count("activities", "type <> 'Create'") != 0 {
			t.Error("something was changed")
		}
	})
}

func TestPublishPost(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/pinnwand/neu?verein=tsv")
		b.send("Veröffentlichen", map[string]string{"text": " \n"})
		b.shows(422, "Der Text ist leer")
		b.send("Vorschau ansehen", map[string]string{"text": "Wer hat einen *Anhänger*?", "image": picture, "decorative": "1"})
		b.shows(200, "Vorschau", "Anhänger")
		f := b.formWith("Veröffentlichen")
		b.post(f)
		b.shows(200, "Ihr Aushang hängt", "Anhänger")
		page := b.path
		b.post(f)
		if b.path != page || v.count("objects", "type = 'Note'") != 1 {
			t.Fatalf("%s: a form sent twice publishes twice", b.path)
		}
		if doc := b.document(); len(doc["attachment"].([]any)) != 1 || doc["content"] != "<p>Wer hat einen <em>Anhänger</em>?</p>" {
			t.Errorf("%v", doc)
		}
		other := v.signedIn("anna@example.org")
		other.open(page + "/aendern")
		b.open(page + "/aendern")
		b.send("Speichern", map[string]string{"text": "Wer hat einen großen Anhänger?", "decorative": "", "alt": "Ein Anhänger"})
		b.shows(200, "großen Anhänger", "Ihre Änderung ist veröffentlicht")
		if doc := b.document(); doc["attachment"].([]any)[0].(map[string]any)["name"] != "Ein Anhänger" || doc["updated"] == nil {
			t.Errorf("%v", doc)
		}
		other.send("Speichern", map[string]string{"text": "Wer hat einen kleinen?"})
		other.shows(409, "Wer hat einen kleinen?", "Wer hat einen großen Anhänger?")
		b.open("/pinnwand/neu?von=" + page[strings.LastIndexByte(page, '/')+1:])
		b.shows(200)
		b.send("Veröffentlichen", map[string]string{"text": "Noch einmal"})
		b.shows(200, "Noch einmal")
		if b.path == page {
			t.Error("the copy is the original")
		}
		b.open(page + "/loeschen")
		b.send("Endgültig löschen", nil)
		b.open(page)
		b.shows(410)
		// An event's key is no post, and the other way round.
		e := v.event("Sommerfest")
		b.open("/pinnwand/" + e.Key())
		b.shows(404)
		b.open("/pinnwand/" + e.Key() + "/aendern")
		b.shows(404)
	})
}

// TestRestartInTheMiddleOfAForm: the server ends and another one begins while
// somebody writes; nobody notices.
func TestRestartInTheMiddleOfAForm(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/veranstaltungen/neu")
		b.send("Vorschau ansehen", with(sommerfest, "image", picture, "alt", "Lampions"))
		b.shows(200, "Vorschau")
		again, err := Open(t.Context(), v.Config, v.log)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if b.h, err = again.routes(v.queue); err != nil {
			t.Fatal(err)
		}
		b.send("Veröffentlichen", nil)
		b.shows(200, "Ihre Veranstaltung ist veröffentlicht")
		if doc := b.document(); doc["image"].(map[string]any)["name"] != "Lampions" {
			t.Errorf("the picture is lost: %v", doc["image"])
		}
	})
}

// TestOvertaken: what was typed for something that was cancelled or deleted in
// the meantime is not lost; it can be published as something new.
func TestOvertaken(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		e, p := v.event("Sommerfest"), v.post("Gefunden: ein Schlüssel")
		page := func(address string) string { return strings.TrimPrefix(address, "https://here.test") }
		b, other := v.signedIn("anna@example.org"), v.signedIn("anna@example.org")

		b.open(page(e.URL) + "/aendern")
		f := b.formWith("Speichern")
		f.values.Set("text", "Mit Tombola")
		other.open(page(e.URL) + "/absagen")
		other.send("Veranstaltung absagen", map[string]string{"reason": "Sturm"})
		b.post(f)
		b.shows(409, "wurde dieser Eintrag abgesagt", "Mit Tombola", "Sommerfest", "Veröffentlichen")
		b.send("Veröffentlichen", map[string]string{"start-date": "11.7.2028"})
		b.shows(200, "ist veröffentlicht", "Mit Tombola", "11. Juli 2028")
		b.open(page(e.URL) + "/aendern")
		b.shows(200, "lässt sich nicht mehr ändern", "Sturm")

		b.open(page(p.URL) + "/aendern")
		f = b.formWith("Speichern")
		f.values.Set("text", "Der Schlüssel hat einen roten Anhänger")
		other.open(page(p.URL) + "/loeschen")
		other.send("Endgültig löschen", nil)
		other.shows(200, "Der Eintrag ist gelöscht.")
		b.post(f)
		b.shows(410, "wurde dieser Eintrag gelöscht", "roten Anhänger", "Veröffentlichen")
		b.send("Veröffentlichen", nil)
		b.shows(200, "Ihr Aushang hängt", "roten Anhänger")
	})
}

// TestPictureOnTheSecondSend: a form that is sent once more with a picture does
// not drop it silently.
func TestPictureOnTheSecondSend(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		for path, fields := range map[string]map[string]string{
			"/veranstaltungen/neu?verein=tsv": sommerfest,
			"/pinnwand/neu?verein=tsv":        {"club": "tsv", "text": "Gefunden: ein Schlüssel"},
		} {
			b.open(path)
			f := b.formWith("Veröffentlichen")
			for k, value := range fields {
				f.values.Set(k, value)
			}
			b.post(f)
			b.shows(200)
			f.values.Set("image", picture)
			f.values.Set("alt", "Lampions")
			b.post(f)
			b.shows(409, "Inzwischen wurde dieser Eintrag geändert", "Lampions")
			b.send("Speichern", nil)
			b.shows(200, "Ihre Änderung ist veröffentlicht")
			if !strings.Contains(b.page, `alt="Lampions"`) {
				t.Error("the picture is lost")
			}
			b.post(f)
			b.shows(200) // the same once more
		}
	})
}

// TestDayThatIsOver: a day that has passed is asked for once.
func TestDayThatIsOver(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		b := v.signedIn("anna@example.org")
		b.open("/veranstaltungen/neu?verein=tsv")
		b.send("Veröffentlichen", with(sommerfest, "start-date", "10.7.2021"))
		b.shows(422, "Dieser Tag ist schon vorbei", "Sommerfest")
		b.send("Veröffentlichen", map[string]string{"start-date": "11.7.2021"})
		b.shows(422, "Dieser Tag ist schon vorbei")
		b.send("Veröffentlichen", nil)
		b.shows(200, "ist veröffentlicht", "11. Juli 2021")
		page := b.path
		b.open(page + "/aendern")
		b.send("Speichern", map[string]string{"place": "Festhalle"})
		b.shows(200, "Festhalle") // the day was not touched
		b.open(page + "/aendern")
		b.send("Speichern", map[string]string{"start-date": "28.3.2027", "start-time": "2:30", "end-time": ""})
		b.shows(422, "Diese Stunde gibt es an dem Tag nicht")
	})
}

// TestNoticesGoWithTheirEvent: what was said of an event in passing has no page
// of its own, and is deleted with it.
func TestNoticesGoWithTheirEvent(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Sturm"); err != nil {
			t.Fatal(err)
		}
		_, last := v.sent("Create")
		notice := last.Object.Object.ID
		key := notice[strings.LastIndexByte(notice, '/')+1:]
		b := v.signedIn("anna@example.org")
		b.open("/pinnwand/" + key)
		b.shows(200, "Sommerfest", "Abgesagt")
		if want := strings.TrimPrefix(e.URL, "https://here.test"); b.path != want {
			t.Errorf("the notice stands at %s, not at %s", b.path, want)
		}
		for _, form := range []string{"/aendern", "/loeschen"} {
			b.open("/pinnwand/" + key + form)
			b.shows(404)
		}
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, e.ID); err != nil {
			t.Fatal(err)
		}
		if n, _ := v.sent("Delete"); n != 2 {
			t.Errorf("%d Deletes, want one of the event and one of its notice", n)
		}
		if w := v.get(strings.TrimPrefix(notice, "https://here.test"), as2); w.Code != 410 {
			t.Errorf("the notice of a deleted event: %d", w.Code)
		}
	})
}

// TestChosenLanguage: a language that was chosen stays from page to page and
// through forms, without a cookie.
func TestChosenLanguage(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("anna@example.org", account.Editor, "tsv")
		e := v.event("Sommerfest")
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Sturm"); err != nil {
			t.Fatal(err)
		}
		b := v.browser()
		b.open("/?lang=en")
		contains := func(want ...string) {
			t.Helper()
			for _, part := range want {
				if !strings.Contains(b.page, part) {
					t.Errorf("%s lacks %s:\n%s", b.path, part, b.page)
				}
			}
		}
		contains(`href="/vereine?lang=en"`, `href="/?lang=de"`)
		b.open("/veranstaltungen?lang=en")
		contains(`action="/veranstaltungen?lang=en"`)
		b.open(strings.TrimPrefix(e.URL, "https://here.test") + "?lang=en")
		contains("<title>Cancelled: Sommerfest")
		b.open("/anmelden?lang=en")
		b.send("Sign in", map[string]string{"email": "anna@example.org", "password": satz})
		b.shows(200, "My account")
		contains(`href="/neues?lang=en"`)
	})
}
