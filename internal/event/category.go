package event

import (
	"slices"
	"strings"
	"sync"

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

// categoryOf gives the category with this key or slug, nil when there is none.
func categoryOf(name string) *Category {
	name = strings.ToLower(strings.TrimSpace(name))
	for i, c := range Categories {
		if name != "" && (c.Key == name || c.Slug == name) {
			return &Categories[i]
		}
	}
	return nil
}

// CategoryKeys lists the keys, for whoever must choose one.
func CategoryKeys() string {
	keys := make([]string, 0, len(Categories))
	for _, c := range Categories {
		keys = append(keys, c.Key)
	}
	return strings.Join(keys, ", ")
}

// termOf gives the term of a category as others are told it (FEP-8a8e,
// "category").
func termOf(key string) string {
	if c := categoryOf(key); c != nil {
		return c.Term
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

// word names a category in a language; "" is none.
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
