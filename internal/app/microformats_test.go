package app

import (
	"net/url"
	"strings"
	"testing"

	"willnorris.com/go/microformats"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/post"
)

// items gives what programs read in a page (microformats2).
func (v *village) items(page string) []*microformats.Microformat {
	v.t.Helper()
	w := v.get(page, html)
	base, err := url.Parse("https://here.test" + page)
	if err != nil || w.Code != 200 {
		v.t.Fatalf("%s: %d, %v", page, w.Code, err)
	}
	return microformats.Parse(w.Body, base).Items
}

// root gives the first item of a type on the top of a page.
func root(items []*microformats.Microformat, kind string) *microformats.Microformat {
	for _, i := range items {
		for _, t := range i.Type {
			if t == kind {
				return i
			}
		}
	}
	return &microformats.Microformat{Properties: map[string][]any{}}
}

// says gives the first value of a property as text.
func says(i *microformats.Microformat, property string) string {
	if len(i.Properties[property]) == 0 {
		return ""
	}
	switch value := i.Properties[property][0].(type) {
	case string:
		return value
	case *microformats.Microformat:
		return value.Value
	case map[string]string:
		return value["value"]
	}
	return "?"
}

// TestMicroformatsOfClubsAndNotices: other programs read clubs and notices in our pages.
func TestMicroformatsOfClubsAndNotices(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	website := "www.tsv.example"
	summary := "Turnen für alle."
	if _, err := v.Clubs.Change(t.Context(), actor.Operator, "tsv", club.Change{Website: &website, Summary: &summary}); err != nil {
		t.Fatal(err)
	}
	p, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "Bollerwagen gesucht. Wir bringen ihn zurück.", Kind: post.Wanted})
	if err != nil {
		t.Fatal(err)
	}
	want := func(what string, i *microformats.Microformat, properties map[string]string) {
		t.Helper()
		for name, value := range properties {
			if got := says(i, name); strings.TrimSpace(got) != value {
				t.Errorf("%s: %s is %q, want %q (%v)", what, name, got, value, i.Properties)
			}
		}
	}
	want("the page of a club", root(v.items("/vereine/tsv"), "h-card"), map[string]string{
		"name": "TSV", "url": "https://here.test/vereine/tsv", "uid": "https://here.test/vereine/tsv", "note": "Turnen für alle.",
	})
	entry := root(v.items(path(p.URL)), "h-entry")
	want("the page of a notice", entry, map[string]string{
		"url": p.URL, "uid": p.URL, "category": "Suche", "content": "Bollerwagen gesucht. Wir bringen ihn zurück.", "author": "TSV",
	})
	feed := root(v.items("/pinnwand"), "h-feed")
	if len(feed.Children) != 1 {
		t.Fatalf("the board has %d entries", len(feed.Children))
	}
	want("the board", feed.Children[0], map[string]string{"url": p.URL, "name": "Bollerwagen gesucht", "summary": "Wir bringen ihn zurück.", "author": "TSV"})
}
