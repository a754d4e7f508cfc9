package app

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/town"
)

// viewer is who asks.
type viewer string

const (
	nobody    viewer = "nobody"
	foreign   viewer = "a foreign actor"
	neighbour viewer = "a resident"
	editor    viewer = "an editor of this club"
	owner     viewer = "an owner of this club"
	other     viewer = "an editor of another club"
	office    viewer = "the town hall for this club"
	otherHall viewer = "the town hall for another club"
	hall      viewer = "the town hall"
	admin     viewer = "an admin"
)

var viewers = []viewer{nobody, foreign, neighbour, editor, owner, other, office, otherHall, hall, admin}

// addressOf gives the mail address of a viewer who has an account.
func addressOf(who viewer) string { return strings.ReplaceAll(string(who), " ", "-") + "@example.org" }

// class is for whom a route is.
type class struct {
	name string
	in   []viewer
}

var (
	open      = class{"open", viewers}
	signedIn  = class{"signed in", []viewer{neighbour, editor, owner, other, office, otherHall, hall, admin}}
	ofAClub   = class{"of some club", []viewer{editor, owner, other}}
	ofTheClub = class{"of the club", []viewer{editor, owner}}
	deletes   = class{"of the club, and the town hall", []viewer{editor, owner, office, hall, admin}}
	manages   = class{"owner, and the town hall", []viewer{owner, office, hall, admin}}
	owns      = class{"owner", []viewer{owner}}
	staff     = class{"the town hall", []viewer{hall, admin}}
	caring    = class{"the town hall that looks after the club", []viewer{office, hall, admin}}
	halls     = class{"all of the town hall", []viewer{office, otherHall, hall, admin}}
)

// The words that stand in one thing each, and nowhere else.
const (
	wordPublic    = "Apfelkuchen"
	wordFollowers = "Birnenkompott"
	wordDirect    = "Kirschmichel"
	wordHidden    = "Dampfnudel"
	wordOurDirect = "Zwetschgendatschi"
	wordDraft     = "Quarkkeulchen"
	wordHelp      = "Rührkuchen"
)

// secrets says, for each word that is not for everybody, who may read it. The
// public one is for all.
var secrets = map[string][]viewer{
	wordFollowers: {editor, owner}, wordDirect: {editor, owner}, wordOurDirect: {editor, owner}, wordHidden: {editor, owner, office, hall, admin}, wordDraft: {editor, owner}, wordHelp: {editor, owner, neighbour}, wordOffer: {editor, owner, neighbour, hall},
}

// entry is what a route needs: for whom it is, its path with what it asks for,
// and which words stand there for those who may read them.
type entry struct {
	class
	path  string
	words []string
	// status is that for those who may, 200 if it is 0.
	status int
}

// waysIn are the rows of signing in and of what belongs to it; these towns have
// no sign-in service.
var waysIn = map[string]entry{
	"GET /konto/passkeys": {signedIn, "/konto/passkeys", nil, 0}, "GET /konto/dienst": {signedIn, "/konto/dienst", nil, -1},
	"GET /anmelden/dienst": {open, "/anmelden/dienst", nil, 404}, "GET /anmelden/dienst/zurueck": {open, "/anmelden/dienst/zurueck", nil, 404},
	"POST /anmelden/passkey": {class: open}, "POST /anmelden/passkey/frage": {class: open}, "POST /anmelden/einmal/{token}/frage": {class: open},
	"POST /konto/passkeys": {class: signedIn, path: "/konto/passkeys"}, "POST /konto/passkeys/frage": {class: signedIn, path: "/konto/passkeys/frage"},
	"POST /konto/dienst":        {class: signedIn, path: "/konto/dienst"},
	"GET /anmelden/bestaetigen": {signedIn, "/anmelden/bestaetigen", nil, -1}, "POST /anmelden/bestaetigen": {class: signedIn, path: "/anmelden/bestaetigen"},
	"POST /konto/zweiter-faktor/codes.txt": {class: signedIn, path: "/konto/zweiter-faktor/codes.txt"},
	"GET /konto/zweiter-faktor/code.svg":   {signedIn, "/konto/zweiter-faktor/code.svg", nil, 404},
	"GET /konto/adresse/{token}":           {signedIn, "/konto/adresse/x", nil, 410}, "POST /konto/adresse/{token}": {class: signedIn, path: "/konto/adresse/x"},
	"GET /anmelden/adresse/{token}": {open, "/anmelden/adresse/x", nil, 410}, "POST /anmelden/adresse/{token}": {class: open},
	"GET /anmelden/vergessen": {open, "/anmelden/vergessen", nil, 0}, "POST /anmelden/vergessen": {class: open},
	"GET /anmelden/vergessen/gesendet": {open, "/anmelden/vergessen/gesendet", nil, 0},
	"GET /anmelden/code":               {open, "/anmelden/code", nil, -1}, "POST /anmelden/code": {class: open},
}

