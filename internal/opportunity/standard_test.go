package opportunity

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
)

// whole is a draft in which every field says something.
func whole() Draft {
	return Draft{
		Key: "01980000-0000-7000-8000-000000000002", AttributedTo: "https://here.test/ap/actors/1", Name: "Lesen mit Kindern", Text: "Eine *Stunde* vorlesen.",
		Why: "Wer vorgelesen bekommt, liest.", Field: "youth", Times: Recurring, Weekdays: 1 | 8, TimeNote: "vormittags", Effort: "1,5", EffortPer: "week",
		Shifts: "11.7., 14 bis 16 Uhr, 2, Lesezelt\n12.7., 9 bis 11 Uhr, 3", Place: "Grundschule", Remote: true, Emergency: true, Places: "5",
		MinimumAge: "16", MaximumAge: "99", ForYoung: true, ForGroups: true, Skills: "Geduld", Learn: "Erzählen", Languages: []string{"de", "uk"},
		Requirements: []string{"police", "firstaid", "hygiene"}, Requirement: "Ein Abend Einweisung.", Payer: "club", Expenses: "Fahrtkosten gegen Beleg",
		Rewards: []string{"expenses", "certificate"}, Trial: "Zwei Vormittage", Insurance: "Unfall und Haftpflicht", Accessibility: "stufenlos",
		Contact: ForAll, ContactName: "Ina Muster", ContactEmail: "ina@here.test", ContactPhone: "03535 1234", ApplyLink: "https://school.test/lesen",
		Until: "1.10.2026",
	}
}

// typedFrom gives the draft that the form of o would send.
func typedFrom(o *Opportunity, d Draft) Draft {
	again := typed(&page.Input{Values: o.values()})
	again.Key, again.AttributedTo = d.Key, d.AttributedTo
	return again
}

// published gives opportunities as an export has them.
func published(t *testing.T) []*Opportunity {
	t.Helper()
	s := rules(t)
	flexible := cake()
	flexible.Times, flexible.Weekdays, flexible.Places = Flexible, 2, ""
	var list []*Opportunity
	for _, d := range []Draft{cake(), whole(), flexible} {
		o, err := s.Draft(d)
		if err != nil {
			t.Fatal(err)
		}
		o.Author = &actor.Actor{ID: d.AttributedTo, Type: actor.Group, Local: true, PreferredUsername: "schule", Name: "Förderverein", Summary: "<p>Für die Schule.</p>", URL: "https://here.test/vereine/schule"}
		list = append(list, o)
	}
	return list
}

// property says what the standard says of a property of a class.
type property struct {
	// kind is text, boolean, link, day, number (written as a text), time, or the name
	// of a class.
	kind     string
	required bool
}

// classes are those of the standard, in our own words: what is in none of them,
// and no address of its own, is not of the standard.
var classes = map[string]map[string]property{
	"Organisation": {
		"name": {"text", true}, "description": {"text", false}, "website": {"link", false}, "image": {"link", false}, "activity": {"Activity", false},
		"cause": {"term", false}, "charityRegistration": {"Registration", false}, "charityNumber": {"text", false},
	},
	"Registration": {"registrar": {"link", true}, "registrationNumber": {"text", true}},
	"Activity": {
		"title": {"text", true}, "description": {"text", true}, "requiresEmergencyParticipation": {"boolean", false}, "image": {"link", false},
		"publishStart": {"day", false}, "publishEnd": {"day", false}, "organisation": {"Organisation", false}, "role": {"Role", false}, "session": {"Session", false},
	},
	"Role": {
		"title": {"text", false}, "description": {"text", false}, "commitment": {"text", false}, "applyLink": {"link", false},
		"allowsRemoteParticipation": {"boolean", false}, "minimumAge": {"number", false}, "maximumAge": {"number", false}, "activity": {"Activity", false},
		"accessibility": {"text", false}, "requirement": {"term", false}, "reward": {"term", false}, "skill": {"term", false},
	},
	"Session":  {"activity": {"Activity", false}, "location": {"Location", false}, "time": {"Time", false}},
	"Location": {"name": {"text", false}, "address": {"text", false}, "latitude": {"number", false}, "longitude": {"number", false}, "geometry": {"any", false}, "session": {"Session", false}},
	"Time":     {"rdfs:label": {"text", false}, "time:hasBeginning": {"any", false}, "time:hasEnd": {"any", false}},
}

