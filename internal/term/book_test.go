package term

import "testing"

// TestTag: a word becomes a hashtag that can be read.
func TestTag(t *testing.T) {
	for word, want := range map[string][2]string{
		"Musik": {"Musik", "musik"}, "Feste und Märkte": {"FesteUndMärkte", "feste-und-maerkte"}, "Kinder, Jugend & Familie": {"KinderJugendFamilie", "kinder-jugend-familie"},
		"60plus": {"60plus", "60plus"}, "!": {"", ""}, "Straßenfest": {"Straßenfest", "strassenfest"},
	} {
		if got := (Term{German: word}).Tag(); got != want[0] {
			t.Errorf("%q is #%s", word, got)
		}
		if got := slugOf(word); got != want[1] {
			t.Errorf("%q is %s in addresses", word, got)
		}
	}
}

// TestBook: words are found by key and address, also when they were joined, and
// a circle ends.
func TestBook(t *testing.T) {
	b := Book{"x": {
		{Key: "a", Slug: "eins", German: "Eins"},
		{Key: "b", Slug: "zwei", German: "Zwei", Into: "a", Retired: true},
		{Key: "c", Slug: "drei", German: "Drei", English: "Three", Retired: true},
		{Key: "d", Slug: "vier", German: "Vier", Into: "e"},
		{Key: "e", Slug: "fuenf", German: "Fünf", Into: "d"},
	}}
	for name, want := range map[string]string{"a": "Eins", "eins": "Eins", " EINS ": "Eins", "b": "Eins", "zwei": "Eins", "drei": "Drei", "": "", "sechs": "", "d": ""} {
		if got := b.Word("x", "de", name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	if b.Word("x", "en", "c") != "Three" || b.Word("x", "en", "a") != "Eins" || b.Word("y", "de", "a") != "" {
		t.Error("English, or another list")
	}
	if got := b.Offered("x", ""); len(got) != 1 || got[0].Key != "a" || len(b.Offered("x", "c")) != 2 || b.Keys("x") != "a" {
		t.Errorf("offered are %v", got)
	}
}
