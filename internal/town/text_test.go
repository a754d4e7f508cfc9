package town

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/speech"
	"codeberg.org/aushang/aushang/web/locale"
)

// startingTexts gives the texts with which every town begins, by name and
// language.
func startingTexts() map[string]string {
	all := map[string]string{}
	for _, name := range Names {
		for _, lang := range locale.Languages {
			all[name+"."+lang] = startingText(name, lang)
		}
	}
	return all
}

// TestStartingTextsInOtherManners: what a town chooses changes sentences of the
// German starting texts, and nothing that is filled in.
func TestStartingTextsInOtherManners(t *testing.T) {
	s := &Settings{}
	parts := regexp.MustCompile(`\{[^}]*\}|\]\(/[^)]*\)|\[noch[^\]]*\]|(?m)^#+ `)
	for _, m := range []speech.Manner{{Address: speech.Familiar}, {Clubs: speech.Groups, Persons: speech.Star}, {Address: speech.Familiar, Clubs: speech.Groups}} {
		if err := s.Express(m.Words()); err != nil {
			t.Fatal(err)
		}
		changed := 0
		for key, text := range startingTexts() {
			other := (*s.starting.Load())[key]
			if a, b := parts.FindAllString(text, -1), parts.FindAllString(other, -1); !slices.Equal(a, b) {
				t.Errorf("%s fills in %q, not %q", key, b, a)
			}
			if other != text {
				changed++
				if strings.HasSuffix(key, ".en") {
					t.Errorf("%s is English, and changed", key)
				}
			}
		}
		if changed < 4 {
			t.Errorf("%v changed %d texts only", m, changed)
		}
	}
}

// TestStartingTexts: both languages say the same things in the same order, have
// the same gaps, and lead to pages that there are.
func TestStartingTexts(t *testing.T) {
	all := startingTexts()
	nothing := &Told{Look: &Look{Contact: []string{"Rathaus"}}, Facts: Facts{}, Name: "Dorf", Origin: "https://a.test"}
	links := regexp.MustCompile(`\]\((/[^)]*)\)`)
	fillings := placeholder
	there := map[string]bool{"/kalender.ics": true, OpenPath: true, "/pinnwand": true, "/vereine": true, "/veranstaltungen": true, "/ehrenamt": true, barrierPath: true}
	for _, name := range Names {
		there["/"+name] = true
	}
	for _, name := range Names {
		de, en := all[name+".de"], all[name+".en"]
		for what, find := range map[string]*regexp.Regexp{
			"headings": regexp.MustCompile(`(?m)^## `), "gaps": gaps, "links": links, "fillings": fillings,
		} {
			a, b := find.FindAllString(de, -1), find.FindAllString(en, -1)
			if len(a) != len(b) {
				t.Errorf("%s: %d %s in German, %d in English", name, len(a), what, len(b))
			}
		}
		for lang, text := range map[string]string{"de": de, "en": en} {
			for _, unused := range [][]string{nil, {"veranstaltungen", "pinnwand", "ehrenamt", "gespraech", "registrierung"}} {
				if said := (&Told{Unused: unused}).parts(text); strings.Contains(said, "{wenn") || strings.Contains(said, "{ende}") || unused != nil && strings.Contains(said, "/ehrenamt") {
					t.Errorf("%s in %s without %v is %s", name, lang, unused, said)
				}
			}
			for _, m := range links.FindAllStringSubmatch(text, -1) {
				if !there[m[1]] {
					t.Errorf("%s in %s leads to %s", name, lang, m[1])
				}
			}
			for _, f := range fillings.FindAllString(text, -1) {
				if said, _ := nothing.filled(f, lang); strings.Contains(said, "{") {
					t.Errorf("%s in %s: nothing is filled in for %s", name, lang, f)
				}
			}
			if gaps.MatchString(text) {
				t.Errorf("%s in %s has a gap that no fact fills", name, lang)
			}
			if strings.Contains(text, "\n# ") {
				t.Errorf("%s in %s has a second h1", name, lang)
			}
		}
	}
}

