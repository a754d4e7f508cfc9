package app

import (
	"net/http"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestOwnWords: the town hall adds a word, renames, joins, retires and orders; forms,
// filters, pages, search, calendars and documents say it at once, and addresses
// of filters hold.
func TestOwnWords(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		editor, _ := v.editorOf("anna@example.org", "tsv")
		feast := v.about(v.club.ID, "Sommerfest", "2099-07-10T19:00", "", "festival", "Marktplatz")
		path := strings.TrimPrefix(feast.URL, v.Config.Origin)
		reader := v.browser()
		for range 2 { // the second comes from memory
			reader.open("/veranstaltungen?thema=feste")
			reader.shows(200, "Sommerfest", "Feste")
		}
		b := v.signedIn("ruth@example.org")

		b.open("/rathaus/begriffe")
		b.shows(200, "Begriffe", "Themen der Veranstaltungen", "1 Eintrag")
		b.send("Begriff aufnehmen", map[string]string{"german": "Musik"})
		b.shows(422, "Diesen Begriff hat die Liste schon")
		b.send("Begriff aufnehmen", map[string]string{"german": "Kirmes und Märkte", "english": "Fairs"})
		b.shows(200, "Der Begriff ist aufgenommen.", "#KirmesUndMärkte")
		editor.open("/veranstaltungen/neu")
		editor.shows(200, "Kirmes und Märkte")
		v.about(v.club.ID, "Jahrmarkt", "2099-08-10T19:00", "", "kirmes-und-maerkte", "Marktplatz")
		reader.open("/veranstaltungen?thema=kirmes-und-maerkte")
		reader.shows(200, "Jahrmarkt")
		reader.hides("Sommerfest")
		english := v.browser()
		english.language = "en"
		english.open("/veranstaltungen?thema=kirmes-und-maerkte")
		english.shows(200, "Fairs")

		b.open("/rathaus/begriffe/event/festival")
		b.send("Speichern", map[string]string{"german": ""})
		b.shows(422, "Bitte schreiben Sie den Begriff")
		b.send("Speichern", map[string]string{"german": "Dorffeste", "english": "Village fairs"})
		b.shows(200, "Der Begriff ist umbenannt.")
		reader.open(path)
		reader.shows(200, "Dorffeste")
		reader.open("/veranstaltungen?thema=feste") // its address stays
		reader.shows(200, "Sommerfest", "Dorffeste")
		if body := v.get(path+"/kalender.ics", "*/*").Body.String(); !strings.Contains(body, "CATEGORIES:Dorffeste") {
			t.Errorf("the calendar says %s", body)
		}
		tagged := func(id, name, slug string) {
			t.Helper()
			body := v.get(strings.TrimPrefix(id, v.Config.Origin), as2).Body.String()
			if !strings.Contains(body, `"#`+name+`"`) || !strings.Contains(body, "thema="+slug) {
				t.Errorf("others read %s", body)
			}
		}
		tagged(feast.ID, "Dorffeste", "feste")
		reader.open("/suche?q=dorffeste")
		reader.shows(200, "Sommerfest")
	})
}

// TestOwnWordsGo: words are joined, retired and put in order; what has them keeps
// a word, and addresses of filters hold.
func TestOwnWordsGo(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		editor, _ := v.editorOf("anna@example.org", "tsv")
		if err := v.Terms.Add(t.Context(), actor.Operator, event.TermList, "Kirmes und Märkte", ""); err != nil {
			t.Fatal(err)
		}
		feast := v.about(v.club.ID, "Sommerfest", "2099-07-10T19:00", "", "festival", "Marktplatz")
		v.about(v.club.ID, "Jahrmarkt", "2099-08-10T19:00", "", "kirmes-und-maerkte", "Marktplatz")
		path, reader, b := strings.TrimPrefix(feast.URL, v.Config.Origin), v.browser(), v.signedIn("ruth@example.org")
		b.open("/rathaus/begriffe/event/festival")
		b.send("Zusammenlegen", nil)
		b.shows(422, "Bitte wählen Sie einen anderen Begriff")
		b.send("Zusammenlegen", map[string]string{"into": "kirmes-und-maerkte"})
		b.shows(200, "Die Begriffe sind zusammengelegt.", "2 Einträge")
		reader.open("/veranstaltungen?thema=feste") // which leads to the other
		reader.shows(200, "Sommerfest", "Jahrmarkt")
		if n := v.count("events", "category = 'festival'"); n != 0 {
			t.Errorf("%d events have the old word", n)
		}

		if err := v.Terms.Retire(t.Context(), actor.Operator, event.TermList, "kirmes-und-maerkte", true); err != nil {
			t.Fatal(err)
		}
		editor.open("/veranstaltungen/neu")
		editor.hides("Kirmes")
		reader.open(path) // what has it keeps it
		reader.shows(200, "Kirmes und Märkte")
		if err := v.Terms.Raise(t.Context(), actor.Operator, event.TermList, "culture"); err != nil {
			t.Fatal(err)
		}
		if keys := v.book().Keys(event.TermList); !strings.HasPrefix(keys, "culture, music, ") {
			t.Errorf("their order is %s", keys)
		}
		if n := v.count("ledger", "act = 'town.word'"); n != 4 {
			t.Errorf("%d entries in the log", n)
		}
	})
}

