package page

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/web"
)

func TestSubscribe(t *testing.T) {
	s := Subscribe{Origin: "https://stadt.example:8443", Feed: "/veranstaltungen", Query: "verein=tsv", Calendar: "/kalender.ics?verein=tsv"}
	if got := s.Address(); got != "https://stadt.example:8443/kalender.ics?verein=tsv" {
		t.Errorf("the calendar is at %s", got)
	}
	want := []web.Feed{
		{Type: "text/calendar", Title: "TSV", Href: "/kalender.ics?verein=tsv"},
		{Type: "application/atom+xml", Title: "TSV (Atom)", Href: "/veranstaltungen/feed.atom?verein=tsv"},
		{Type: "application/rss+xml", Title: "TSV (RSS)", Href: "/veranstaltungen/feed.rss?verein=tsv"},
		{Type: "application/feed+json", Title: "TSV (JSON Feed)", Href: "/veranstaltungen/feed.json?verein=tsv"},
	}
	if diff := cmp.Diff(want, s.Head("TSV")); diff != "" {
		t.Error(diff)
	}
	if none := (Subscribe{Origin: "https://stadt.example"}); none.Address() != "" || none.Head("TSV") != nil {
		t.Errorf("nothing is offered as %s and %v", none.Address(), none.Head("TSV"))
	}
	for _, calendar := range []string{"javascript:alert(1)", "evil.example/x", "@evil.example"} {
		if got := (Subscribe{Origin: "https://stadt.example", Calendar: calendar}).Address(); got != "" {
			t.Errorf("%s becomes %s", calendar, got)
		}
	}
	if href := (Subscribe{Feed: "/pinnwand", Query: "?verein=tsv"}).Feeds()[0].Href; strings.Count(href, "?") != 1 {
		t.Errorf("the feed is at %s", href)
	}
}
