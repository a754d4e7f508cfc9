package proof

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// Words that stand in one reply each and nowhere else.
const (
	openly    = "Apfelkuchen"
	followers = "Birnenkompott"
	directly  = "Kirschmichel"
	late      = "Dampfnudel"
)

func TestProofVisibility(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		port := connected(t).freePort(t)
		w := found(t, "dorf.test", port, database)
		club := w.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
		post := w.make(t, "post", "add", "--club", "tsv", "--text", "Wer bringt etwas zum Essen mit?")
		event := w.make(t, "event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", start, "--end", end)
		lena := moveIn(t, port, rfc9421)
		w.serve(t)
		lena.do(t, "follow", values{"actor": club.ID})

		notes := map[string][]string{}
		for _, m := range []made{post, event} {
			for visibility, word := range map[string]string{"public": openly, "followers": followers, "direct": directly} {
				note := lena.do(t, "reply", values{"object": m.ID, "text": word, "visibility": visibility})
				w.remote(t, word, note)
				notes[word] = append(notes[word], note)
			}
		}
		act(t, "public, followers-only and direct replies of Fedify are stored")
		hidden := append(append([]string{followers, directly}, notes[followers]...), notes[directly]...)
		shown := w.everything(t, club)
		shown.never(t, hidden...)
		for _, m := range []made{post, event} {
			shown.has(t, m.URL, openly)
			if n := w.count(t, m.ID, "replies"); n != 1 {
				t.Errorf("%s/replies counts %d, want 1", m.ID, n)
			}
		}
		act(t, "the direct and the followers-only ones are in none of %d answers, nor counted", len(shown))

		w.hidesAndShows(t, post, notes[openly][0])
		w.blocks(t, club, lena, post, event)
	})
}

// hidesAndShows takes a reply out of every page and lets it in again.
func (w *town) hidesAndShows(t *testing.T, about made, note string) {
	t.Helper()
	w.serves(t, about, http.StatusOK, "")
	w.verb(t, "hide", note)
	w.counts(t, about, 0, false)
	act(t, "a public reply is hidden at once by `aushang hide`")
	w.verb(t, "show", note)
	w.counts(t, about, 1, true)
	act(t, "and shown again by `aushang show`")
}

// counts wants the number of replies and whether the page has the public one, within the promised second.
func (w *town) counts(t *testing.T, about made, want int, visible bool) {
	t.Helper()
	until(t, promptly, about.URL, func() (page, string) {
		p := w.get(t, about.URL, html)
		n := w.count(t, about.ID, "replies")
		if n != want || strings.Contains(p.body, openly) != visible {
			return p, fmt.Sprintf("counts %d replies, want %d; shows the reply: %v, want %v", n, want, strings.Contains(p.body, openly), visible)
		}
		return p, ""
	})
}

// blocks keeps the host of Fedify out: what was there is gone at once and what comes is not taken.
func (w *town) blocks(t *testing.T, club made, lena *fedify, things ...made) {
	t.Helper()
	w.verb(t, "block", "add", "fedi.test")
	for _, m := range things {
		w.counts(t, m, 0, false)
	}
	act(t, "the replies of a host are gone at once after `aushang block add`")
	complaint := lena.mayFail(t, "reply", values{"object": things[0].ID, "text": late, "visibility": "public"})
	if all := w.stores(t, late); len(all) > 0 {
		t.Errorf("the reply of a blocked host is stored: %+v", all)
	}
	w.everything(t, club).never(t, openly, late)
	act(t, "a later reply is not taken (%.60q)", complaint)
}

// answers are the bodies of all that a reader can find, by Accept and address.
type answers map[string]string

// far leads to months and weeks far away or narrowed, of which there are many,
// all alike.
var far = regexp.MustCompile(`<a [^>]*rel="[a-z ]*nofollow"[^>]*>`)

var link = regexp.MustCompile(`(?:https://[a-z.]+:[0-9]+|href="|src=")(/[^"'\s<>\\)]*)`)

// everything follows all links from the front page and the club, in pages, feeds and collections, as a reader and as a server.
func (w *town) everything(t *testing.T, club made) answers {
	t.Helper()
	found := answers{}
	ahead := []string{
		w.origin + "/", club.ID, club.URL, w.origin + "/vereine", w.origin + "/veranstaltungen", w.origin + "/pinnwand", w.origin + "/nodeinfo/2.0",
		w.origin + "/nodeinfo/2.1", w.origin + "/.well-known/nodeinfo",
	}
	asked := map[string]bool{}
	for len(ahead) > 0 {
		address := ahead[0]
		ahead = ahead[1:]
		if asked[address] {
			continue
		}
		if asked[address] = true; len(asked) > 500 {
			t.Fatalf("the town has more than 500 addresses: something links to itself for ever; the last were %q", ahead[:min(20, len(ahead))])
		}
		for _, accept := range []string{html, activityJSON} {
			body := w.get(t, address, accept).body
			found[accept+" "+address] = body
			ahead = append(ahead, w.links(address, body)...)
		}
	}
	return found
}

// links finds the addresses of the town itself in a body.
func (w *town) links(at, body string) []string {
	base, err := url.Parse(at)
	if err != nil {
		return nil
	}
	var all []string
	if strings.HasPrefix(base.Path, "/veranstaltungen/monat/") || strings.HasPrefix(base.Path, "/veranstaltungen/woche/") {
		body = far.ReplaceAllString(body, "")
	}
	for _, match := range link.FindAllStringSubmatch(strings.ReplaceAll(body, "&amp;", "&"), -1) {
		if strings.HasPrefix(match[0], "https://") && !strings.HasPrefix(match[0], w.origin+"/") {
			continue
		}
		if next, err := base.Parse(match[1]); err == nil && strings.HasPrefix(next.String(), w.origin+"/") && next.Path != "/ap/inbox" {
			next.Fragment = ""
			all = append(all, next.String())
		}
	}
	return all
}

// never wants words to be in none of the answers.
func (a answers) never(t *testing.T, words ...string) {
	t.Helper()
	for address, body := range a {
		for _, word := range words {
			if strings.Contains(body, word) {
				t.Errorf("%s names %q:\n%.3000s", address, word, body)
			}
		}
	}
}

// has wants the page at an address among the answers, with a word in it.
func (a answers) has(t *testing.T, address, word string) {
	t.Helper()
	if !strings.Contains(a[html+" "+address], word) {
		var known []string
		for k := range a {
			known = append(known, k)
		}
		slices.Sort(known)
		t.Errorf("%s does not show %q; seen: %s", address, word, strings.Join(known, "\n"))
	}
}
