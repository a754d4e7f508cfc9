package town

import (
	"regexp"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/web/locale"
)

// TestStartingTexts: both languages say the same things in the same order, have
// the same gaps, and lead to pages that there are.
func TestStartingTexts(t *testing.T) {
	all := startingTexts()
	links := regexp.MustCompile(`\]\((/[^)]*)\)`)
	fillings := regexp.MustCompile(`\{[A-Z][a-z]+\}`)
	there := map[string]bool{"/kalender.ics": true, "/pinnwand": true, "/vereine": true, "/veranstaltungen": true, barrierPath: true}
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
			for _, m := range links.FindAllStringSubmatch(text, -1) {
				if !there[m[1]] {
					t.Errorf("%s in %s leads to %s", name, lang, m[1])
				}
			}
			for _, f := range fillings.FindAllString(text, -1) {
				if strings.Contains(filled(f, lang, &Look{}, "Dorf", "https://a.test"), "{") {
					t.Errorf("%s in %s: nothing is filled in for %s", name, lang, f)
				}
			}
			if legal[name] != gaps.MatchString(text) {
				t.Errorf("%s in %s: gaps %v", name, lang, gaps.MatchString(text))
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
	look := &Look{Contact: []string{"Amt *für* [Alles] & Co", "post_amt@dorf.example", "https://dorf.example/kontakt"}, Enforcement: []string{"<b>Stelle</b>"}}
	text := &Text{Language: "de", Source: "{Stadt} unter {Adresse}\n\n{Kontakt}\n\n{Durchsetzungsstelle}\n\n[noch auszufüllen: Amt]"}
	got := string(text.HTML(look, "Bad *Dorf*", "https://dorf.example"))
	for _, want := range []string{
		"Bad *Dorf* unter", `<a href="https://dorf.example">https://dorf.example</a>`, "Amt *für* [Alles] &amp; Co<br>", `<a href="mailto:post_amt@dorf.example">`,
		`<a href="https://dorf.example/kontakt">`, "&lt;b&gt;Stelle&lt;/b&gt;", `<mark>noch auszufüllen: Amt</mark>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	if n := text.Gaps(look, "Dorf", "https://dorf.example"); n != 1 {
		t.Errorf("%d gaps", n)
	}
	if n := text.Gaps(&Look{}, "Dorf", "https://dorf.example"); n != 3 {
		t.Errorf("%d gaps without contact", n)
	}
}
