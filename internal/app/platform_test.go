package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// hostList has a list of others wait, and something that came in unusual
// numbers; it gives the id of the list.
func (v *village) hostList() string {
	v.t.Helper()
	ctx := v.t.Context()
	if _, err := v.Moderation.Enter(ctx, actor.Operator, actor.Block{Domain: "laut.test", Severity: actor.Limited, PublicComment: "Nur Werbung", PrivateComment: "Anruf am 3. Mai"}); err != nil {
		v.t.Fatal(err)
	}
	l, err := v.Moderation.AddList(ctx, actor.Operator, moderation.List{
		Name: "Liste der Nachbarstadt", Body: "#domain,#severity\nlaut.test,suspend\nneu.test,silence\nver*.test,suspend\n",
	})
	if err != nil {
		v.t.Fatal(err)
	}
	tide := moderation.NewTide(v.db, 10, slog.New(slog.DiscardHandler))
	for range 1234 {
		tide.Wait("viel.test", "Like", true)
	}
	if err := tide.Write(ctx); err != nil {
		v.t.Fatal(err)
	}
	return l.ID
}

func (v *village) enter(b actor.Block) {
	v.t.Helper()
	if _, err := v.Moderation.Enter(v.t.Context(), actor.Operator, b); err != nil {
		v.t.Fatal(err)
	}
}

// fan makes the remote actor a follower of the club.
func (v *village) fan(id string) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		return v.Actors.PutFollow(ctx, tx, &actor.Follow{ID: id + "/f", ActorID: id, ObjectID: v.club.ID, State: actor.FollowAccepted})
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

func TestPlatforms(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(mala)
		v.fan(mala)
		e := v.event("Sommerfest")
		v.receive("%s", create("https://evil.test/c/1", mala, note("https://evil.test/n/1", mala, public, e.ID, "Kauft Pillen", "")))
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/sperren")
		b.shows(200, "Noch keine Plattform ist eingetragen")
		b.send("Nachschlagen", map[string]string{"domain": "https://evil.test/@mala"})
		b.shows(200, "evil.test", "Profile, die wir kennen")
		b.open("/rathaus/sperren")
		b.send("Nachschlagen", map[string]string{"domain": "evil.test/@mala"})
		b.shows(422, "keine Adresse einer Plattform")
		b.send("Nachschlagen", map[string]string{"domain": "here.test"})
		b.shows(422, "unsere eigene Adresse")
		b.send("Nachschlagen", map[string]string{"domain": "Evil.Test."})
		b.shows(200, "evil.test", "Profile, die wir kennen 1", "Folgen Vereinen hier 1", "Antworten von dort 1", "dann ruht das alles")
		b.send("Eintragen", map[string]string{"severity": "noop"})
		b.shows(422, "bewirkt nichts")
		b.send("Eintragen", map[string]string{"severity": "block", "public_comment": strings.Repeat("x", 501)})
		b.shows(422, "länger als 500 Zeichen")
		b.send("Eintragen", map[string]string{"severity": "block", "public_comment": "Betrug", "private_comment": "Anzeige 12/26"})
		b.shows(200, "Eingetragen", "evil.test", "gesperrt", "Betrug", "Anzeige 12/26", "Anna townhall")
		if v.followers() != 0 || v.counts(e.ID).Replies != 0 {
			t.Error("it is not blocked")
		}
		table := b.ask(http.MethodGet, "/rathaus/sperren/liste.csv", "*/*", nil).Body.String()
		if want := "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\nevil.test,suspend,False,False,Betrug,False\n"; table != want {
			t.Errorf("the list is %s", table)
		}
		b.open("/rathaus/sperren/eintrag?domain=sub.evil.test")
		b.shows(200, "Schon gesperrt")
		b.open("/rathaus/sperren/eintrag?domain=nichts")
		b.shows(404)
		b.open("/rathaus/sperren/eintrag?domain=evil.test")
		b.send("Eintrag entfernen", nil)
		b.shows(200, "Der Eintrag ist entfernt", "Noch keine Plattform")
		if v.followers() != 1 || v.counts(e.ID).Replies != 1 {
			t.Error("what rested is not back")
		}
	})
}

