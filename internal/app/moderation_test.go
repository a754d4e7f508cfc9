package app

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/town"
)

// judged has a post about which a reader reported something and the town hall
// decided, and gives the token of the report, the decision and its token.
func (v *village) judged() (reported, decision, decided string) {
	v.t.Helper()
	p := v.post("Alles muss raus")
	ctx := v.t.Context()
	reported, err := v.Moderation.FileNotice(ctx, moderation.Notice{Key: page.NewKey(), About: p.ID, Reason: "spam", Text: "Das ist Werbung", Language: "de"})
	if err != nil {
		v.t.Fatal(err)
	}
	d := v.decide(p.ID, moderation.Warn)
	if decided, err = v.Moderation.DecisionToken(ctx, d); err != nil {
		v.t.Fatal(err)
	}
	return reported, d.ID, decided
}

// decide has the operator decide about an object or an actor.
func (v *village) decide(target, act string) *moderation.Decision {
	v.t.Helper()
	d, err := v.Moderation.Decide(v.t.Context(), moderation.Verdict{
		By: actor.Operator, Target: target, Act: act, Basis: moderation.House, Rule: "Nr. 3", Reason: "Werbung ist hier nicht erlaubt.", Warning: "Werbung",
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return d
}

func (v *village) takeBack(d *moderation.Decision) {
	v.t.Helper()
	if err := v.Moderation.End(v.t.Context(), actor.Operator, d.ID); err != nil {
		v.t.Fatal(err)
	}
}

// flag hands in the report that Mastodon sends, about a thing.
func (v *village) flag(id, content string, about *object.Object) row {
	v.t.Helper()
	const sender = "https://mastodon.example/actor"
	if v.count("actors", "id = '"+sender+"'") == 0 {
		v.meet(sender)
	}
	recorded, err := os.ReadFile(filepath.Join("testdata", "mastodon-flag.json"))
	if err != nil {
		v.t.Fatal(err)
	}
	body := strings.NewReplacer("https://example.com/users/1", about.AttributedTo, "https://example.com/posts/380590", about.ID, "https://example.com/posts/380591", about.ID,
		"Please take a look at this user and their posts", content, "https://mastodon.example/ccb4f39a-506a-490e-9a8c-71831c7713a4", id).Replace(string(recorded))
	return v.receiveBytes(id, sender, "Flag", []byte(body))
}

// reported has a report by Mastodon and one by a reader for each name, and gives
// the pages of those of readers.
func (v *village) reported(names ...string) map[string]string {
	v.t.Helper()
	pages := map[string]string{}
	for _, name := range names {
		if r := v.flag("https://mastodon.example/"+name, "Please look at "+name, v.post("Zu verkaufen: "+name)); r.State != "applied" {
			v.t.Fatalf("%+v", r)
		}
		token, err := v.Moderation.FileNotice(v.t.Context(), moderation.Notice{Key: page.NewKey(), About: v.post("Zu verschenken: " + name).ID, Reason: "spam", Text: "Leserin " + name, Language: "de"})
		if err != nil {
			v.t.Fatal(err)
		}
		pages[name] = "/meldung/" + token
	}
	return pages
}

// TestReportToAnswer: a reader without an account reports something, the town
// hall hides it, both sides are told, who wrote it objects, and somebody else
// decides about that.
func TestReportToAnswer(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		p := v.post("Billige Uhren")
		v.person("karl@example.org", account.Editor, "tsv")
		v.person("ruth@example.org", account.Townhall)
		v.person("otto@example.org", account.Townhall)

		reader := v.browser()
		reader.open(strings.TrimPrefix(p.URL, "https://here.test"))
		reader.shows(200, "Diesen Eintrag melden")
		reader.open(page.Report(p.ID))
		reader.shows(200, "Etwas melden", "Billige Uhren", "TSV")
		wrong := reader.formWith("Melden")
		wrong.values.Set("contact", "nichts")
		wrong.values.Set("reason", "other")
		reader.post(wrong)
		reader.shows(422, "Das ist keine Mailadresse", "in ein paar Worten")
		form := reader.formWith("Melden")
		v.passed("report form", &form)
		form.values.Set("reason", "spam")
		form.values.Set("text", "Das ist <b>Werbung</b>")
		form.values.Set("contact", "leser@example.org")
		reader.post(form)
		reader.shows(200, "Ihre Meldung ist im Rathaus angekommen", "Das ist <b>Werbung</b>", "Hier sehen Sie später nach")
		if reader.header.Get("Set-Cookie") != "" {
			t.Error("a reader gets a cookie")
		}
		reader.post(form) // twice is once
		if n := v.count("reports", "reason = 'spam'"); n != 1 {
			t.Fatalf("%d reports", n)
		}
		receipt := v.Mail.Wait(t, "leser@example.org")
		if !strings.Contains(receipt.Subject, "angekommen") {
			t.Errorf("%q", receipt.Subject)
		}

		ruth := v.signedIn("ruth@example.org")
		v.hides(t, ruth, reader, p)
		v.objects(t, ruth, reader, p)
	})
}

