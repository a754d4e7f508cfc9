package app

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
)

// fearless are the pages whose forms have nothing that could be wrong.
var fearless = regexp.MustCompile(`^GET /rathaus/protokoll$`)

// state is a form that was sent with something typed into it.
type state struct {
	name, path, who, press string
	status                 int
	fill                   map[string]string
	signedOut              bool
}

// judging are the states of reports and decisions.
func judging(v *village, w *world) []state {
	return []state{
		{"report-wrong", "/melden?was=" + url.QueryEscape(w.event.ID), "nobody", "report.send", 422, map[string]string{"contact": "nichts"}, false},
		{"objection-wrong", "/entscheidung/" + w.decided, "nobody", "objection.send", 422, nil, false},
		{"townhall-decide-wrong", "/rathaus/entscheiden?was=" + url.QueryEscape(w.event.ID), "hall", "townhall.decide.do", 422, nil, false},
		{"townhall-objection-wrong", "/rathaus/entscheidungen/" + v.objected(w), "hall", "townhall.outcome.do", 422, nil, false},
	}
}

// hallStates are those of the rooms of the town hall.
func hallStates(v *village, w *world) []state {
	return []state{
		{"townhall-leave-wrong", "/rathaus/personen/" + w.account + "/loeschen", "hall", "townhall.person.leave", 422, map[string]string{"email": "wer@example.org"}, false},
		{"townhall-club-wrong", "/rathaus/vereine", "hall", "townhall.club.add", 422, nil, false},
		{"townhall-merge-wrong", "/rathaus/vereine/tsv/zusammenlegen", "hall", "townhall.merge.look", 422, map[string]string{"into": ""}, false},
		{"townhall-merge-sure", "/rathaus/vereine/tsv/zusammenlegen", "hall", "townhall.merge.look", 200, map[string]string{"into": "chor"}, false},
		{"townhall-person-wrong", "/rathaus/personen", "hall", "townhall.person.add", 422, nil, false},
		{"platform-wrong", "/rathaus/sperren", "hall", "hosts.look", 422, map[string]string{"domain": "https://x"}, false},
		{"platform-entry-wrong", "/rathaus/sperren/eintrag?domain=evil.test", "hall", "hosts.enter", 422, map[string]string{"public_comment": strings.Repeat("Werbung ", 80)}, false},
		{"look-return-wrong", "/rathaus/durchsehen?zurueck=" + url.QueryEscape(v.pending("Wir suchen Notenständer.")), "hall", "looks.return", 422, nil, false},
		{"voice-wrong", "/rathaus/bekanntmachungen", "hall", "voice.found", 422, map[string]string{"handle": "Das Rathaus", "name": ""}, false},
		{"terms-wrong", "/rathaus/fristen", "hall", "form.save", 422, map[string]string{"report": "1", "draft": "ein Jahr"}, false},
		{"words-wrong", "/rathaus/durchsehen/woerter", "hall", "form.save", 422, map[string]string{"first": "99"}, false},
		{"platform-list-wrong", "/rathaus/sperren/listen", "hall", "hosts.list.review", 422, nil, false},
		{"region-wrong", "/rathaus/nachbarn", "hall", "region.propose", 422, map[string]string{"domain": "https://x"}, false},
		{"region-accept-wrong", "/rathaus/nachbarn/vereinbarung?ort=" + peerHost, "hall", "region.accept", 422, map[string]string{"purpose": strings.Repeat("Kalender ", 80)}, false},
		{"alert-wrong", "/rathaus/hinweise", "hall", "alert.add", 422, map[string]string{"ends": "wann"}, false},
		{"care-rules-wrong", "/rathaus/pflege/regeln", "hall", "form.save", 422, map[string]string{"event": "bald"}, false},
		{"places-wrong", "/rathaus/orte", "hall", "form.save", 422, map[string]string{"place": "Neustadt", "latitude": "", "longitude": ""}, false},
		{"inquiry-wrong", "/rathaus/auskunft", "hall", "inquiry.enter", 422, map[string]string{"handle": "niemand"}, false},
		{"inquiry-correct-wrong", "/rathaus/auskunft/" + w.inquiry + "?tun=correct", "hall", "inquiry.do.correct.now", 422, map[string]string{"email": "nichts"}, false},
		{"inquiry-erase-wrong", "/rathaus/auskunft/" + w.inquiry + "?tun=erase", "hall", "inquiry.do.erase.now", 422, map[string]string{"confirm": "wer@example.org"}, false},
		{"inquiry-refuse-wrong", "/rathaus/auskunft/" + w.inquiry + "?tun=refuse", "hall", "inquiry.do.refuse.now", 422, nil, false},
		{"term-wrong", "/rathaus/begriffe", "hall", "word.add", 422, map[string]string{"german": "Musik"}, false},
		{"term-rename-wrong", "/rathaus/begriffe/event/music", "hall", "form.save", 422, map[string]string{"german": ""}, false},
		{"manner-wrong", "/rathaus/sprache", "hall", "form.save", 422, map[string]string{"address": "ihr"}, false},
		{"look-wrong", "/rathaus/aussehen", "hall", "form.save", 422, map[string]string{"colour": "#ffee88"}, false},
		{"imprint-wrong", "/rathaus/recht/impressum", "hall", "form.save", 422, map[string]string{"mail": "rathaus"}, false},
		{"privacy-wrong", "/rathaus/recht/datenschutz", "hall", "form.save", 422, map[string]string{"backups": "0"}, false},
		{"access-wrong", "/rathaus/recht/barrierefreiheit", "hall", "form.save", 422, map[string]string{"barriers": strings.Repeat("Stufe\n", 9)}, false},
		{"text-wrong", "/rathaus/seiten/impressum", "hall", "form.save", 422, map[string]string{"text": ""}, false},
		{"text-preview", "/rathaus/seiten/impressum", "hall", "form.look", 200, map[string]string{"text": "# Impressum\n\nVerantwortlich ist die **Bürgermeisterin**."}, false},
	}
}