// ofLaw are the rows of the legal pages and of the numbers for the council.
var ofLaw = map[string]entry{
	"GET /rathaus/zahlen": {staff, "/rathaus/zahlen", nil, 0}, "GET /rathaus/zahlen.csv": {staff, "/rathaus/zahlen.csv", nil, 0},
	"GET /rathaus/auskunft": {staff, "/rathaus/auskunft", nil, 0}, "POST /rathaus/auskunft": {class: staff, path: "/rathaus/auskunft"},
	"GET /rathaus/recht/verzeichnis": {staff, "/rathaus/recht/verzeichnis", nil, 0}, "GET /rathaus/recht/massnahmen": {staff, "/rathaus/recht/massnahmen", nil, 0},
	"GET /rathaus/recht/loeschkonzept": {staff, "/rathaus/recht/loeschkonzept", nil, 0},
	"GET /rathaus/recht":               {staff, "/rathaus/recht", nil, 0}, "GET /rathaus/recht/impressum": {staff, "/rathaus/recht/impressum", nil, 0},
	"GET /rathaus/recht/datenschutz": {staff, "/rathaus/recht/datenschutz", nil, 0}, "GET /rathaus/recht/barrierefreiheit": {staff, "/rathaus/recht/barrierefreiheit", nil, 0},
	"POST /rathaus/recht/impressum": {class: staff, path: "/rathaus/recht/impressum"}, "POST /rathaus/recht/datenschutz": {class: staff, path: "/rathaus/recht/datenschutz"},
	"POST /rathaus/recht/barrierefreiheit": {class: staff, path: "/rathaus/recht/barrierefreiheit"},
}