// hides has the town hall hide what was reported, and looks at what both sides
// are told.
func (v *village) hides(t *testing.T, ruth, reader *browser, p *object.Object) {
	t.Helper()
	ruth.open("/rathaus/meldungen")
	ruth.shows(200, "Es ist Werbung oder Betrug", "Bekommt die Antwort per Mail")
	ruth.hides("leser@example.org", "Erledigt")
	ruth.follow("/rathaus/entscheiden?")
	ruth.shows(200, "Billige Uhren", "Nur die Redaktion und das Rathaus sehen es noch")
	ruth.send("So entscheiden", map[string]string{"act": "hide"})
	ruth.shows(422, "Bitte nennen Sie den Paragrafen oder die Hausregel", "Bitte begründen Sie es")
	ruth.send("So entscheiden", map[string]string{"act": "hide", "rule": "Nr. 3, keine Werbung", "reason": "Verkauf von Uhren", "answer": "Danke, es ist weg."})
	ruth.shows(200, "Ihre Entscheidung gilt")
	answer := v.Mail.Wait(t, "leser@example.org")
	if !strings.Contains(answer.Text, "Danke, es ist weg.") || strings.Contains(answer.Text, "ruth") {
		t.Errorf("%s", answer.Text)
	}
	if n := v.count("reports", "contact <> ''"); n != 0 {
		t.Error("the address of who reported is still known")
	}
	reader.open(strings.TrimPrefix(p.URL, "https://here.test"))
	reader.shows(404)

	reasons := v.Mail.Wait(t, "karl@example.org")
	for _, part := range []string{"Verkauf von Uhren", "Nr. 3, keine Werbung", "Hausregeln", "/entscheidung/"} {
		if !strings.Contains(reasons.Text, part) {
			t.Errorf("the reasons lack %q: %s", part, reasons.Text)
		}
	}
}

// objects has an editor object, and somebody else at the town hall decide.
func (v *village) objects(t *testing.T, ruth, reader *browser, p *object.Object) {
	t.Helper()
	karl := v.signedIn("karl@example.org")
	karl.open(strings.TrimPrefix(p.URL, "https://here.test"))
	karl.shows(200, "Billige Uhren", "Verborgen: Das sehen nur die Redaktion und das Rathaus")
	karl.open("/entscheidungen")
	karl.shows(200, "Ein Eintrag wurde verborgen")
	karl.follow("/entscheidung/")
	karl.shows(200, "Verkauf von Uhren", "Ein Mensch im Rathaus", "Nicht einverstanden?")
	karl.send("Widersprechen", map[string]string{"text": "Wir verschenken sie."})
	karl.shows(200, "Der Widerspruch ist angekommen")

	ruth.open("/rathaus/entscheidungen")
	ruth.follow("/rathaus/entscheidungen/")
	ruth.shows(200, "Wir verschenken sie.")
	settle := map[string]string{"outcome": "changed", "answer": "Stimmt, verschenken ist erlaubt."}
	ruth.send("Widerspruch beantworten", settle)
	ruth.shows(403, "entscheidet bitte jemand anderes im Rathaus", "Stimmt, verschenken ist erlaubt.")
	otto := v.signedIn("otto@example.org")
	otto.open("/rathaus")
	otto.shows(200, "Ein Widerspruch wartet")
	otto.open("/rathaus/entscheidungen")
	otto.follow("/rathaus/entscheidungen/")
	otto.send("Widerspruch beantworten", settle)
	otto.shows(200, "Der Widerspruch ist beantwortet")
	if m := v.Mail.Wait(t, "karl@example.org"); !strings.Contains(m.Text, "Stimmt, verschenken ist erlaubt.") {
		t.Errorf("%s", m.Text)
	}
	reader.open(strings.TrimPrefix(p.URL, "https://here.test"))
	reader.shows(200, "Billige Uhren")
	otto.open("/rathaus/protokoll")
	otto.shows(200, "Eintrag verborgen", "Meldung beantwortet", "Widerspruch stattgegeben", "Eintrag wieder gezeigt", "Das Protokoll ist unverändert")
}

