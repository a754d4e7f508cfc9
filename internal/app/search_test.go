package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/post"
)

var (
	foundTitle = regexp.MustCompile(`<h3 class="event__title"[^>]*><a href="([^"]*)"><bdi>(.*?)</bdi></a></h3>`)
	foundNext  = regexp.MustCompile(`href="([^"]*weiter=[^"]*)" rel="next"`)
	tags       = regexp.MustCompile(`<[^>]*>`)
)

// search gives the titles of what a question finds, in their order, and the page.
func (v *village) search(query string, more ...string) (titles []string, page string) {
	v.t.Helper()
	return v.searched("/suche?q=" + url.QueryEscape(query) + strings.Join(more, ""))
}

func (v *village) searched(path string) (titles []string, page string) {
	v.t.Helper()
	w := v.get(path, html)
	if w.Code != http.StatusOK {
		v.t.Fatalf("%s: %d", path, w.Code)
	}
	page = spaced(w.Body.String())
	for _, m := range foundTitle.FindAllStringSubmatch(page, -1) {
		titles = append(titles, tags.ReplaceAllString(m[2], ""))
	}
	return titles, page
}

// TestSearchOfNoKind: a kind that is none is named, with the way on, and all
// kinds are looked at.
func TestSearchOfNoKind(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.event("Sommerfest")
	b := v.browser()
	b.open("/suche?q=Sommerfest&art=<b>unfug")
	b.shows(422, "„unfug“ gibt es hier nicht", "Ohne diese Angabe suchen", "Sommerfest")
	b.open("/suche?q=Sommerfest&art=veranstaltungen")
	b.shows(200)
	b.hides("gibt es hier nicht")
}

func (v *village) finds(query string, want ...string) {
	v.t.Helper()
	got, _ := v.search(query)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		v.t.Errorf("%q (-want +found):\n%s", query, diff)
	}
}

// TestSearchWords: umlauts, ß and ss, endings, parts of compound words, short words, and nothing that is a mistake.
func TestSearchWords(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		band, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "harmonie", Name: "Harmonie 1887", Summary: "Wir *singen* im Gemischten Chor.", Active: true})
		if err != nil {
			t.Fatal(err)
		}
		publish := func(name, place, text string) {
			d := event.Draft{AttributedTo: band.ID, Name: name, Start: "2027-07-10T19:00", Place: place, Text: text}
			if _, err := v.Events.Create(t.Context(), actor.Operator, d); err != nil {
				t.Fatal(err)
			}
		}
		const (
			fire, street, bath = "Feuerwehrfest", "Straßenfest in der Mühlgasse", "Konzert im Freibad"
			key, trainer, walk = "Schlüssel an der Strassenecke gefunden", "Verein sucht Trainer für die E-Jugend", "Mühlenwanderung, wir treffen uns am Rathaus"
			singers            = "Harmonie 1887"
		)
		publish(fire, "Gerätehaus", "Mit *Blasmusik* und Hüpfburg.")
		publish(street, "", "")
		if _, err := v.Events.Create(t.Context(), actor.Operator, event.Draft{AttributedTo: band.ID, Name: "Knobeln", Start: "2027-07-11", Category: "sport"}); err != nil {
			t.Fatal(err)
		}
		publish(bath, "", "Einlass ab 18 Uhr, für Groß und Klein.")
		for _, text := range []string{key, trainer, walk} {
			if _, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: band.ID, Text: text}); err != nil {
				t.Fatal(err)
			}
		}
		all := []string{fire, street, bath, key, trainer, walk, singers, "Knobeln"}
		for query, want := range map[string][]string{
			"wehrfest": {fire}, "FEUERWEHRFEST": {fire}, "feuerwehr": {fire}, "fest": {fire, street}, "Feste": {fire, street}, "festes Feuerwehr": {fire},
			"strasse": {street, key}, "straße": {street, key}, "STRASSEN": {street, key}, "Straßenecke": {key},
			"muehle": {street, walk}, "mühle": {street, walk}, "muhle": {street, walk}, "MÜHLEN": {street, walk}, "wanderungen": {walk}, "wanderung": {walk},
			"vereine": {trainer}, "Verein": {trainer}, "bad": {bath}, "Bäder": {bath}, "freibäder": {bath}, "e-jugend": {trainer}, "Jugend": {trainer}, "trainer verein": {trainer},
			"geraetehaus": {fire}, "burg": {fire}, "musik": {fire}, "gross klein": {bath}, "18": {bath}, "1": nil, "8": nil, "1887": all, "harmonie": all, "Harmonie Fest": {fire, street},
			"singen": {singers}, "chor": {singers}, "sports": {"Knobeln"}, "TSV": {"TSV"}, "SV": nil, "und": nil, "der": {street, key}, "fest in der straße": {street},
			`"wehrfest"`: {fire}, "wehrfest*": {fire}, "-wehrfest": {fire}, "(wehrfest": {fire}, "wehrfest'": {fire}, `wehrfest\`: {fire}, "wehrfest:*": {fire}, "+wehrfest %": {fire},
			"wehrfest OR bad": nil, "NEAR(wehrfest)": nil, "title:wehrfest": nil, "😀": nil, "wehrfest 😀": {fire}, " ": nil, "'": nil, `"`: nil, "*": nil,
			strings.Repeat("x", 10_000): nil, strings.Repeat("fest ", 2000): {fire, street},
		} {
			v.finds(query, want...)
		}
		if _, page := v.search("blasmusik"); !strings.Contains(page, "Mit <mark>Blasmusik</mark> und Hüpfburg.") {
			t.Error("the word is not marked")
		}
		if _, page := v.search("wehr"); !strings.Contains(page, "<mark>Feuerwehrfest</mark>") || !strings.Contains(page, "Gerätehaus") || !strings.Contains(page, "10. Juli 2027, 19 Uhr") {
			t.Error("the event stands there without its word, its place or its time")
		}
	})
}

