package app

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/page"
)

// deed is what somebody of the town hall does with a form, and what the log calls
// it. A form without a deed says why in unlogged.
type deed struct {
	// route is that of the form, path its address and fields what is sent. press is
	// the button of a form that is read first, so that the rest of it stays, or "".
	route, path string
	fields      url.Values
	act, press  string
}

// unlogged are the forms that write nothing into the log, each with its reason.
var unlogged = map[string]string{
	"POST /rathaus/sperren":  "it leads to the page of one platform and changes nothing",
	"POST /rathaus/nachbarn": "another town has to answer first; TestThreeTowns proposes",
}

// fields makes the values of a form of names and values in turn.
func fields(pairs ...string) url.Values {
	v := url.Values{}
	for i := 1; i < len(pairs); i += 2 {
		v.Add(pairs[i-1], pairs[i])
	}
	return v
}

// deeds are one of every kind of act of every form below /rathaus, in the order in
// which they are done.
func deeds(v *village, w *world) []deed {
	v.t.Helper()
	v.another("probe", "Probe")
	v.another("halle", "Hallenverein")
	v.comers(w)
	v.refused()
	stale := v.post("Das ist alt")
	flagged := v.post("Das ist gemeldet")
	v.flag("https://b.test/r/9", "Werbung", flagged)
	pending := v.pending("Das wartet")
	otto, office := v.person("otto@example.org", account.Resident), v.person("amt@example.org", account.Office)
	person, imker := "/rathaus/personen/"+w.account, v.crowded()
	second := v.hostList()
	all := []deed{
		{"vereine", "vereine", fields("name", "Neuer Verein", "handle", "neu"), "club.add", ""},
		{"vereine/{handle}", "vereine/tsv", fields("act", "verify", "known", "1"), "club.verify", ""},
		{"vereine/{handle}", "vereine/tsv", fields("act", "verify"), "club.unverify", ""},
		{"vereine/{handle}/archivieren", "vereine/halle/archivieren", fields("events", "keep"), "club.state", ""},
		{"vereine/{handle}", "vereine/halle", fields("act", "state", "state", actor.Active), "club.state", ""},
		{"vereine/{handle}/zusammenlegen", "vereine/probe/zusammenlegen", fields("act", "merge", "into", "halle"), "club.merge", ""},
		{"antraege", "antraege", fields("act", "approve", "club", "imker"), "application.approve", ""},
		{"antraege/gemeinsam", "antraege/gemeinsam?was=x", fields("id", imker, "reason", "Alle gleich."), "application.refuse", ""},
		{"personen", "personen", fields("name", "Olga", "email", "olga@example.org", "role", "editor"), "person.add", ""},
		{"personen/{id}", strings.TrimPrefix(person, "/rathaus/"), fields("act", "role", "role", "editor"), "person.role", ""},
		{"personen/{id}", strings.TrimPrefix(person, "/rathaus/"), fields("act", "invite"), "person.invite", ""},
		{"personen/{id}", "personen/" + office.ID, fields("act", "mandates", "clubs", v.club.ID), "person.mandates", ""},
		{"personen/{id}/loeschen", "personen/" + otto.ID + "/loeschen", fields("email", "otto@example.org"), "person.leave", ""},
		{"meldungen", "meldungen", fields("id", "https://b.test/r/9"), "report.close", ""},
		{"verborgenes", "verborgenes", fields("id", w.hidden), "thing.show", ""},
		{"durchsehen", "durchsehen", fields("act", "return", "id", pending, "reason", "So nicht."), "thing.return", ""},
		{"durchsehen/woerter", "durchsehen/woerter", fields("words", "kredit", "first", "1", "clubs", "1"), "block.words", ""},
		{"entscheiden", "entscheiden", fields("was", flagged.ID, "act", "hide", "basis", "house", "rule", "§ 1", "reason", "Werbung"), "thing.hide", ""},
		{"entscheidungen/{id}", "entscheidungen/" + w.decision, fields("act", "end"), "thing.unwarn", ""},
		{"zustellungen", "zustellungen", fields("act", "try", "host", "stumm.test"), "delivery.try", ""},
		{"loeschungen/{key}", "loeschungen/" + w.deletion, nil, "delivery.tell", ""},
		{"mails", "mails", fields("mail", "1"), "mail.settle", ""},
		{"sperren/eintrag", "sperren/eintrag", fields("act", "enter", "domain", "evil.test", "severity", "block"), "block.put", ""},
		{"sperren/eintrag", "sperren/eintrag", fields("act", "remove", "domain", "evil.test"), "block.remove", ""},
		{"sperren/listen/{id}", "sperren/listen/" + w.list, fields("act", "chosen", "domain", "neu.test"), "block.list", ""},
		{"sperren/listen", "sperren/listen", fields("act", "drop", "id", second), "block.unsubscribe", ""},
		{"sperren/nur-eingetragene", "sperren/nur-eingetragene", fields("act", "begin"), "block.only", ""},
		{"sperren/nur-eingetragene", "sperren/nur-eingetragene", fields("act", "end"), "block.all", ""},
		{"nachbarn/vereinbarung", "nachbarn/vereinbarung", fields("act", "accept", "ort", peerHost, "asks-events", "1"), "peer.accept", ""},
		{"nachbarn/vereinbarung", "nachbarn/vereinbarung", fields("act", "pause", "ort", peerHost), "peer.pause", ""},
		{"nachbarn/vereinbarung", "nachbarn/vereinbarung", fields("act", "end", "ort", peerHost), "peer.end", ""},
		{"wellen", "wellen", fields("act", "fine", "host", "viel.test"), "block.wave", ""},
		{"pflege", "pflege", fields("act", "hide", "thing", stale.ID), "care.hide", ""},
		{"pflege", "pflege", fields("act", "confirm", "thing", stale.ID), "care.confirm", ""},
		{"aussehen", "aussehen", fields("name", "Musterdorf am See"), "town.look", "Speichern"},
		{"hinweise", "hinweise", fields("german", "Das Rathaus ist zu."), "town.alert", "Hinweis zeigen"},
		{"seiten/{name}", "seiten/netiquette", fields("text", "## Seien Sie nett"), "town.text", "Speichern"},
		{"auskunft", "auskunft", fields("contact", "otto@weit.example", "wanted", "access", "channel", "letter", "received", "1.6.2026", "key", page.NewKey()), "request.enter", ""},
		{"auskunft/{id}", "auskunft/" + w.inquiry, fields("act", "extend", "reason", "Es sind viele Briefe."), "request.extend", ""},
		{"begriffe", "begriffe", fields("liste", "event", "act", "add", "german", "Basteln", "english", "Crafts"), "town.word", ""},
		{"begriffe/{list}/{key}", "begriffe/event/music", fields("act", "rename", "german", "Klang", "english", "Sound"), "town.word", ""},
		{"bekanntmachungen", "bekanntmachungen", fields("act", "found", "handle", "gemeinde", "name", "Gemeinde"), "town.voice", ""},
		{"fristen", "fristen", fields("draft", "200"), "town.term", "Speichern"},
		{"recht/impressum", "recht/impressum", fields("phone", "01234 567-1"), "town.law", "Speichern"},
		{"recht/datenschutz", "recht/datenschutz", fields("backups", "21"), "town.law", "Speichern"},
		{"recht/barrierefreiheit", "recht/barrierefreiheit", fields("barriers", "Eine Stufe am Eingang"), "town.law", "Speichern"},
		{"pflege/regeln", "pflege/regeln", fields("event", "77"), "care.rules", "Speichern"},
		{"sprache", "sprache", fields("persons", "stern"), "town.manner", "Speichern"},
		{"orte", "orte", fields("place", "Musterdorf", "latitude", "51.69", "longitude", "13.22"), "town.place", ""},
		{"module", "module", fields("module", "pinnwand"), "town.module", ""},
	}
	for i := range all {
		all[i].route, all[i].path = "POST /rathaus/"+all[i].route, "/rathaus/"+all[i].path
	}
	return all
}

