package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestWordsAreComparedAsGermansTypeThem: spellings of one word are one.
func TestWordsAreComparedAsGermansTypeThem(t *testing.T) {
	for _, same := range [][]string{
		{"Mühle", "Muehle", "muhle", "MÜHLE", "Mu\u0308hle"},
		{"Straße", "Strasse", "STRASSE", "STRAẞE"},
		{"Äcker", "Aecker", "acker"},
		{"Bauer", "bauer", "BAUER"},
		{"Łódź", "lodz"},
		{"Smørrebrød", "smorrebrod"},
		{"Feu\u00aderwehr", "Feuerwehr"},
	} {
		for _, s := range same[1:] {
			if a, b := folded(same[0]), folded(s); a.text != b.text || a.text == "" {
				t.Errorf("%s is %q and %s is %q", same[0], a.text, s, b.text)
			}
		}
	}
}

// TestWordsOfATextKnowTheirPlace: what is between words is no part of one.
func TestWordsOfATextKnowTheirPlace(t *testing.T) {
	const text = "St.-Martins-Umzug: 3. Abteilung, „Rock’n’Roll“ – ÖPNV 😀 Пётр"
	var got []string
	for _, w := range words(text, false) {
		got = append(got, text[w.start:w.end])
	}
	want := []string{"St", "Martins", "Umzug", "3", "Abteilung", "Rock", "n", "Roll", "ÖPNV", "Пётр"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !slices.ContainsFunc(words(text, true), func(w word) bool { return w.text == "martinsumzug" }) {
		t.Error("what a hyphen joins is no word of its own")
	}
}

// TestWhatIsLookedForIsInTheWord: endings, parts and short words.
func TestWhatIsLookedForIsInTheWord(t *testing.T) {
	for query, row := range map[string]struct{ in, out string }{
		"wehrfest":     {"Feuerwehrfest Wehrfest Wehrfeste", "Feuerwehr Fest"},
		"vereine":      {"Verein Vereine Vereins Turnverein vereinen Vereinsheim", "rein"},
		"Verein":       {"Vereine Sportvereins", "ein"},
		"Feste":        {"Fest Feste Feuerwehrfest Festplatz", "Rest"},
		"Bäume":        {"Baum Bäume Apfelbaum", "Bau"},
		"Häuser":       {"Haus Häuser Gerätehaus", "aus"},
		"Tage":         {"Tage Tag Markttag Festtage", "Tagung vertagt"},
		"Bad":          {"Bad Bäder Freibad", "Abadan Freibadende"},
		"Bäder":        {"Bad Bäder Freibad", "Boden"},
		"SV":           {"SV", "SVH TSV"},
		"1907":         {"1907", "19070 907"},
		"Trainerinnen": {"Trainerin Trainerinnen", "Training"},
		"Ergebnisse":   {"Ergebnis Ergebnisse Wahlergebnis", "Erbe"},
		"Event":        {"Event Kinoevent Events", "Advent"},
		"Konzerte":     {"Konzert Konzerts Orgelkonzert", "konzentriert"},
		"Kurse":        {"Kurs Kurse Yogakurs", "Kur"},
	} {
		q := Parse(query)
		if len(q.words) != 1 {
			t.Fatalf("%s has %d words", query, len(q.words))
		}
		for _, s := range strings.Fields(row.in) {
			if !q.words[0].in(folded(s)) {
				t.Errorf("%s does not find %s", query, s)
			}
		}
		for _, s := range strings.Fields(row.out) {
			if q.words[0].in(folded(s)) {
				t.Errorf("%s finds %s", query, s)
			}
		}
	}
}

// TestStopWordsAreLookedForAlone: they are in the way of nothing.
func TestStopWordsAreLookedForAlone(t *testing.T) {
	for query, want := range map[string]string{
		"Fest in der Mühle": "Fest Mühle", "für alle": "für alle", "": "", "😀 … !": "", "fest FEST Fest": "fest",
		"a b c d e f g h i j k l": "b c d e f g h i",
	} {
		var got []string
		for _, w := range Parse(query).words {
			got = append(got, w.typed)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q looks for %q, want %q", query, s, want)
		}
	}
}

// TestExcerptsShowTheWord: whole words around it, and what is left out is said.
func TestExcerptsShowTheWord(t *testing.T) {
	long := strings.Repeat("Es gibt Kaffee und Kuchen. ", 30)
	for query, row := range map[string]struct{ text, want string }{
		"fest":   {"Das Fest beginnt.", "Das [Fest] beginnt."},
		"muehle": {"Treffpunkt: Mühle & <Hof>", "Treffpunkt: [Mühle] & <Hof>"},
		"nichts": {"Kurz", "Kurz"},
		"leer":   {"", ""},
		"ende":   {long + "Das ist das Ende", "… "},
		"kaffee": {long, "Es gibt [Kaffee]"},
	} {
		var b strings.Builder
		for _, p := range Parse(query).excerpt(row.text) {
			if p.Hit {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		got := b.String()
		if !strings.HasPrefix(got, row.want) || len(got) > 2*maxExcerpt {
			t.Errorf("%s: %q", query, got)
		}
		if query == "ende" && !strings.HasSuffix(got, "Das ist das [Ende]") || query == "kaffee" && !strings.HasSuffix(got, " …") {
			t.Errorf("%s: %q", query, got)
		}
	}
}

// TestSlips counts as people mistype.
func TestSlips(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want int
	}{{"fest", "fest", 0}, {"fset", "fest", 1}, {"flomarkt", "flohmarkt", 1}, {"feurwher", "feurwehr", 1}, {"konzret", "konzert", 1}, {"abc", "xyz", 3}, {"a", "abcdef", 3}, {"", "", 0}} {
		if got := slips([]rune(row.a), []rune(row.b), 3); got != row.want {
			t.Errorf("%s, %s: %d, want %d", row.a, row.b, got, row.want)
		}
	}
}

// FuzzExcerpt: an excerpt is whole characters of its text in their order, and
// the pieces of a text are the text.
func FuzzExcerpt(f *testing.F) {
	f.Add("fest", "Das Fest in der Mühle")
	f.Add("a", strings.Repeat("ä", 300))
	f.Add("ß", "ẞ\u00ad\u0308x\xff")
	f.Fuzz(func(t *testing.T, query, text string) {
		q := Parse(query)
		var whole strings.Builder
		for _, p := range q.marked(text) {
			whole.WriteString(p.Text)
		}
		if whole.String() != text {
			t.Errorf("%q became %q", text, whole.String())
		}
		for _, w := range words(text, false) {
			if alone := Parse(text[w.start:w.end]); len(alone.words) == 1 && !alone.words[0].in(w) {
				t.Errorf("%q does not find itself", text[w.start:w.end])
			}
		}
		var part strings.Builder
		for _, p := range q.excerpt(text) {
			part.WriteString(p.Text)
		}
		if utf8.ValidString(text) && !utf8.ValidString(part.String()) {
			t.Errorf("%q is cut to %q", text, part.String())
		}
		cut := strings.TrimSuffix(strings.TrimPrefix(part.String(), "… "), " …")
		if !strings.Contains(text, "…") && !strings.Contains(strings.Join(strings.Fields(text), " "), cut) {
			t.Errorf("%q has no %q", text, cut)
		}
	})
}
