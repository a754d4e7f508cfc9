package app

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	dom "golang.org/x/net/html"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/mail"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/speech"
)

// TestTheTownSpeaks: the town hall chooses how the town speaks, and from then on
// pages in memory, starting texts and letters do; what it wrote itself, and
// English, stay.
func TestTheTownSpeaks(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor, "tsv")
		v.person("ruth@example.org", account.Townhall)
		if err := v.Settings.SetText(t.Context(), actor.Operator, "datenpflege", "de", "Das sagen Sie im Verein.", time.Time{}); err != nil {
			t.Fatal(err)
		}
		reader := v.browser()
		for range 2 { // the second comes from memory
			reader.open("/ehrenamt")
			reader.shows(200, "Wo Sie helfen können", "Vereine")
			reader.open("/ueber")
			reader.shows(200, "Was Sie hier finden", "Ihr Verein fehlt noch?")
		}
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/sprache")
		b.shows(200, "Anrede und Wörter", "Wo Sie helfen können", "Wo Du helfen kannst", "jede Gruppe und jeder Verein", "Leser:innen", "Lesende")
		b.send("Speichern", map[string]string{"address": "ihr"})
		b.shows(422, "Bitte wählen Sie eine der Antworten.")
		b.open("/rathaus/sprache")
		b.send("Speichern", map[string]string{"address": speech.Familiar, "clubs": speech.Groups, "persons": speech.Colon})
		b.shows(200, "So sprechen jetzt alle Seiten und Mails.", "Gruppen und Vereine")
		for range 2 {
			reader.open("/ehrenamt")
			reader.shows(200, "Wo Du helfen kannst", "Gruppen und Vereine")
			reader.hides("Wo Sie helfen können")
			reader.open("/ueber")
			reader.shows(200, "Was Du hier findest", "Deine Gruppe oder Dein Verein fehlt noch?")
			reader.open("/netiquette")
			reader.shows(200, "Hier lesen Nachbar:innen, Kinder und Gäste mit.", "Schreib, wie Du")
			reader.open("/datenpflege")
			reader.shows(200, "Das sagen Sie im Verein.")
			reader.open("/ehrenamt?lang=en")
			reader.shows(200, "Clubs")
		}
		reader.open("/was-es-nicht-gibt")
		reader.shows(404, "Suche einfach danach.")
		v.writes(mail.Letter{Cause: "test", To: "anna@example.org", Name: "Anna", Lang: "de", Subject: "Test", Text: []string{"Guten Abend."}})
		if m := v.delivered("anna@example.org"); len(m) != 1 || !strings.Contains(m[0].Text, "Hallo Anna,") {
			t.Errorf("the letter: %+v", m)
		}
		if said, err := v.Clubs.Letters.Words.Message("de", "letter.club.refused.after", nil); err != nil || said != "Du kannst ihn ändern und noch einmal einreichen." {
			t.Errorf("letters say %q, %v", said, err)
		}
		// Somebody else changes it back, as the command line does.
		if err := v.Settings.SetManner(t.Context(), actor.Operator, speech.Manner{}.Whole()); err != nil {
			t.Fatal(err)
		}
		reader.open("/ehrenamt")
		reader.shows(200, "Wo Sie helfen können")
		reader.hides("Gruppen und Vereine")
		if err := v.Settings.SetManner(t.Context(), actor.Operator, speech.Manner{}.Whole()); err != nil {
			t.Fatal(err)
		}
		if n := v.count("ledger", "act = 'town.manner'"); n != 2 {
			t.Errorf("%d entries in the log", n)
		}
		if err := v.Settings.SetManner(t.Context(), anna.ID, speech.Manner{Address: speech.Familiar}.Whole()); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor changes how the town speaks: %v", err)
		}
		if err := v.Settings.SetManner(t.Context(), actor.Operator, speech.Manner{}); len(problem.FieldsOf(err)) != 3 {
			t.Errorf("nothing is chosen: %v", err)
		}
	})
}

// TestItSpeaksFromTheStart: a town that opens speaks as it was chosen, without
// anybody who asks for a page.
func TestItSpeaksFromTheStart(t *testing.T) {
	var s speakers
	if err := s.speak(speech.Manner{Address: speech.Familiar}); err != nil {
		t.Fatal(err)
	}
	tw := &Town{reads: readWords()}
	tw.speakers.now = s.now
	words, err := tw.catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if said, err := words.Message("de", "barrier.contact", nil); err != nil || said != "Wie erreichen wir Dich?" {
		t.Errorf("%q, %v", said, err)
	}
	if err := tw.speakers.speak(speech.Manner{}); err != nil {
		t.Fatal(err)
	}
	if said, err := words.Message("de", "barrier.contact", nil); err != nil || said != "Wie erreichen wir Sie?" {
		t.Errorf("%q, %v", said, err)
	}
}

// clubsOwn is what a club wrote, which stays as it is.
const clubsOwn = "Bitte helfen Sie mit."

// foreignWords are pages on which somebody else's words stand, or all ways to
// speak side by side.
var foreignWords = regexp.MustCompile(`^GET (/rathaus/sprache|/stil)$`)

// TestEveryPageSpeaks: no page of a town that says du says Sie in words of the
// program, and none leaves groups out where the town has them.
func TestEveryPageSpeaks(t *testing.T) {
	v := found(t, "sqlite:"+filepath.Join(t.TempDir(), "aushang.db"))
	w := v.world()
	if err := v.Settings.SetManner(t.Context(), actor.Operator, speech.Manner{Address: speech.Familiar, Clubs: speech.Groups, Persons: speech.Colon}); err != nil {
		t.Fatal(err)
	}
	s := &stage{v, hereTown, rowsOf(v, w), w.browsers, w}
	list, heard := s.walk(t), map[string]bool{}
	if len(list) < 40 {
		t.Errorf("only %d pages speak", len(list))
	}
	for _, page := range list {
		if foreignWords.MatchString(page.Route) {
			continue
		}
		for _, r := range roles {
			if r.name != page.Who {
				continue
			}
			for _, words := range spokenOn(t, s.browsers[r.who].ask(http.MethodGet, page.Path, html, url.Values{}).Body.String()) {
				if heard[words] || words == clubsOwn {
					continue
				}
				heard[words] = true
				if addresses(words, true) {
					t.Errorf("%s says Sie: %s", page.Route, words)
				}
				for _, sentence := range sentencesOf(words) {
					if alone.MatchString(groups.ReplaceAllString(sentence, "")) && !strings.Contains(sentence, "Ein Verein ist eine Gruppe") {
						t.Errorf("%s leaves groups out: %s", page.Route, sentence)
					}
				}
			}
		}
	}
}

// spokenOn gives the texts of a German page, but those in other languages.
func spokenOn(t *testing.T, page string) []string {
	t.Helper()
	doc, err := dom.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	var walk func(n *dom.Node)
	walk = func(n *dom.Node) {
		if n.Data == "script" || n.Data == "style" || n.Data != "html" && attribute(n, "lang") != "" {
			return
		}
		if words := strings.TrimSpace(n.Data); n.Type == dom.TextNode && words != "" {
			list = append(list, words)
		}
		for _, name := range []string{"aria-label", "placeholder", "alt", "title"} {
			if words := attribute(n, name); words != "" {
				list = append(list, words)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return list
}