// TestReportAnsweredWithNothing: a report that changes nothing needs an answer,
// and who reported may object once; a right objection opens the report again.
func TestReportAnsweredWithNothing(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		token, err := v.Moderation.FileNotice(t.Context(), moderation.Notice{Key: page.NewKey(), About: v.club.ID, Reason: "false", Contact: "leser@example.org", Language: "de"})
		if err != nil {
			t.Fatal(err)
		}
		v.person("ruth@example.org", account.Townhall)
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/meldungen")
		ruth.follow("/rathaus/entscheiden?")
		ruth.hides("Hinweis davorsetzen") // nothing stands before a profile
		ruth.send("So entscheiden", map[string]string{"act": "nothing"})
		ruth.shows(422, "warum nichts geschieht")
		ruth.send("So entscheiden", map[string]string{"act": "nothing", "answer": "Der Name stimmt."})
		ruth.shows(200, "Alles bleibt, wie es ist")
		reader := v.browser()
		reader.open("/meldung/" + token)
		reader.shows(200, "Es bleibt, wie es ist", "Der Name stimmt.")
		reader.send("Widersprechen", map[string]string{"text": ""})
		reader.shows(422, "warum Sie es anders sehen")
		reader.send("Widersprechen", map[string]string{"text": "Doch nicht."})
		reader.shows(200, "Der Widerspruch ist angekommen")
		ruth.open("/rathaus/entscheidungen")
		ruth.follow("/rathaus/entscheidungen/")
		ruth.shows(200, "Doch nicht.")
		ruth.send("Widerspruch beantworten", map[string]string{"outcome": "changed", "answer": "Wir sehen noch einmal hin."}) // nobody else is there
		ruth.open("/rathaus/meldungen")
		ruth.shows(200, "Es ist falsch")
		reader.open("/meldung/" + token[:len(token)-1] + "A")
		if reader.status != 404 && !strings.HasSuffix(token, "A") {
			t.Errorf("a guessed token answers %d", reader.status)
		}
	})
}

// TestFlagToDecision: a report as Mastodon sends it stands beside those of
// readers, is decided in the same way, and nothing is sent but what was chosen.
func TestFlagToDecision(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Townhall)
		p := v.post("Billige Uhren")
		if r := v.flag("https://mastodon.example/ccb4f39a-506a-490e-9a8c-71831c7713a4", "Please take a look at this user and their posts", p); r.State != "applied" {
			t.Fatalf("%+v", r)
		}
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/meldungen")
		b.shows(200, "Please take a look at this user and their posts", "@actor@mastodon.example", "Erledigt")
		b.follow("/rathaus/entscheiden?")
		b.hides("Antwort an die Person")
		sent := v.count("activities", "type IN ('Flag', 'Delete')")
		b.send("So entscheiden", map[string]string{"act": "hide", "rule": "Nr. 3", "reason": "Werbung", "recall": "1"})
		b.shows(200, "Ihre Entscheidung gilt")
		if n := v.count("activities", "type = 'Delete'") - sent; n != 1 {
			t.Errorf("%d Deletes", n)
		}
		if v.count("objects", "deleted IS NOT NULL") != 0 {
			t.Error("it is deleted here, too")
		}
		b.open("/rathaus/meldungen")
		b.shows(200, "Keine Meldung wartet")
	})
}

