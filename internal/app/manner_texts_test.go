package app

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"codeberg.org/aushang/aushang/internal/speech"
)

// theirs are texts in which what begins a sentence like an address means others:
// "Sie stehen auf der Seite des Vereins."
var theirs = map[string]string{
	"feed.guide.feed.club": "the feeds", "data.not.password": "checksums", "data.not.throttles": "tries", "data.not.private": "answers", "data.not.deleted": "things",
	"data.not.backups": "backups", "data.not.drafts": "drafts", "data.not.pictures": "pictures", "townhall.archive.keep": "events", "townhall.crowd.none.text": "applications",
	"townhall.merge.followers": "people", "townhall.applications.more": "applications", "volunteer.left.text": "a person", "inquiry.about.complain": "the authority",
	"volunteer.paper.without.text": "somebody else's shift",
	"region.decline.text":          "the other town", "region.their-asks": "the other town", "region.their-gives": "the other town",
	"law.held.text": "federation and registration", "record.text": "the documents",
}

// polite finds what addresses somebody politely, where it is written or begins a
// sentence.
var polite = regexp.MustCompile(`(^|[^\p{L}])(Sie|Ihr|Ihre[nmrs]?|Ihnen)($|[^\p{L}])`)

// beginning finds the end of what stands before the first word of a sentence.
var beginning = regexp.MustCompile(`(^|[.!?:]\**["“)]*\s+|\n\s*|[„“(]|\**)$`)

// verb finds the one of several, which "Sie" has too.
var verb = regexp.MustCompile(`^ (\p{Ll}+n|sind)($|[^\p{L}])`)

// addresses tells whether a text says Sie to who reads it. certain are those
// places alone where it can mean nobody else.
func addresses(text string, certain bool) bool {
	for rest, from := text, 0; ; {
		at := polite.FindStringSubmatchIndex(rest)
		if at == nil {
			return false
		}
		before, word, after := text[:from+at[4]], rest[at[4]:at[5]], rest[at[5]:]
		first := before == "" || beginning.FindString(before) != "" || strings.HasSuffix(before, "}}")
		switch {
		case !first:
			return true
		case certain:
		case word == "Ihnen" || word != "Sie" || verb.MatchString(after):
			return true
		}
		from += at[5]
		rest = rest[at[5]:]
	}
}

// filled are what is filled into a text, in an order that does not matter.
func filled(text string) []string {
	list := regexp.MustCompile(`{{.*?}}|%[a-z]|{\p{Lu}\p{Ll}+}`).FindAllString(text, -1)
	slices.Sort(list)
	return list
}

// forms gives the words of a file by key, those of a plural by key and form.
func forms(t *testing.T, path, text string) map[string]string {
	t.Helper()
	var words map[string]any
	if err := toml.Unmarshal([]byte(text), &words); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	all := map[string]string{}
	for key, value := range words {
		switch value := value.(type) {
		case string:
			all[key] = value
		case map[string]any:
			for form, text := range value {
				all[key+"#"+form] = fmt.Sprint(text)
			}
		}
	}
	return all
}

// pairsOf gives the words of every catalogue, and those with du, by its folder.
func pairsOf(t *testing.T) (sie, du map[string]map[string]string) {
	t.Helper()
	sie, du = map[string]map[string]string{}, map[string]map[string]string{}
	eachFile(t, regexp.MustCompile(`/text\.de(-du)?\.toml$`), func(path, text string) {
		if folder, ok := strings.CutSuffix(path, "/text.de-du.toml"); ok {
			du[folder] = forms(t, path, text)
			return
		}
		sie[strings.TrimSuffix(path, "/text.de.toml")] = forms(t, path, text)
	})
	return sie, du
}

