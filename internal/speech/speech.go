// Package speech knows how a town may speak: whether it says Sie or du, what it
// calls its clubs, and how it writes nouns that mean women and men. It inflects
// the sentences of the catalogues for that.
//
// It must not know where the sentences stand, or who chose how to speak.
package speech

import (
	"slices"

	"codeberg.org/aushang/aushang/web/locale"
)

// The forms of address.
const (
	Polite   = "sie"
	Familiar = "du"
)

// What the clubs of the town are called.
const (
	Clubs  = "vereine"
	Groups = "gruppen"
)

// How nouns are written that mean women and men: "Leserinnen und Leser",
// "Leser:innen", "Leser*innen", "Leser_innen", or "Lesende".
const (
	Pair       = "paar"
	Colon      = "doppelpunkt"
	Star       = "stern"
	Underscore = "unterstrich"
	Neutral    = "neutral"
)

// The choices of each setting; the first one is that of a town that has not
// chosen.
var (
	Addresses = []string{Polite, Familiar}
	ClubWords = []string{Clubs, Groups}
	Signs     = []string{Pair, Colon, Star, Underscore, Neutral}
)

// A Manner is how a town speaks. Where it says nothing, it is as every town
// begins.
type Manner struct{ Address, Clubs, Persons string }

// Whole gives the manner with every choice written out.
func (m Manner) Whole() Manner {
	whole := func(chosen string, choices []string) string {
		if slices.Contains(choices, chosen) {
			return chosen
		}
		return choices[0]
	}
	return Manner{whole(m.Address, Addresses), whole(m.Clubs, ClubWords), whole(m.Persons, Signs)}
}

// Say gives what is said in place of German words; other languages have no such
// forms.
func (m Manner) Say(lang, words string) string {
	if lang != "de" {
		return words
	}
	m = m.Whole()
	if m.Clubs == Groups {
		words = withGroups(words)
	}
	return persons(words, m.Persons)
}

// Words gives the manner in which catalogues are read.
func (m Manner) Words() locale.Manner {
	var words locale.Manner
	if m = m.Whole(); m.Address == Familiar {
		words.Variant = Familiar
	}
	if m.Clubs != Clubs || m.Persons != Pair {
		words.Say = m.Say
	}
	return words
}

// Sample shows a choice in a few German words; "" for none that there is.
func Sample(choice string) string {
	switch {
	case choice == Polite:
		return "Wo Sie helfen können"
	case choice == Familiar:
		return "Wo Du helfen kannst"
	case slices.Contains(ClubWords, choice):
		return Manner{Clubs: choice}.Say("de", "alle Vereine, jeder Verein")
	case slices.Contains(Signs, choice):
		return Manner{Persons: choice}.Say("de", "Leserinnen und Leser")
	}
	return ""
}
