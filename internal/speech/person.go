package speech

import (
	"regexp"
	"strings"
)

// pair finds "Leserinnen und Leser", "Leserinnen, Leser" and "Leserinnen und
// Lesern".
var pair = regexp.MustCompile(`(\p{Lu}\p{Ll}+)innen(?: und |, )(\p{Lu}\p{Ll}+)`)

// signs stand between a noun and its end.
var signs = map[string]string{Colon: ":", Star: "*", Underscore: "_"}

// neutral has other words for some nouns, in the plural, by that of the men.
var neutral = map[string]string{
	"Leser": "Lesende", "Helfer": "Helfende", "Nutzer": "Nutzende", "Teilnehmer": "Teilnehmende", "Besucher": "Gäste",
	"Bürger": "Menschen aus der Gemeinde", "Einwohner": "Menschen aus der Gemeinde", "Nachbarn": "Menschen von nebenan",
}

// neutralDative has them where they differ after "mit" or "von".
var neutralDative = map[string]string{
	"Lesern": "Lesenden", "Helfern": "Helfenden", "Nutzern": "Nutzenden", "Teilnehmern": "Teilnehmenden", "Besuchern": "Gästen",
	"Bürgern": "Menschen aus der Gemeinde", "Einwohnern": "Menschen aus der Gemeinde",
}

// persons writes the pairs of a sentence in another way. What is no pair, and
// what has no other word, stays.
func persons(s, sign string) string {
	if sign == Pair || !strings.Contains(s, "innen") {
		return s
	}
	return pair.ReplaceAllStringFunc(s, func(found string) string {
		m := pair.FindStringSubmatch(found)
		stem, men := m[1], m[2]
		if end, ok := strings.CutPrefix(men, stem); !ok || strings.Trim(end, "en") != "" {
			return found
		}
		if sign != Neutral {
			return stem + signs[sign] + "innen"
		}
		for _, words := range []map[string]string{neutral, neutralDative} {
			if other := words[men]; other != "" {
				return other
			}
		}
		return found
	})
}
