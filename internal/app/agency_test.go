package app

import (
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/mail/mailtest"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/retention"
)

// The people of the story.
const (
	offers = "anna@example.org"
	agent  = "agentur@example.org"
	ofTSV  = "tsv@example.org"
	ofHall = "ruth@example.org"
)

// story is one of somebody who offers to help.
type story struct {
	v                             *village
	reader, b, office, hall, club *browser
	cake                          *opportunity.Opportunity
	fits, given                   string
	letters                       []mailtest.Message
}

// TestOfferToHelp: somebody offers to help and sees what fits and why; nobody but
// the agency reads it, a club only after a yes, and everybody without the name. The
// agency proposes, the person says yes, and an application comes of it.
func TestOfferToHelp(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		s := v.story()
		s.offer()
		s.agency()
		s.propose()
		s.answer()
		s.end()
	})
}

func (v *village) story() *story {
	v.t.Helper()
	s := &story{v: v}
	v.lies()
	v.person(offers, account.Resident)
	v.person(agent, account.Resident)
	v.person(ofHall, account.Townhall)
	if err := v.Clubs.AddEditor(v.t.Context(), actor.Operator, "tsv", v.person(ofTSV, account.Editor).ID, actor.Editor); err != nil {
		v.t.Fatal(err)
	}
	s.cake = v.seeks("Kuchenbuffet betreuen", func(d *opportunity.Draft) { d.Field, d.Languages = "social", []string{"tr"} })
	v.seeks("Rasen mähen", func(d *opportunity.Draft) { d.Field = "sport" })
	s.reader, s.b, s.office, s.hall, s.club = v.browser(), v.signedIn(offers), v.signedIn(agent), v.signedIn(ofHall), v.signedIn(ofTSV)
	s.fits = "/ehrenamt/" + s.cake.Key() + "/passende"
	return s
}

func (s *story) offer() {
	s.v.t.Helper()
	s.reader.open("/ich-moechte-helfen")
	s.reader.shows(200, "Ich möchte helfen", "Anmelden und anfangen", "erst, wenn Sie bei jedem einzelnen zustimmen")
	// The offer.
	s.b.open("/ich-moechte-helfen")
	s.b.shows(200, "Angebot schreiben")
	s.b.open("/ich-moechte-helfen/angebot")
	s.b.shows(200, "Herzfelde")
	s.b.send("Angebot speichern", map[string]string{"place": "Nirgendwoheim"})
	s.b.shows(422, "Diesen Ort kennen wir nicht", "oder wählen Sie ein Thema")
	s.b.send("Angebot speichern", map[string]string{"about": "Anna backt " + wordOffer, "place": "Herzfelde", "fields-social": "1", "skills": "Kuchen, Gitarre", "languages-tr": "1", "phone": "03535 4711", "public": "1"})
	s.b.shows(422, "In Ihrem Text steht Ihr Name")
	s.b.send("Angebot speichern", map[string]string{"about": "Ich backe mit " + wordOffer})
	s.b.shows(200, "Ihr Angebot ist gespeichert", "Kuchenbuffet betreuen", "Passt, weil „Kuchen“ gefragt ist", "das Thema „", "Türkisch gefragt ist und es ganz in der Nähe ist.")
	s.b.hides("Rasen mähen")
	s.reader.open("/ehrenamt/hilfe")
	s.reader.shows(200, wordOffer, "Kuchen, Gitarre")
	s.reader.hides("Anna resident", "03535 4711")
}

func (s *story) agency() {
	s.v.t.Helper()
	// No club sees it without a yes, and nobody else is the agency.
	s.club.open(s.fits)
	s.club.shows(200, "Noch zeigt niemand Ihrem Verein ein Angebot")
	s.club.hides(wordOffer)
	for _, who := range []*browser{s.office, s.hall, s.club} {
		who.open("/vermittlung")
		who.shows(403)
	}
	s.hall.open("/rathaus/personen/" + s.v.find(agent))
	s.hall.send("In die Freiwilligenagentur aufnehmen", nil)
	s.hall.shows(200, "Rolle wieder nehmen")
	s.office.open("/konto")
	s.office.shows(200, "Freiwilligenagentur")
	s.office.open("/vermittlung")
	s.office.shows(200, "Anna resident", wordOffer)
	s.office.open("/vermittlung/einsaetze")
	s.office.shows(200, "Kuchenbuffet betreuen", "1 Angebot passt", "0 Angebote passen")
	s.office.open("/vermittlung/einsaetze/" + s.cake.Key())
	s.office.shows(200, "Anna resident", "Passt, weil „Kuchen“ gefragt ist")
}