// TestForwardOnChoice: what comes from elsewhere is hidden here, and its server
// is told in the name of the town alone.
func TestForwardOnChoice(t *testing.T) {
	shows(t, "T-VIS-16 a decision that is passed on names nobody", func(t *testing.T, v *village) {
		v.meet(lena)
		e := v.event("Sommerfest")
		const id = "https://b.test/n/1"
		v.receive("%s", create(id+"/create", lena, note(id, lena, public, e.ID, "Reklame", "")))
		v.person("ruth@example.org", account.Townhall)
		reader := v.browser()
		reader.open(page.Report(id))
		reader.shows(200, "Das kommt von einer anderen Plattform")
		b := v.signedIn("ruth@example.org")
		b.open(page.Decide(id))
		b.send("So entscheiden", map[string]string{"act": "hide", "rule": "Nr. 3", "reason": "Das ist Reklame", "forward": "1"})
		b.shows(200, "Ihre Entscheidung gilt")
		var bodies []string
		if err := v.db.Read().NewSelect().Table("activities").Column("body").Where("type = 'Flag'").Scan(t.Context(), &bodies); err != nil {
			t.Fatal(err)
		}
		if len(bodies) != 1 || !strings.Contains(bodies[0], `"actor":"https://here.test/ap/instance"`) || !strings.Contains(bodies[0], id) || strings.Contains(bodies[0], "uth") {
			t.Errorf("%v", bodies)
		}
		// The editors of the club do not show again what the town hall has hidden.
		v.person("karl@example.org", account.Editor, "tsv")
		if err := v.Activities.Hide(t.Context(), v.find("karl@example.org"), id, false); err == nil {
			t.Error("an editor shows it again")
		}
		b.open("/rathaus/verborgenes")
		b.shows(200, "Entscheidung")
		b.hides("Wieder zeigen")
	})
}

// TestNothingShows: what is hidden, limited, suspended or comes from a blocked
// host is on no path on which people or servers read. A new route without a line
// fails.
func TestNothingShows(t *testing.T) {
	shows(t, "T-VIS-17 T-VIS-24 T-MOD-01 every path on which things are read", func(t *testing.T, v *village) {
		w := v.world()
		e, p, o := v.event("Sommerfest Dampfnudelei"), v.post("Dampfnudelei zu verschenken"), v.job("Dampfnudelei: wer hilft?")
		v.speaksFor(v.club.ID)
		_, created := v.sent(activity.Create)
		if err := v.Activities.Pin(t.Context(), actor.Operator, p.ID); err != nil {
			t.Fatal(err)
		}
		reads := v.reads(&e.Object, p, &o.Object, created.ID)
		for route := range rowsOf(v, w) {
			if len(reads[route]) > 0 || slices.ContainsFunc(readless, func(begin string) bool { return strings.HasPrefix(route, begin) }) {
				continue
			}
			if _, path, _ := strings.Cut(route, " "); strings.Contains(path, "/aendern") || strings.Contains(path, "/loesch") || strings.Contains(path, "/absagen") ||
				strings.HasPrefix(path, "/vereine/{handle}/") || !strings.ContainsAny(path, "{.") && strings.Count(path, "/") == 1 {
				continue // forms of editors, and texts of the town
			}
			t.Errorf("%s is no path on which things are read, nor one of those on which they are not", route)
		}
		b := v.read() // answers are kept, and must be dropped
		const word = "Dampfnudelei"
		found := func() (paths []string) {
			for _, list := range reads {
				for _, path := range list {
					for _, accept := range []string{html, as2} {
						got := b.get(path, accept)
						if got.Code == http.StatusSeeOther {
							got = b.get(got.Header().Get("Location"), accept)
						}
						for _, sign := range []string{word, e.Key(), p.Key(), o.Key()} {
							// A page that says there is nothing repeats the address that was asked for.
							if strings.Contains(got.Body.String(), sign) && got.Code == http.StatusOK && !slices.Contains(paths, path) {
								paths = append(paths, path)
							}
						}
					}
				}
			}
			slices.Sort(paths)
			return paths
		}
		before := found()
		if len(before) < 25 {
			t.Fatalf("only %v show it", before)
		}
		own := func(path string) bool { // a limited club is still there for who knows it
			return strings.HasPrefix(path, "/vereine/tsv") || path == town.NoticesPath || strings.Contains(path, e.Key()) || strings.Contains(path, p.Key()) || strings.Contains(path, o.Key()) || strings.Contains(path, actor.Key(v.club.ID)) ||
				strings.Contains(path, "verein=tsv") || strings.Contains(path, url.QueryEscape(v.club.ID)) || strings.HasPrefix(path, "/ap/activities")
		}
		var decided []*moderation.Decision
		for _, one := range []struct {
			name    string
			do      func()
			allowed func(path string) bool
		}{
			{"hidden", func() {
				decided = append(decided, v.decide(e.ID, moderation.Hide), v.decide(p.ID, moderation.Hide), v.decide(o.ID, moderation.Hide))
			}, func(string) bool { return false }},
			{"limited", func() { decided = append(decided, v.decide(v.club.ID, moderation.Limit)) }, own},
			{"suspended", func() { decided = append(decided, v.decide(v.club.ID, moderation.Suspend)) }, func(string) bool { return false }},
		} {
			one.do()
			for _, path := range found() {
				if !one.allowed(path) {
					t.Errorf("%s: %s shows it", one.name, path)
				}
			}
			for _, d := range decided {
				v.takeBack(d)
			}
			decided = nil
			if after := found(); !slices.Equal(after, before) {
				t.Errorf("%s and taken back, it is on\n%v, not on\n%v", one.name, after, before)
			}
		}
		v.elsewhere(t, w, b)
	})
}

