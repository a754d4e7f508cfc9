package app

import (
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/agency"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestModulesLeaveNoTrace: with each module off, no page of the route table has
// a link to it, and its own pages are not there. Switched on again, they are.
func TestModulesLeaveNoTrace(t *testing.T) {
	v := found(t, "sqlite:"+filepath.Join(t.TempDir(), "aushang.db"))
	w := v.world()
	rows := rowsOf(v, w)
	for _, m := range modules {
		v.use(m.Name, false)
		shut := closed(m)
		hits := 0
		for route, row := range rows {
			if !strings.HasPrefix(route, "GET ") || row.path == "" {
				continue
			}
			for _, who := range []viewer{nobody, owner, hall} {
				if !slices.Contains(row.in, who) {
					continue
				}
				got := w.browsers[who].ask(http.MethodGet, row.path, html, url.Values{})
				if path, _, _ := strings.Cut(row.path, "?"); lies(shut, path) {
					hits++
					if got.Code != http.StatusNotFound || !strings.Contains(got.Body.String(), `href="/"`) {
						t.Errorf("%s is off: %s answers %d to %s, or has no way back", m.Name, row.path, got.Code, who)
					}
				}
				if got.Code >= http.StatusInternalServerError {
					t.Errorf("%s is off: %s answers %d", m.Name, route, got.Code)
				}
				if got.Code == http.StatusNotFound {
					continue // it leads to itself in the other language
				}
				if word := speaksOf(m.Name, row.path, got.Body.String()); word != "" {
					t.Errorf("%s is off: %s as %s speaks of %q", m.Name, row.path, who, word)
				}
				for _, link := range traces(t, got.Header().Get("Content-Type"), got.Body.String()) {
					if lies(shut, strings.TrimPrefix(link, v.Config.Origin)) {
						t.Errorf("%s is off: %s as %s leads to %s", m.Name, row.path, who, link)
					}
				}
			}
		}
		if hits == 0 {
			t.Errorf("%s has no page", m.Name)
		}
		v.use(m.Name, true)
		for _, path := range m.Paths {
			if path = strings.Replace(path, "*", "tsv", 1); path == "/antworten" || path == agency.DeskPath || strings.HasPrefix(path, "/rathaus") {
				continue // which not everybody may read
			}
			if got := v.get(path, html); got.Code != http.StatusOK {
				t.Errorf("%s is on again: %s answers %d", m.Name, path, got.Code)
			}
		}
	}
}

// moduleWords are words that stand nowhere while a module is off.
var moduleWords = map[string][]string{
	"veranstaltungen": {"Veranstaltungen", "Zum Kalender"},
	"pinnwand":        {"Pinnwand", "Aushänge"},
	"ehrenamt":        {"Ehrenamt", "Einsätze", "Gemerkte Suchen"},
	"gespraech":       {"Antworten können Sie", "Antworten von dort stehen"},
	"registrierung":   {"Konto anlegen", "bestätigt die Mailadresse"},
}

// speaking are the pages that tell of all that there is.
var speaking = []string{
	"/", "/ueber", "/leichte-sprache", "/anmelden", "/konto", "/transparenz", "/datenschutz", "/rathaus/fristen", "/rathaus/zahlen", "/rathaus/zahlen.csv", "/rathaus/begriffe",
	"/rathaus/recht/verzeichnis", "/rathaus/recht/loeschkonzept",
}

// speaksOf gives the first of those words that such a page says.
func speaksOf(module, path, body string) string {
	if !slices.Contains(speaking, path) || module == "ehrenamt" && path == "/rathaus/begriffe" { // one of the words for events is that
		return ""
	}
	if at := strings.Index(body, "<main"); at >= 0 {
		body = body[at:]
	}
	for _, word := range moduleWords[module] {
		if strings.Contains(body, word) {
			return word
		}
	}
	return ""
}

// lies tells whether a link leads to one of the paths or below.
func lies(paths []string, link string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		p = strings.Replace(p, "*", "tsv", 1)
		return link == p || strings.HasPrefix(link, p+"/") || strings.HasPrefix(link, p+"?") || strings.HasPrefix(link, p+"#")
	})
}