// rowsOf gives a row for each route, by method and pattern.
func rowsOf(v *village, w *world) map[string]entry {
	eventPath, postPath, clubPath := strings.TrimPrefix(w.event.URL, w.origin), strings.TrimPrefix(w.post.URL, w.origin), "/vereine/tsv"
	conversation := []string{wordPublic, wordFollowers, wordDirect, wordOurDirect}
	eventKey, clubKey := w.event.Key(), actor.Key(v.club.ID)
	rows := map[string]entry{
		"GET /": {open, "/", nil, 0}, "GET /vereine": {open, "/vereine", nil, 0}, "GET /vereine/{handle}": {open, clubPath, nil, 0},
		"GET /veranstaltungen": {open, "/veranstaltungen", nil, 0}, "GET /pinnwand": {open, "/pinnwand", nil, 0},
		"GET /veranstaltungen/monat/{month}": {open, "/veranstaltungen/monat/" + time.Now().Format("2006-01"), nil, 0}, "GET /veranstaltungen/woche/{week}": {open, "/veranstaltungen/woche/2027-W27", nil, 0},
		"GET /veranstaltungen/{key}": {open, eventPath, conversation, 0}, "GET /pinnwand/{key}": {open, postPath, nil, 0},
		"GET /kalender.ics": {open, "/kalender.ics", nil, 0}, "GET /vereine/{handle}/kalender.ics": {open, clubPath + "/kalender.ics", nil, 0},
		"GET /veranstaltungen/{key}/kalender.ics": {open, eventPath + "/kalender.ics", nil, 0}, "GET /folgen": {open, "/folgen?uri=" + url.QueryEscape(v.club.ID), nil, 0},
		"GET /stil": {open, "/stil", nil, 0}, "GET /anmelden": {open, "/anmelden", nil, -1}, "GET /anmelden/einmal/{token}": {open, "/anmelden/einmal/x", nil, 410},
		"GET /suche": {open, "/suche?q=" + strings.ToLower(wordHidden), nil, 0}, "GET /opensearch.xml": {open, "/opensearch.xml", nil, 0},
		"GET /healthz": {open, "/healthz", nil, 0}, "GET /readyz": {open, "/readyz", nil, 0}, "GET /assets/*": {open, "/assets/x", nil, 404}, "GET /media/*": {open, "/media/x", nil, 404},
		"GET /konto": {signedIn, "/konto", nil, 0}, "GET /neues": {signedIn, "/neues", []string{wordPublic, wordFollowers, wordDirect}, 0},
		"GET /veranstaltungen/neu": {ofAClub, "/veranstaltungen/neu", []string{wordDraft}, 0}, "GET /pinnwand/neu": {ofAClub, "/pinnwand/neu", nil, 0},
		"GET /veranstaltungen/{key}/aendern": {ofTheClub, eventPath + "/aendern", nil, 0}, "GET /veranstaltungen/{key}/absagen": {ofTheClub, eventPath + "/absagen", nil, 0},
		"GET /veranstaltungen/{key}/loeschen": {deletes, eventPath + "/loeschen", nil, 0}, "GET /pinnwand/{key}/aendern": {ofTheClub, postPath + "/aendern", nil, 0},
		"GET /pinnwand/{key}/loeschen": {deletes, postPath + "/loeschen", nil, 0}, "GET /vereine/{handle}/aendern": {manages, clubPath + "/aendern", nil, 0},
		"GET /vereine/{handle}/angeheftet": {ofTheClub, clubPath + "/angeheftet", nil, 0}, "POST /vereine/{handle}/angeheftet": {class: ofTheClub, path: clubPath + "/angeheftet"},
		"GET /vereine/{handle}/reichweite": {ofTheClub, clubPath + "/reichweite", nil, 0}, "GET /vereine/{handle}/reichweite.csv": {ofTheClub, clubPath + "/reichweite.csv", nil, 0},
		"GET /vereine/{handle}/umziehen": {manages, clubPath + "/umziehen", nil, 0}, "POST /vereine/{handle}/umziehen": {class: manages, path: clubPath + "/umziehen"},
		"GET /antworten": {ofTheClub, manage(w.direct), []string{wordDirect}, 0},
		"GET /rathaus":   {halls, "/rathaus", nil, 0}, "GET /rathaus/vereine": {halls, "/rathaus/vereine", nil, 0}, "GET /rathaus/vereine/{handle}": {caring, "/rathaus/vereine/tsv", nil, 0},
		"GET /rathaus/vereine/{handle}/archivieren": {caring, "/rathaus/vereine/tsv/archivieren", nil, 0}, "GET /rathaus/vereine/{handle}/zusammenlegen": {caring, "/rathaus/vereine/tsv/zusammenlegen", nil, 0},
		"GET /rathaus/personen": {staff, "/rathaus/personen", nil, 0}, "GET /rathaus/personen/{id}": {staff, "/rathaus/personen/" + w.account, nil, 0},
		"GET /rathaus/meldungen": {halls, "/rathaus/meldungen", nil, 0}, "GET /rathaus/verborgenes": {halls, "/rathaus/verborgenes", []string{wordHidden}, 0},
		"GET /rathaus/zustellungen":  {staff, "/rathaus/zustellungen", nil, 0},
		"GET /.well-known/host-meta": {open, "/.well-known/host-meta", nil, 0}, "GET /.well-known/nodeinfo": {open, "/.well-known/nodeinfo", nil, 0},
		"GET /.well-known/webfinger": {open, "/.well-known/webfinger?resource=acct:tsv@here.test", nil, 0}, "GET /nodeinfo/2.0": {open, "/nodeinfo/2.0", nil, 0}, "GET /nodeinfo/2.1": {open, "/nodeinfo/2.1", nil, 0},
		"GET /ap/activities/{key}": {open, strings.TrimPrefix(w.activity, w.origin), nil, 0}, "GET /ap/places/{key}": {open, "/ap/places/TWFya3RwbGF0eg", nil, 0}, "GET /ap/quotes/{key}": {open, "/ap/quotes/x", nil, 404},
		"GET /stadt/{name}": {open, town.Stylesheet("#1b4f8a", ""), nil, 0}, "GET /favicon.ico": {open, "/favicon.ico", nil, 307}, "GET /.well-known/security.txt": {open, "/.well-known/security.txt", nil, 0}, "GET /barriere-melden": {open, "/barriere-melden", nil, 0}, "GET /barriere-melden/danke": {open, "/barriere-melden/danke", nil, 0},
		"GET /rathaus/aussehen": {staff, "/rathaus/aussehen", nil, 0}, "GET /rathaus/hinweise": {staff, "/rathaus/hinweise", nil, 0}, "GET /rathaus/module": {staff, "/rathaus/module", nil, 0}, "GET /rathaus/sprache": {staff, "/rathaus/sprache", nil, 0}, "GET /rathaus/begriffe": {staff, "/rathaus/begriffe", nil, 0}, "GET /rathaus/begriffe/{list}/{key}": {staff, "/rathaus/begriffe/event/music", nil, 0}, "POST /rathaus/begriffe/{list}/{key}": {class: staff, path: "/rathaus/begriffe/event/music"}, "GET /rathaus/seiten": {staff, "/rathaus/seiten", nil, 0}, "GET /rathaus/seiten/{name}": {staff, "/rathaus/seiten/impressum", nil, 0},
		// What the forms do, by those who may not.
		"POST /barriere-melden": {class: open},
		"POST /abmelden":        {class: open}, "POST /anmelden": {class: open}, "POST /anmelden/einmal/{token}": {class: open}, "POST /folgen": {class: open},
		"POST /ap/inbox": {class: open}, "POST /ap/actors/{key}/inbox": {class: open}, "POST /ap/instance/inbox": {class: open},
		"POST /neues/gelesen":       {class: signedIn, path: "/neues/gelesen"},
		"POST /veranstaltungen/neu": {class: ofTheClub, path: "/veranstaltungen/neu"}, "POST /pinnwand/neu": {class: ofTheClub, path: "/pinnwand/neu"},
		"POST /veranstaltungen/{key}/aendern": {class: ofTheClub, path: eventPath + "/aendern"}, "POST /veranstaltungen/{key}/absagen": {class: ofTheClub, path: eventPath + "/absagen"},
		"POST /veranstaltungen/{key}/loeschen": {class: deletes, path: eventPath + "/loeschen"}, "POST /pinnwand/{key}/aendern": {class: ofTheClub, path: postPath + "/aendern"},
		"POST /pinnwand/{key}/loeschen": {class: deletes, path: postPath + "/loeschen"}, "POST /vereine/{handle}/aendern": {class: manages, path: clubPath + "/aendern"},
		"POST /vereine/{handle}/zulassen": {class: manages, path: clubPath + "/zulassen"}, "POST /antworten": {class: ofTheClub, path: "/antworten"},
		"POST /antworten/verbergen": {class: ofTheClub, path: "/antworten/verbergen"}, "POST /antworten/melden": {class: ofTheClub, path: "/antworten/melden"},
		"POST /antworten/fernhalten": {class: ofTheClub, path: "/antworten/fernhalten"},
	}
	hallForms(rows, w)
	maps.Copy(rows, comingIn(clubPath))
	maps.Copy(rows, waysIn)
	maps.Copy(rows, ofLaw)
	maps.Copy(rows, openlyRows())
	maps.Copy(rows, moderationRows(v, w))
	for _, name := range town.Names {
		rows["GET /"+name] = entry{open, "/" + name, nil, 0}
	}
	maps.Copy(rows, documents(eventKey, clubKey))
	maps.Copy(rows, deskRows(w.draft))
	maps.Copy(rows, ownRows(w, clubPath))
	maps.Copy(rows, careRows(w.event.ID))
	maps.Copy(rows, jobRows(strings.TrimPrefix(w.job.URL, w.origin)))
	rows["GET /veranstaltungen/{key}/aushang"], rows["GET /vereine/{handle}/aushang"] = entry{open, eventPath + "/aushang", nil, 0}, entry{open, clubPath + "/aushang", nil, 0}
	rows["GET /abonnieren"], rows["GET /qr/*"] = entry{open, "/abonnieren", nil, 0}, entry{open, "/qr/vereine/tsv.svg", nil, 0}
	for _, path := range []string{"/konto/passwort", "/konto/geraete", "/konto/adresse", "/konto/zweiter-faktor"} {
		rows["GET "+path], rows["POST "+path] = entry{signedIn, path, nil, 0}, entry{class: signedIn, path: path}
	}
	maps.Copy(rows, watchRows())
	rows["GET /bild/{signature}/{of}"] = entry{open, "/bild/x/x", nil, 404}
	listRows(rows, clubPath)
	return rows
}