// elsewhere looks for what came from other servers, on the page and in the
// collections under which it stands, in the news and in the mails.
func (v *village) elsewhere(t *testing.T, w *world, b *reader) {
	t.Helper()
	const word = "Rhabarberschorle"
	const id = "https://b.test/n/rhabarber"
	v.receive("%s", create(id+"/create", lena, note(id, lena, public, w.event.ID, word, "")))
	path := strings.TrimPrefix(w.event.URL, w.origin)
	shownTo := func(who viewer, path, accept string) bool {
		body := ""
		if who == nobody {
			body = b.get(path, accept).Body.String()
		} else {
			body = w.browsers[who].ask(http.MethodGet, path, accept, nil).Body.String()
		}
		return strings.Contains(body, word) || strings.Contains(body, id)
	}
	paths := []string{path, strings.TrimPrefix(w.event.ID, w.origin) + "/replies", page.Report(id)}
	for _, p := range paths {
		if !shownTo(nobody, p, html) && !shownTo(nobody, p, as2) {
			t.Fatalf("%s does not show what is public", p)
		}
	}
	none := func(state string, news bool) {
		t.Helper()
		for _, p := range paths[:2] {
			if shownTo(nobody, p, html) || shownTo(nobody, p, as2) {
				t.Errorf("%s: %s shows it", state, p)
			}
		}
		if shownTo(editor, "/neues", html) != news {
			t.Errorf("%s: the news of an editor show it: %v", state, !news)
		}
	}
	for _, one := range []struct{ target, act string }{{id, moderation.Hide}, {lena, moderation.Limit}, {lena, moderation.Suspend}} {
		d := v.decide(one.target, one.act)
		none(one.act, false)
		if one.act == moderation.Limit && !shownTo(editor, path, html) {
			t.Error("limited: the editors do not read it")
		}
		if one.act == moderation.Suspend {
			const fresh = "https://b.test/n/fresh"
			if r := v.receive("%s", create(fresh+"/create", lena, note(fresh, lena, public, w.event.ID, word, ""))); r.State != "refused" {
				t.Errorf("suspended: what it sends is %+v", r)
			}
			if r := v.receive(`{"id":"https://b.test/l/9","type":"Like","actor":"%s","object":"%s"}`, lena, w.event.ID); r.State != "refused" {
				t.Errorf("suspended: its like is %+v", r)
			}
		}
		v.takeBack(d)
		if !shownTo(nobody, path, html) {
			t.Errorf("%s and taken back, it is not shown", one.act)
		}
	}
	const job = "https://b.test/o/rhabarber"
	v.follows(lena)
	v.receive("%s", create(job+"/create", lena, strings.TrimSuffix(note(job, lena, public, "", word, ""), "}")+`,"opportunity":{"type":"Opportunity","name":"`+word+`","times":"flexible"}}`))
	helps := "/ehrenamt/anderswo?id=" + url.QueryEscape(job)
	for _, target := range []struct{ target, act string }{{job, moderation.Hide}, {lena, moderation.Suspend}} {
		if !shownTo(nobody, helps, html) {
			t.Fatal("an opportunity from elsewhere is not shown")
		}
		d := v.decide(target.target, target.act)
		if shownTo(nobody, helps, html) || shownTo(nobody, "/ehrenamt", html) || shownTo(editor, helps, html) {
			t.Errorf("%s: an opportunity from elsewhere shows", target.act)
		}
		v.takeBack(d)
	}
	v.block("b.test")
	none("blocked", false)
	if shownTo(nobody, helps, html) {
		t.Error("blocked: an opportunity shows")
	}
}

