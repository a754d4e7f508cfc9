package app

import (
	"strings"

	"github.com/google/uuid"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/agency"
	"codeberg.org/aushang/aushang/internal/offer"
)

// wordOffer stands in what somebody offers, and nowhere else.
const wordOffer = "Vogelstimmen"

// offering is a person who offers to help and shows it to the club, with a proposal
// of the agency that waits.
type offering struct {
	*need
	id, proposal, renew string
}

// ofAgency is for who works for the volunteer agency; an admin does not by itself.
var ofAgency = class{"the volunteer agency", []viewer{hall}}

// seesOffers says who reads what is offered on a page, which differs: whose offer it
// is, the agency, a club after a yes.
var seesOffers = map[string][]viewer{
	"GET /ich-moechte-helfen": {neighbour}, "GET /ich-moechte-helfen/angebot": {neighbour}, "GET /ehrenamt/{key}/passende": {editor, owner},
}

// offering lets the account offer something, shown to the club, and asks for a shift
// of another opportunity.
func (v *village) offering(accountID string) *offering {
	v.t.Helper()
	ctx, o := v.t.Context(), &offering{need: v.needing(2, 2), proposal: uuid.Must(uuid.NewV7()).String()}
	agent := v.person("agentur@example.org", "resident")
	given, err := v.Offers.Put(ctx, accountID, "Anna resident", offer.Draft{About: "Ich erkenne " + wordOffer + ".", Skills: "Kuchen", Weekdays: 127, Public: false, Radius: 0})
	if err != nil {
		v.t.Fatal(err)
	}
	o.id = given.ID
	n, err := v.Offers.Need(ctx, o.need.id)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, err := range []error{
		v.Offers.SetAgent(ctx, actor.Operator, agent.ID, true), v.Offers.Show(ctx, accountID, v.club.ID, true),
		v.Offers.Propose(ctx, agent.ID, o.id, o.proposal, n, "", "", "Wäre das etwas?"), v.Offers.AddNote(ctx, agent.ID, o.id, "Ruft gern zurück."),
	} {
		if err != nil {
			v.t.Fatal(err)
		}
	}
	key, err := v.renewingSecret(ctx)
	if err != nil {
		v.t.Fatal(err)
	}
	o.renew = "/ich-moechte-helfen/verlaengern/" + agency.Token(key, o.id)
	return o
}

// rows are those of the pages of offers and of the agency.
func (o *offering) rows() map[string]entry {
	given, key := "/vermittlung/angebote/"+o.id, actor.Key(o.need.id)
	word := []string{wordOffer}
	return map[string]entry{
		"GET /ich-moechte-helfen": {open, "/ich-moechte-helfen", word, 0}, "POST /ich-moechte-helfen": {class: signedIn, path: "/ich-moechte-helfen"},
		"GET /ich-moechte-helfen/angebot": {signedIn, "/ich-moechte-helfen/angebot", word, 0}, "POST /ich-moechte-helfen/angebot": {class: signedIn, path: "/ich-moechte-helfen/angebot"},
		"GET /ich-moechte-helfen/vorschlaege/{id}": {mine, "/ich-moechte-helfen/vorschlaege/" + o.proposal, nil, 0}, "POST /ich-moechte-helfen/vorschlaege/{id}": {class: mine, path: "/ich-moechte-helfen/vorschlaege/" + o.proposal},
		"GET /ich-moechte-helfen/verlaengern/{token}": {open, o.renew, nil, 0}, "POST /ich-moechte-helfen/verlaengern/{token}": {class: open},
		"GET /ehrenamt/hilfe": {open, "/ehrenamt/hilfe", nil, 0}, "GET /ehrenamt/{key}/passende": {ofTheClub, o.path + "/passende", word, 0}, "POST /ehrenamt/{key}/passende": {class: ofTheClub, path: o.path + "/passende"},
		"GET /vermittlung": {ofAgency, "/vermittlung", word, 0}, "GET /vermittlung/angebote/{id}": {ofAgency, given, word, 0}, "POST /vermittlung/angebote/{id}": {class: ofAgency, path: given},
		"GET /vermittlung/einsaetze": {ofAgency, "/vermittlung/einsaetze", nil, 0}, "GET /vermittlung/einsaetze/{key}": {ofAgency, "/vermittlung/einsaetze/" + key, word, 0},
		"GET /vermittlung/zahlen": {ofAgency, "/vermittlung/zahlen", nil, 0}, "GET /vermittlung/zahlen.csv": {ofAgency, "/vermittlung/zahlen.csv", nil, 0},
	}
}

// states are what their pages say of faults.
func (o *offering) states() []state {
	return []state{
		{"offering-wrong", "/ich-moechte-helfen/angebot", "resident", "offering.save", 422, map[string]string{"phone": "anrufen", "place": "Nirgendwoheim", "about": "Anna"}, false},
		{"offering-yes-wrong", "/ich-moechte-helfen/vorschlaege/" + o.proposal, "resident", "offering.yes.apply", 422, nil, false},
		{"agency-invite-wrong", o.path + "/passende", "editor", "offering.invite", 422, map[string]string{"message": strings.Repeat("zu lang ", 200)}, false},
		{"agency-note-wrong", "/vermittlung/angebote/" + o.id, "hall", "offering.note.add", 422, nil, false},
	}
}