// TestFieldsOfClubs: the same holds for what clubs do.
func TestFieldsOfClubs(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		field := "sport"
		if _, err := v.Clubs.Change(t.Context(), actor.Operator, "tsv", club.Change{Field: &field}); err != nil {
			t.Fatal(err)
		}
		say := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		say(v.Terms.Rename(t.Context(), actor.Operator, club.TermList, "sport", "Bewegung", "Exercise"))
		say(v.Terms.Add(t.Context(), actor.Operator, club.TermList, "Kleingärten", ""))
		v.has("/vereine?feld=sport", http.StatusOK, []string{"Bewegung", "TSV"}, nil)
		v.has("/vereine/tsv", http.StatusOK, []string{"Bewegung"}, nil)
		v.has("/", http.StatusOK, []string{"Bewegung"}, nil)
		v.has("/registrieren", http.StatusOK, []string{"Kleingärten", "Bewegung"}, nil)
		v.has("/vereine?q=bewegung", http.StatusOK, []string{"TSV"}, nil)
		say(v.Terms.Merge(t.Context(), actor.Operator, club.TermList, "sport", "kleingaerten"))
		v.has("/vereine?feld=sport", http.StatusOK, []string{"Kleingärten", "TSV"}, nil)
		say(v.Terms.Retire(t.Context(), actor.Operator, club.TermList, "music", true))
		v.has("/registrieren", http.StatusOK, nil, []string{"Musik"})
		say(v.Terms.Restore(t.Context(), actor.Operator, club.TermList))
		v.has("/registrieren", http.StatusOK, []string{"Musik"}, []string{"Bewegung"})
		v.has("/vereine?feld=unfug", http.StatusUnprocessableEntity, nil, nil)
	})
}

// TestOwnWordsHaveBounds: what is no word, is not there, or is not for somebody is
// refused.
func TestOwnWordsHaveBounds(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor, "tsv")
		for name, err := range map[string]error{
			"no letter": v.Terms.Add(t.Context(), actor.Operator, event.TermList, "!", ""),
			"too long":  v.Terms.Add(t.Context(), actor.Operator, event.TermList, strings.Repeat("x", 41), ""),
			"twice":     v.Terms.Add(t.Context(), actor.Operator, event.TermList, "MUSIK", ""),
			"itself":    v.Terms.Merge(t.Context(), actor.Operator, event.TermList, "music", "music"),
			"nothing":   v.Terms.Merge(t.Context(), actor.Operator, event.TermList, "music", ""),
		} {
			if len(problem.FieldsOf(err)) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if v.count("terms") != 0 {
			t.Error("what was refused is stored")
		}
		for name, want := range map[string]struct {
			err  error
			kind problem.Kind
		}{
			"an editor":            {v.Terms.Add(t.Context(), anna.ID, event.TermList, "Kirmes", ""), problem.Forbidden},
			"a list that is none":  {v.Terms.Add(t.Context(), actor.Operator, "x", "Kirmes", ""), problem.NotFound},
			"a word that is none":  {v.Terms.Rename(t.Context(), actor.Operator, event.TermList, "x", "Kirmes", ""), problem.NotFound},
			"another word that is": {v.Terms.Raise(t.Context(), actor.Operator, event.TermList, "x"), problem.NotFound},
		} {
			if problem.KindOf(want.err) != want.kind {
				t.Errorf("%s: %v", name, want.err)
			}
		}
	})
}