// TestSuspendedClub: nobody publishes in its name, and its editors read why.
func TestSuspendedClub(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("karl@example.org", account.Editor, "tsv")
		p := v.post("Wer kommt mit?")
		d := v.decide(v.club.ID, moderation.Suspend)
		if _, err := v.Moderation.Decide(t.Context(), moderation.Verdict{By: actor.Operator, Target: p.ID, Act: moderation.Suspend, Basis: moderation.Law, Rule: "x", Reason: "x"}); err == nil {
			t.Error("it is suspended twice")
		}
		if err := v.publish("Trotzdem"); err == nil {
			t.Error("it publishes")
		}
		karl := v.signedIn("karl@example.org")
		karl.open("/pinnwand/neu")
		karl.shows(403)
		karl.open("/entscheidungen")
		karl.shows(200, "Ein Profil wurde gesperrt")
		v.person("ruth@example.org", account.Townhall)
		ruth := v.signedIn("ruth@example.org")
		ruth.open("/rathaus/vereine/tsv")
		ruth.shows(200, "gesperrt")
		ruth.open("/rathaus/entscheidungen/" + d.ID)
		ruth.send("Zurücknehmen", nil)
		ruth.shows(200, "Die Entscheidung ist zurückgenommen")
		if err := v.publish("Wieder da"); err != nil {
			t.Error(err)
		}
	})
}

// TestWarning: a sentence stands before the text, here and elsewhere.
func TestWarning(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		p := v.post("Hier ist Blut zu sehen")
		path := strings.TrimPrefix(p.URL, "https://here.test")
		d := v.decide(p.ID, moderation.Warn)
		for path, want := range map[string]string{path: "<summary>", "/pinnwand": "Werbung", "/pinnwand/feed.atom": "Werbung", "/vereine/tsv": "Werbung"} {
			body := v.get(path, html).Body.String()
			if !strings.Contains(body, want) {
				t.Errorf("%s has no warning", path)
			}
			if path != strings.TrimPrefix(p.URL, "https://here.test") && strings.Contains(body, "Blut") {
				t.Errorf("%s shows the text", path)
			}
		}
		n, sent := v.sent(activity.Update)
		if n != 1 || sent.Object.Object.Summary != "Werbung" || !sent.Object.Object.Sensitive {
			t.Errorf("sent is %+v", sent)
		}
		v.takeBack(d)
		if n, sent = v.sent(activity.Update); n != 2 || sent.Object.Object.Summary != "" || sent.Object.Object.Sensitive {
			t.Errorf("sent is %+v", sent)
		}
	})
}

// TestLogStays: the log says who did what without their addresses, and nobody
// changes it.
func TestLogStays(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.person("ruth@example.org", account.Admin)
		b := v.signedIn("ruth@example.org")
		b.open("/rathaus/vereine")
		b.send("Verein aufnehmen", map[string]string{"name": "Chor", "handle": "chor"})
		b.open("/rathaus/sperren/eintrag?domain=evil.test")
		b.send("Eintragen", map[string]string{"severity": "block"})
		b.open("/rathaus/protokoll?was=block")
		b.shows(200, "Plattform gesperrt", "evil.test")
		b.hides("Verein aufgenommen")
		b.open("/rathaus/protokoll.csv")
		if body := b.page; !strings.Contains(body, "evil.test") || strings.Contains(body, "@example.org") {
			t.Errorf("%s", body)
		}
		if broken, err := ledger.Check(t.Context(), v.db.Read()); err != nil || broken != 0 {
			t.Errorf("entry %d is broken, %v", broken, err)
		}
		if _, err := v.db.Pool().ExecContext(t.Context(), "DELETE FROM ledger"); err == nil {
			t.Error("the log is emptied")
		}
		if _, _, err := v.RemovePerson(t.Context(), actor.Operator, v.find("ruth@example.org")); err == nil {
			t.Log("the last admin may leave") // another test says when not
		}
	})
}

// publish publishes a post of the club and gives what went wrong.
func (v *village) publish(text string) error {
	v.t.Helper()
	return v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		return v.Activities.PublishObject(ctx, tx, actor.Operator, activity.Create, &object.Object{
			ID: v.Actors.Site().ObjectID(page.NewKey()), Type: "Note", Local: true, AttributedTo: v.club.ID, Content: text, Visibility: object.Public,
		})
	})
}