// TestSearchShowsNothingAsMarkup: neither what is published nor what is typed.
func TestSearchShowsNothingAsMarkup(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.post("1 < 2 fest <script>alert(1)</script> & \"Ende\" `<mark>`")
		for _, query := range []string{"fest", `fest"><script>alert(2)</script>`, "<mark>zzz</mark>"} {
			if _, page := v.search(query); strings.Contains(page, "<script>") || strings.Contains(page, "<mark>zzz") || strings.Contains(page, `"><`+"script") {
				t.Errorf("%s: %s", query, page)
			}
		}
		_, page := v.search("fest")
		if !strings.Contains(page, "1 &lt; 2 <mark>fest</mark>") {
			t.Error(page)
		}
		w := v.get("/suche?q=fest", html)
		if !strings.Contains(w.Body.String(), `<meta name="robots" content="noindex">`) || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%v", w.Header())
		}
	})
}

// TestSearchSeesWhatReadersSee: what is not for everybody, not here any more or of a club that is not seen is not found,
// from the moment on at which that is so.
func TestSearchSeesWhatReadersSee(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e, p := v.event("Dampfnudelfest"), v.post("Dampfnudeln gesucht")
		v.meet(lena)
		for i, to := range []string{public, `"to":["` + lena + `/followers","` + v.club.ID + `"]`, toClub(v)} {
			for j, parent := range []string{e.ID, ""} {
				id := fmt.Sprintf("https://b.test/n/%d-%d", i, j)
				v.receive("%s", create(id+"/create", lena, note(id, lena, to, parent, "Dampfnudel von fern", `,"tag":[{"type":"Mention","href":"`+v.club.ID+`"}]`)))
			}
		}
		if _, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "Dampfnudel an Lena", InReplyTo: "https://b.test/n/2-0"}); err != nil {
			t.Fatal(err)
		}
		both := []string{"Dampfnudelfest", "Dampfnudeln gesucht"}
		v.finds("dampfnudel", both...)
		for _, visibility := range []string{"unlisted", "followers", "direct"} {
			if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE objects SET visibility = '"+visibility+"' WHERE local AND in_reply_to = ''"); err != nil {
				t.Fatal(err)
			}
			v.finds("dampfnudel") // though nobody has indexed it yet
		}
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE objects SET visibility = 'public' WHERE local AND in_reply_to = ''"); err != nil {
			t.Fatal(err)
		}
		v.post("Anderes")
		v.finds("dampfnudel", both...)
		for _, state := range []string{actor.Archived, actor.Active} {
			if _, err := v.Clubs.SetState(t.Context(), actor.Operator, "tsv", state); err != nil {
				t.Fatal(err)
			}
			if state == actor.Archived {
				v.finds("dampfnudel")
				v.finds("tsv")
			}
		}
		v.finds("dampfnudel", both...)
		if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: "wartet", Name: "Wartender Verein"}); err != nil {
			t.Fatal(err)
		}
		v.finds("wartender")
		before := v.count("search_things")
		for _, id := range []string{e.ID, p.ID} {
			if err := v.Activities.DeleteObject(t.Context(), actor.Operator, id); err != nil {
				t.Fatal(err)
			}
		}
		v.finds("dampfnudel")
		if after := v.count("search_things"); after != before-2 {
			t.Errorf("%d things became %d", before, after)
		}
		if _, page := v.search("dampfnutel"); strings.Contains(page, "Dampfnudel") {
			t.Error("what was deleted is proposed")
		}
	})
}