// hallForms adds the rows of the forms in the rooms of the town hall.
func hallForms(rows map[string]entry, w *world) {
	for _, name := range []string{"vereine", "vereine/{handle}", "vereine/{handle}/archivieren", "vereine/{handle}/zusammenlegen", "personen", "personen/{id}", "meldungen", "verborgenes", "zustellungen", "antraege", "aussehen", "hinweise", "module", "sprache", "begriffe", "seiten/{name}", "personen/{id}/loeschen", "loeschungen/{key}"} {
		path := strings.NewReplacer("{key}", w.deletion, "{handle}", "tsv", "{id}", w.account, "{name}", "impressum").Replace(name)
		who := staff
		switch name {
		case "vereine/{handle}", "vereine/{handle}/archivieren", "vereine/{handle}/zusammenlegen":
			who = caring
		case "meldungen", "verborgenes", "antraege":
			who = halls
		}
		rows["POST /rathaus/"+name] = entry{class: who, path: "/rathaus/" + path}
	}
}

// listRows adds the rows of what lists everything for programs.
func listRows(rows map[string]entry, clubPath string) {
	for _, path := range []string{"/robots.txt", "/sitemap.xml", "/sitemap-vereine.xml", "/sitemap-veranstaltungen.xml", "/sitemap-pinnwand.xml", "/sitemap-ehrenamt.xml"} {
		rows["GET "+path] = entry{open, path, nil, 0}
	}
	for _, form := range []string{"/feed.atom", "/feed.rss", "/feed.json"} {
		for _, list := range []string{"/veranstaltungen", "/pinnwand", "/ehrenamt"} {
			rows["GET "+list+form] = entry{open, list + form, nil, 0}
		}
		rows["GET /vereine/{handle}"+form] = entry{open, clubPath + form, nil, 0}
	}
}

