package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
)

// privately gives the direct answer that the club sends to lena.
func (v *village) privately(text string) *object.Object {
	v.t.Helper()
	const id = "https://b.test/n/letter"
	if v.count("actors", "id = '"+lena+"'") == 0 {
		v.meet(lena)
	}
	v.receive("%s", create(id+"/create", lena, note(id, lena, toClub(v), "", "Ganz im Vertrauen", "")))
	p, err := v.Posts.Create(v.t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: text, InReplyTo: id})
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

// TestPrivateIsNothing: what one may not see answers, to the letter, like what
// is not there, on every route that takes an id.
func TestPrivateIsNothing(t *testing.T) {
	shows(t, "T-VIS-02 T-VIS-05 T-VIS-07 T-VIS-08 private things answer like none", func(t *testing.T, v *village) {
		v.person("karl@example.org", account.Editor, v.second().PreferredUsername)
		letter, gone := v.privately("Zwetschgendatschi"), v.privately("Dampfnudel")
		_, sent := v.sent(activity.Create)
		if err := v.Activities.DeleteObject(t.Context(), actor.Operator, gone.ID); err != nil {
			t.Fatal(err)
		}
		if r := v.receive(`{"id":"https://b.test/like/letter","type":"Like","actor":"%s","object":"%s"}`, lena, letter.ID); r.State == "applied" {
			t.Errorf("a private letter is liked in public: %+v", r)
		}
		none := page.NewKey()
		nobody, karl := v.browser(), v.signedIn("karl@example.org")
		ask := func(b *browser, method, path, key, accept string, form url.Values) string {
			for name := range form {
				form.Set(name, strings.ReplaceAll(form.Get(name), "KEY", key))
			}
			w := b.ask(method, strings.ReplaceAll(path, "KEY", key), accept, form)
			return strings.ReplaceAll(fmt.Sprint(w.Code, " ", w.Header(), "\n", w.Body), key, "KEY")
		}
		object := url.QueryEscape("https://here.test/ap/objects/") + "KEY"
		paths := []string{
			"/ap/objects/KEY", "/ap/objects/KEY/replies", "/ap/objects/KEY/likes", "/ap/objects/KEY/shares", "/ap/objects/KEY/organizers", "/ap/activities/KEY", "/ap/quotes/KEY",
			"/pinnwand/KEY", "/veranstaltungen/KEY", "/veranstaltungen/KEY/kalender.ics", "/pinnwand/KEY/aendern", "/pinnwand/KEY/loeschen", "/veranstaltungen/KEY/aendern",
			"/veranstaltungen/KEY/loeschen", "/veranstaltungen/KEY/absagen", "/veranstaltungen/KEY/aushang", "/antworten?id=" + object, "/folgen?uri=" + object, "/.well-known/webfinger?resource=" + object,
		}
		for _, key := range []string{letter.Key(), gone.Key(), actor.Key(sent.ID)} {
			for _, path := range paths {
				for who, b := range map[string]*browser{"nobody": nobody, "an editor of another club": karl} {
					for _, accept := range []string{html, as2} {
						want := ask(b, http.MethodGet, path, none, accept, nil)
						if diff := cmp.Diff(want, ask(b, http.MethodGet, path, key, accept, nil)); diff != "" {
							t.Errorf("%s by %s as %s does not answer as for nothing:\n%s", path, who, accept, diff)
						}
					}
				}
			}
			for _, path := range []string{"/antworten", "/antworten/verbergen", "/antworten/melden", "/antworten/fernhalten", "/pinnwand/KEY/loeschen", "/pinnwand/KEY/aendern"} {
				form := func() url.Values {
					return url.Values{"id": {"https://here.test/ap/objects/KEY"}, "club": {"chor"}, "text": {"x"}, "target": {"host"}, "hidden": {"1"}}
				}
				if diff := cmp.Diff(ask(karl, http.MethodPost, path, none, html, form()), ask(karl, http.MethodPost, path, key, html, form())); diff != "" {
					t.Errorf("POST %s does not answer as for nothing:\n%s", path, diff)
				}
			}
		}
	})
}

