package activitystreams

import (
	"strconv"
	"time"
)

// An Intent is what a Proposal publishes (FEP-0837): here the wish that
// somebody gives a hand.
type Intent struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Action string `json:"action"`
	// ResourceQuantity is how many persons are wanted, AvailableQuantity how many
	// of these places are free; nil for any number.
	ResourceQuantity  *Measure `json:"resourceQuantity,omitempty"`
	AvailableQuantity *Measure `json:"availableQuantity,omitempty"`
}

// A Measure is a number of something (FEP-0837). The number is written as a
// text, and read as a text or a number.
type Measure struct {
	HasUnit           string `json:"hasUnit"`
	HasNumericalValue string `json:"hasNumericalValue"`
}

// Persons gives the measure of n persons.
func Persons(n int) *Measure { return &Measure{"one", strconv.Itoa(n)} }

// Number is the number of the measure; ok is false for what is none from 0 on.
func (m *Measure) Number() (n int, ok bool) {
	if m == nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(m.HasNumericalValue, 64)
	return int(f), err == nil && f >= 0 && f <= maxSize
}

// An Opportunity is what a Note that asks for help says beyond its text, in
// terms of our own (docs/federation.md, opportunities). Words that have a fixed
// list are told by their keys.
type Opportunity struct {
	Type string `json:"type"`
	Name string `json:"name"`
	// Task is HTML: the text without what content says in words.
	Task          string    `json:"task"`
	Why           string    `json:"why,omitempty"`
	State         string    `json:"state"`
	Reason        string    `json:"reason,omitempty"`
	Cause         string    `json:"cause,omitempty"`
	Times         string    `json:"times"`
	Weekdays      []string  `json:"weekdays,omitempty"`
	TimeNote      string    `json:"timeNote,omitempty"`
	StartTime     time.Time `json:"startTime,omitzero"`
	EndTime       time.Time `json:"endTime,omitzero"`
	Timezone      string    `json:"timezone,omitempty"`
	EffortMinutes int       `json:"effortMinutes,omitempty"`
	EffortPer     string    `json:"effortPer,omitempty"`
	Remote        bool      `json:"remote,omitempty"`
	Emergency     bool      `json:"emergency,omitempty"`
	MinimumAge    int       `json:"minimumAge,omitempty"`
	MaximumAge    int       `json:"maximumAge,omitempty"`
	ForYoung      bool      `json:"forYoung,omitempty"`
	ForGroups     bool      `json:"forGroups,omitempty"`
	Skills        string    `json:"skills,omitempty"`
	Learn         string    `json:"learn,omitempty"`
	Languages     []string  `json:"languages,omitempty"`
	Requirements  []string  `json:"requirements,omitempty"`
	Requirement   string    `json:"requirement,omitempty"`
	Payer         string    `json:"payer,omitempty"`
	Expenses      string    `json:"expenses,omitempty"`
	Rewards       []string  `json:"rewards,omitempty"`
	Trial         string    `json:"trial,omitempty"`
	Insurance     string    `json:"insurance,omitempty"`
	Accessibility string    `json:"accessibility,omitempty"`
	ApplyLink     string    `json:"applyLink,omitempty"`
	// Contact is there only when the club wants everybody to see it.
	Contact *Contact `json:"contact,omitempty"`
	Shifts  []Shift  `json:"shifts,omitempty"`
}

// A Contact is whom to ask.
type Contact struct {
	Type      string `json:"type"`
	Name      string `json:"name,omitempty"`
	Email     string `json:"email,omitempty"`
	Telephone string `json:"telephone,omitempty"`
}

// A Shift is a time in which help is wanted. Places is 0 for any number.
type Shift struct {
	Type      string    `json:"type"`
	ID        string    `json:"id"`
	StartTime time.Time `json:"startTime"`
	EndTime   time.Time `json:"endTime"`
	Places    int       `json:"places,omitempty"`
	Taken     int       `json:"taken,omitempty"`
	Note      string    `json:"note,omitempty"`
}

// ContextOpportunity is that of a Note that asks for help.
var ContextOpportunity = Context{namespace, merged(objectTerms, opportunityTerms())}

// Terms of our own begin with this; nothing is to be fetched there.
const ownTerms = "https://codeberg.org/aushang/aushang/ns#"