// ownRows gives the rows of what people set for themselves, take along and leave,
// and of some more.
func ownRows(w *world, clubPath string) map[string]entry {
	rows := map[string]entry{
		"GET /konto/daten": {signedIn, "/konto/daten", nil, 0}, "GET /konto/verlassen": {signedIn, "/konto/verlassen", nil, 0}, "GET /konto/geloescht": {open, "/konto/geloescht", nil, 0},
		"POST /konto/daten": {class: signedIn, path: "/konto/daten"}, "POST /konto/verlassen": {class: signedIn, path: "/konto/verlassen"},
		"GET /rathaus/personen/{id}/loeschen": {staff, "/rathaus/personen/" + w.account + "/loeschen", nil, 0},
		"GET /rathaus/loeschungen":            {staff, "/rathaus/loeschungen", nil, 0}, "GET /rathaus/loeschungen/{key}": {staff, "/rathaus/loeschungen/" + w.deletion, nil, 0},
		"GET /vereine/{handle}/loeschungen": {ofTheClub, clubPath + "/loeschungen", nil, 0}, "GET /vereine/{handle}/loeschungen/{key}": {ofTheClub, clubPath + "/loeschungen/" + w.deletion, nil, 0},
		"POST /vereine/{handle}/loeschungen/{key}": {class: ofTheClub, path: clubPath + "/loeschungen/" + w.deletion},
		"GET /konto/einstellungen":                 {signedIn, "/konto/einstellungen", nil, 0}, "GET /abbestellen/{token}": {open, "/abbestellen/x", nil, 410}, "GET /rathaus/mails": {staff, "/rathaus/mails", nil, 0},
		"POST /konto/einstellungen": {class: signedIn, path: "/konto/einstellungen"}, "POST /abbestellen/{token}": {class: open}, "POST /rathaus/mails": {class: staff, path: "/rathaus/mails"},
	}
	maps.Copy(rows, platformRows(w.list))
	maps.Copy(rows, regionRows())
	maps.Copy(rows, w.help.rows())
	maps.Copy(rows, w.offer.rows())
	return rows
}

// platformRows gives the rows of the pages about other platforms; id is that of a
// list.
func platformRows(id string) map[string]entry {
	rows := map[string]entry{
		"GET /rathaus/sperren/liste.csv": {staff, "/rathaus/sperren/liste.csv", nil, 0}, "GET /rathaus/sperren/erlaubt.csv": {staff, "/rathaus/sperren/erlaubt.csv", nil, 0},
		"GET /rathaus/sperren/eintrag": {staff, "/rathaus/sperren/eintrag?domain=evil.test", nil, 0}, "POST /rathaus/sperren/eintrag": {class: staff, path: "/rathaus/sperren/eintrag"},
		"GET /rathaus/sperren/listen/{id}": {staff, "/rathaus/sperren/listen/" + id, nil, 0}, "POST /rathaus/sperren/listen/{id}": {class: staff, path: "/rathaus/sperren/listen/" + id},
	}
	for _, path := range []string{"/rathaus/sperren", "/rathaus/sperren/listen", "/rathaus/sperren/nur-eingetragene", "/rathaus/wellen", "/rathaus/durchsehen", "/rathaus/durchsehen/woerter"} {
		rows["GET "+path], rows["POST "+path] = entry{staff, path, nil, 0}, entry{class: staff, path: path}
	}
	rows["GET /rathaus/durchsehen"], rows["POST /rathaus/durchsehen"] = entry{halls, "/rathaus/durchsehen", nil, 0}, entry{class: halls, path: "/rathaus/durchsehen"}
	return rows
}

// regionRows gives the rows of the pages about other towns.
func regionRows() map[string]entry {
	const one = "/rathaus/nachbarn/vereinbarung"
	return map[string]entry{
		"GET /region": {open, "/region", nil, 0}, "GET /region/verbund": {open, "/region/verbund", nil, 0},
		"GET /rathaus/nachbarn": {staff, "/rathaus/nachbarn", nil, 0}, "POST /rathaus/nachbarn": {class: staff, path: "/rathaus/nachbarn"},
		"GET " + one: {staff, one + "?ort=" + peerHost, nil, 0}, "POST " + one: {class: staff, path: one},
	}
}

// watchRows gives the rows of kept searches and of places.
func watchRows() map[string]entry {
	return map[string]entry{
		"GET /orte.json": {open, "/orte.json?q=pots", nil, 0}, "GET /rathaus/orte": {staff, "/rathaus/orte", nil, 0}, "POST /rathaus/orte": {class: staff, path: "/rathaus/orte"},
		"GET /ehrenamt/merken": {open, "/ehrenamt/merken?regelmaessig=1", nil, 0}, "POST /ehrenamt/merken": {class: open}, "GET /ehrenamt/merken/danke": {open, "/ehrenamt/merken/danke", nil, 0},
		"GET /ehrenamt/merken/beendet":  {open, "/ehrenamt/merken/beendet", nil, 0},
		"GET /ehrenamt/gemerkt/{token}": {open, "/ehrenamt/gemerkt/x", nil, 410}, "POST /ehrenamt/gemerkt/{token}": {class: open},
		"GET /konto/suchen": {signedIn, "/konto/suchen", nil, 0}, "POST /konto/suchen": {class: signedIn, path: "/konto/suchen"},
		"GET /ehrenamt/kalender.ics": {open, "/ehrenamt/kalender.ics?regelmaessig=1", nil, 0},
	}
}