// TestEasyLanguage: one thought on a line, short lines, no second comma, no
// foreign words that are not explained.
func TestEasyLanguage(t *testing.T) {
	for _, lang := range locale.Languages {
		for line := range strings.SplitSeq(startingTexts()["leichte-sprache."+lang], "\n") {
			if words := strings.Fields(line); len(words) > 10 {
				t.Errorf("%s: %d words: %s", lang, len(words), line)
			}
			if strings.Count(line, ".")+strings.Count(line, "?") > 1 && !strings.Contains(line, "](") {
				t.Errorf("%s: more than one sentence: %s", lang, line)
			}
		}
	}
}

func TestFilled(t *testing.T) {
	told := &Told{
		Look: &Look{Contact: []string{"Amt *für* [Alles] & Co", "post_amt@dorf.example", "https://dorf.example/kontakt"}}, Facts: Facts{"barrierefreiheit.enforcement": "<b>Stelle</b>"},
		Name: "Bad *Dorf*", Origin: "https://dorf.example",
	}
	text := &Text{Language: "de", Source: "{Stadt} unter {Adresse}\n\n{Kontakt}\n\n{Durchsetzungsstelle}\n\n[noch auszufüllen: Amt]"}
	got := string(text.HTML(told))
	for _, want := range []string{
		"Bad *Dorf* unter", `<a href="https://dorf.example">https://dorf.example</a>`, "Amt *für* [Alles] &amp; Co<br>", `<a href="mailto:post_amt@dorf.example">`,
		`<a href="https://dorf.example/kontakt">`, "&lt;b&gt;Stelle&lt;/b&gt;", `<mark>noch auszufüllen: Amt</mark>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	if n := text.Gaps(told); n != 1 {
		t.Errorf("%d gaps", n)
	}
	if n := text.Gaps(&Told{Look: &Look{}}); n != 5 {
		t.Errorf("%d gaps without contact", n)
	}
}

// TestFactsAndGaps: a page lacks exactly the facts that its form calls needed,
// in both languages, and nothing once they are there.
func TestFactsAndGaps(t *testing.T) {
	all := startingTexts()
	for _, lang := range locale.Languages {
		told := &Told{Look: &Look{}, Facts: Facts{}, Name: "Dorf", Origin: "https://a.test"}
		var lacks []string
		for _, document := range Documents {
			text := &Text{Name: document, Language: lang, Source: all[document+"."+lang]}
			for _, l := range text.lacks(told) {
				if !slices.Contains(lacks, l.Fact) {
					lacks = append(lacks, l.Fact)
				}
			}
		}
		for _, name := range FactNames() {
			f, _, _ := factOf(name)
			if f.required != slices.Contains(lacks, name) {
				t.Errorf("%s in %s: needed %v", name, lang, f.required)
			}
			if f.required && gapWords[name][lang] == "" {
				t.Errorf("%s in %s: no words for its gap", name, lang)
			}
			if f.required {
				told.Facts[name] = map[string]string{"select": slices.Concat(f.options, []string{""})[0], "date": "2026-11-02"}[f.kind]
				if told.Facts[name] == "" {
					told.Facts[name] = "etwas"
				}
			}
		}
		for _, document := range Documents {
			text := &Text{Name: document, Language: lang, Source: all[document+"."+lang]}
			if lacks := text.lacks(told); len(lacks) > 0 || text.Gaps(told) > 0 {
				t.Errorf("%s in %s still lacks %v", document, lang, lacks)
			}
		}
	}
}

// TestEachFactIsShown: what is entered stands on its page, and no page says
// anything of another town.
func TestEachFactIsShown(t *testing.T) {
	all := startingTexts()
	for _, lang := range locale.Languages {
		for _, name := range FactNames() {
			f, document, _ := factOf(name)
			values := f.options
			if len(values) == 0 {
				values = []string{map[string]string{"date": "2031-05-06", "number": "77", "email": "amt@dorf.example"}[f.kind]}
			}
			for _, value := range values {
				if value == "" {
					value = "Zwetschgendatschi"
				}
				before := (&Text{Language: lang, Source: all[document+"."+lang]}).HTML(&Told{Look: &Look{}, Facts: Facts{}})
				told := &Told{Look: &Look{}, Facts: Facts{name: value}}
				if document == "impressum" {
					for _, n := range provider {
						if told.Facts[n] == "" {
							told.Facts[n] = "x"
						}
					}
				}
				after := (&Text{Language: lang, Source: all[document+"."+lang]}).HTML(told)
				if before == after || f.options == nil && f.kind != "date" && !strings.Contains(string(after), value) {
					t.Errorf("%s = %q is not shown in %s", name, value, lang)
				}
			}
		}
	}
}

// TestLands: each Land has what the pages need, and addresses that programs read.
func TestLands(t *testing.T) {
	if len(Lands) != 16 {
		t.Fatalf("%d Länder", len(Lands))
	}
	for _, l := range Lands {
		if len(l.Code) != 2 || l.Name == "" || len(l.Authority) < 3 || len(l.Enforcement) < 2 || l.PrivacyAct == "" || l.AccessAct == "" {
			t.Errorf("%+v", l)
		}
		for _, line := range append(l.Authority, l.Enforcement...) {
			if strings.Contains(line, "@") && !mailAddress.MatchString(line) {
				t.Errorf("%s: %s", l.Code, line)
			}
		}
		if land(l.Code).Name != l.Name {
			t.Errorf("%s is not found", l.Code)
		}
	}
}

// TestCheckFacts: what cannot be is refused at its field.
func TestCheckFacts(t *testing.T) {
	for _, c := range []struct{ name, value, kept, field string }{
		{"impressum.name", "  Gemeinde\tDorf ", "Gemeinde Dorf", ""},
		{"impressum.address", "Platz 1\r\n\r\n12345 Dorf", "Platz 1\n12345 Dorf", ""},
		{"impressum.mail", "rathaus", "", "mail"},
		{"impressum.mail", "rathaus@dorf.example", "rathaus@dorf.example", ""},
		{"impressum.name", strings.Repeat("x", maxLine+1), "", "name"},
		{"impressum.address", strings.Repeat("x\n", maxLines+1), "", "address"},
		{"datenschutz.land", "XX", "", "land"},
		{"datenschutz.backups", "0", "", "backups"},
		{"datenschutz.backups", "14", "14", ""},
		{"barrierefreiheit.assessed", "2.11.2026", "2026-11-02", ""},
		{"barrierefreiheit.assessed", "neulich", "", "assessed"},
		{"barrierefreiheit.method", "", "", ""},
	} {
		kept, _, err := checkFacts(Facts{c.name: c.value})
		if problem.Field(err) != c.field || err == nil && kept[c.name] != c.kept {
			t.Errorf("%s = %q: %q %v", c.name, c.value, kept[c.name], err)
		}
	}
	if _, _, err := checkFacts(Facts{"impressum.x": "y"}); problem.KindOf(err) != problem.Invalid {
		t.Errorf("an unknown fact: %v", err)
	}
}

// TestPrivacyFollowsRegistration: the starting text says how people come in.
func TestPrivacyFollowsRegistration(t *testing.T) {
	for registration, want := range map[string]string{"": "Das Rathaus legt es an", "closed": "Das Rathaus legt es an", "approval": "sieht sich jeden Antrag an", "open": "meldet sich hier an"} {
		told := &Told{Look: &Look{}, Facts: Facts{}, Name: "Dorf", Origin: "https://a.test", Registration: registration}
		text, _ := told.filled(startingTexts()["datenschutz.de"], "de")
		if !strings.Contains(text, want) || want != "Das Rathaus legt es an" && strings.Contains(text, "Das Rathaus legt es an") {
			t.Errorf("%q: %s", registration, text)
		}
	}
}