// TestLimitedPlatform: what comes from a limited server shows to who follows its
// author and by its address, counts nowhere and is no news.
func TestLimitedPlatform(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(mala)
		v.meet(lena)
		e := v.event("Sommerfest")
		for i, who := range []string{mala, lena} {
			id := fmt.Sprintf("%s/n/%d", who, i)
			v.receive("%s", create(id+"/c", who, note(id, who, public, e.ID, "Antwort von "+actor.Key(who), "")))
			v.receive(`{"id":"%s/l","type":"Like","actor":"%s","object":"%s"}`, id, who, e.ID)
		}
		page := strings.TrimPrefix(e.URL, "https://here.test")
		seen := func(viewer object.Viewer) string { return strings.Join(v.texts(viewer, e.ID), " ") }
		club := object.Viewer{Actors: []string{v.club.ID}}
		v.enter(actor.Block{Domain: "b.test", Severity: actor.Noop, RejectReports: true})
		v.enter(actor.Block{Domain: "evil.test", Severity: actor.Limited})
		reader := v.browser()
		reader.open(page)
		reader.shows(200, "Antwort von lena")
		reader.hides("Antwort von mala")
		if s := seen(object.Viewer{}) + seen(club); strings.Contains(s, "mala") || !strings.Contains(s, "lena") {
			t.Error(s)
		}
		if c := v.counts(e.ID); c.Likes != 1 || c.Replies != 1 {
			t.Errorf("%+v", c)
		}
		for _, n := range v.news() {
			if n.Actor.ID == mala {
				t.Errorf("news: %+v", n)
			}
		}
		if o, err := v.Objects.Find(t.Context(), object.Viewer{}, mala+"/n/0"); err != nil || o == nil {
			t.Errorf("by its address: %v", err)
		}
		if answers := v.get(strings.TrimPrefix(e.ID, "https://here.test")+"/replies", as2).Body.String(); !strings.Contains(answers, lena) || strings.Contains(answers, mala) {
			t.Errorf("the collection of answers is %s", answers)
		}
		v.receive(`{"id":"https://b.test/r/1","type":"Flag","actor":"%s","object":["%s"],"content":"so nicht"}`, lena, e.ID)
		if n := v.count("reports"); n != 0 {
			t.Errorf("%d reports of who may send none", n)
		}
		v.follows(mala)
		if s := seen(club); !strings.Contains(s, "mala") {
			t.Errorf("who follows sees %s", s)
		}
		if s := seen(object.Viewer{}); strings.Contains(s, "mala") {
			t.Errorf("everybody sees %s", s)
		}
		if news := v.news(); !slices.ContainsFunc(news, func(n *notification.Notification) bool { return n.Actor.ID == mala }) {
			t.Error("who is followed is no news")
		}
		if err := v.Moderation.Unblock(t.Context(), actor.Operator, "evil.test"); err != nil {
			t.Fatal(err)
		}
		reader.open(page)
		reader.shows(200, "Antwort von mala")
		if c := v.counts(e.ID); c.Likes != 2 || c.Replies != 2 {
			t.Errorf("%+v", c)
		}
	})
}

