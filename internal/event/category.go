package event

import (
	"slices"
	"strings"
	"sync"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web/locale"
)

// A Category is what an event is about: one of a short list that fits a town.
type Category struct {
	// Key is how it is stored and what the command line calls it; the words for
	// it are in the catalogues under "event.category." + Key.
	Key string
	// Slug is its name in addresses of pages.
	Slug string
	// Term is what others are told: Mobilizon's list, which FEP-8a8e took over.
	Term string
	// terms are what others say and we understand as this one.
	terms []string
}

// The categories that are not like the others.
const (
	// Other is the category of what fits none.
	Other = "other"
	// noCategory is what Mobilizon says of an event for which nobody chose one,
	// and so do we.
	noCategory = "MEETING"
)

// Categories are all of them, in the order in which forms show them.
var Categories = []Category{
	{"music", "musik", "MUSIC", nil},
	{"culture", "kultur", "ARTS", []string{
		"THEATRE", "PERFORMING_VISUAL_ARTS", "FILM_MEDIA", "BOOK_CLUBS", "COMEDY", "LANGUAGE_CULTURE", "PHOTOGRAPHY", "FASHION_BEAUTY",
	}},
	{"festival", "feste", "PARTY", []string{"FESTIVALS", "FOOD_DRINK"}},
	{"family", "familie", "FAMILY_EDUCATION", []string{"GAMES"}},
	{"sport", "sport", "SPORTS", []string{"HEALTH", "MEDITATION_WELLBEING"}},
	{"nature", "natur", "OUTDOORS_ADVENTURE", []string{"CLIMATE_ENVIRONMENT", "PETS"}},
	{"learning", "vortraege", "LEARNING", []string{
		"SCIENCE_TECH", "BUSINESS", "CRAFTS", "WORKSHOPS_SKILL_SHARING", "DIY_MAKER_SPACES", "CREATIVE_JAM",
	}},
	{"volunteering", "treffen", "COMMUNITY", []string{"CAUSES", "NETWORKING", "INCLUSIVE_SPACES", "LGBTQ"}},
	{"faith", "glaube", "SPIRITUALITY_RELIGION_BELIEFS", nil},
	{"townhall", "rathaus", "MOVEMENTS_POLITICS", nil},
	{Other, "sonstiges", noCategory, nil},
}

// TermList is the name of the list of the town's words for categories.
const TermList = "event"

// WordKey begins the keys of the words for categories.
const WordKey = "event.category."

// Presets are the categories as the town has them before it changes them.
func Presets() []term.Term {
	list := make([]term.Term, 0, len(Categories))
	for _, c := range Categories {
		list = append(list, term.Term{Key: c.Key, Slug: c.Slug, German: word("de", c.Key), English: word("en", c.Key)})
	}
	return list
}

// categories has the town's words for them, and what is offered.
func (s *Events) categories() term.Book {
	if s.Terms == nil {
		return term.Book{TermList: Presets()}
	}
	return s.Terms()
}

// word names a category in a language, as the town calls it; "" is none.
func (s *Events) word(language, key string) string {
	return s.categories().Word(TermList, language, key)
}

// tag gives the hashtag of a category with where it leads, nil for none:
// what fits no category says nothing by one.
func (s *Events) tag(key string) *as.Tag {
	t := s.categories().Find(TermList, key)
	if t == nil || t.Key == Other || t.Tag() == "" {
		return nil
	}
	return &as.Tag{Type: "Hashtag", Href: s.actors.Site().Origin + listPath + "?" + categoryField + "=" + t.Slug, Name: "#" + t.Tag()}
}

// termOf gives the term of a category as others are told it (FEP-8a8e,
// "category").
func termOf(key string) string {
	for _, c := range Categories {
		if c.Key == key {
			return c.Term
		}
	}
	return noCategory
}

// keyOfTerm gives the category that another server means; Other when it says
// something that we do not know, "" when it says nothing.
func keyOfTerm(term string) string {
	term = strings.ToUpper(strings.TrimSpace(term))
	if term == "" || term == noCategory {
		return ""
	}
	for _, c := range Categories {
		if c.Term == term || slices.Contains(c.terms, term) {
			return c.Key
		}
	}
	return Other
}

// spoken are our own words, for what is made without a page around it: a
// calendar, or a row for the page of somebody else.
var spoken = sync.OnceValue(func() *locale.Catalogue {
	c, err := locale.NewCatalogue(Files)
	if err != nil {
		panic(err) // the site, which reads the same files, did not start either
	}
	return c
})

// word names a category in a language, as the program calls it; "" is none.
func word(language, key string) string {
	if key == "" {
		return ""
	}
	return say(language, "event.category."+key, nil)
}

// say gives the words of key with data filled in; German unless English is
// asked for.
func say(language, key string, data any) string {
	if language != "en" {
		language = "de"
	}
	words, err := spoken().Message(language, key, data)
	if err != nil {
		return ""
	}
	return words
}

// sayNumber gives the words of key for n things.
func sayNumber(language, key string, n int) string {
	if language != "en" {
		language = "de"
	}
	words, err := spoken().Plural(language, key, n)
	if err != nil {
		return ""
	}
	return words
}
