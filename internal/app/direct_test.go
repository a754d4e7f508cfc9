package app

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
)

// told gives the Notes that the club has sent to somebody alone, the first one
// first.
func (v *village) told(to string) []*as.Object {
	v.t.Helper()
	var bodies [][]byte
	err := v.db.Read().NewSelect().TableExpr("activities").Column("body").Where("type = ?", activity.Create).Where("NOT public").OrderExpr("published, id").Scan(v.t.Context(), &bodies)
	if err != nil {
		v.t.Fatal(err)
	}
	var list []*as.Object
	for _, body := range bodies {
		a, err := as.Decode(body)
		if err != nil {
			v.t.Fatal(err)
		}
		if o := a.Object.Object; len(o.To) == 1 && o.To[0] == to && len(o.Cc) == 0 {
			if len(a.To) != 1 || len(a.Cc) != 0 || len(o.Tag) != 1 || o.Tag[0].Href != to {
				v.t.Errorf("a message to %s alone is addressed so: %s", to, body)
			}
			list = append(list, o)
		}
	}
	return list
}

// replies lets somebody answer, addressed as to says.
func (v *village) replies(name, by, to, target, text, more string) row {
	v.t.Helper()
	id := "https://" + as.Host(by) + "/n/" + name
	return v.receive("%s", create(id+"/create", by, note(id, by, to, target, text, more)))
}

// TestPublicReplyIsNoApplication: it is answered to that person alone, once,
// and to no program.
func TestPublicReplyIsNoApplication(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(2)
		for _, who := range []string{lena, eve, mala} {
			v.meet(who)
		}
		v.replies("one", lena, public+`,"cc":["`+v.club.ID+`"]`, n.id, "Ich komme!", "")
		got := v.told(lena)
		if len(got) != 1 {
			t.Fatalf("%d answers to lena", len(got))
		}
		for _, want := range []string{"keine Bewerbung", "Kuchen verkaufen", v.Config.Origin + n.path + "/mitmachen", "@lena@b.test"} {
			if !strings.Contains(got[0].Content, want) {
				t.Errorf("the answer does not say %q: %s", want, got[0].Content)
			}
		}
		if got[0].InReplyTo != "https://b.test/n/one" || got[0].AttributedTo != v.club.ID || v.count("deliveries", "inbox LIKE 'https://b.test/%'") != 1 {
			t.Errorf("the answer is %+v", got[0])
		}
		if v.count("helpers") != 0 || v.counts(n.id).Replies != 1 {
			t.Error("a public reply is an application, or is not shown")
		}
		v.replies("two", lena, public, n.id, "Noch einmal", "")
		v.replies("deep", lena, public, "https://b.test/n/one", "Zu mir selbst", "")
		v.replies("english", eve, public, n.id, "I am in", `,"contentMap":{"en":"<p>I am in</p>"}`)
		if n := len(v.told(lena)); n != 1 {
			t.Errorf("lena is answered %d times", n)
		}
		if got := v.told(eve); len(got) != 1 || !strings.Contains(got[0].Content, "not an application") || got[0].Language != "en" {
			t.Errorf("eve is answered %d times, first %+v", len(got), *got[0])
		}

		// Not a program, nor whom the town hall has limited, nor whom the club keeps
		// away, nor where nobody is wanted any more.
		for i, change := range []string{"type = 'Service'", "type = 'Application'", "type = 'Person', limited = TRUE", "limited = FALSE, host_limited = TRUE"} {
			v.exec("UPDATE actors SET " + change + " WHERE id = '" + mala + "'")
			v.replies(fmt.Sprint("no", i), mala, public, n.id, "Piep", "")
		}
		v.exec("UPDATE actors SET host_limited = FALSE WHERE id = '" + mala + "'")
		away := func(do func(ctx context.Context, tx bun.Tx, club, target string) error) {
			if err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return do(ctx, tx, v.club.ID, mala) }); err != nil {
				t.Fatal(err)
			}
		}
		away(v.Actors.PutClubBlock)
		v.replies("away", mala, public, n.id, "Huhu", "")
		away(v.Actors.RemoveClubBlock)
		v.replies("elsewhere", mala, public, v.event("Fest").ID, "Ich komme", "")
		v.exec("UPDATE opportunities SET status = 'cancelled'")
		v.replies("late", mala, public, n.id, "Zu spät", "")
		if got := v.told(mala); len(got) != 0 {
			t.Errorf("mala is answered: %+v", got[0])
		}
	})
}