// careRows gives the rows of what keeps entries true; id is that of a thing.
func careRows(id string) map[string]entry {
	return map[string]entry{
		"GET /pflege": {signedIn, "/pflege", nil, 0}, "POST /pflege": {class: signedIn, path: "/pflege"}, "GET /pflege/{token}": {open, "/pflege/x", nil, 410}, "POST /pflege/{token}": {class: open},
		"GET /aenderung-melden": {open, page.HintHref(id), nil, 0}, "POST /aenderung-melden": {class: open}, "GET /aenderung-melden/danke": {open, "/aenderung-melden/danke", nil, 0},
		"GET /rathaus/pflege": {halls, "/rathaus/pflege", nil, 0}, "POST /rathaus/pflege": {class: halls, path: "/rathaus/pflege"},
		"GET /rathaus/pflege/regeln": {staff, "/rathaus/pflege/regeln", nil, 0}, "POST /rathaus/pflege/regeln": {class: staff, path: "/rathaus/pflege/regeln"},
	}
}

// moderationRows gives the rows of reports, decisions and the log.
func moderationRows(v *village, w *world) map[string]entry {
	about := url.QueryEscape(w.event.ID)
	return map[string]entry{
		"GET /melden": {open, "/melden?was=" + about, nil, 0}, "POST /melden": {class: open},
		"GET /rathaus/auskunft/{id}": {staff, "/rathaus/auskunft/" + w.inquiry, nil, 0}, "POST /rathaus/auskunft/{id}": {class: staff, path: "/rathaus/auskunft/" + w.inquiry},
		"GET /auskunft/{token}": {open, w.answer, nil, 0}, "POST /auskunft/{token}": {class: open},
		"GET /meldung/{token}": {open, "/meldung/" + w.reported, nil, 0}, "POST /meldung/{token}": {class: open},
		"GET /entscheidung/{token}": {open, "/entscheidung/" + w.decided, nil, 0}, "POST /entscheidung/{token}": {class: open},
		"GET /entscheidungen":         {signedIn, "/entscheidungen", nil, 0},
		"GET /rathaus/entscheiden":    {caring, "/rathaus/entscheiden?was=" + about, nil, 0},
		"POST /rathaus/entscheiden":   {class: caring, path: "/rathaus/entscheiden?was=" + about},
		"GET /rathaus/entscheidungen": {halls, "/rathaus/entscheidungen", nil, 0}, "GET /rathaus/entscheidungen/{id}": {caring, "/rathaus/entscheidungen/" + w.decision, nil, 0},
		"POST /rathaus/entscheidungen/{id}": {class: caring, path: "/rathaus/entscheidungen/" + w.decision},
		"GET /rathaus/protokoll":            {staff, "/rathaus/protokoll", nil, 0}, "GET /rathaus/protokoll.csv": {staff, "/rathaus/protokoll.csv", nil, 0},
	}
}

// documents gives the rows of what other servers read of an event and a club.
func documents(eventKey, clubKey string) map[string]entry {
	rows := map[string]entry{}
	for _, name := range []string{"", "/likes", "/organizers", "/replies", "/shares"} {
		rows["GET /ap/objects/{key}"+name] = entry{open, "/ap/objects/" + eventKey + name, nil, 0}
	}
	for _, name := range []string{"/", "/empty/{name}", "/events", "/featured", "/followers", "/following", "/outbox"} {
		path := strings.NewReplacer("{name}", "members").Replace(name)
		rows["GET /ap/actors/{key}"+name] = entry{open, "/ap/actors/" + clubKey + strings.TrimSuffix(path, "/"), nil, 0}
		rows["GET /ap/instance"+name] = entry{open, "/ap/instance" + strings.TrimSuffix(path, "/"), nil, 0}
		rows["GET /relay"+name] = entry{open, "/relay" + strings.TrimSuffix(path, "/"), nil, 0}
	}
	rows["GET /relay"], rows["POST /relay/inbox"] = entry{open, "/relay", nil, 0}, entry{class: open}
	rows["GET /ap/instance"] = entry{open, "/ap/instance", nil, 0}
	return rows
}