// TestDu: whatever says Sie to its reader has words with du, in which the same
// is filled in, and none of them says Sie.
func TestDu(t *testing.T) {
	sie, du := pairsOf(t)
	count := 0
	for folder, words := range sie {
		for _, key := range slices.Sorted(maps.Keys(words)) {
			name, _, _ := strings.Cut(key, "#")
			other, ok := du[folder][key]
			switch {
			case !ok && addresses(words[key], theirs[name] != ""):
				t.Errorf("%s/text.de-du.toml lacks %q = %q", folder, key, words[key])
			case !ok:
			case !slices.Equal(filled(words[key]), filled(other)):
				t.Errorf("%s/text.de-du.toml: %q fills in %q, not %q", folder, key, filled(other), filled(words[key]))
			case addresses(other, theirs[name] != ""):
				t.Errorf("%s/text.de-du.toml: %q says Sie: %s", folder, key, other)
			}
			if ok {
				count++
				tooLong(t, folder+" "+key, other)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(du[folder])) {
			if _, ok := words[key]; !ok {
				t.Errorf("%s/text.de-du.toml has %q, which text.de.toml has not", folder, key)
			}
		}
	}
	if count < 900 {
		t.Errorf("only %d texts were found", count)
	}
	texts, sentences := map[string]string{}, map[string]string{}
	eachFile(t, regexp.MustCompile(`internal/town/texts/.*\.de\.md$`), func(path, text string) {
		texts[path] = text
	})
	eachFile(t, regexp.MustCompile(`internal/town/texts/de-du\.toml$`), func(path, text string) { sentences = forms(t, path, text) })
	used := map[string]bool{}
	for path, text := range texts {
		for sentence, other := range sentences {
			if strings.Contains(text, sentence) {
				used[sentence] = true
				text = strings.ReplaceAll(text, sentence, other)
			}
		}
		for line := range strings.Lines(text) {
			if addresses(line, true) {
				t.Errorf("%s says Sie in a town that says du: %s", path, line)
			}
			tooLong(t, path, line)
		}
	}
	for sentence := range sentences {
		if !used[sentence] {
			t.Errorf("no starting text says %q", sentence)
		}
	}
}

func tooLong(t *testing.T, where, text string) {
	t.Helper()
	for _, sentence := range sentencesOf(text) {
		if n := wordCount(sentence); n > mostWords {
			t.Errorf("%s: %d words in a sentence, at most %d: %s", where, n, mostWords, sentence)
		}
	}
}

// said gives all German texts of the program, with Sie and with du, by where
// they stand.
func said(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	sie, du := pairsOf(t)
	for variant, folders := range map[string]map[string]map[string]string{"/text.de.toml": sie, "/text.de-du.toml": du} {
		for folder, words := range folders {
			for key, text := range words {
				all[folder+variant+" "+key] = text
			}
		}
	}
	for _, s := range starts(t) {
		all[s.place] = s.text
	}
	return all
}

// alone finds the word for clubs where it is a word of its own, and the groups
// before it; strange finds what no rule should have made.
var (
	alone   = regexp.MustCompile(`(^|[^\p{L}@„])Verein(s|e|en)?($|[^\p{L}“-])`)
	groups  = regexp.MustCompile(`Gruppen?( \p{Ll}+| \p{Lu}\p{Ll}*| \p{Ll}+ \p{Ll}+)?(,| und| oder)( \p{L}+){0,3} Verein|Vereine(n)?(,| und) Gruppen`)
	strange = regexp.MustCompile(`(?i)gruppen? gruppe|, (und|oder) (gruppe|verein)|(^|[^\p{L}])(der|den|dem|des|einer?) (der|die|das|den|dem|des) (gruppe|verein)|(^|[^\p{L}])\p{Lu}\p{Ll}+ und gruppen und vereinen?|(^|[^\p{L}])zu der gruppe|(^|[^\p{L}])(dies|jed|kein|ein)(en|em|es) gruppe($|[^n])`)
)

// TestGroupsToo: in a town with groups, every sentence about clubs is about
// groups too, reads like one that somebody would say, and is not too long.
func TestGroupsToo(t *testing.T) {
	count := 0
	for where, text := range said(t) {
		if !alone.MatchString(text) || strings.Contains(text, "Ein Verein ist eine Gruppe") {
			continue
		}
		count++
		other := speech.Manner{Clubs: speech.Groups}.Say("de", text)
		for _, sentence := range sentencesOf(other) {
			bare := groups.ReplaceAllString(sentence, "")
			if alone.MatchString(bare) {
				t.Errorf("%s: groups are left out: %s", where, sentence)
			}
			if found := strange.FindString(sentence); found != "" {
				t.Errorf("%s: %q: %s", where, found, sentence)
			}
		}
		tooLong(t, where, other)
		if !slices.Equal(filled(other), filled(text)) {
			t.Errorf("%s fills in other things: %s", where, other)
		}
		if again := (speech.Manner{Clubs: speech.Groups}).Say("en", text); again != text {
			t.Errorf("%s: English was touched", where)
		}
	}
	if count < 300 {
		t.Errorf("only %d texts about clubs were found", count)
	}
}

// women finds nouns that mean women alone.
var women = regexp.MustCompile(`\p{Lu}\p{Ll}+innen($|[^\p{L}])`)

// TestSigns: every noun that names women and men is written with the sign that
// the town has chosen.
func TestSigns(t *testing.T) {
	count := 0
	for where, text := range said(t) {
		if !women.MatchString(text) {
			continue
		}
		count++
		for _, sign := range speech.Signs[1:] {
			other := speech.Manner{Persons: sign}.Say("de", text)
			if women.MatchString(other) {
				t.Errorf("%s with %s: %s", where, sign, other)
			}
			tooLong(t, where, other)
		}
	}
	if count < 3 {
		t.Errorf("only %d texts name women and men", count)
	}
}

// otherwise lists what is said in other manners, each with where it stands.
func otherwise(t *testing.T) []string {
	t.Helper()
	var list []string
	_, du := pairsOf(t)
	for folder, words := range du {
		for key, text := range words {
			list = append(list, folder+"/text.de-du.toml\t"+key+"\t"+strings.ReplaceAll(text, "\n", " "))
		}
	}
	for where, text := range said(t) {
		for _, m := range []speech.Manner{{Clubs: speech.Groups}, {Persons: speech.Colon}, {Persons: speech.Neutral}} {
			if other := m.Say("de", text); other != text {
				list = append(list, strings.ReplaceAll(where, " ", "\t")+"\t"+strings.ReplaceAll(other, "\n", " "))
			}
		}
	}
	slices.Sort(list)
	return list
}