// TestOnlyAllowed: while only entered servers are let in, all others are kept
// out in both directions, and a block by name still holds.
func TestOnlyAllowed(t *testing.T) {
	shows(t, "T-MOD-02 only entered servers are let in", func(t *testing.T, v *village) {
		good, other := v.meet("https://good.test/anna"), v.meet(lena)
		v.fan(good)
		v.fan(other)
		v.enter(actor.Block{Domain: "good.test", Severity: actor.Allowed})
		v.enter(actor.Block{Domain: "bad.good.test", Severity: actor.Blocked})
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/sperren/nur-eingetragene")
		b.shows(200, "Eingetragen und nicht gesperrt 1", "Folgende, die nichts mehr bekommen 1")
		b.send("Nur eingetragene erlauben", nil)
		b.shows(200, "Jetzt sind nur eingetragene Plattformen erlaubt", "Nur eingetragene Plattformen sind erlaubt")
		for host, want := range map[string]bool{
			"good.test": false, "GOOD.test.": false, "sub.good.test:8443": false, "bad.good.test": true, "b.test": true, "test": true, "notgood.test": true, "here.test": false,
		} {
			if blocked, err := v.Actors.Blocked(t.Context(), host); err != nil || blocked != want {
				t.Errorf("%s is kept out: %v, %v", host, blocked, err)
			}
		}
		v.post("an alle")
		waiting, err := v.Activities.Deliveries(t.Context(), "")
		if err != nil || len(waiting) != 1 || waiting[0].Host != "good.test" {
			t.Errorf("it is sent to %+v, %v", waiting, err)
		}
		if _, err := v.Actors.Resolve(t.Context(), "https://b.test/neu"); err == nil {
			t.Error("it was fetched")
		}
		r := httptest.NewRequest(http.MethodGet, strings.TrimPrefix(v.club.ID, "https://here.test"), nil)
		r.Header.Set("Accept", as2)
		r.Header.Set("Signature", `keyId="https://b.test/u#main-key",algorithm="rsa-sha256",headers="(request-target) host date",signature="eA=="`)
		w := httptest.NewRecorder()
		if v.handler().ServeHTTP(w, r); w.Code != http.StatusForbidden {
			t.Errorf("a fetch in its name is answered with %d", w.Code)
		}
		b.open("/rathaus/sperren/nur-eingetragene")
		b.shows(200, "Es gilt seit", "Anna townhall")
		b.send("Alle wieder erlauben", nil)
		b.shows(200, "wieder erlaubt")
		if v.followers() != 2 {
			t.Errorf("%d followers are back", v.followers())
		}
	})
}

const mastodonList = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n" +
	"spam.test,suspend,False,False,\"Werbung, viel\",False\r\n" +
	"laut.test,silence,True,false,,true\r\n" +
	"bilder.test,noop,True,True,nur Bilder,False\r\n" +
	"SPAM.test,suspend,False,False,,False\r\n" +
	"ver****.test,suspend,False,False,,True\r\n" +
	"kein name,suspend,False,False,,False\r\n" +
	"here.test,suspend,False,False,,False\r\n" +
	"odd.test,erase,False,False,,False\r\n"

func TestListsOfPlatforms(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet("https://spam.test/u")
		v.fan("https://spam.test/u")
		v.enter(actor.Block{Domain: "laut.test", Severity: actor.Blocked, PrivateComment: "unsere Notiz"})
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/sperren/listen")
		b.send("Durchsehen", nil)
		b.shows(422, "wählen Sie eine Datei")
		b.send("Durchsehen", map[string]string{"list": mastodonList})
		b.shows(200, "Neu (2)", "Geändert (1)", "trifft Verbindungen Ihrer Vereine", "Zeile 5: spam.test steht zweimal", "Zeile 6:", "mit Sternen verdeckt",
			"Zeile 7:", "Zeile 8: Das ist unsere eigene Adresse", "Zeile 9:", "ist keine Stufe")
		if n := v.count("blocks"); n != 1 {
			t.Errorf("%d entries before anybody said so", n)
		}
		b.send("Alles übernehmen", map[string]string{})
		b.shows(200, "Übernommen", "spam.test", "laut.test", "eingeschränkt", "Werbung, viel", "unsere Notiz")
		if n := v.count("host_lists"); n != 0 {
			t.Errorf("%d lists are kept", n)
		}
		// What is written is read again as the same.
		written := b.ask(http.MethodGet, "/rathaus/sperren/liste.csv", "*/*", nil).Body.String()
		b.open("/rathaus/sperren/listen")
		b.send("Durchsehen", map[string]string{"list": written})
		b.shows(200, "3 Einträge gelten schon so", "Es gibt nichts zu übernehmen")
		b.send("Liste entfernen", nil)
		b.shows(200, "Die Liste ist entfernt")
		b.send("Durchsehen", map[string]string{"list": "\ufeffgut.test\nschoen.test\n", "kind": "allows"})
		b.shows(200, "Neu (2)", "gut.test : erlaubt")
		b.send("Angekreuztes übernehmen", nil)
		if got := b.ask(http.MethodGet, "/rathaus/sperren/erlaubt.csv", "*/*", nil).Body.String(); got != "#domain\ngut.test\nschoen.test\n" {
			t.Errorf("allowed are %s", got)
		}
	})
}

