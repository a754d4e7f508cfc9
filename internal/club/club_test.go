package club

import (
	"strings"
	"testing"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestWordsFind: nobody must know how a club writes itself.
func TestWordsFind(t *testing.T) {
	clubs := []entry{
		{handle: "muehle", name: "Mühlenverein Obermühle", text: "Wir **mahlen** noch.", field: "heritage"},
		{handle: "strasse", name: "Nachbarschaft Lindenstraße", text: "Feste & Flohmärkte"},
		{handle: "cafe", name: "Café Größenwahn", field: "culture"},
	}
	about := func(field string) string {
		return map[string]string{"heritage": "Heimat und Geschichte", "culture": "Kultur"}[field]
	}
	for words, want := range map[string]string{
		"mühle": "muehle", "muehle": "muehle", "MUHLE": "muehle", "strasse": "strasse", "Straße": "strasse", "flohmarkt": "strasse", "flohmaerkte": "strasse", "flohmarkte": "strasse",
		"cafe groessenwahn": "cafe", "größenwahn café": "cafe", "geschichte": "muehle", "mühle flohmärkte": "", "<p>": "", "p": "", "&": "strasse",
		"": "muehle strasse cafe", "  ": "muehle strasse cafe", "%": "", "_": "", "obermühle mahlen": "muehle",
	} {
		var got []string
		for _, e := range (wanted{text: words}).find(append([]entry(nil), clubs...), about) {
			got = append(got, e.handle)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %q", words, got, want)
		}
	}
}

// TestOrder: clubs stand where people look for them.
func TestOrder(t *testing.T) {
	for name, want := range map[string]string{
		"Überflieger": "U", "„Hand in Hand“": "H", "ßtest": "S", "1. FC Dorf": "#", "Örtlicher Verein": "O", "": "#", "Ångström": "A", "Ще": "#",
	} {
		if got := letterOf(order(name)); got != want {
			t.Errorf("%q stands under %q, want %q", name, got, want)
		}
	}
	if !(order("Ärzte") < order("Bäcker") && order("Oper") < order("Österlicher Chor") && order("„Zebra“") > order("Yoga")) {
		t.Error("the order is not that of a telephone book")
	}
}

// TestWebsite: people write an address as they say it.
func TestWebsite(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " www.tsv.example ": "https://www.tsv.example", "http://tsv.example/a?b=c": "http://tsv.example/a?b=c", "tsv.example/verein": "https://tsv.example/verein",
		"javascript:alert(1)": "!", "ftp://tsv.example": "!", "https://anna:x@tsv.example": "!", "tsv": "!", "https://": "!", `https://tsv.example/"><script>`: "!",
		"https://tsv.example/" + strings.Repeat("x", maxWebsite): "!", "//tsv.example": "!", "https://localhost": "!",
	} {
		var errs problem.Fields
		got := checkWebsite(&errs, in)
		if (want == "!") != (errs.Err() != nil) {
			t.Errorf("%q: %v", in, errs.Err())
		}
		if want != "!" && got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if p := (&Clubs{}).profile(&Club{Website: "https://www.tsv.example/?a=1&b=2"}); len(p) != 1 || p[0].Type != "PropertyValue" || p[0].Name != "Website" ||
		p[0].Value != `<a href="https://www.tsv.example/?a=1&amp;b=2" rel="me nofollow noopener noreferrer" target="_blank">www.tsv.example/?a=1&amp;b=2</a>` {
		t.Errorf("%+v", p)
	}
}

// TestProfileNamesTheImprint: others are led to it, and nobody is told that it
// is the website.
func TestProfileNamesTheImprint(t *testing.T) {
	p := (&Clubs{}).profile(&Club{Actor: &actor.Actor{URL: "https://here.test/vereine/tsv"}, Imprint: "Anna Beispiel"})
	if len(p) != 1 || p[0].Name != "Impressum" || strings.Contains(p[0].Value, "rel=\"me") || !strings.Contains(p[0].Value, `href="https://here.test/vereine/tsv#impressum"`) {
		t.Errorf("%+v", p)
	}
	for text, want := range map[string]string{" a\r\nb ": "a\nb", strings.Repeat("x", maxImprint+1): "!", strings.Repeat("x\n", maxImprintLines) + "x": "!"} {
		var errs problem.Fields
		got := checkImprint(&errs, text)
		if (want == "!") != (errs.Err() != nil) || want != "!" && got != want {
			t.Errorf("%q becomes %q: %v", text[:3], got, errs.Err())
		}
	}
}

// TestFieldsHaveAddresses: each field has one of its own, and leads back.
func TestFieldsHaveAddresses(t *testing.T) {
	book := new(Clubs).fields()
	for _, f := range Fields {
		if got := book.Find(TermList, slugs[f]); slugs[f] == "" || got == nil || got.Key != f {
			t.Errorf("%s leads to %v", f, got)
		}
	}
}

// FuzzFold: whatever somebody looks for, it is text without capitals, and finds
// itself.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"Mühle", "muehle", "STRASSE", "ß", "\xff", "e\u0301", "İ", "ae", "aee", "\u0308"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := fold(s); !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
		name := strings.ToValidUTF8(s, "")
		if found := (wanted{text: name}).find([]entry{{name: name}}, func(string) string { return "" }); len(found) != 1 {
			t.Errorf("%q does not find itself", name)
		}
		_ = letterOf(order(s))
	})
}
