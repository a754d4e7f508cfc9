package activitystreams

import "time"

// Offer is how somebody answers a Proposal (FEP-0837).
const Offer = "Offer"

// Agreement is the type of what an Offer offers (FEP-0837).
const Agreement = "Agreement"

// A Commitment is what an Agreement stipulates: that somebody satisfies an Intent
// (FEP-0837).
type Commitment struct {
	Type string `json:"type"`
	// Satisfies is the id of the Intent.
	Satisfies        string   `json:"satisfies"`
	ResourceQuantity *Measure `json:"resourceQuantity,omitempty"`
}

// A Helper is what an Agreement about a volunteer opportunity says beyond
// FEP-0837, in terms of our own (docs/federation.md, applications). In an Offer it
// is who wants to help; with Act what this person does later; with State where it
// stands, as the club says.
type Helper struct {
	Type string `json:"type"`

	// What the person says. Shifts are ids of those of the opportunity.
	Name      string   `json:"name,omitempty"`
	Email     string   `json:"email,omitempty"`
	Telephone string   `json:"telephone,omitempty"`
	Message   string   `json:"message,omitempty"`
	Language  string   `json:"language,omitempty"`
	OldEnough bool     `json:"oldEnough,omitempty"`
	Able      bool     `json:"able,omitempty"`
	Shifts    []string `json:"helperShifts,omitempty"`

	// Act is what the person does: take, give, offer, keep, message, change or
	// hours. Shift is the id of the shift, "" for the whole.
	Act   string `json:"act,omitempty"`
	Shift string `json:"shift,omitempty"`

	// What the club says. Offer is the id of the Offer; Number rises with each time
	// that the club says something.
	Offer  string        `json:"offer,omitempty"`
	Number int           `json:"number,omitempty"`
	State  string        `json:"state,omitempty"`
	Cause  string        `json:"cause,omitempty"`
	Reason string        `json:"reason,omitempty"`
	Places []HelperPlace `json:"helperPlaces,omitempty"`
	// Minutes is how long the person helped, as MinutesBy (club or helper) said;
	// Agreed is when the other side said the same.
	Minutes   int       `json:"minutes,omitempty"`
	MinutesBy string    `json:"minutesBy,omitempty"`
	Agreed    time.Time `json:"agreed,omitzero"`
	// Contact is whom who was accepted may ask.
	Contact *Contact `json:"contact,omitempty"`
	// Said is what the club said and did, Notices what the person is to be told now.
	Said    []HelperSaid   `json:"said,omitempty"`
	Notices []HelperNotice `json:"notices,omitempty"`
}

// A HelperPlace is a place that somebody has or waits for.
type HelperPlace struct {
	Shift string `json:"shift,omitempty"` // "" for the whole
	State string `json:"state"`           // taken or waiting
	// Position is the place on the waiting list, 0 for none.
	Position  int       `json:"position,omitempty"`
	Offered   time.Time `json:"offered,omitzero"`
	StartTime time.Time `json:"startTime,omitzero"`
	EndTime   time.Time `json:"endTime,omitzero"`
}

// A HelperSaid is a line of the history of an application.
type HelperSaid struct {
	ID        string    `json:"key"`
	Kind      string    `json:"kind"`
	Content   string    `json:"text,omitempty"`
	Published time.Time `json:"published"`
}

// A HelperNotice is something that a person is to be told.
type HelperNotice struct {
	Kind      string    `json:"kind"`
	Text      string    `json:"text,omitempty"`
	StartTime time.Time `json:"startTime,omitzero"`
	EndTime   time.Time `json:"endTime,omitzero"`
}

// ContextAgreement is that of what people say who want to help, and what they are
// answered.
var ContextAgreement = Context{namespace, agreementTerms()}

func agreementTerms() terms {
	t := terms{
		"vf": "https://w3id.org/valueflows/ont/vf#", "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
		"Agreement": "vf:Agreement", "Commitment": "vf:Commitment", "stipulates": "vf:stipulates", "satisfies": terms{"@id": "vf:satisfies", "@type": "@id"},
		"resourceQuantity": "vf:resourceQuantity", "hasUnit": "om2:hasUnit", "hasNumericalValue": "om2:hasNumericalValue",
		"aushang": ownTerms, "Helper": "aushang:Helper", "Contact": "aushang:Contact",
	}
	for _, name := range []string{
		"helper", "email", "telephone", "message", "language", "oldEnough", "able", "helperShifts", "act", "shift", "offer", "number", "state", "cause", "reason",
		"helperPlaces", "minutes", "minutesBy", "agreed", "contact", "said", "notices", "position", "offered", "key", "kind", "text",
	} {
		t[name] = "aushang:" + name
	}
	return t
}

const (
	maxHelperPlaces = 200
	maxHelperSaid   = 100
	maxHelperText   = 20_000
)

func (d document) commitment() *Commitment {
	m, ok := d.object("stipulates")
	if !ok || m.kind() != "Commitment" {
		return nil
	}
	return &Commitment{Type: "Commitment", Satisfies: m.address("satisfies"), ResourceQuantity: m.measure("resourceQuantity")}
}

func (d document) helper() *Helper {
	m, ok := d.object("helper")
	if !ok || m.kind() != "Helper" {
		return nil
	}
	is := func(key string) bool { b := m.flag(key); return b != nil && *b }
	h := &Helper{
		Type: "Helper", Name: cut(m.text("name"), maxName), Email: m.within("email", maxName), Telephone: m.within("telephone", maxTerm),
		Message: cutBytes(m.text("message"), maxHelperText), Language: m.term("language"), OldEnough: is("oldEnough"), Able: is("able"),
		Act: m.term("act"), Shift: m.address("shift"), Offer: m.address("offer"), Number: m.size("number"), State: m.term("state"), Cause: m.term("cause"),
		Reason: cutBytes(m.text("reason"), maxHelperText), Minutes: m.size("minutes"), MinutesBy: m.term("minutesBy"), Agreed: m.time("agreed"),
	}
	if c, ok := m.object("contact"); ok {
		h.Contact = &Contact{Type: "Contact", Name: cut(c.natural("name"), maxName), Email: c.within("email", maxName), Telephone: c.within("telephone", maxTerm)}
	}
	for _, v := range m.many("helperShifts") {
		if s, ok := v.(string); ok && Host(s) != "" && len(h.Shifts) < maxHelperPlaces {
			h.Shifts = append(h.Shifts, s)
		}
	}
	m.each("helperPlaces", maxHelperPlaces, func(one document) {
		h.Places = append(h.Places, HelperPlace{
			Shift: one.address("shift"), State: one.term("state"), Position: one.size("position"), Offered: one.time("offered"),
			StartTime: one.time("startTime"), EndTime: one.time("endTime"),
		})
	})
	m.each("said", maxHelperSaid, func(one document) {
		h.Said = append(h.Said, HelperSaid{ID: one.term("key"), Kind: one.term("kind"), Content: cutBytes(one.text("text"), maxHelperText), Published: one.time("published")})
	})
	m.each("notices", maxHelperSaid, func(one document) {
		h.Notices = append(h.Notices, HelperNotice{Kind: one.term("kind"), Text: cutBytes(one.text("text"), maxHelperText), StartTime: one.time("startTime"), EndTime: one.time("endTime")})
	})
	return h
}

// each hands the embedded things of a property on, at most so many.
func (d document) each(key string, most int, f func(one document)) {
	n := 0
	for _, v := range d.many(key) {
		if m, ok := v.(map[string]any); ok && n < most {
			n++
			f(document(m))
		}
	}
}