// TestNextReader: what an editor was shown is not given to the next reader, in
// whatever order they come.
func TestNextReader(t *testing.T) {
	shows(t, "T-VIS-04 an editor first, then a reader", func(t *testing.T, v *village) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		w := v.world()
		go v.watch(ctx, v.prepared) // answers are kept
		path := strings.TrimPrefix(w.event.URL, w.origin)
		for range 3 {
			for _, who := range []viewer{editor, nobody, foreign, other, hall} {
				got := w.browsers[who].ask(http.MethodGet, path, html, nil)
				if shows := strings.Contains(got.Body.String(), wordDirect); shows != (who == editor) {
					t.Errorf("shown to %s: %v", who, shows)
				}
				if private := strings.Contains(got.Header().Get("Cache-Control"), "private"); private != (who != nobody && who != foreign) {
					t.Errorf("%s: Cache-Control %q", who, got.Header().Get("Cache-Control"))
				}
			}
		}
	})
}

// TestReportNamesNobody: who reports is known here only.
func TestReportNamesNobody(t *testing.T) {
	shows(t, "T-VIS-16 a report names nobody", func(t *testing.T, v *village) {
		anna := v.person("anna@example.org", account.Editor, "tsv")
		v.meet(lena)
		const id = "https://b.test/n/1"
		e := v.event("Sommerfest")
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "Reklame", "")))
		b := v.signedIn("anna@example.org")
		b.open(manage(id))
		b.send("Dem Rathaus melden", map[string]string{"comment": "Das ist Reklame", "forward": "1"})
		var bodies []string
		if err := v.db.Read().NewSelect().Table("activities").Column("body").Where("type = 'Flag'").Scan(t.Context(), &bodies); err != nil {
			t.Fatal(err)
		}
		if len(bodies) != 1 || !strings.Contains(bodies[0], `"actor":"https://here.test/ap/instance"`) {
			t.Fatalf("%v", bodies)
		}
		for _, secret := range []string{anna.ID, anna.Name, "anna", v.club.ID, "TSV", "tsv"} {
			if strings.Contains(bodies[0], secret) {
				t.Errorf("%q is in %s", secret, bodies[0])
			}
		}
	})
}

// TestClubsThatAreNotActive: nobody sees one, by any route.
func TestClubsThatAreNotActive(t *testing.T) {
	shows(t, "T-VIS-17 T-VIS-24 clubs that are not active, and what was deleted", func(t *testing.T, v *village) {
		e, p := v.event("Sommerfest Dampfnudel"), v.post("Dampfnudel")
		_, created := v.sent(activity.Create)
		short := func(address string) string { return strings.TrimPrefix(address, "https://here.test") }
		lists := []string{
			"/", "/vereine", "/veranstaltungen", "/pinnwand", "/kalender.ics", "/pinnwand/feed.rss", "/veranstaltungen?verein=tsv", "/pinnwand?verein=tsv", "/ap/instance/outbox?page=true",
			"/pinnwand/feed.json", "/veranstaltungen/feed.atom", "/sitemap-vereine.xml", "/sitemap-veranstaltungen.xml", "/sitemap-pinnwand.xml",
		}
		narrowed := []string{
			"/veranstaltungen/monat/2027-07", "/veranstaltungen/woche/2027-W27", "/veranstaltungen?tag=2027-07-10", "/veranstaltungen?ort=Marktplatz", "/kalender.ics?ort=Marktplatz",
			"/pinnwand?art=ankuendigung", "/suche?q=nudel", "/suche?q=nudel&art=pinnwand", "/suche?q=tsv", "/vereine?q=tsv",
		}
		for _, path := range narrowed {
			if body := v.get(path, html).Body.String(); !strings.Contains(body, "Dampfnudel") && !strings.Contains(body, "TSV") {
				t.Errorf("%s shows nothing while everything is public", path)
			}
		}
		lists = append(lists, narrowed...)
		ofThings := []string{short(e.URL), short(p.URL), short(e.ID), short(p.ID), short(e.ID) + "/replies", short(created.ID), short(e.URL) + "/kalender.ics", "/folgen?uri=" + url.QueryEscape(e.ID), short(e.URL) + "/aushang"}
		ofClub := []string{
			"/vereine/tsv", "/vereine/tsv/kalender.ics", "/vereine/tsv/feed.rss", "/vereine/tsv/feed.atom", "/vereine/tsv/aushang", "/pinnwand/feed.json?verein=tsv", short(v.club.ID), short(v.club.ID) + "/outbox", short(v.club.ID) + "/outbox?page=true", short(v.club.ID) + "/followers",
			short(v.club.ID) + "/events", short(v.club.ID) + "/featured", "/folgen?uri=" + url.QueryEscape(v.club.ID), "/.well-known/webfinger?resource=acct:tsv@here.test",
			"/.well-known/webfinger?resource=" + url.QueryEscape(v.club.ID), "/.well-known/webfinger?resource=" + url.QueryEscape(v.club.URL),
		}
		hidden := func(when string, paths []string, lists []string) {
			t.Helper()
			for _, accept := range []string{html, as2} {
				for _, path := range append(paths, lists...) {
					w := v.get(path, accept)
					if strings.Contains(w.Body.String(), "Dampfnudel") || strings.Contains(w.Body.String(), "TSV") && when != "deleted" {
						t.Errorf("%s: %s shows it", when, path)
					}
				}
				for _, path := range paths {
					w := v.get(path, accept)
					if w.Code == 303 { // to the id, which must not answer either
						w = v.get(short(w.Header().Get("Location")), accept)
					}
					if w.Code != 404 && w.Code != 410 {
						t.Errorf("%s: %s answers %d", when, path, w.Code)
					}
				}
			}
		}
		for _, state := range []string{actor.Archived, actor.Requested} {
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.NewUpdate().Table("actors").Set("state = ?", state).Where("id = ?", v.club.ID).Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			hidden(state, append(ofThings, ofClub...), lists)
		}
		if _, err := v.db.Pool().ExecContext(t.Context(), "UPDATE actors SET state = 'active'"); err != nil {
			t.Fatal(err)
		}
		if w := v.get(short(e.URL), html); w.Code != 200 {
			t.Fatalf("active again: %d", w.Code)
		}
		for _, id := range []string{e.ID, p.ID} {
			if err := v.Activities.DeleteObject(t.Context(), actor.Operator, id); err != nil {
				t.Fatal(err)
			}
		}
		hidden("deleted", ofThings, append(lists, "/vereine/tsv", "/vereine/tsv/kalender.ics", "/vereine/tsv/feed.rss", short(v.club.ID)+"/outbox?page=true", short(v.club.ID)+"/events?page=true"))
	})
}