// TestSubscribedList: a list that is fetched each day shows what has changed.
// Without a word nothing of it holds, unless it may, and never what hits those
// whom we are joined to.
func TestSubscribedList(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		body, fails := "a.test\nb.test\n", error(nil)
		v.Moderation.Fetch = func(_ context.Context, url string, _ int64) ([]byte, error) {
			if url != "https://liste.test/sperren.csv" {
				t.Errorf("fetched %s", url)
			}
			return []byte(body), fails
		}
		v.meet(lena)
		v.fan(lena)
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/sperren/listen")
		b.send("Abonnieren", map[string]string{"url": "http://liste.test/"})
		b.shows(422, "die mit https:// beginnt")
		b.send("Abonnieren", map[string]string{"url": "https://liste.test/sperren.csv"})
		b.shows(200, "liste.test", "Neu (2)")
		if v.count("blocks") != 0 {
			t.Error("something holds already")
		}
		b.send("Alles übernehmen", nil)
		b.shows(200, "Übernommen", "a.test", "liste.test")
		lists, err := v.Moderation.Lists(ctx)
		if err != nil || len(lists) != 1 || lists[0].Due != 0 {
			t.Fatalf("%+v, %v", lists, err)
		}
		again := func() {
			t.Helper()
			if err := v.Moderation.FetchLists(ctx); err != nil {
				t.Fatal(err)
			}
		}
		v.enter(actor.Block{Domain: "selbst.test", Severity: actor.Blocked})
		body = "a.test\nc.test\n"
		again()
		b.open("/rathaus/sperren/listen")
		b.shows(200, "2 Einträge sind anders")
		b.follow("/rathaus/sperren/listen/")
		b.shows(200, "c.test", "Steht nicht mehr in der Liste", "b.test")
		for _, wrong := range []string{"", "<!doctype html>\x00", "<html><p>hallo</p></html>"} {
			body = wrong
			again()
			b.open("/rathaus/sperren/listen")
			b.shows(200, "liegt keine Liste", "2 Einträge sind anders")
		}
		fails = errors.New("no answer")
		again()
		b.open("/rathaus/sperren/listen")
		b.shows(200, "war nicht zu holen")
		fails, body = nil, "a.test\nb.test\nc.test\nd.test\n"
		v.takesByItself(b, again)
	})
}

// takesByItself has a list applied without a look: all but what hits whom we are
// joined to.
func (v *village) takesByItself(b *browser, again func()) {
	t, ctx := v.t, v.t.Context()
	t.Helper()
	v.set("UPDATE host_lists SET auto = TRUE")
	again()
	blocked := map[string]bool{}
	entries, err := v.Actors.Blocks(ctx)
	for _, e := range entries {
		blocked[e.Domain] = true
	}
	if err != nil || !blocked["d.test"] || !blocked["c.test"] || !blocked["selbst.test"] {
		t.Errorf("by itself: %v, %v", blocked, err)
	}
	if v.followers() != 0 { // b.test was taken over by hand above
		t.Error("b.test is let in")
	}
	if err := v.Moderation.Unblock(ctx, actor.Operator, "b.test"); err != nil {
		t.Fatal(err)
	}
	again()
	if v.followers() != 1 {
		t.Error("whom we are joined to was blocked without a word")
	}
	b.open("/rathaus/sperren/listen")
	b.shows(200, "1 Eintrag ist anders")
	b.send("Liste entfernen", nil)
	b.shows(200, "Die Liste ist entfernt")
	if n := v.count("blocks", "list_id <> ''"); n != 0 {
		t.Errorf("%d entries of no list", n)
	}
}