// states are what pages look like after something was typed and a button
// pressed: faults, previews, notices.
func states(t *testing.T, v *village, w *world) []shown {
	t.Helper()
	fest, note := path(w.event.URL), path(w.post.URL)
	day := map[string]string{"name": "Sommerfest", "start-date": "11.7.2027"}
	confirm, invited, asked := v.comers(w)
	list := append(append(append(append(judging(v, w), w.help.states()...), w.offer.states()...), hallStates(v, w)...), []state{
		{"sign-in-wrong", "/anmelden", "nobody", "sign-in.do", 422, map[string]string{"email": "anna@example.org", "password": "falsch"}, false},
		{"follow-wrong", "/folgen?uri=" + strings.ReplaceAll(strings.ReplaceAll(v.club.ID, ":", "%3A"), "/", "%2F"), "nobody", "follow.go", 422, map[string]string{"konto": "nichts"}, false},
		{"passkey-wrong", "/konto/passkeys", "resident", "passkey.add", 422, nil, false},
		{"settings-wrong", "/konto/einstellungen", "editor", "form.save", 422, map[string]string{"name": ""}, false},
		{"password-wrong", "/konto/passwort", "resident", "password.do", 422, map[string]string{"password": "kurz"}, false},
		{"forgotten-wrong", "/anmelden/vergessen", "nobody", "forgotten.do", 422, map[string]string{"email": "nichts"}, false},
		{"address-wrong", "/konto/adresse", "resident", "address.do", 422, map[string]string{"email": "nichts"}, false},
		{"leave-wrong", "/konto/verlassen", "resident", "leave.do", 422, map[string]string{"email": "wer@example.org"}, false},
		{"event-wrong", "/veranstaltungen/neu", "editor", "form.publish", 422, nil, false},
		{"event-preview", "/veranstaltungen/neu", "editor", "form.look", 200, day, false},
		{"event-again", "/veranstaltungen/neu", "editor", "form.publish", 403, day, true},
		{"event-change-wrong", fest + "/aendern", "editor", "form.save", 422, map[string]string{"name": "", "start-date": "gestern oder so"}, false},
		{"event-cancel-wrong", fest + "/absagen", "editor", "event.cancel.do", 422, map[string]string{"reason": strings.Repeat("Regen ", 400)}, false},
		{"event-plan-wrong", "/veranstaltungen/neu", "editor", "form.publish", 422, map[string]string{"name": "Sommerfest", "start-date": "11.7.2027", "plan-date": "gestern"}, false},
		{"opportunity-wrong", "/ehrenamt/neu", "editor", "form.publish", 422, map[string]string{"places": "viele", "day": "bald"}, false},
		{"opportunity-preview", "/ehrenamt/neu", "editor", "form.look", 200, map[string]string{"name": "Kuchen verkaufen", "text": "Dreißig *Bleche*", "day": "11.7.2027", "from": "14 Uhr", "place": "Freibad", "places": "6"}, false},
		{"opportunity-change-wrong", path(w.job.URL) + "/aendern", "editor", "form.save", 422, map[string]string{"name": "", "places": "viele"}, false},
		{"opportunity-cancel-wrong", path(w.job.URL) + "/absagen", "editor", "opportunity.cancel.do", 422, map[string]string{"reason": ""}, false},
		{"template-wrong", "/vorlagen/" + w.draft, "editor", "form.save", 422, map[string]string{"name": ""}, false},
		{"post-wrong", "/pinnwand/neu", "editor", "form.publish", 422, nil, false},
		{"post-preview", "/pinnwand/neu", "editor", "form.look", 200, map[string]string{"text": "Gefunden: ein **Schlüssel**"}, false},
		{"post-change-wrong", note + "/aendern", "editor", "form.save", 422, map[string]string{"text": ""}, false},
		{"club-wrong", "/vereine/tsv/aendern", "owner", "form.save", 422, map[string]string{"name": ""}, false},
		{"club-move-wrong", "/vereine/tsv/umziehen", "owner", "club.move.look", 422, map[string]string{"to": "nichts"}, false},
		{"pins-wrong", "/vereine/tsv/angeheftet", "editor", "club.pins.add", 422, map[string]string{"thing": "weg"}, false},
		{"answer-wrong", manage(w.direct), "editor", "answer.send", 422, nil, false},
		{"barrier-wrong", "/barriere-melden", "nobody", "barrier.send", 422, nil, false},
		{"hint-wrong", page.HintHref(w.event.ID), "nobody", "hint.send", 422, nil, false},
		{"watch-wrong", "/ehrenamt/merken?regelmaessig=1", "nobody", "watch.do", 422, map[string]string{"email": "nichts"}, false},
		{"register-club-wrong", "/registrieren", "nobody", "register.do", 422, map[string]string{"handle": "tsv"}, false},
		{"register-me-wrong", "/registrieren?fuer=mich", "nobody", "register.do", 422, nil, false},
		{"register-confirm-wrong", confirm, "nobody", "register.confirm.do", 422, map[string]string{"password": "kurz"}, false},
		{"register-asked", "/registrieren", "resident", "ask.send", 422, nil, false},
		{"invitation-wrong", invited, "nobody", "invitation.accept", 422, map[string]string{"password": "kurz"}, false},
		{"people-wrong", "/vereine/tsv/personen", "owner", "club.people.invite.do", 422, map[string]string{"email": "niemand"}, false},
		{"ask-wrong", "/vereine/imker/antrag", "owner", "form.save", 422, map[string]string{"club": ""}, false},
		{"townhall-desk-refuse-wrong", strings.Replace(asked, "/antraege", "", 1), "hall", "townhall.application.refuse", 422, nil, false},
		{"townhall-refuse-wrong", asked, "hall", "townhall.application.refuse", 422, nil, false},
	}...)
	var all []shown
	for _, s := range list {
		all = append(all, shown{
			Name: s.name, Town: hereTown, Route: "state", Path: s.path, Who: s.who, Status: s.status, Fill: s.fill, Press: wordsOf(t, s.press), SignedOut: s.signedOut,
		})
	}
	for _, s := range append(seen(v, w), v.careStates()...) {
		s.Town, s.Route = hereTown, "state"
		all = append(all, s)
	}
	return all
}

