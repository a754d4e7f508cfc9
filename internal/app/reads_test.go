package app

import (
	"strings"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/town"
)

// reads are paths on which everybody reads what is public, and who or what each
// shows. A route without a line is no path on which things are read: readless
// names those.
func (v *village) reads(e, p, o *object.Object, created string) map[string][]string {
	short := func(address string) string { return strings.TrimPrefix(address, "https://here.test") }
	club := "/vereine/tsv"
	reads := map[string][]string{
		"GET /": {"/"}, "GET /vereine": {"/vereine", "/vereine?q=tsv"}, "GET /vereine/{handle}": {club}, "GET /veranstaltungen": {"/veranstaltungen", "/veranstaltungen?ort=Marktplatz", "/veranstaltungen?verein=tsv", "/veranstaltungen?tag=2027-07-10"},
		"GET /pinnwand": {"/pinnwand", "/pinnwand?art=ankuendigung", "/pinnwand?verein=tsv"}, "GET /veranstaltungen/monat/{month}": {"/veranstaltungen/monat/2027-07"}, "GET /veranstaltungen/woche/{week}": {"/veranstaltungen/woche/2027-W27"},
		"GET /veranstaltungen/{key}": {short(e.URL)}, "GET /pinnwand/{key}": {short(p.URL)}, "GET /kalender.ics": {"/kalender.ics"}, "GET /vereine/{handle}/kalender.ics": {club + "/kalender.ics"},
		"GET /veranstaltungen/{key}/kalender.ics": {short(e.URL) + "/kalender.ics"}, "GET /suche": {"/suche?q=nudel", "/suche?q=tsv"}, "GET /abonnieren": {"/abonnieren"},
		"GET /veranstaltungen/{key}/aushang": {short(e.URL) + "/aushang"}, "GET /vereine/{handle}/aushang": {club + "/aushang"}, "GET /folgen": {page.Follow(e.ID), page.Follow(v.club.ID)},
		"GET /aenderung-melden": {page.HintHref(e.ID), page.HintHref(p.ID)}, "GET /bekanntmachungen": {town.NoticesPath}, "GET /ehrenamt/anderswo": {"/ehrenamt/anderswo?id=x"},
		"GET /melden": {page.Report(e.ID), page.Report(p.ID), page.Report(v.club.ID)}, "GET /.well-known/webfinger": {"/.well-known/webfinger?resource=acct:tsv@here.test"},
		"GET /ehrenamt": {"/ehrenamt", "/ehrenamt?zeit=flexible"}, "GET /ehrenamt/{key}": {short(o.URL)}, "GET /ehrenamt/{key}/aushang": {short(o.URL) + "/aushang"}, "GET /ehrenamt/{key}/kalender.ics": {short(o.URL) + "/kalender.ics"},
		"GET /ehrenamt/{key}/mitmachen": {short(o.URL) + "/mitmachen"}, "GET /ehrenamt/kalender.ics": {"/ehrenamt/kalender.ics"}, "GET /ehrenamt/angebote.jsonld": {"/ehrenamt/angebote.jsonld"}, "GET /ehrenamt/angebote.csv": {"/ehrenamt/angebote.csv"},
		"GET /sitemap-ehrenamt.xml": {"/sitemap-ehrenamt.xml"},
		"GET /ap/activities/{key}":  {short(created)}, "GET /sitemap-vereine.xml": {"/sitemap-vereine.xml"}, "GET /sitemap-veranstaltungen.xml": {"/sitemap-veranstaltungen.xml"}, "GET /sitemap-pinnwand.xml": {"/sitemap-pinnwand.xml"},
	}
	for _, name := range []string{"", "/likes", "/organizers", "/replies", "/shares"} {
		reads["GET /ap/objects/{key}"+name] = []string{short(e.ID) + name, short(p.ID) + name, short(o.ID) + name}
	}
	for _, name := range []string{"/", "/events", "/featured", "/followers", "/following", "/outbox"} {
		reads["GET /ap/actors/{key}"+name] = []string{short(v.club.ID) + strings.TrimSuffix(name, "/"), short(v.club.ID) + strings.TrimSuffix(name, "/") + "?page=true"}
	}
	for _, name := range []string{"/", "/events", "/featured", "/followers", "/following", "/outbox"} {
		reads["GET /relay"+name] = []string{"/relay" + strings.TrimSuffix(name, "/"), "/relay" + strings.TrimSuffix(name, "/") + "?page=true"}
	}
	reads["GET /relay"], reads["GET /region"] = []string{"/relay"}, []string{"/region"}
	for _, form := range []string{"/feed.atom", "/feed.rss", "/feed.json"} {
		for _, list := range []string{"/veranstaltungen", "/pinnwand", "/ehrenamt"} {
			reads["GET "+list+form] = []string{list + form}
		}
		reads["GET /vereine/{handle}"+form] = []string{club + form}
	}
	return reads
}

// readless are the routes on which nobody reads things: pages of a person or of
// the town hall, texts of the town, files, and what is sent.
var readless = []string{
	"POST ", "GET /rathaus", "GET /konto", "GET /anmelden", "GET /registrieren", "GET /einladung", "GET /abbestellen", "GET /assets", "GET /media", "GET /stadt", "GET /qr", "GET /bild", "GET /healthz", "GET /readyz",
	"GET /entwuerfe", "GET /vorlagen", "GET /neues", "GET /antworten", "GET /stil", "GET /opensearch.xml", "GET /robots.txt", "GET /sitemap.xml", "GET /favicon.ico", "GET /nodeinfo", "GET /.well-known/host-meta", "GET /.well-known/nodeinfo",
	"GET /.well-known/security.txt", "GET /ap/instance", "GET /ap/actors/{key}/empty", "GET /ap/places", "GET /ap/quotes", "GET /barriere-melden", "GET /meldung/", "GET /entscheidung", "GET /veranstaltungen/neu", "GET /pinnwand/neu",
	"GET /pflege", "GET /aenderung-melden/danke", "GET /transparenz", "GET /auskunft/", "GET /orte.json", "GET /einsatz/", "GET /meine-einsaetze", "GET /ehrenamt/neu", "GET /ehrenamt/merken", "GET /ehrenamt/gemerkt/",
	"GET /ehrenamt/bewerbungen", "GET /ehrenamt/{key}/bewerbungen", "GET /ehrenamt/{key}/besetzt", "GET /ehrenamt/{key}/verlaengern", "GET /ehrenamt/{key}/mitmachen/danke", "GET /region/verbund", "GET /relay/empty/",
	"GET /vermittlung", "GET /ehrenamt/anderswo/mitmachen", "GET /ich-moechte-helfen", "GET /ehrenamt/hilfe", "GET /ehrenamt/{key}/passende",
}