// traces gives where a page leads, by links and by forms of every kind, and the
// addresses in other answers.
func traces(t *testing.T, mediaType, body string) []string {
	t.Helper()
	if strings.HasPrefix(mediaType, "text/html") {
		links, _ := linked(t, body)
		for _, part := range strings.Split(body, ` action="`)[1:] {
			action, _, _ := strings.Cut(part, `"`)
			links = append(links, action)
		}
		return links
	}
	var list []string
	for _, part := range strings.FieldsFunc(body, func(r rune) bool { return strings.ContainsRune("<>\"' \n\\", r) }) {
		if strings.HasPrefix(part, "https://here.test/") || strings.HasPrefix(part, "/") {
			list = append(list, part)
		}
	}
	return list
}

// use switches a module.
func (v *village) use(name string, on bool) {
	v.t.Helper()
	if err := v.Settings.Switch(v.t.Context(), actor.Operator, name, on); err != nil {
		v.t.Fatal(err)
	}
}

// TestModulesKeepWhatIsThere: what belongs to a module that is off is shown
// nowhere, also not to other servers, and nothing new is published; what comes
// from elsewhere is kept, and all is there again when it is on.
func TestModulesKeepWhatIsThere(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e, p := v.event("Sommerfest"), v.post("Schlüssel gefunden")
		_, created := v.sent("Create")
		v.meet(lena)
		eventPath, postPath := strings.TrimPrefix(e.URL, v.Config.Origin), strings.TrimPrefix(p.URL, v.Config.Origin)
		reads := func(kind string, on bool, accept string, paths ...string) {
			t.Helper()
			want := http.StatusNotFound
			if on {
				want = http.StatusOK
			}
			for _, path := range paths {
				if got := v.get(path, accept); got.Code != want {
					t.Errorf("%s on %v: %s answers %d", kind, on, path, got.Code)
				}
			}
		}
		finds := func(path, accept, text string, want bool) {
			t.Helper()
			if got := v.get(path, accept); got.Code != http.StatusOK || strings.Contains(got.Body.String(), text) != want {
				t.Errorf("%s (%d) has %q: %v, want %v", path, got.Code, text, !want, want)
			}
		}
		club := strings.TrimPrefix(v.club.ID, v.Config.Origin)
		for _, on := range []bool{true, false, true} {
			v.use("veranstaltungen", on)
			reads("events", on, html, eventPath, "/kalender.ics", "/vereine/tsv/kalender.ics", "/veranstaltungen/feed.rss", "/sitemap-veranstaltungen.xml")
			reads("events", on, as2, strings.TrimPrefix(e.ID, v.Config.Origin))
			for _, path := range []string{"/", "/vereine/tsv", "/suche?q=sommerfest", "/vereine/tsv/feed.atom"} {
				finds(path, html, "Sommerfest", on)
			}
			finds("/suche?q=sommerfest", html, eventPath, on)
			finds(club+"/outbox?page=true", as2, e.ID, on)
			finds(club+"/events?page=true", as2, e.ID, on)
			finds("/sitemap.xml", html, "veranstaltungen", on)
		}
		v.use("pinnwand", false)
		reads("posts", false, html, postPath, "/pinnwand", "/pinnwand/feed.rss", "/qr/pinnwand/x.svg")
		reads("posts", false, as2, strings.TrimPrefix(created.ID, v.Config.Origin), strings.TrimPrefix(p.ID, v.Config.Origin))
		finds("/", html, "Schlüssel gefunden", false)
		_, err := v.Posts.Create(t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "Noch einer"})
		if problem.KindOf(err) != problem.Conflict {
			t.Errorf("a post is published: %v", err)
		}
		if n, err := v.Objects.CountKind(t.Context(), post.Type); err != nil || n != 1 {
			t.Errorf("%d posts are kept, %v", n, err)
		}
		v.use("pinnwand", true)

		v.use("gespraech", false)
		v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, e.ID, "Ich komme mit Kuchen", "")))
		finds(eventPath, html, "Kuchen", false)
		finds(eventPath, html, "Antworten", false)
		if n := v.count("objects", "id = 'https://b.test/n/1'"); n != 1 {
			t.Error("what came from elsewhere is not kept")
		}
		if news := v.news(); len(news) != 0 {
			t.Errorf("there is news of it: %v", news)
		}
		v.use("gespraech", true)
		finds(eventPath, html, "Kuchen", true)
		if news := v.news(); len(news) != 1 {
			t.Errorf("news: %v", news)
		}
	})
}