// crowded is a club whose application the town hall refuses; it gives the id of the
// application.
func (v *village) crowded() string {
	v.t.Helper()
	who, err := v.Accounts.Find(v.t.Context(), v.find(addressOf(owner)))
	if err != nil {
		v.t.Fatal(err)
	}
	c, err := v.Clubs.AskFor(v.t.Context(), who, club.Ask{Name: "Werbeverein", Handle: "werbung"}, false)
	if err != nil {
		v.t.Fatal(err)
	}
	a, err := v.Accounts.ApplicationOf(v.t.Context(), v.db.Read(), c.ID)
	if err != nil {
		v.t.Fatal(err)
	}
	return a.ID
}

// TestHallIsLogged: every form of the town hall writes into the log what was done,
// or says here why it does not. A form without either fails.
func TestHallIsLogged(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		w := v.world()
		b := w.browsers[admin]
		all := deeds(v, w)
		known := map[string]bool{}
		for _, one := range all {
			known[one.route] = true
			before := v.count("ledger", "act = '"+one.act+"'")
			sent := url.Values{}
			if one.press != "" {
				b.open(one.path)
				sent = b.formWith(one.press).values
			}
			for name, values := range one.fields {
				sent[name] = values
			}
			got := b.ask(http.MethodPost, one.path, html, sent)
			if after := v.count("ledger", "act = '"+one.act+"'"); after != before+1 {
				body := got.Body.String()
				t.Errorf("%s: %d entries %s more (%d %s)", one.path, after-before, one.act, got.Code, body[max(0, strings.Index(body, "<main")):][:min(len(body)-max(0, strings.Index(body, "<main")), 1500)])
			}
		}
		var missing []string
		err := chi.Walk(b.h.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			route := method + " " + pattern
			if method == http.MethodPost && strings.HasPrefix(pattern, "/rathaus") && !known[route] && unlogged[route] == "" {
				missing = append(missing, route)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range missing {
			t.Errorf("%s has no deed in deeds, and no reason in unlogged", route)
		}
		if n := v.count("ledger", "act NOT IN ('') AND detail LIKE '%@example.org%'"); n != 0 {
			t.Errorf("%d rows name a mail address", n)
		}
		v.readsTheLog(b)
	})
}

// readsTheLog: the log speaks of names, in words, and leads to what it tells of.
func (v *village) readsTheLog(b *browser) {
	v.t.Helper()
	said := ""
	for b.open("/rathaus/protokoll"); ; {
		b.shows(200)
		said += b.page
		_, more, found := strings.Cut(b.page, `<a class="more" href="/rathaus/protokoll?`)
		if !found {
			break
		}
		more, _, _ = strings.Cut(more, `"`)
		b.open("/rathaus/protokoll?" + strings.ReplaceAll(more, "&amp;", "&"))
	}
	for _, want := range []string{
		"200 Tage", "aktiv → archiviert", "umbenannt: ", "Pinnwand", "ausgeschaltet", "Telefon", "auf Deutsch", `href="/rathaus/vereine/tsv"`, "Auskunft", "Themen der Veranstaltungen", "Hausregeln", "Musterdorf",
	} {
		if !strings.Contains(said, want) {
			v.t.Errorf("the log does not say %q", want)
		}
	}
	for _, raw := range []string{"impressum.phone", "active &gt;", "event · ", "> https://", "resident &gt;", "pinnwand · ", "· off"} {
		if strings.Contains(said, raw) {
			v.t.Errorf("the log says %q", raw)
		}
	}
}