// seen are states of pages that need no button.
func seen(v *village, w *world) []shown {
	more := []shown{
		{Name: "townhall-decide-report", Path: "/rathaus/entscheiden?meldung=" + strings.Split(w.reported, ".")[0], Who: "hall", Status: 200},
		{Name: "townhall-log", Path: "/rathaus/protokoll", Who: "hall", Status: 200},
		{Name: "warned", Path: path(w.post.URL), Who: "nobody", Status: 200},
		{Name: "club-early", Path: "/vereine/imker", Who: "owner", Status: 200},
		{Name: "townhall-asked", Path: "/rathaus", Who: "hall", Status: 200},
		{Name: "404", Path: "/gibtesnicht", Who: "nobody", Status: 404},
		{Name: "403", Path: "/rathaus", Who: "resident", Status: 403},
		{Name: "410", Path: path(v.gone()), Who: "nobody", Status: 410},
		{Name: "event-cancelled", Path: path(v.cancelled()), Who: "nobody", Status: 200},
		{Name: "opportunity-whole", Path: path(v.wholeJob().URL), Who: "nobody", Status: 200},
		{Name: "opportunity-cancelled", Path: path(v.cancelledJob().URL), Who: "nobody", Status: 200},
		{Name: "opportunity-filter-wrong", Path: "/ehrenamt?feld=unfug", Who: "nobody", Status: 422},
		{Name: "event-filter-wrong", Path: "/veranstaltungen?tag=nie&verein=niemand", Who: "nobody", Status: 422},
		{Name: "search-wrong", Path: "/suche?q=Sommerfest&art=unfug", Who: "nobody", Status: 422},
		{Name: "unsubscribe", Path: v.unsubscribing(w.account), Who: "nobody", Status: 200},
		{Name: "mails-stuck", Path: v.refused(), Who: "hall", Status: 200},
		{Name: "event-filter-none", Path: "/veranstaltungen?tag=1.1.2027", Who: "nobody", Status: 200},
	}
	for name, words := range map[string]string{"found": "Sommerfest", "none": "Quetzalcoatl", "nearly": "Sommerfast"} {
		more = append(more, shown{Name: "search-" + name, Path: "/suche?q=" + words, Who: "nobody", Status: 200})
	}
	return more
}