// TestSearchFollowsChanges: a change is found as soon as it is made, and what it replaced is not.
func TestSearchFollowsChanges(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		text := func(s string) *string { return &s }
		if _, err := v.Events.Change(t.Context(), actor.Operator, e.ID, event.Change{Name: text("Herbstmarkt"), Place: text("Turnhalle"), Text: text("Mit Kürbissen.")}); err != nil {
			t.Fatal(err)
		}
		v.finds("sommerfest")
		v.finds("marktplatz")
		for _, word := range []string{"herbst", "turnhalle", "kürbisse"} {
			v.finds(word, "Herbstmarkt")
		}
		if _, err := v.Events.Cancel(t.Context(), actor.Operator, e.ID, "Sturm"); err != nil {
			t.Fatal(err)
		}
		if titles, page := v.search("herbstmarkt"); len(titles) != 1 || !strings.Contains(page, "Abgesagt") {
			t.Errorf("cancelled: %q", titles)
		}
		if _, err := v.Clubs.Change(t.Context(), actor.Operator, "tsv", club.Change{Name: text("Turnerbund"), Summary: text("Auch Kegeln.")}); err != nil {
			t.Fatal(err)
		}
		v.finds("turnerbund", "Turnerbund", "Herbstmarkt")
		v.finds("kegeln", "Turnerbund")
		v.finds("turnerbund kürbis", "Herbstmarkt")
		if n := v.count("search_due"); n != 0 {
			t.Errorf("%d wait", n)
		}
	})
}

// TestSearchOrder: what is to come first, the next one at the top, then what is past; titles before texts; each once
// however many pages there are.
func TestSearchOrder(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		at := func(days int) string { return time.Now().AddDate(0, 0, days).Format("2006-01-02T15:04") }
		other := v.second()
		publish := func(name, text string, days int) {
			t.Helper()
			if _, err := v.Events.Create(t.Context(), actor.Operator, event.Draft{AttributedTo: other.ID, Name: name, Text: text, Start: at(days)}); err != nil {
				t.Fatal(err)
			}
		}
		publish("Altes Kegeln", "", -20)
		publish("Gestern", "Kegeln", -1)
		publish("Kegeln neulich", "", -3)
		publish("Kegeln bald", "", 2)
		publish("Grillen", "Danach Kegeln.", 1)
		publish("Kegeln später", "", 30)
		want := []string{"Kegeln bald", "Kegeln später", "Grillen", "Kegeln neulich", "Altes Kegeln", "Gestern"}
		if got, _ := v.search("kegeln", "&art=veranstaltungen"); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if got, page := v.search("kegeln"); !slices.Equal(got, want[:5]) || !strings.Contains(page, `href="/suche?art=veranstaltungen&amp;q=kegeln"`) {
			t.Errorf("of all kinds: %q", got)
		}
		if got, page := v.search("kegeln", "&art=pinnwand"); len(got) > 0 || !strings.Contains(page, `href="/suche?q=kegeln"`) {
			t.Errorf("on the pin board: %q", got)
		}
		for n := range 47 {
			publish(fmt.Sprintf("Preisskat %d", n), "", n/10) // many at one time
		}
		seen, pages := map[string]int{}, 0
		for path := "/suche?q=skat&art=veranstaltungen"; path != "" && pages < 9; pages++ {
			titles, page := v.searched(path)
			for _, s := range titles {
				seen[s]++
			}
			path = ""
			if m := foundNext.FindStringSubmatch(page); m != nil {
				path = strings.ReplaceAll(m[1], "&amp;", "&")
			}
		}
		if len(seen) != 47 || pages != 3 {
			t.Errorf("%d events on %d pages", len(seen), pages)
		}
		for s, n := range seen {
			if n != 1 {
				t.Errorf("%s is there %d times", s, n)
			}
		}
		for _, wrong := range []string{"x", "9.1", "-1.5", "1", "1.99999999999999999999", "2.-1"} {
			if _, page := v.search("skat", "&art=veranstaltungen&weiter="+wrong); page == "" {
				t.Errorf("%s: nothing", wrong)
			}
		}
	})
}