// deskRows gives the rows of drafts and templates; id is that of one of each.
func deskRows(id string) map[string]entry {
	draft, template := "/entwuerfe/"+id, "/vorlagen/"+id
	return map[string]entry{
		"GET /entwuerfe": {ofAClub, "/entwuerfe", []string{wordDraft}, 0}, "GET /entwuerfe/{key}/loeschen": {ofTheClub, draft + "/loeschen", []string{wordDraft}, 0},
		"GET /vorlagen/{key}": {ofTheClub, template, []string{wordDraft}, 0}, "GET /vorlagen/{key}/loeschen": {ofTheClub, template + "/loeschen", []string{wordDraft}, 0},
		"POST /entwuerfe/{key}/loeschen": {class: ofTheClub, path: draft + "/loeschen"}, "POST /entwuerfe/{key}/veroeffentlichen": {class: ofTheClub, path: draft + "/veroeffentlichen"},
		"POST /entwuerfe/{key}/doch-nicht": {class: ofTheClub, path: draft + "/doch-nicht"},
		"POST /vorlagen/{key}":             {class: ofTheClub, path: template}, "POST /vorlagen/{key}/loeschen": {class: ofTheClub, path: template + "/loeschen"},
	}
}

// comingIn are the rows of the routes on which people and clubs come in.
func comingIn(clubPath string) map[string]entry {
	return map[string]entry{
		"GET /registrieren": {open, "/registrieren", nil, 0}, "GET /registrieren/danke": {open, "/registrieren/danke", nil, 0}, "GET /registrieren/bestaetigen/{token}": {open, "/registrieren/bestaetigen/x", nil, 410},
		"GET /einladung/{token}": {open, "/einladung/x", nil, 410}, "GET /vereine/{handle}/personen": {deletes, clubPath + "/personen", nil, 0}, "GET /vereine/{handle}/antrag": {manages, clubPath + "/antrag", nil, -1},
		"GET /vereine/{handle}/uebergeben": {owns, clubPath + "/uebergeben", nil, 0}, "POST /vereine/{handle}/uebergeben": {class: owns, path: clubPath + "/uebergeben"},
		"GET /rathaus/antraege": {halls, "/rathaus/antraege", nil, 0}, "GET /rathaus/antraege/gemeinsam": {staff, "/rathaus/antraege/gemeinsam?was=@example.org", nil, 0},
		"POST /rathaus/antraege/gemeinsam": {class: staff, path: "/rathaus/antraege/gemeinsam"},
		"POST /registrieren":               {class: open}, "POST /registrieren/bestaetigen/{token}": {class: open}, "POST /einladung/{token}": {class: open},
		"POST /vereine/{handle}/personen": {class: deletes, path: clubPath + "/personen"}, "POST /vereine/{handle}/antrag": {class: manages, path: clubPath + "/antrag"},
	}
}

// world is a village with one thing of each visibility.
type world struct {
	origin   string
	event    *event.Event
	post     *object.Object
	job      *opportunity.Opportunity
	account  string
	activity string
	deletion string
	// reported and decided are tokens of a report and of a decision about a second
	// post, decision is the id of that one.
	reported, decided, decision string
	direct, hidden              string
	// draft is the id of a draft of the club that is planned, and of a template.
	draft string
	// inquiry is the id of a data request of somebody who was looked at, answer the
	// path of the answer to another one.
	inquiry, answer string
	// list is the id of a list of platforms.
	list     string
	help     *helping
	offer    *offering
	browsers map[viewer]*browser
}

func (v *village) world() *world {
	v.t.Helper()
	w := &world{origin: v.Config.Origin, event: v.event("Sommerfest"), post: v.post("Wer kommt mit?"), job: v.job("Kuchen verkaufen"), browsers: map[viewer]*browser{}}
	if _, err := v.Clubs.Create(v.t.Context(), actor.Operator, club.Draft{Handle: "chor", Name: "Chor", Active: true}); err != nil {
		v.t.Fatal(err)
	}
	v.meet(lena)
	_, created := v.sent(activity.Create)
	w.activity = created.ID
	say := func(n, to, word string) string {
		id := "https://b.test/n/" + n
		v.receive("%s", create("https://b.test/c/"+n, lena, note(id, lena, to, w.event.ID, word, "")))
		return id
	}
	say("public", public, wordPublic)
	say("followers", `"to":["`+lena+`/followers","`+v.club.ID+`"]`, wordFollowers)
	w.direct = say("direct", toClub(v), wordDirect)
	w.hidden = say("hidden", public, wordHidden)
	if err := v.Activities.Hide(v.t.Context(), actor.Operator, w.hidden, true); err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.Posts.Create(v.t.Context(), actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: wordOurDirect, InReplyTo: w.direct}); err != nil {
		v.t.Fatal(err)
	}
	w.draft = v.planned(wordDraft, time.Now().Add(24*time.Hour))
	w.deletion = v.deletion()
	w.list = v.hostList()
	v.neighbours()
	w.reported, w.decision, w.decided = v.judged()
	w.inquiry, w.answer = v.inquired(w.event.ID)
	for who, p := range map[viewer][2]string{
		neighbour: {account.Resident, ""}, editor: {account.Editor, "tsv"}, owner: {account.Editor, "tsv"}, other: {account.Editor, "chor"},
		office: {account.Office, "tsv"}, otherHall: {account.Office, "chor"}, hall: {account.Townhall, ""}, admin: {account.Admin, ""},
	} {
		email := addressOf(who)
		a := v.person(email, p[0])
		if role := map[viewer]string{editor: actor.Editor, owner: actor.Owner, other: actor.Owner}[who]; role != "" {
			if err := v.Clubs.AddEditor(v.t.Context(), actor.Operator, p[1], a.ID, role); err != nil {
				v.t.Fatal(err)
			}
		}
		if who == neighbour {
			w.account = a.ID
			w.help, w.offer = v.helping(a.ID), v.offering(a.ID)
		}
		if who == hall {
			if err := v.Offers.SetAgent(v.t.Context(), actor.Operator, a.ID, true); err != nil {
				v.t.Fatal(err)
			}
		}
		if p[0] == account.Office {
			v.mandate(a.ID, p[1])
		}
		w.browsers[who] = v.signedIn(email)
	}
	w.browsers[nobody], w.browsers[foreign] = v.browser(), v.browser()
	return w
}