// TestWaves: what comes from one host in unusual numbers is slowed, is shown to
// the town hall in one line, and is cleared away with one click.
func TestWaves(t *testing.T) {
	shows(t, "T-MOD-10 10,000 likes from fresh actors of one host", func(t *testing.T, v *village) {
		const let = 20
		v.tide = moderation.NewTide(v.db, let, v.log)
		e := v.event("Sommerfest")
		taken := 0
		for i := range 10000 {
			host := []string{"evil.test", "sub.evil.test", "evil.test:8443"}[i%3]
			if v.tide.Wait(host, "Like", true) > 0 {
				continue
			}
			taken++
			who := v.meet(fmt.Sprintf("https://%s/u/%d", host, i))
			v.receive(`{"id":"%s/l","type":"Like","actor":"%s","object":"%s"}`, who, who, e.ID)
		}
		if c := v.counts(e.ID); taken != let || c.Likes != let {
			t.Errorf("%d taken, %d shown", taken, c.Likes)
		}
		if v.tide.Wait("evil.test", "Undo", true) != 0 || v.tide.Wait("b.test", "Like", true) != 0 || v.tide.Wait("evil.test", "Follow", true) != 0 {
			t.Error("others are slowed too")
		}
		if err := v.tide.Write(t.Context()); err != nil {
			t.Fatal(err)
		}
		v.clearsUp(t)
	})
	shows(t, "T-MOD-11 10,000 reports from one host", func(t *testing.T, v *village) {
		tide := moderation.NewTide(v.db, 100, v.log)
		e := v.event("Sommerfest")
		v.meet(mala)
		v.meet(lena)
		taken := 0
		for i := range 10000 {
			if tide.Wait("evil.test", "Flag", true) == 0 {
				taken++
				v.receive(`{"id":"https://evil.test/r/%d","type":"Flag","actor":"%s","object":["%s"],"content":"%s"}`, i, mala, e.ID, strings.Repeat("x", 20000))
			}
		}
		v.receive(`{"id":"https://b.test/r/1","type":"Flag","actor":"%s","object":["%s"],"content":"wirklich"}`, lena, e.ID)
		v.receive("%s", create("https://evil.test/c/1", mala, note("https://evil.test/n/1", mala, public, e.ID, "Kauft Pillen", "")))
		v.fan(mala)
		if err := tide.Write(t.Context()); err != nil {
			t.Fatal(err)
		}
		reports, err := v.Moderation.Reports(t.Context())
		if err != nil || taken != 10 || len(reports) != 11 || len(reports[0].Content) > 20000 {
			t.Fatalf("%d taken, %d reports, %v", taken, len(reports), err)
		}
		for _, r := range reports {
			if len([]rune(r.Content)) > 5000 {
				t.Errorf("a report has %d characters", len(r.Content))
			}
		}
		if err := v.Moderation.SettleWave(t.Context(), actor.Operator, "evil.test", "erase"); problem.KindOf(err) != problem.Invalid {
			t.Errorf("err = %v", err)
		}
		if err := v.Moderation.SettleWave(t.Context(), actor.Operator, "evil.test", "limit"); err != nil {
			t.Fatal(err)
		}
		if reports, err = v.Moderation.Reports(t.Context()); err != nil || len(reports) != 1 || reports[0].ActorID != lena {
			t.Errorf("%d reports are left, %v", len(reports), err)
		}
		if v.followers() != 0 || v.count("objects", "hidden") != 1 {
			t.Error("what came with it is still there")
		}
		if waves, err := v.Moderation.Waves(t.Context()); err != nil || len(waves) != 0 {
			t.Errorf("waves: %+v, %v", waves, err)
		}
	})
}

// clearsUp has the town hall block evil.test and clear up: two clicks.
func (v *village) clearsUp(t *testing.T) {
	t.Helper()
	v.person("ruth@example.org", account.Townhall)
	b := v.signedIn("ruth@example.org")
	b.open("/rathaus")
	b.shows(200, "Ungewöhnlich viel von evil.test: 10.000-mal „gefällt mir“ in einer Stunde")
	b.follow("/rathaus/wellen")
	b.shows(200, "10.000-mal „gefällt mir“ in einer Stunde, davon 9.980 auf später vertröstet", "Nichts verbindet Ihre Vereine mit ihr")
	b.send("Sperren und aufräumen", nil)
	b.shows(200, "ist weggeräumt", "Nichts Ungewöhnliches")
	if n := v.count("reactions"); n != 0 {
		t.Errorf("%d reactions are left", n)
	}
	if blocked, err := v.Actors.Blocked(t.Context(), "sub.evil.test"); err != nil || !blocked {
		t.Errorf("it is let in: %v", err)
	}
	b.open("/rathaus")
	b.hides("Ungewöhnlich viel")
}

