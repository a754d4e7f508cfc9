package web

import "testing"

// TestOpen: a pattern covers its page, all below it and all that is asked of it,
// and nothing that only begins alike.
func TestOpen(t *testing.T) {
	closed := []string{"/pinnwand", "/vereine/*/kalender.ics"}
	for path, want := range map[string]bool{
		"/pinnwand": false, "/pinnwand/": false, "/pinnwand/neu": false, "/pinnwand?art=x": false, "/pinnwand#oben": false, "/pinnwand/feed.rss": false,
		"/pinnwandgruppe": true, "/": true, "": true, "#teilen": true, "https://elsewhere.test/pinnwand": true,
		"/vereine/tsv": true, "/vereine/tsv/kalender.ics": false, "/vereine/tsv/kalender.ics?x=1": false, "/vereine/tsv/feed.rss": true, "/vereine": true,
	} {
		if got := open(closed, path); got != want {
			t.Errorf("%q is open: %v", path, got)
		}
	}
	if !open(nil, "/pinnwand") {
		t.Error("nothing is off, and a page is closed")
	}
}