// ask sends one request as it stands, without following where it leads.
func (b *browser) ask(method, path, accept string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", accept)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range b.jar.Cookies(&url.URL{Scheme: "https", Host: "here.test", Path: "/"}) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w
}

// TestMatrix: every route, asked by everybody, answers as the model says, and
// tells nobody what is not for them. A route without a row fails.
func TestMatrix(t *testing.T) {
	shows(t, "T-VIS-13 T-VIS-14 T-DOS-16 every route, asked by everybody", func(t *testing.T, v *village) {
		w := v.world()
		rows := rowsOf(v, w)
		seen := map[string]bool{}
		err := chi.Walk(w.browsers[nobody].h.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			seen[method+" "+pattern] = true
			if _, ok := rows[method+" "+pattern]; !ok {
				t.Errorf("%s %s has no row", method, pattern)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		before := v.count("activities") + v.count("edits") + v.count("club_blocks") + v.count("accounts") + v.count("blocks")
		asked := 0
		for route, row := range rows {
			if !seen[route] {
				t.Errorf("the row %s has no route", route)
			}
			method, _, _ := strings.Cut(route, " ")
			for _, who := range viewers {
				if row.path == "" || method == http.MethodPost && slices.Contains(row.in, who) {
					continue // what those may do has tests of its own
				}
				asked++
				w.check(t, route, row, who)
			}
		}
		if after := v.count("activities") + v.count("edits") + v.count("club_blocks") + v.count("accounts") + v.count("blocks"); after != before {
			t.Errorf("somebody did what they may not: %d rows became %d", before, after)
		}
		t.Logf("%d requests", asked)
	})
}

func (w *world) check(t *testing.T, route string, row entry, who viewer) {
	t.Helper()
	method, _, _ := strings.Cut(route, " ")
	accept := html
	if who == foreign {
		accept = as2
	}
	form := url.Values{"club": {"tsv"}, "key": {page.NewKey()}, "id": {w.direct}, "name": {"x"}, "start-date": {"1.1."}, "text": {"x"}, "target": {"host"}, "hidden": {"1"}, "act": {"add"}}
	got := w.browsers[who].ask(method, row.path, accept, form)
	may := slices.Contains(row.in, who)
	ok := false
	switch {
	case may && row.status == -1:
		ok = got.Code == 200 || got.Code == 303
	case may && row.status != 0:
		ok = got.Code == row.status
	case may && who == foreign:
		ok = got.Code == 200 || got.Code == 303
	case may:
		ok = got.Code == 200 || (strings.HasPrefix(row.path, "/ap/") || strings.HasPrefix(row.path, "/relay")) && got.Code == 303
	case who == nobody && method == http.MethodGet:
		ok = got.Code == 303 && strings.HasPrefix(got.Header().Get("Location"), "/anmelden?")
	case who == nobody || who == foreign:
		ok = got.Code == 401 || got.Code == 403
	default:
		ok = got.Code == 403 || got.Code == 404
	}
	if !ok {
		t.Errorf("%s, asked by %s, answers %d", route, who, got.Code)
	}
	for word, readers := range secrets {
		shows := strings.Contains(got.Body.String(), word)
		if own := seesOffers[route]; own != nil && word == wordOffer {
			readers = own
		}
		if want := may && slices.Contains(row.words, word) && slices.Contains(readers, who); shows != want {
			t.Errorf("%s, asked by %s: shows %s: %v, want %v", route, who, word, shows, want)
		}
	}
	if shows := strings.Contains(got.Body.String(), wordPublic); may && slices.Contains(row.words, wordPublic) && who != foreign && !shows && strings.Contains(row.path, "veranstaltungen") {
		t.Errorf("%s, asked by %s, does not show what is public", route, who)
	}
}
