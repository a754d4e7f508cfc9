package activitystreams

// Peering says under which terms two towns share what they publish: it stands
// in the Follow of the one relay actor by the other, and in what answers it. Each
// Follow tells all terms of its sender as they are now.
type Peering struct {
	Type string `json:"type"`
	// Asks is what the sender would like to have, Gives what the other one may have
	// of it, as words: events, opportunities, clubs, and of the pin board
	// announcements, wanted, offers, help.
	Asks  []string `json:"asks"`
	Gives []string `json:"gives"`
	// AsksWithin and GivesWithin are nil, or say that of what lies somewhere, events
	// and opportunities, only that is asked for or given which lies there: within Radius
	// kilometres of a Place.
	AsksWithin  *Place `json:"asksWithin,omitempty"`
	GivesWithin *Place `json:"givesWithin,omitempty"`
	// Location is where the sender itself is: what has no place counts as being there.
	Location *Place `json:"location,omitempty"`
	// Purpose says to people what it is for.
	Purpose string `json:"purpose,omitempty"`
	// Paused says that nothing is shown and sent until the next Follow.
	Paused bool `json:"paused,omitempty"`
}

// ContextPeering is that of a Follow with a Peering, and of its answer.
var ContextPeering = Context{namespace, terms{
	"aushang": ownTerms, "Peering": "aushang:Peering", "agreement": "aushang:agreement",
	"asks":  terms{"@id": "aushang:asks", "@container": "@set"},
	"gives": terms{"@id": "aushang:gives", "@container": "@set"}, "purpose": "aushang:purpose", "paused": "aushang:paused",
	"asksWithin": "aushang:asksWithin", "givesWithin": "aushang:givesWithin",
}}

// maxPurpose is how much is read of what an agreement is for, in characters.
const maxPurpose = 500

func (d document) agreement() *Peering {
	m, ok := d.object("agreement")
	if !ok || m.kind() != "Peering" {
		return nil
	}
	paused := m.flag("paused")
	return &Peering{
		Type: "Peering", Asks: m.words("asks"), Gives: m.words("gives"), Purpose: cut(m.text("purpose"), maxPurpose), Paused: paused != nil && *paused,
		AsksWithin: m.area("asksWithin", true), GivesWithin: m.area("givesWithin", true), Location: m.area("location", false),
	}
}

// kilometres is what the units of ActivityStreams (vocabulary 4, units) are.
var kilometres = map[string]float64{"cm": 1e-5, "feet": 0.0003048, "inches": 0.0000254, "km": 1, "m": 0.001, "": 0.001, "miles": 1.609344}

// area reads a place with coordinates and, if round, a radius, which is given in
// kilometres; nil is one of which nobody can tell what lies there.
func (d document) area(key string, round bool) *Place {
	m, ok := d.object(key)
	if !ok {
		return nil
	}
	lat, okLat := m.number("latitude")
	lon, okLon := m.number("longitude")
	if !okLat || !okLon || lat < -90 || lat > 90 || lon < -180 || lon > 180 {
		return nil
	}
	y, x := Float(lat), Float(lon)
	p := &Place{Type: "Place", Name: cut(m.natural("name"), maxName), Latitude: &y, Longitude: &x}
	if !round {
		return p
	}
	r, ok := m.number("radius")
	unit, known := kilometres[m.term("units")]
	if !ok || !known || r <= 0 {
		return nil
	}
	km := Float(r * unit)
	p.Radius, p.Units = &km, "km"
	return p
}