func opportunityTerms() terms {
	t := terms{
		"vf": "https://w3id.org/valueflows/ont/vf#", "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
		"Intent": "vf:Intent", "purpose": "vf:purpose", "publishes": "vf:publishes", "action": "vf:action", "unitBased": "vf:unitBased",
		"resourceQuantity": "vf:resourceQuantity", "availableQuantity": "vf:availableQuantity",
		"hasUnit": "om2:hasUnit", "hasNumericalValue": "om2:hasNumericalValue",
		"aushang": ownTerms, "mz": "https://joinmobilizon.org/ns#", "timezone": "mz:timezone",
		"Opportunity": "aushang:Opportunity", "Shift": "aushang:Shift", "Contact": "aushang:Contact",
	}
	for _, name := range []string{
		"opportunity", "task", "why", "state", "reason", "cause", "times", "weekdays", "timeNote", "effortMinutes", "effortPer", "remote", "emergency",
		"minimumAge", "maximumAge", "forYoung", "forGroups", "skills", "learn", "languages", "requirements", "requirement", "payer", "expenses", "rewards",
		"trial", "insurance", "accessibility", "applyLink", "contact", "email", "telephone", "shifts", "places", "taken",
	} {
		t[name] = "aushang:" + name
	}
	return t
}

// ContextOf gives the context that explains o when it stands alone or in an
// activity.
func ContextOf(o *Object) Context {
	switch {
	case o.Type == "Event":
		return ContextEvent
	case o.Opportunity != nil:
		return ContextOpportunity
	case o.Type == Agreement:
		return ContextAgreement
	}
	return ContextObject
}

const (
	maxShifts   = 200
	maxKeywords = 40
)

func (d document) intent() *Intent {
	m, ok := d.object("publishes")
	if !ok || m.kind() != "Intent" {
		return nil
	}
	return &Intent{
		Type: "Intent", ID: m.address("id"), Action: m.term("action"),
		ResourceQuantity: m.measure("resourceQuantity"), AvailableQuantity: m.measure("availableQuantity"),
	}
}

func (d document) measure(key string) *Measure {
	m, ok := d.object(key)
	if !ok {
		return nil
	}
	value := m.within("hasNumericalValue", maxNumber)
	if f, ok := m.number("hasNumericalValue"); ok && value == "" {
		value = strconv.FormatFloat(f, 'f', -1, 64)
	}
	return &Measure{HasUnit: m.term("hasUnit"), HasNumericalValue: value}
}

// words gives the keys that a property lists.
func (d document) words(key string) []string {
	var list []string
	for _, v := range d.many(key) {
		if s, ok := v.(string); ok && s != "" && len(s) <= maxTerm && len(list) < maxKeywords {
			list = append(list, s)
		}
	}
	return list
}

func (d document) opportunity() *Opportunity {
	m, ok := d.object("opportunity")
	if !ok || m.kind() != "Opportunity" {
		return nil
	}
	line := func(key string) string { return cut(m.text(key), maxSummary) }
	is := func(key string) bool { b := m.flag(key); return b != nil && *b }
	o := &Opportunity{
		Type: "Opportunity", Name: cut(m.natural("name"), maxName), Task: cutBytes(m.text("task"), maxContent), Why: line("why"),
		State: m.term("state"), Reason: line("reason"), Cause: m.term("cause"), Times: m.term("times"), Weekdays: m.words("weekdays"),
		TimeNote: line("timeNote"), StartTime: m.time("startTime"), EndTime: m.time("endTime"), Timezone: m.term("timezone"),
		EffortMinutes: m.size("effortMinutes"), EffortPer: m.term("effortPer"), Remote: is("remote"), Emergency: is("emergency"),
		MinimumAge: m.size("minimumAge"), MaximumAge: m.size("maximumAge"), ForYoung: is("forYoung"), ForGroups: is("forGroups"),
		Skills: line("skills"), Learn: line("learn"), Languages: m.words("languages"), Requirements: m.words("requirements"),
		Requirement: line("requirement"), Payer: m.term("payer"), Expenses: line("expenses"), Rewards: m.words("rewards"), Trial: line("trial"),
		Insurance: line("insurance"), Accessibility: line("accessibility"), ApplyLink: m.link("applyLink"),
	}
	if c, ok := m.object("contact"); ok {
		o.Contact = &Contact{Type: "Contact", Name: cut(c.natural("name"), maxName), Email: c.within("email", maxName), Telephone: c.within("telephone", maxTerm)}
	}
	for _, v := range m.many("shifts") {
		s, ok := v.(map[string]any)
		if !ok || len(o.Shifts) == maxShifts {
			continue
		}
		one := document(s)
		o.Shifts = append(o.Shifts, Shift{
			Type: "Shift", ID: one.address("id"), StartTime: one.time("startTime"), EndTime: one.time("endTime"),
			Places: one.size("places"), Taken: one.size("taken"), Note: cut(one.text("note"), maxName),
		})
	}
	return o
}