// TestPlannedOfAModuleThatIsOff: what was planned does not appear, its editors
// read why, and it is a draft still when the module is on again.
func TestPlannedOfAModuleThatIsOff(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		b, _ := v.editorOf("anna@example.org", "tsv")
		v.planned("Sommerfest", time.Now().Add(time.Hour))
		v.use("veranstaltungen", false)
		b.open("/entwuerfe")
		b.hides("Sommerfest")
		v.due()
		if err := v.Drafts.PublishDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := v.count("objects", "type = '"+event.Type+"'"); n != 0 {
			t.Error("it appeared")
		}
		if n := v.count("drafts", "failed = '"+draft.Unused+"'"); n != 1 {
			t.Error("the draft does not say why it did not appear")
		}
		v.use("veranstaltungen", true)
		b.open("/entwuerfe")
		b.shows(200, "Sommerfest", "nutzt diesen Bereich nicht mehr")
	})
}

// TestModulesPage: the town hall switches a module off and on, reads before what
// will not be seen any more, and others may not.
func TestModulesPage(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		anna := v.person("anna@example.org", account.Editor, "tsv")
		v.post("Schlüssel gefunden")
		reader := v.browser()
		for range 2 { // the second comes from memory
			reader.open("/")
			reader.shows(200, "Pinnwand", "Schlüssel gefunden")
		}
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/module")
		b.shows(200, "Bereiche", "Beim Ausschalten verschwindet 1 Beitrag.", "Gelöscht wird nichts")
		f := b.formWith("Ausschalten")
		f.values.Set("module", "pinnwand")
		b.post(f)
		b.shows(200, "Der Bereich ist ausgeschaltet.", "1 Beitrag ist aufbewahrt.")
		reader.open("/")
		reader.hides("Pinnwand", "Schlüssel gefunden")
		reader.open("/pinnwand")
		reader.shows(404, "Zur Startseite")
		b.open("/rathaus/module")
		b.send("Einschalten", nil)
		b.shows(200, "Der Bereich ist eingeschaltet.")
		reader.open("/pinnwand")
		reader.shows(200, "Schlüssel gefunden")
		if n := v.count("ledger", "act = 'town.module'"); n != 2 {
			t.Errorf("%d entries in the log", n)
		}
		if err := v.Settings.Switch(t.Context(), anna.ID, "pinnwand", false); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("an editor switches: %v", err)
		}
		if err := v.Settings.Switch(t.Context(), actor.Operator, "rakete", false); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a module that there is not: %v", err)
		}
	})
}

// TestOwnDataHasWhatIsOff: somebody's download has all that was announced, also
// what the town does not show.
func TestOwnDataHasWhatIsOff(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor, "tsv")
		v.event("Sommerfest")
		v.set("UPDATE edits SET account_id = ?", anna.ID)
		v.use("veranstaltungen", false)
		list, _, err := v.Events.PublishedBy(t.Context(), anna.ID, "", 10)
		if err != nil || len(list) != 1 {
			t.Errorf("%d events, %v", len(list), err)
		}
		if _, err := v.Objects.Find(t.Context(), object.Viewer{}, "x"); problem.KindOf(err) != problem.NotFound {
			t.Error(err)
		}
	})
}