// last gives what the club said to somebody last, and the path of the link in it.
func (v *village) last(to string) (o *as.Object, link string) {
	v.t.Helper()
	list := v.told(to)
	if len(list) == 0 {
		v.t.Fatalf("%s was told nothing", to)
	}
	o = list[len(list)-1]
	if found := regexp.MustCompile(`href="` + regexp.QuoteMeta(v.Config.Origin) + `(/einsatz/[^"]+)"`).FindStringSubmatch(o.Content); found != nil {
		link = found[1]
	}
	return o, link
}

// directly is how Mastodon addresses what is for the club alone.
func (v *village) directly() string {
	return `"to":["` + v.club.ID + `","` + v.club.Followers + `"],"cc":[]`
}

// TestDirectMessageIsAnApplication goes from the message on Mastodon to the
// withdrawal there.
func TestDirectMessageIsAnApplication(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(1, 1)
		v.meet(lena)
		v.person("anna@example.org", account.Editor, "tsv")
		anna, reader := v.signedIn("anna@example.org"), v.browser()
		const begins = `<span class=\"h-card\"><a href=\"https://here.test/tsv\">@<span>tsv</span></a></span> `
		if r := v.replies("one", lena, v.directly(), n.id, begins+"Zwetschgendatschi kann ich.", ""); r.State != "applied" {
			t.Fatalf("%+v", r)
		}
		answer, link := v.last(lena)
		for _, want := range []string{"Bewerbung", "Kuchen verkaufen", "Ihre Schichten", "16 Jahre", "@lena@b.test"} {
			if !strings.Contains(answer.Content, want) {
				t.Errorf("the answer does not say %q: %s", want, answer.Content)
			}
		}
		const again = "https://b.test/n/one"
		v.receive("%s", create(again+"/again", lena, note(again, lena, v.directly(), n.id, "Zwetschgendatschi", "")))
		if v.count("helpers") != 1 || len(v.told(lena)) != 1 || v.count("objects", "id LIKE 'https://b.test/%'") != 0 || answer.InReplyTo != again {
			t.Errorf("%d applications, %d answers, %d objects", v.count("helpers"), len(v.told(lena)), v.count("objects", "id LIKE 'https://b.test/%'"))
		}
		reader.open(link)
		reader.shows(200, "Beworben", "als Direktnachricht", "Zwetschgendatschi kann ich.", "@lena@b.test", "Nur wer diese Adresse kennt")
		reader.hides("@tsv Zw", "Mailadresse sehen")
		reader.send("Auch übernehmen", nil)
		reader.shows(200, "für Sie vorgemerkt")

		v.talksByNotes(anna, n)
		reader.open(link)
		reader.shows(200, "Zugesagt", "Können Sie Kopfrechnen?", "Ja, sehr gut.")

		v.receive(`{"id":"https://b.test/del/two","type":"Delete","actor":"%s","object":"https://b.test/n/two"}`, lena)
		if v.count("helper_messages", "kind = 'message'") != 1 {
			t.Error("what was deleted in the talk is still there")
		}
		v.receive(`{"id":"https://b.test/del/one","type":"Delete","actor":"%s","object":{"id":"https://b.test/n/one","type":"Tombstone"}}`, lena)
		if v.count("helpers", "state = 'withdrawn' AND message = ''") != 1 || v.count("commitments") != 0 {
			t.Error("who deletes the message is still there")
		}
		if v.count("helpers", "name = 'lena'") != 1 {
			t.Error("the club does not know who does not come")
		}
		// What comes after the end is a message as any other; a new one is an application.
		v.replies("three", lena, v.directly(), answer.ID, "Tut mir leid.", "")
		if v.count("objects", "id = 'https://b.test/n/three' AND visibility = 'direct'") != 1 || v.count("helpers") != 1 {
			t.Error("a word after the end is lost, or an application")
		}
		v.replies("four", lena, v.directly(), n.id, "Doch!", "")
		if v.count("helpers") != 2 {
			t.Error("nobody can apply again")
		}
		v.receive(`{"id":"https://b.test/del/lena","type":"Delete","actor":"%s","object":"%s"}`, lena, lena)
		if v.count("helpers", "name <> '' OR actor_id <> ''") != 0 || v.count("direct_notes") != 0 {
			t.Error("who left is still known")
		}
		v.exec("UPDATE activities SET published = ? WHERE NOT public", time.Now().Add(-31*24*time.Hour))
		if err := v.Activities.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v.count("activities", "NOT public", "type = 'Create'") != 0 {
			t.Error("what was said to lena alone is kept for ever")
		}
	})
}