func (s *story) propose() {
	s.v.t.Helper()
	o, err := s.v.Offers.Own(s.v.t.Context(), s.v.find(offers))
	if err != nil {
		s.v.t.Fatal(err)
	}
	s.given = "/vermittlung/angebote/" + o.ID
	s.office.open(s.given + "?einsatz=" + s.cake.Key())
	s.office.shows(200, "03535 4711", "Kein Verein sieht dieses Angebot.")
	s.office.send("Notiz speichern", map[string]string{"note": "Am liebsten samstags."})
	s.office.shows(200, "Die Notiz ist gespeichert.", "Am liebsten samstags.")
	s.office.send("Vorschlagen", map[string]string{"einsatz": s.cake.Key(), "message": "Das passt gut zu Ihnen."})
	s.office.shows(200, "Die Frage ist unterwegs", "gefragt, noch keine Antwort")
	s.office.send("Vorschlagen", map[string]string{"einsatz": s.cake.Key()})
	s.office.shows(200, "Danach wurde die Person schon gefragt.")
	s.office.send("Um Zustimmung fragen", map[string]string{"club": s.v.club.ID})
	s.letters = s.v.delivered(offers)
	if len(s.letters) != 2 {
		s.v.t.Fatalf("%d letters, want 2", len(s.letters))
	}
	for i, want := range []string{"Das passt gut zu Ihnen.", "Darf dieser Verein Ihr Angebot"} {
		if !strings.Contains(s.letters[0].Text+s.letters[1].Text, want) {
			s.v.t.Errorf("letter %d: %q is not there", i, want)
		}
	}
}

func (s *story) answer() {
	s.v.t.Helper()
	// The club reads nothing of the proposal, and the person says yes to it.
	s.club.open(s.fits)
	s.club.hides("Anna resident", "gefragt")
	for _, l := range s.letters {
		if strings.Contains(l.Text, "Das passt gut") {
			s.b.open(s.v.link(l))
		}
	}
	s.b.shows(200, "Das passt gut zu Ihnen.", "Passt, weil")
	s.b.send("Bewerbung abschicken", map[string]string{"message": "Gern!"})
	s.b.shows(200, "Kuchenbuffet betreuen")
	if n := s.v.count("helpers", "state = 'asked'"); n != 1 {
		s.v.t.Errorf("%d applications, want 1", n)
	}
	s.office.open(s.given)
	s.office.shows(200, "hat sich beworben", "Vorschlag", "Zurücknehmen")
	// A yes to the club, and its end.
	for _, l := range s.letters {
		if strings.Contains(l.Text, "Darf dieser Verein") {
			s.b.open(s.v.link(l))
		}
	}
	s.b.send("Ja, mein Angebot zeigen", nil)
	s.b.shows(200, "Der Verein sieht jetzt Ihr Angebot")
	s.club.open(s.fits)
	s.club.shows(200, "Anna resident", wordOffer, "Passt zu diesem Einsatz")
	s.club.hides("03535 4711", "samstags", offers)
	s.club.send("Anfragen", map[string]string{"message": "Haben Sie Zeit?"})
	s.club.shows(200, "Die Frage ist unterwegs", "gefragt, noch keine Antwort")
	s.b.open("/ich-moechte-helfen")
	s.b.shows(200, "wartet auf Ihre Antwort")
	s.b.send("Nicht mehr zeigen", nil)
	s.b.shows(200, "Der Verein sieht Ihr Angebot nicht mehr.")
	s.b.hides("wartet auf Ihre Antwort") // what the club asked because of the yes ended with it
	s.club.open(s.fits)
	s.club.hides("Anna resident", wordOffer)
}

