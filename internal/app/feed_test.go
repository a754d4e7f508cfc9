package app

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mmcdole/gofeed"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
)

// feed reads a feed as a program does that is not ours.
func (v *village) feed(path string) *gofeed.Feed {
	v.t.Helper()
	w := v.ask("GET", path, "Accept-Language", "en")
	if w.Code != http.StatusOK || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		v.t.Fatalf("%s: %d %v", path, w.Code, w.Header())
	}
	if same := v.ask("GET", path, "If-None-Match", w.Header().Get("ETag")); w.Header().Get("ETag") == "" || same.Code != http.StatusNotModified {
		v.t.Errorf("%s: what is known is answered %d", path, same.Code)
	}
	f, err := gofeed.NewParser().Parse(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		v.t.Fatalf("%s: %v", path, err)
	}
	if f.FeedLink != "https://here.test"+path || f.Language != "de" {
		v.t.Errorf("%s calls itself %s and is in %s", path, f.FeedLink, f.Language)
	}
	return f
}

// titles are those of the entries of a feed.
func titles(f *gofeed.Feed) string {
	var all []string
	for _, i := range f.Items {
		all = append(all, i.Title)
	}
	return strings.Join(all, " | ")
}

func TestFeeds(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		if f := v.feed("/pinnwand/feed.atom"); len(f.Items) != 0 || f.UpdatedParsed.IsZero() {
			t.Errorf("the empty feed is %+v", f)
		}
		p, e := v.post("Schlüssel *gefunden* & abgegeben ]]>"), v.event("Sommerfest")
		choir := v.second()
		v.on(choir.ID, "Konzert", "2027-08-01T19:00", "")
		if _, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{
			AttributedTo: choir.ID, Text: "Ein Bild", Picture: &object.Upload{Image: bytes.NewReader(mediatest.JPEG("x")), Alt: `Die "Halle"`},
		}); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"atom", "rss", "json"} {
			kind := map[string]string{"atom": "application/atom+xml; charset=utf-8", "rss": "application/rss+xml; charset=utf-8", "json": "application/feed+json; charset=utf-8"}[form]
			for path, want := range map[string]struct{ title, link, entries string }{
				"/pinnwand/feed." + form:                         {"Pinnwand: Musterdorf", "/pinnwand", "Chor: Ein Bild | TSV: Schlüssel gefunden & abgegeben ]]>"},
				"/veranstaltungen/feed." + form:                  {"Veranstaltungen: Musterdorf", "/veranstaltungen", "Chor: Konzert | TSV: Sommerfest"},
				"/pinnwand/feed." + form + "?verein=tsv":         {"Pinnwand: TSV", "/pinnwand?verein=tsv", "Schlüssel gefunden & abgegeben ]]>"},
				"/veranstaltungen/feed." + form + "?verein=chor": {"Veranstaltungen: Chor", "/veranstaltungen?verein=chor", "Konzert"},
				"/vereine/tsv/feed." + form:                      {"Neues von TSV", "/vereine/tsv", "Sommerfest | Schlüssel gefunden & abgegeben ]]>"},
			} {
				f := v.feed(path)
				got := titles(f)
				if form := v.ask("GET", path).Header().Get("Content-Type"); form != kind {
					t.Errorf("%s is %s", path, form)
				}
				// Of the same second, either may come first.
				a, b, _ := strings.Cut(want.entries, " | ")
				if got != want.entries && got != b+" | "+a || f.Title != want.title || f.Link != "https://here.test"+want.link {
					t.Errorf("%s is %q at %s with %q", path, f.Title, f.Link, got)
				}
			}
			for _, i := range v.feed("/vereine/tsv/feed." + form).Items {
				text := spaced(i.Content + i.Description)
				switch i.GUID {
				case p.ID:
					if i.Link != p.URL || text != p.Content {
						t.Errorf("the post is %+v", i)
					}
				case e.ID:
					if i.Link != e.URL || !strings.Contains(text, "Marktplatz") || !strings.Contains(text, "10. Juli 2027") || !strings.Contains(text, "<p>Musik.</p>") {
						t.Errorf("the event is %+v", i)
					}
				default:
					t.Errorf("there is %+v", i)
				}
			}
			for _, i := range v.feed("/pinnwand/feed." + form + "?verein=chor").Items {
				if len(i.Enclosures) != 1 || i.Enclosures[0].Type != "image/jpeg" || len(i.Enclosures[0].Length) < 4 || !strings.Contains(i.Content+i.Description, `alt="Die &#34;Halle&#34;"`) {
					t.Errorf("the picture is %+v", i)
				}
			}
			for path, want := range map[string]int{"/pinnwand/feed." + form + "?verein=none": 404, "/vereine/none/feed." + form: 404, "/pinnwand/feed." + form + "?vor=none": 200, "/vereine/feed." + form: 404} {
				if w := v.ask("GET", path); w.Code != want {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
			}
		}
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Sturm"); err != nil {
			t.Fatal(err)
		}
		if got := v.feed("/veranstaltungen/feed.rss?verein=tsv"); titles(got) != "Abgesagt: Sommerfest" || !strings.Contains(got.Items[0].Description, "Sturm") {
			t.Errorf("the cancelled event is %+v", got.Items[0])
		}
	})
}

// TestFeedsInParts: who follows the links finds every entry once.
func TestFeedsInParts(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		const many = 70
		for n := range many {
			v.post(fmt.Sprintf("Aushang %d", n))
		}
		for _, form := range []string{"atom", "rss", "json"} {
			seen, path, parts := map[string]bool{}, "/pinnwand/feed."+form+"?verein=tsv", 0
			for path != "" && parts < many {
				parts++
				body := v.ask("GET", path).Body.String()
				for _, i := range v.feed(path).Items {
					if seen[i.GUID] {
						t.Errorf("%s has %s again", path, i.GUID)
					}
					seen[i.GUID] = true
				}
				path = ""
				for _, begin := range []string{`rel="next" href="https://here.test`, `"next_url":"https://here.test`} {
					if _, rest, ok := strings.Cut(body, begin); ok {
						path, _, _ = strings.Cut(rest, `"`)
						path = strings.ReplaceAll(path, "&amp;", "&")
					}
				}
			}
			if len(seen) != many || parts != 3 {
				t.Errorf("%s: %d entries in %d parts", form, len(seen), parts)
			}
		}
	})
}

// TestGuide: the page that explains how to read along leads to all of it.
func TestGuide(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		body := v.get("/abonnieren", html).Body.String()
		for _, want := range []string{
			`href="webcal://here.test/kalender.ics"`, "https://here.test/kalender.ics", "@verein@here.test", `href="/vereine"`,
			`href="/pinnwand/feed.atom"`, `href="/veranstaltungen/feed.rss"`, `href="/veranstaltungen/feed.json"`, `type="application/feed&#43;json"`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("it lacks %s", want)
			}
		}
	})
}