// TestSearchHelps: who finds nothing is told what may have been meant, and where else to look.
func TestSearchHelps(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.event("Feuerwehrfest")
		v.post("Flohmarkt im Gemeindehaus")
		for query, want := range map[string]string{
			"fuerwehrfest": "Feuerwehrfest", "feuerwerfest": "Feuerwehrfest", "flomarkt": "Flohmarkt", "folhmarkt": "Flohmarkt", "wehrfets": "Feuerwehrfest", "Flohmarkt Gemeidnehaus": "Flohmarkt Gemeindehaus",
		} {
			titles, page := v.search(query)
			if len(titles) > 0 || !strings.Contains(page, "Meinten Sie") || !strings.Contains(page, "<bdi>"+want+"</bdi>") {
				t.Errorf("%s: %q without %q", query, titles, want)
			}
		}
		titles, page := v.search("flohmarkt feuerwehrfest")
		if len(titles) > 0 || !strings.Contains(page, `href="/suche?q=flohmarkt"`) || !strings.Contains(page, `href="/suche?q=feuerwehrfest"`) {
			t.Errorf("%q: words that are there alone are not proposed", titles)
		}
		for query, short := range map[string]bool{"x": true, "x y": true, "xy": false, "x quarzuhr": false} {
			if _, page := v.search(query); strings.Contains(page, "mindestens zwei") != short {
				t.Errorf("%q: the page says how long a word must be: %v", query, !short)
			}
		}
		for _, path := range []string{"/suche", "/suche?q=", "/suche?q=quarzuhr", "/suche?q=%F0%9F%98%80", "/suche?art=nichts&q=fest", "/suche?q=fest&lang=en", "/suche?art=vereine"} {
			want := http.StatusOK
			if strings.Contains(path, "nichts") { // it says that there is no such kind
				want = http.StatusUnprocessableEntity
			}
			if w := v.get(path, html); w.Code != want || !strings.Contains(w.Body.String(), `id="find"`) {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		w := v.get("/opensearch.xml", "")
		if body := w.Body.String(); !strings.Contains(body, `template="https://here.test/suche?q={searchTerms}"`) || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/opensearchdescription+xml") {
			t.Errorf("%v %s", w.Header(), body)
		}
	})
}

// TestSearchAfterAnUpgrade: what was there before there was an index is found.
func TestSearchAfterAnUpgrade(t *testing.T) {
	for _, name := range fixtures(t) {
		databasetest.Each(t, func(t *testing.T, url string) {
			db := thaw(t, name, url)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			c := config.Defaults()
			c.Origin, c.Database, c.Data = "https://here.test", url, t.TempDir()
			town := reopen(t, &c, slog.New(slog.DiscardHandler))
			v := &village{Town: town, t: t, queue: town.Activities.Queue(town.mux, town.log)}
			v.indexed()
			v.finds("marktplatz", "Sommerfest")
			v.finds("ausflüge", "Ausflug")
			v.finds("schluessel", "Schlüssel gefunden 😀")
			v.finds("sport", "TSV")
		})
	}
}

// indexed waits until nothing is left to be indexed.
func (v *village) indexed() {
	v.t.Helper()
	for n, err := 1, error(nil); n > 0; {
		if n, err = v.index.CatchUp(v.t.Context()); err != nil {
			v.t.Fatal(err)
		}
	}
}

// TestSearchAfterARestore: the index is in no backup and comes back.
func TestSearchAfterARestore(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.furnish()
		file := filepath.Join(t.TempDir(), "town.zip")
		if _, err := v.Backup(t.Context(), file, false); err != nil {
			t.Fatal(err)
		}
		databasetest.Each(t, func(t *testing.T, url string) {
			c := elsewhere(t, v, url)
			if _, err := Restore(t.Context(), c, file, true); err != nil {
				t.Fatal(err)
			}
			town := reopen(t, c, slog.New(slog.DiscardHandler))
			again := &village{Town: town, t: t, queue: town.Activities.Queue(town.mux, town.log)}
			again.indexed()
			again.finds("sommer", "Sommerfest")
			again.finds("konzerte", "Konzert")
		})
	})
}

// TestIndexInTheSameTransaction: what is undone is not in the index, and many who write at once are in nobody's way.
func TestIndexInTheSameTransaction(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				for m := range 5 {
					d := event.Draft{AttributedTo: v.club.ID, Name: fmt.Sprintf("Preisskat %d", n*5+m), Start: "2027-07-10T19:00"}
					if _, err := v.Events.Create(t.Context(), actor.Operator, d); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 3 {
			all.Go(func() { _, _ = v.index.CatchUp(t.Context()) })
		}
		all.Wait()
		if n, due := v.count("search_things"), v.count("search_due"); n < 41 || due != 0 {
			t.Errorf("%d things, %d wait", n, due)
		}
		e := v.event("Sommerfest")
		undone := fmt.Errorf("undone")
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, "UPDATE objects SET name = 'Kegelabend' WHERE id = ?", e.ID); err != nil {
				return err
			}
			return undone
		})
		if err != undone { //nolint:errorlint // it is given as it is
			t.Fatal(err)
		}
		v.post("Kegeln") // indexes whatever is due
		v.finds("sommerfest", "Sommerfest")
		v.finds("kegelabend")
	})
}
