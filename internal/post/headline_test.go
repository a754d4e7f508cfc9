package post

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHeadline(t *testing.T) {
	long := "Der Vorstand lädt alle Mitglieder und alle, die es werden wollen, zu einer Versammlung in den großen Saal des Gasthofs ein"
	for text, want := range map[string][2]string{
		"Zucchini, sehr viele Zucchini":                                        {"Zucchini, sehr viele Zucchini", ""},
		"Bollerwagen gesucht. Wir bringen ihn zurück.":                         {"Bollerwagen gesucht", "Wir bringen ihn zurück."},
		"Achtung! Die Brücke ist gesperrt. Bis Freitag.":                       {"Achtung! Die Brücke ist gesperrt", "Bis Freitag."},
		"Wir haben wieder einen Bass! Herzlich willkommen, Herr Nowotny.":      {"Wir haben wieder einen Bass!", "Herzlich willkommen, Herr Nowotny."},
		"Treffpunkt ist Schulstr. Nord am 12. Juli um 10 Uhr. Bitte pünktlich": {"Treffpunkt ist Schulstr. Nord am 12. Juli um 10 Uhr", "Bitte pünktlich"},
		"Der Chor e. V. Dorf singt. Kommen Sie.":                               {"Der Chor e. V. Dorf singt", "Kommen Sie."},
		"Erste Zeile\nzweite Zeile. Dritte.":                                   {"Erste Zeile", "zweite Zeile. Dritte."},
		"Siehe tsv.example. www.x.example":                                     {"Siehe tsv.example. www.x.example", ""},
		"":                                                                     {"", ""},
		" \n\n ":                                                               {"", ""},
	} {
		title, rest := headline(text)
		if title != want[0] || rest != want[1] {
			t.Errorf("%q: %q, %q", text, title, rest)
		}
	}
	title, rest := headline(long)
	if !strings.HasSuffix(title, " …") || strings.TrimSuffix(title, "…")+rest != long {
		t.Errorf("%q, %q", title, rest)
	}
	if _, rest := headline(long + "\n" + strings.Repeat("Wort ", 100)); !strings.HasSuffix(rest, "Wort …") || utf8.RuneCountInString(rest) > maxTeaser+2 {
		t.Errorf("%q", rest)
	}
}

// FuzzHeadline: whatever somebody writes, title and rest are short, plain and
// whole characters.
func FuzzHeadline(f *testing.F) {
	for _, s := range []string{"A. B", "Achtung! Brücke", strings.Repeat("x", 300), strings.Repeat("ä ", 200), "…", "\xff\xfe. A", "\u202e. X", "<b>x</b>. Y", "e\u0301\u0301\u0301\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		title, rest := headline(s)
		if !utf8.ValidString(title) || !utf8.ValidString(rest) || utf8.RuneCountInString(title) > maxHeadline+3 || utf8.RuneCountInString(rest) > maxTeaser+3 || strings.Contains(title+rest, "\n") {
			t.Errorf("%q: %q, %q", s, title, rest)
		}
	})
}

// TestKindsHaveAddresses: each kind has one of its own, and leads back.
func TestKindsHaveAddresses(t *testing.T) {
	if len(looks) != len(Kinds) {
		t.Errorf("%d kinds, %d looks", len(Kinds), len(looks))
	}
	for _, k := range Kinds {
		if kindOf(looks[k].slug) != k {
			t.Errorf("%s leads to %q", k, kindOf(looks[k].slug))
		}
	}
}