// talksByNotes has the club write, lena answer and change it, and the club accept.
func (v *village) talksByNotes(anna *browser, n *need) {
	t := v.t
	t.Helper()
	anna.open(n.path + "/bewerbungen")
	anna.shows(200, "Warten auf Ihre Antwort", "@lena@b.test", "von Mastodon")
	one := n.path + "/bewerbungen/" + n.helper("lena")
	anna.open(one)
	anna.shows(200, "Zwetschgendatschi kann ich.", "@lena@b.test", "nicht eigens bestätigt", "als Direktnachricht")
	anna.send("Nachricht senden", map[string]string{"text": "Können Sie Kopfrechnen?"})
	anna.shows(200, "Im Gespräch")
	asked, _ := v.last(lena)
	if !strings.Contains(asked.Content, "Können Sie Kopfrechnen?") || asked.InReplyTo != "https://b.test/n/one" || strings.Contains(asked.Content, "nna") {
		t.Errorf("lena is asked %+v", asked)
	}
	v.replies("two", lena, v.directly(), asked.ID, "Ja, gut.", "")
	v.receive(`{"id":"https://b.test/up/two","type":"Update","actor":"%s","object":%s}`, lena,
		note("https://b.test/n/two", lena, v.directly(), asked.ID, "Ja, sehr gut.", `,"updated":"2026-07-01T11:00:00Z"`))
	anna.open(one)
	anna.shows(200, "Ja, sehr gut.")
	anna.send("Zusagen", nil)
	anna.shows(200, "Zugesagt")
	yes, link := v.last(lena)
	if !strings.Contains(yes.Content, "zugesagt") || yes.InReplyTo != "https://b.test/n/two" || link == "" {
		t.Errorf("lena is told %+v", yes)
	}
	if v.count("objects", "id LIKE 'https://b.test/%'") != 0 {
		t.Error("what lena said is stored besides the application")
	}
}

// TestWhichDirectMessagesApply: by what they answer or link to; the others stay
// what they are.
func TestWhichDirectMessagesApply(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		n := v.needing(3)
		for _, who := range []string{lena, eve, mala} {
			v.meet(who)
		}
		v.person("anna@example.org", account.Editor, "tsv")
		other := v.second()
		page := v.Config.Origin + n.path
		v.replies("link", eve, toClub(v), "", `Zu <a href=\"`+page+`\">dem Angebot</a>: ich!`, "")
		if v.count("helpers", "actor_id = '"+eve+"'") != 1 || v.count("commitments", "state = 'taken'") != 1 {
			t.Error("who sends the link does not apply for the only shift")
		}
		v.replies("public", mala, public, n.id, "Ich?", "")
		hint, _ := v.last(mala)
		v.replies("hinted", mala, toClub(v), hint.ID, "Gern.", "")
		if v.count("helpers", "actor_id = '"+mala+"'") != 1 {
			t.Error("who answers the answer does not apply")
		}
		anna := v.signedIn("anna@example.org")
		anna.open(n.path + "/bewerbungen/" + n.helper("mala"))
		anna.send("Absagen", map[string]string{"reason": "Leider voll."})
		if no, _ := v.last(mala); !strings.Contains(no.Content, "Leider voll.") {
			t.Errorf("mala is told %s", no.Content)
		}

		others := []struct{ name, to, target, text, who string }{
			{"talk", toClub(v), "", "Ganz im Vertrauen", ""},
			{"two", `"to":["` + v.club.ID + `","` + eve + `"]`, n.id, "Wir beide", ""},
			{"wrong", `"to":["` + other.ID + `"]`, n.id, "Falscher Verein", ""},
			{"followers", `"to":["` + lena + `/followers","` + v.club.ID + `"]`, n.id, "Nicht allein", ""},
			{"program", toClub(v), n.id, "Piep", "type = 'Service'"},
			{"limited", toClub(v), n.id, "Begrenzt", "type = 'Person', limited = TRUE"},
		}
		for _, o := range others {
			if o.who != "" {
				v.exec("UPDATE actors SET " + o.who + " WHERE id = '" + lena + "'")
			}
			if r := v.replies(o.name, lena, o.to, o.target, o.text, ""); r.State != "applied" {
				t.Errorf("%s: %+v", o.name, r)
			}
			if v.count("objects", "id = 'https://b.test/n/"+o.name+"'") != 1 {
				t.Errorf("%s is kept nowhere", o.name)
			}
		}
		v.exec("UPDATE actors SET limited = FALSE WHERE id = '" + lena + "'")
		v.exec("UPDATE opportunities SET status = 'cancelled'")
		v.replies("late", lena, toClub(v), n.id, "Zu spät", "")
		if v.count("helpers", "actor_id = '"+lena+"'") != 0 || v.count("objects", "id = 'https://b.test/n/late'") != 1 {
			t.Error("one of them is an application")
		}
		reader := v.browser()
		reader.open(n.path)
		reader.hides("Vertrauen", "Wir beide", "Falscher", "Nicht allein", "Piep", "Begrenzt", "Zu spät", "ich!")
	})
}