// objected has the author of what was decided about object, and gives the decision.
func (v *village) objected(w *world) string {
	v.t.Helper()
	other := v.decide(w.post.ID, moderation.Warn)
	if err := v.Moderation.Object(v.t.Context(), moderation.Objection{DecisionID: other.ID, Content: "Das war anders gemeint.", Language: "de"}); err != nil {
		v.t.Fatal(err)
	}
	return other.ID
}

// comers has people on their way in, and gives the paths of a link to confirm,
// of an invitation, and of what the town hall refuses.
func (v *village) comers(w *world) (confirm, invited, asked string) {
	v.t.Helper()
	ctx := v.t.Context()
	err := v.Accounts.Register(ctx, account.Registration{Email: "neu@example.org", Name: "Neele Neu"}, func(_ context.Context, _ bun.Tx, token string, _ bool) error {
		confirm = "/registrieren/bestaetigen/" + token
		return nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
	if invited, err = v.Clubs.Invite(ctx, actor.Operator, "tsv", club.Invitee{Email: "eingeladen@example.org", Role: actor.Editor, Lang: "de", Address: "192.0.2.1"}); err != nil {
		v.t.Fatal(err)
	}
	who, err := v.Accounts.Find(ctx, v.find(strings.ReplaceAll(string(owner), " ", "-")+"@example.org"))
	if err != nil {
		v.t.Fatal(err)
	}
	c, err := v.Clubs.AskFor(ctx, who, club.Ask{Name: "Imkerverein Süd", Handle: "imker", Field: "nature", Contact: "Frau Biene", RegisterNumber: "VR 12"}, false)
	if err != nil {
		v.t.Fatal(err)
	}
	a, err := v.Accounts.ApplicationOf(ctx, v.db.Read(), c.ID)
	if err != nil {
		v.t.Fatal(err)
	}
	return confirm, strings.TrimPrefix(invited, w.origin), "/rathaus/antraege?ablehnen=" + a.ID
}

// gone gives the address of something that was deleted.
func (v *village) gone() string {
	v.t.Helper()
	p := v.post("weg damit")
	if err := v.Activities.DeleteObject(v.t.Context(), actor.Operator, p.ID); err != nil {
		v.t.Fatal(err)
	}
	return p.URL
}

// unsubscribing gives the link of a mail that ends all kinds of them.
func (v *village) unsubscribing(accountID string) string {
	v.t.Helper()
	secret, err := v.Actors.Secret(v.t.Context(), unsubscribing)
	if err != nil {
		v.t.Fatal(err)
	}
	return "/abbestellen/" + notification.Token(secret, accountID, notification.Kinds)
}

// refused gives the page of letters that did not arrive, with one.
func (v *village) refused() string {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("INSERT INTO mails (id, cause, recipient, letter, state, attempts, created, error) VALUES ('1', '1', ?, '', 'refused', 1, ?, ?)",
			"geschaeftsstelle@kaninchenzuechterverein-niederoberbergheim.example", time.Now().UTC(), "sending SMTP RCPT TO command: 550 5.1.1 no mailbox of this name: …").Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return "/rathaus/mails"
}

// cancelled gives the address of an event that was moved and then cancelled.
func (v *village) cancelled() string {
	v.t.Helper()
	e := v.event("Tag der offenen Tür im Feuerwehrgerätehaus")
	start := "2027-07-11T18:00"
	if _, err := v.Events.Change(v.t.Context(), actor.Operator, e.ID, event.Change{Start: &start}); err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.Events.Cancel(v.t.Context(), actor.Operator, e.ID, "Unwetter: Der Platz steht unter Wasser."); err != nil {
		v.t.Fatal(err)
	}
	return e.URL
}

// stretch gives the event words that are as long as people's are, so that what
// is cut off on a phone is seen.
func (v *village) stretch(w *world) {
	v.t.Helper()
	place, online := "Dorfgemeinschaftshaus Niederoberbergheim, Donaudampfschifffahrtsgesellschaftsstraße 117", "https://bbb.musterdorf.example/rooms/tsv-abc-def-123-4567890/join"
	if _, err := v.Events.Change(v.t.Context(), actor.Operator, w.event.ID, event.Change{Place: &place, OnlineURL: &online}); err != nil {
		v.t.Fatal(err)
	}
}

// The club of the full town that has the longest words.
const (
	longHandle = "kaninchenzuechterverein_ober"
	longName   = "Rassekaninchenzüchterverein „Frohe Zukunft“ Niederoberbergheim-Donaudampfschifffahrtsdorf 1893 e. V."
)

// crowd fills a town with more than fits on a page, and with long words, and
// gives the pages of what has the longest.
func (v *village) crowd() map[string]entry {
	v.t.Helper()
	ctx := v.t.Context()
	if _, err := v.village(ctx); err != nil {
		v.t.Fatal(err)
	}
	rows := map[string]entry{"GET /vereine/{handle}": {open, "/vereine/" + longHandle, nil, 0}}
	var err error
	if v.club, err = v.Clubs.Create(ctx, actor.Operator, club.Draft{Handle: longHandle, Name: longName, Summary: strings.Repeat("Wir züchten, was hoppelt. ", 30), Active: true}); err != nil {
		v.t.Fatal(err)
	}
	for n := range 64 {
		if _, err := v.Clubs.Create(ctx, actor.Operator, club.Draft{Handle: fmt.Sprint("verein", n), Name: fmt.Sprint("Verein ", n), Active: true}); err != nil {
			v.t.Fatal(err)
		}
	}
	for n := range 45 {
		e := event.Draft{AttributedTo: v.club.ID, Name: fmt.Sprint("Kaninchenschau ", n), Start: fmt.Sprintf("2027-%02d-%02dT10:00", 1+n/20, 1+n%20), Place: "Vereinsheim"}
		p := post.Draft{AttributedTo: v.club.ID, Text: fmt.Sprint("Wer hat Heu übrig? Nummer ", n)}
		if n%15 == 0 {
			e.Name = fmt.Sprint("Landeskleintierausstellungseröffnungsfeierlichkeiten mit Kreisverbandsjugendwettbewerb und anschließendem Kameradschaftsabend ", n)
			e.End = fmt.Sprintf("2027-%02d-%02dT12:00", 1+n/20, 3+n%20)
			p.Text = strings.Repeat("Stallreinigungsgemeinschaftsarbeit ", 12) + "\n\n- eins\n- zwei\n\nhttps://" + strings.Repeat("sehr-lange-adresse.", 12) + "example/"
			p.Picture = &object.Upload{Image: strings.NewReader(picture), Alt: "Lampions über dem Festplatz"}
		}
		made, err := v.Events.Create(ctx, actor.Operator, e)
		if err != nil {
			v.t.Fatal(err)
		}
		pinned, err := v.Posts.Create(ctx, actor.Operator, p)
		if err != nil {
			v.t.Fatal(err)
		}
		if n%15 == 0 {
			rows["GET /veranstaltungen/{key}"] = entry{open, strings.TrimPrefix(made.URL, v.Config.Origin), nil, 0}
			rows["GET /pinnwand/{key}"] = entry{open, strings.TrimPrefix(pinned.URL, v.Config.Origin), nil, 0}
		}
	}
	if _, err := v.Posts.Create(ctx, actor.Operator, post.Draft{AttributedTo: v.speaks(), Text: "Die Hauptstraße ist am Montag gesperrt. Bitte parken Sie am Festplatz."}); err != nil {
		v.t.Fatal(err)
	}
	return rows
}
