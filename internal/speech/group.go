package speech

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// feminine has for each word that stands before "Verein" the one that stands
// before "Gruppe" in the same case.
var feminine = map[string]string{
	"der": "die", "den": "die", "dem": "der", "des": "der", "im": "in der", "beim": "bei der", "vom": "von der", "zum": "zur",
}

// Words like "ein", with their ends: nominative, dative, accusative, genitive.
func init() {
	for _, stem := range []string{"ein", "kein", "sein", "mein", "unser", "ihr", "Ihr", "dein", "Dein"} {
		feminine[stem] = stem + "e"
		decline(stem, stem)
	}
	for _, stem := range []string{"eur", "Eur"} {
		feminine[strings.Replace(stem, "r", "er", 1)] = stem + "e"
		decline(stem, stem)
	}
	for _, stem := range []string{"dies", "jed", "welch"} {
		feminine[stem+"er"] = stem + "e"
		decline(stem, stem)
	}
}

func decline(stem, female string) {
	feminine[stem+"en"], feminine[stem+"em"], feminine[stem+"es"] = female+"e", female+"er", female+"er"
}

// club finds the word and its forms; longer words such as Vereinsregister are
// others.
var club = regexp.MustCompile(`Verein(s|en|e)?`)

// both are words in which both stand already.
var both = regexp.MustCompile(`^(Vereine und Gruppen|Vereine, Gruppen|Vereinen und Gruppen)`)

// withGroups says of groups what a sentence says of clubs.
func withGroups(s string) string {
	for _, one := range exceptions {
		if before, after, found := strings.Cut(s, one[0]); found {
			return withGroups(before) + one[1] + withGroups(after)
		}
	}
	var b strings.Builder
	for rest := s; ; {
		at := club.FindStringSubmatchIndex(rest)
		if at == nil {
			b.WriteString(rest)
			return b.String()
		}
		before, noun, after := rest[:at[0]], rest[at[0]:at[1]], rest[at[1]:]
		if all := both.FindString(rest[at[0]:]); all != "" {
			noun, after = all, rest[at[0]+len(all):]
			b.WriteString(before + noun)
			rest = after
			continue
		}
		if letter(lastOf(before)) || letter(firstOf(after)) || firstOf(after) == '-' {
			b.WriteString(before + noun)
			rest = after
			continue
		}
		if noun == "Vereine" || noun == "Vereinen" {
			before, noun = plural(before, noun, after)
		} else {
			before, noun, after = singular(before, noun, after)
		}
		b.WriteString(before + noun)
		rest = after
	}
}

func letter(r rune) bool { return unicode.IsLetter(r) }

func lastOf(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func firstOf(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// listed finds what goes on with the next of a list, and either the one for
// which "oder" suffices.
var (
	listed = regexp.MustCompile(`^(, \p{Lu}| (und|oder) (\p{Lu}|(das|die|der|den|dem) ))`)
	either = regexp.MustCompile(`^ oder (\p{Lu}|(das|die|der|den|dem) )`)
)

// plural says "Gruppen und Vereine"; within a list of more, the commas are set
// anew.
func plural(before, noun, after string) (string, string) {
	joint := " und "
	if listed.MatchString(after) {
		joint = ", "
	}
	if list, ends := strings.CutSuffix(before, " und "); ends {
		if _, word := lastWord(list); unicode.IsUpper(firstOf(word)) {
			before = list + ", "
		}
	}
	return before, "Gruppen" + joint + noun
}

// singular says "die Gruppe oder der Verein". That one comes last, so that the
// pronouns which follow agree with it.
func singular(before, noun, after string) (string, string, string) {
	head, article, adjective := determined(before)
	if strings.HasPrefix(after, " „{{") && (article != "" || head == "") {
		return head, "", strings.TrimPrefix(after, " ") // its name says enough
	}
	joint, lower := " oder ", strings.ToLower(article)
	if strings.HasPrefix(lower, "kein") || strings.HasPrefix(lower, "jed") {
		joint = " und "
	}
	if joint == " oder " && either.MatchString(after) {
		joint = ", "
	}
	if list, ends := strings.CutSuffix(head, " oder "); ends {
		head = list + ", "
	}
	if article == "" {
		return head, "Gruppe" + joint + noun, after
	}
	other, own := feminineOf(article), article
	if feminine[article] == "" { // it begins a sentence
		other, own = upper(other), lower
	}
	female := adjective
	if adjective != "" {
		end := "e "
		if strings.HasSuffix(other, "r") {
			end = "en "
		}
		female = strings.TrimRight(strings.TrimRight(adjective, " "), "rsnm")
		female = strings.TrimSuffix(female, "e") + end
	}
	return head, other + " " + female + "Gruppe" + joint + own + " " + adjective + noun, after
}

func upper(s string) string {
	first := firstOf(s)
	return string(unicode.ToUpper(first)) + s[utf8.RuneLen(first):]
}

// determined splits off the article or pronoun before a noun, and an adjective
// between them with its blank.
func determined(before string) (head, article, adjective string) {
	rest, blank := strings.CutSuffix(before, " ")
	if !blank {
		return before, "", ""
	}
	head, last := lastWord(rest)
	if feminineOf(last) != "" {
		return head, last, ""
	}
	first, blank := strings.CutSuffix(head, " ")
	if !blank {
		return before, "", ""
	}
	if head, word := lastWord(first); feminineOf(word) != "" && unicode.IsLower(firstOf(last)) {
		return head, word, last + " "
	}
	return before, "", ""
}

func lastWord(s string) (head, word string) {
	start := len(s)
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if !letter(r) {
			break
		}
		start -= size
	}
	return s[:start], s[start:]
}

// feminineOf gives the word for groups; only what addresses somebody keeps its
// capital within a sentence.
func feminineOf(word string) string {
	if other, ok := feminine[word]; ok {
		return other
	}
	return feminine[strings.ToLower(word)]
}