// TestLooks: an answer with a word that needs a look, or by somebody new, waits
// for the town hall and appears when it is let through.
func TestLooks(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		e := v.event("Sommerfest")
		v.person("ruth@example.org", account.Townhall)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/durchsehen/woerter")
		b.send("Speichern", map[string]string{"words": "ab", "first": "viele"})
		b.shows(422, "hat nicht 3 bis 60 Buchstaben", "eine Zahl von 0 bis 20")
		b.send("Speichern", map[string]string{"words": "Viagra\nKredit*\nviagra", "first": "1"})
		b.shows(200, "Gespeichert")
		say := func(who, n, text string) string {
			id := who + "/n/" + n
			v.receive("%s", create(id+"/c", who, note(id, who, public, e.ID, text, "")))
			return id
		}
		first := say(lena, "1", "Ich komme gern")
		if len(v.texts(object.Viewer{}, e.ID)) != 0 || len(v.news()) != 0 {
			t.Error("somebody new is seen at once")
		}
		b.open("/rathaus")
		b.shows(200, "Eine Antwort wartet darauf")
		b.follow("/rathaus/durchsehen")
		b.shows(200, "Ich komme gern", "schreibt hier zum ersten Mal")
		b.send("Zeigen", nil)
		b.shows(200, "Es ist jetzt zu sehen", "Nichts wartet")
		say(lena, "2", "Wann geht es los?")
		if n := len(v.texts(object.Viewer{}, e.ID)); n != 2 || len(v.news()) != 2 {
			t.Errorf("%d answers are seen", n)
		}
		spam := say(lena, "3", "Billige Kreditkarten und Ｖiаgr\u200ba")
		b.open("/rathaus/durchsehen")
		b.shows(200, "Gefunden:", "kredit*", "viagra")
		b.send("Verborgen lassen", nil)
		b.shows(200, "Es bleibt verborgen", "Nichts wartet")
		// Changed, it waits again if there is something new in it; what was let
		// through stays so without.
		update := func(id, text string, n int) {
			v.receive(`{"id":"%s/u/%d","type":"Update","actor":"%s","object":%s}`, id, n, lena, note(id, lena, public, e.ID, text, fmt.Sprintf(`,"updated":"2026-07-02T10:00:0%dZ"`, n)))
		}
		update(first, "Ich komme sehr gern", 1)
		if n := len(v.texts(object.Viewer{}, e.ID)); n != 2 {
			t.Errorf("%d answers are seen", n)
		}
		update(first, "Ich komme mit Viagra", 2)
		update(spam, "Ganz harmlos", 3)
		if got := strings.Join(v.texts(object.Viewer{}, e.ID), " "); strings.Contains(got, "Viagra") || strings.Contains(got, "harmlos") {
			t.Error(got)
		}
		if w, err := v.Moderation.PlatformsDue(t.Context()); err != nil || w.Looks != 1 {
			t.Errorf("%+v, %v", w, err)
		}
		b.open("/rathaus/durchsehen")
		b.send("Zeigen", nil)
		if got := strings.Join(v.texts(object.Viewer{}, e.ID), " "); !strings.Contains(got, "Viagra") {
			t.Error(got)
		}
	})
}

// TestTide: each hour counts anew, and who has proven nothing neither counts nor
// gets in when it is full.
func TestTide(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		tide := moderation.NewTide(v.db, 2, v.log)
		for range 5 {
			if tide.Wait("b.test", "Like", false) != 0 {
				t.Fatal("a name that anybody may use is counted")
			}
		}
		for i, want := range []bool{true, true, false, false} {
			if wait := tide.Wait("b.test", "Like", true); (wait == 0) != want || wait > time.Hour {
				t.Errorf("the %d. waits %v", i+1, wait)
			}
		}
		if tide.Wait("b.test", "Like", false) == 0 || tide.Wait("b.test", "Announce", true) != 0 {
			t.Error("the kinds are mixed")
		}
		var none *moderation.Tide
		if none.Wait("b.test", "Like", true) != 0 || moderation.NewTide(v.db, 0, v.log).Wait("b.test", "Like", true) != 0 {
			t.Error("without a limit something waits")
		}
		for range 2 {
			if err := tide.Write(t.Context()); err != nil {
				t.Fatal(err)
			}
			tide.Wait("b.test", "Like", true)
		}
		if err := v.Moderation.SettleWave(t.Context(), actor.Operator, "b.test", moderation.Fine); err != nil {
			t.Fatal(err)
		}
		if n := v.count("blocks"); n != 0 {
			t.Errorf("%d entries", n)
		}
	})
}
