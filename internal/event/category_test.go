package event

import (
	"slices"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/term"
)

// TestCategories: what we say is what we understand, and what others say means
// something here.
func TestCategories(t *testing.T) {
	slugs, book := map[string]bool{}, term.Book{TermList: Presets()}
	for _, c := range Categories {
		want := c.Key
		if c.Key == Other {
			want = "" // Mobilizon has no word for it but its default
		}
		if got := keyOfTerm(termOf(c.Key)); got != want {
			t.Errorf("%s is sent as %s, which is read as %q", c.Key, termOf(c.Key), got)
		}
		if slugs[c.Slug] || book.Find(TermList, c.Slug) == nil || book.Find(TermList, c.Key).Slug != c.Slug {
			t.Errorf("%s is not found again", c.Slug)
		}
		slugs[c.Slug] = true
		for _, lang := range []string{"de", "en"} {
			if word(lang, c.Key) == "" {
				t.Errorf("%s has no word in %s", c.Key, lang)
			}
		}
	}
	for term, want := range map[string]string{"": "", "MEETING": "", "THEATRE": "culture", " theatre ": "culture", "HEALTH": "sport", "AUTO_BOAT_AIR": Other, "quatsch": Other} {
		if got := keyOfTerm(term); got != want {
			t.Errorf("%q is read as %q, want %q", term, got, want)
		}
	}
	if word("fr", "music") != "Musik" || word("en", "music") != "Music" || word("de", "") != "" || termOf("") != noCategory || book.Find(TermList, "") != nil {
		t.Error("none is taken for one, or French for English")
	}
}

// TestForeignCategories: every term of FEP-8a8e's list is understood as one of
// ours, and one of several is enough.
func TestForeignCategories(t *testing.T) {
	for _, term := range []string{
		"ARTS", "BOOK_CLUBS", "BUSINESS", "CAUSES", "CLIMATE_ENVIRONMENT", "COMMUNITY", "COMEDY", "CRAFTS", "CREATIVE_JAM", "DIY_MAKER_SPACES",
		"FAMILY_EDUCATION", "FASHION_BEAUTY", "FESTIVALS", "FILM_MEDIA", "FOOD_DRINK", "GAMES", "INCLUSIVE_SPACES", "LANGUAGE_CULTURE", "LEARNING",
		"LGBTQ", "MEDITATION_WELLBEING", "MOVEMENTS_POLITICS", "MUSIC", "NETWORKING", "OUTDOORS_ADVENTURE", "PARTY", "PERFORMING_VISUAL_ARTS", "PETS",
		"PHOTOGRAPHY", "SCIENCE_TECH", "SPIRITUALITY_RELIGION_BELIEFS", "SPORTS", "THEATRE", "WORKSHOPS_SKILL_SHARING",
	} {
		if key := keyOfTerm(term); key == "" || key == Other || !slices.ContainsFunc(Categories, func(c Category) bool { return c.Key == key }) {
			t.Errorf("%s is read as %q", term, key)
		}
	}
	for said, want := range map[string]string{`"MUSIC"`: "music", `["SPORTS","MUSIC"]`: "sport", `7`: "", `null`: "", `{"id":"MUSIC"}`: ""} {
		doc, err := as.DecodeObject([]byte(`{"id":"https://b.test/1","type":"Event","attributedTo":"https://b.test/amt","name":"Fest","startTime":"2027-07-01T19:00:00Z","category":` + said + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if d, err := detailsOf(doc); err != nil || d.Category != want {
			t.Errorf("%s is read as %q, %v", said, d.Category, err)
		}
	}
}