// TestMentionsAndFollowers: who is named is not addressed, and who follows is
// nobody's business.
func TestMentionsAndFollowers(t *testing.T) {
	shows(t, "T-VIS-20 T-VIS-22 T-VIS-23 mentions, followers and what is stored of others", func(t *testing.T, v *village) {
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		tag := fmt.Sprintf(`,"tag":[{"type":"Mention","href":"%s","name":"@tsv@here.test"}]`, v.club.ID)
		for i, to := range []string{`"to":["` + lena + `/followers"]`, `"to":["https://c.test/carl"]`, `"to":[]`} {
			id := fmt.Sprintf("https://b.test/n/%d", i)
			if r := v.receive("%s", create(id+"/create", lena, note(id, lena, to, "", "Kirschmichel", tag))); r.State == "applied" {
				t.Errorf("%s: %+v", to, r)
			}
		}
		b := v.signedIn("anna@example.org")
		b.open("/neues")
		b.hides("Kirschmichel")
		v.receive(`{"id":"https://b.test/f","type":"Follow","actor":"%s","object":"%s"}`, lena, v.club.ID)
		e := v.event("Sommerfest")
		v.receive("%s", create("https://b.test/c/x", lena, note("https://b.test/n/x", lena, public, e.ID, "Apfelkuchen", "")))
		for _, name := range []string{"followers", "followers?page=true", "following", "following?page=1"} {
			w := v.get(strings.TrimPrefix(v.club.ID, "https://here.test")+"/"+name, as2)
			if body := w.Body.String(); w.Code != 200 || !strings.Contains(body, `"totalItems"`) || strings.Contains(body, "b.test") || strings.Contains(body, "tems\":[") || strings.Contains(body, "first") {
				t.Errorf("%s: %d %s", name, w.Code, body)
			}
		}
		for _, path := range []string{
			"/ap/objects/x", "/ap/objects/x/replies", "/ap/actors/lena", "/ap/objects/" + url.PathEscape("https://b.test/n/x"), "/pinnwand/x", "/veranstaltungen/x", "/vereine/lena",
			"/.well-known/webfinger?resource=acct:lena@b.test", "/.well-known/webfinger?resource=" + url.QueryEscape(lena), "/folgen?uri=" + url.QueryEscape("https://b.test/n/x"), "/folgen?uri=" + url.QueryEscape(lena),
		} {
			for _, accept := range []string{html, as2} {
				w := v.get(path, accept)
				if w.Code == 303 {
					w = v.get(strings.TrimPrefix(w.Header().Get("Location"), "https://here.test"), accept)
				}
				if w.Code != 404 && w.Code != 400 || strings.Contains(w.Body.String(), "Apfelkuchen") {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
			}
		}
	})
}