func (s *story) end() {
	s.v.t.Helper()
	// A break hides it from everybody; the numbers say nobody's name.
	s.b.send("Pause machen", nil)
	s.b.shows(200, "Gerade sieht niemand Ihr Angebot.")
	s.reader.open("/ehrenamt/hilfe")
	s.reader.hides(wordOffer)
	s.office.open(s.given)
	s.office.shows(404)
	s.b.send("Wieder zeigen", nil)
	s.office.open("/vermittlung/zahlen")
	s.office.shows(200, "Neue Angebote", "Vorschläge")
	s.office.hides("Anna resident")
	s.office.open("/vermittlung/zahlen.csv")
	s.office.shows(200, time.Now().In(s.v.Config.Location()).Format("2006-01")+",1,")
	s.hall.open("/rathaus/protokoll?was=offer")
	s.hall.shows(200, "Jemandem etwas vorgeschlagen", "Notiz zu einem Angebot geschrieben")
	// Deleted is deleted.
	s.b.open("/ich-moechte-helfen")
	s.b.send("Angebot löschen", nil)
	s.b.shows(200, "Angebot wirklich löschen?", "2 Vorschläge")
	if s.v.count("help_offers") != 1 {
		s.v.t.Error("an offer is deleted without a question")
	}
	s.b.send("Ja, löschen", nil)
	s.b.shows(200, "Ihr Angebot und alles dazu ist gelöscht.")
	for _, table := range []string{"help_offers", "help_consents", "help_proposals", "help_notes"} {
		if n := s.v.count(table); n != 0 {
			s.v.t.Errorf("%d rows in %s", n, table)
		}
	}
	s.hall.open("/rathaus/personen/" + s.v.find(agent))
	s.hall.send("Rolle wieder nehmen", nil)
	s.office.open("/vermittlung")
	s.office.shows(403)
}

// TestOfferRunsOut: an offer runs for the term that the town hall set, its person
// is asked before and renews it by the link of the letter; one that nobody renews is
// hidden, and forgotten later.
func TestOfferRunsOut(t *testing.T) {
	const anna = "anna@example.org"
	each(t, func(t *testing.T, v *village) {
		if err := v.Settings.SetTerms(t.Context(), actor.Operator, retention.Days{retention.Offer: 60, retention.OldOffer: 10}); err != nil {
			t.Fatal(err)
		}
		v.person(anna, account.Resident)
		b := v.signedIn(anna)
		b.open("/ich-moechte-helfen/angebot")
		b.send("Angebot speichern", map[string]string{"about": wordOffer, "place": "", "public": "1"})
		b.shows(200, "Ihr Angebot ist gespeichert")
		begun := time.Now().UTC()
		at := func(days int) {
			t.Helper()
			v.Offers.SetClock(func() time.Time { return begun.Add(time.Duration(days) * 24 * time.Hour).Truncate(time.Second) })
			for range 2 { // each job is safe to run twice
				if err := v.Offers.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := v.Offers.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		at(45)
		if n := len(v.delivered(anna)); n != 0 {
			t.Fatalf("%d letters after 45 days", n)
		}
		at(47)
		asked := last(t, v.delivered(anna), 1)
		v.said(asked, "gilt bis")
		link := v.link(asked)
		reader := v.browser()
		reader.open(link)
		reader.shows(200, "Möchten Sie weiter helfen?")
		reader.send("Angebot verlängern", nil)
		reader.shows(200, "Danke! Ihr Angebot gilt jetzt bis")
		reader.open(link + "x")
		reader.shows(410, "Dieses Angebot gibt es nicht mehr.")
		at(47 + 59)
		reader.open("/ehrenamt/hilfe")
		reader.shows(200, wordOffer)
		at(47 + 61)
		reader.open("/ehrenamt/hilfe")
		reader.hides(wordOffer)
		over := 0
		for _, l := range v.delivered(anna) {
			over += strings.Count(l.Text, "Jetzt sieht es niemand mehr.")
		}
		if over != 1 {
			t.Errorf("%d letters say that it is over", over)
		}
		b.open("/ich-moechte-helfen")
		b.shows(200, "Abgelaufen", "Angebot verlängern")
		at(47 + 61 + 9)
		if n := v.count("help_offers"); n != 1 {
			t.Errorf("forgotten before its time")
		}
		at(47 + 61 + 11)
		if n := v.count("help_offers"); n != 0 {
			t.Errorf("not forgotten")
		}
		reader.open(link)
		reader.shows(410)
	})
}