// validate lists what is wrong with something of a class.
func validate(class string, v any, at string) []string {
	if id, ok := v.(string); ok { // named, not embedded
		if !isTerm(id) {
			return []string{at + " names nothing: " + id}
		}
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is no %s", at, class)}
	}
	var wrong []string
	if t, ok := m["type"]; ok && t != class {
		wrong = append(wrong, fmt.Sprintf("%s is a %v and no %s", at, t, class))
	}
	for name, p := range classes[class] {
		if _, there := m[name]; p.required && !there {
			wrong = append(wrong, at+" has no "+name)
		}
	}
	for name, value := range m {
		p, known := classes[class][name]
		switch {
		case name == "type" || name == "@context" || strings.HasPrefix(name, "https://"):
		case name == "id":
			if !isTerm(fmt.Sprint(value)) {
				wrong = append(wrong, at+" has an id that is none")
			}
		case !known:
			wrong = append(wrong, at+" has a "+name+", which is not of the standard")
		default:
			values, many := value.([]any)
			if !many {
				values = []any{value}
			}
			for _, one := range values {
				wrong = append(wrong, check(p.kind, one, at+"."+name)...)
			}
		}
	}
	return wrong
}

func isTerm(s string) bool {
	if strings.HasPrefix(s, "volunteering:") || strings.HasPrefix(s, "urn:uuid:") {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

func check(kind string, v any, at string) []string {
	s, isText := v.(string)
	_, isBool := v.(bool)
	ok := true
	switch kind {
	case "any":
	case "text":
		ok = isText && s != ""
	case "boolean":
		ok = isBool
	case "link", "term":
		ok = isText && isTerm(s)
	case "number":
		_, err := fmt.Sscanf(s, "%g", new(float64))
		ok = isText && err == nil
	case "day":
		ok = isText && len(s) == len("2026-07-11") && s[4] == '-' && s[7] == '-'
	default:
		return validate(kind, v, at)
	}
	if !ok {
		return []string{fmt.Sprintf("%s is no %s: %v", at, kind, v)}
	}
	return nil
}

// validateAll checks a document with many organisations, or one of any class.
func validateAll(t *testing.T, body []byte) []string {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["@context"] != standardContext {
		return []string{"the context is not that of the standard"}
	}
	graph, ok := doc["graph"].([]any)
	if !ok {
		return validate(fmt.Sprint(doc["type"]), doc, fmt.Sprint(doc["type"]))
	}
	var wrong []string
	for i, o := range graph {
		wrong = append(wrong, validate("Organisation", o, fmt.Sprintf("organisation %d", i))...)
	}
	return wrong
}

// TestStandard: the examples of the standard, in our own words, are valid by the
// same rules as what we export, and what is broken is not.
func TestStandard(t *testing.T) {
	body, err := os.ReadFile("testdata/standard.json")
	if err != nil {
		t.Fatal(err)
	}
	var examples []json.RawMessage
	if err := json.Unmarshal(body, &examples); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range examples {
		if wrong := validateAll(t, e); len(wrong) > 0 {
			t.Errorf("%s\n%v", e, wrong)
		}
		for class, properties := range classes {
			for name := range properties {
				if strings.Contains(string(e), `"`+name+`"`) {
					seen[class+"."+name] = true
				}
			}
		}
	}
	for class, properties := range classes {
		for name := range properties {
			if !seen[class+"."+name] && name != "geometry" && name != "charityNumber" {
				t.Errorf("no example has %s.%s", class, name)
			}
		}
	}
	for name, broken := range map[string]string{
		"context": `{"@context":"https://schema.org","type":"Role"}`, "unknown": `{"@context":"` + standardContext + `","type":"Role","wage":"1"}`,
		"boolean": `{"@context":"` + standardContext + `","type":"Role","allowsRemoteParticipation":"no"}`, "age": `{"@context":"` + standardContext + `","type":"Role","minimumAge":"old"}`,
		"title": `{"@context":"` + standardContext + `","type":"Activity","description":"x"}`, "cause": `{"@context":"` + standardContext + `","type":"Organisation","name":"x","cause":["Sport"]}`,
	} {
		if len(validateAll(t, []byte(broken))) == 0 {
			t.Errorf("%s: %s is valid", name, broken)
		}
	}
}

// TestExportIsOfTheStandard: what we export is valid, and says all that an
// opportunity says.
func TestExportIsOfTheStandard(t *testing.T) {
	body, err := json.Marshal(standard(published(t)))
	if err != nil {
		t.Fatal(err)
	}
	if wrong := validateAll(t, body); len(wrong) > 0 {
		t.Errorf("%v\n%s", wrong, body)
	}
	for _, want := range []string{
		`"title":"Lesen mit Kindern"`, "Eine Stunde vorlesen.", `"minimumAge":"16"`, `"maximumAge":"99"`, "DBSCheck", "BasicFirstAidKnowledge", "ns#hygiene",
		"ExpensesReimbursed", "ns#certificate", `"applyLink":"https://school.test/lesen"`, `"allowsRemoteParticipation":true`, `"publishEnd":"2026-10-01"`,
		`"requiresEmergencyParticipation":true`, "YouthDevelopment", "SaturdayAfternoon", "SundayMorning", "2026-07-11T14:00:00+02:00", "time:Tuesday",
		"Wer vorgelesen bekommt", "Geduld", "Erzählen", `"uk"`, "Ein Abend Einweisung.", "Fahrtkosten", "Zwei Vormittage", "Unfall und Haftpflicht",
		"stufenlos", "ina@here.test", "Lesezelt", "1,5 Stunden in der Woche, vormittags",
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the export does not say %s", want)
		}
	}
	var cells [][]string
	for _, o := range published(t) {
		cells = append(cells, o.rows()...)
	}
	if len(cells) != 4 { // one, two shifts, one
		t.Errorf("%d rows", len(cells))
	}
	for _, row := range cells {
		if len(row) != len(columns) {
			t.Errorf("%d cells for %d columns: %v", len(row), len(columns), row)
		}
	}
	var b strings.Builder
	sheet, err := page.NewSheet(&b, columns...)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range cells {
		if err := sheet.Add(row...); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll(); err != nil || len(all) != 5 {
		t.Errorf("%d rows, %v", len(all), err)
	}
}

// TestHiddenContactIsNotExported: only a contact for everybody leaves the house.
func TestHiddenContactIsNotExported(t *testing.T) {
	o := published(t)[1]
	for _, contact := range []string{ByClub, ForApplicants} {
		o.Contact = contact
		body, err := json.Marshal([]any{standard([]*Opportunity{o}), o.structure(), o.rows(), o.note("de")})
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Ina Muster", "ina@here.test", "03535 1234"} {
			if strings.Contains(string(body), secret) {
				t.Errorf("with %s the export says %s", contact, secret)
			}
		}
	}
}

// TestEveryFieldHasAHome: docs/volunteering.md says of every column where it is
// in the standard, or why it is not, and of every property of the standard where
// it comes from.
func TestEveryFieldHasAHome(t *testing.T) {
	body, err := os.ReadFile("../../docs/volunteering.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	var names []string
	for _, of := range []reflect.Type{reflect.TypeFor[Details](), reflect.TypeFor[Shift]()} {
		for i := range of.NumField() {
			if f := of.Field(i); f.Name != "BaseModel" {
				names = append(names, f.Name)
			}
		}
	}
	for _, name := range append(names, columns...) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/volunteering.md says nothing of `%s`", name)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		for _, name := range slices.Sorted(maps.Keys(classes[class])) {
			if !strings.Contains(text, "`"+class+"."+name+"`") {
				t.Errorf("docs/volunteering.md says nothing of `%s.%s`", class, name)
			}
		}
	}
}
