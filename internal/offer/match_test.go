package offer

import (
	"fmt"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/problem"
)

// TestMatch: what either side rules out never fits, and what fits says why.
func TestMatch(t *testing.T) {
	lat, lon, far := 51.69, 13.22, 52.52
	here := func(o *Offer) { o.Latitude, o.Longitude, o.Radius = &lat, &lon, 10 }
	for _, tc := range []struct {
		name  string
		offer func(*Offer)
		need  func(*Need)
		want  string // kinds and what they say; "" for what does not fit
	}{
		{"nothing in common", func(o *Offer) { o.Fields = ",music," }, func(n *Need) { n.Field = "sport" }, ""},
		{"the topic", func(o *Offer) { o.Fields = ",music,sport," }, func(n *Need) { n.Field = "sport" }, "field sport"},
		{"a skill, in a longer word", func(o *Offer) { o.Fields, o.Skills = ",music,", "Kuchen, Gitarre" }, func(n *Need) { n.Skills = "Kuchenbuffet" }, "skill Kuchen"},
		{"a short skill is a word of its own", func(o *Offer) { o.Fields, o.Skills = ",music,", "Ski" }, func(n *Need) { n.Name = "Skizzen ordnen" }, ""},
		{"a skill of two words", func(o *Offer) { o.Fields, o.Skills = ",music,", "erste Hilfe" }, func(n *Need) { n.Learn = "Erste Hilfe am Kind" }, "skill erste Hilfe"},
		{"near", func(o *Offer) { here(o) }, func(n *Need) { n.Latitude, n.Longitude = &lat, &lon }, "near 0"},
		{"too far", func(o *Offer) { here(o); o.Fields = ",sport," }, func(n *Need) { n.Field, n.Latitude, n.Longitude = "sport", &far, &lon }, ""},
		{"far, but from home", func(o *Offer) { here(o); o.Fields, o.Home = ",sport,", true }, func(n *Need) { n.Field, n.Remote, n.Latitude, n.Longitude = "sport", true, &far, &lon }, "field sport, home"},
		{"nobody knows where", func(o *Offer) { here(o); o.Fields = ",sport," }, func(n *Need) { n.Field = "sport" }, "field sport"},
		{"how often", func(o *Offer) { o.Fields, o.Times = ",sport,", ",once,oncall," }, func(n *Need) { n.Field, n.Times = "sport", "recurring" }, ""},
		{"how often, the same", func(o *Offer) { o.Fields, o.Times = ",sport,", ",once," }, func(n *Need) { n.Field, n.Times = "sport", "once" }, "field sport, times once"},
		{"another day of the week", func(o *Offer) { o.Fields, o.Weekdays = ",sport,", 1 }, func(n *Need) { n.Field, n.Weekdays = "sport", 2 }, ""},
		{"one of the days", func(o *Offer) { o.Fields, o.Weekdays = ",sport,", 3 }, func(n *Need) { n.Field, n.Weekdays = "sport", 2|4 }, "field sport, day 2"},
		{"no shift at that time of day", func(o *Offer) { o.Fields, o.Weekdays, o.Dayparts = ",sport,", 32, Evening }, func(n *Need) { n.Field, n.slots = "sport", []slot{{32, Morning}, {64, Evening}} }, ""},
		{"a shift at that time", func(o *Offer) { o.Fields, o.Weekdays, o.Dayparts = ",sport,", 32|64, Evening }, func(n *Need) { n.Field, n.slots = "sport", []slot{{32, Morning}, {64, Evening}} }, "field sport, day 64, part 4"},
		{"a language that nobody speaks", func(o *Offer) { o.Languages = ",de," }, func(n *Need) { n.Languages = ",tr," }, ""},
		{"a language", func(o *Offer) { o.Fields, o.Languages = ",music,", ",de,tr," }, func(n *Need) { n.Languages = ",tr," }, "language tr"},
		{"German alone is no reason", func(o *Offer) { o.Fields, o.Languages = ",music,", ",de," }, func(n *Need) { n.Languages = ",de," }, ""},
		{"not for young people", func(o *Offer) { o.Fields, o.Young = ",sport,", true }, func(n *Need) { n.Field, n.MinimumAge = "sport", 18 }, ""},
		{"from 16", func(o *Offer) { o.Fields, o.Young = ",sport,", true }, func(n *Need) { n.Field, n.MinimumAge = "sport", 16 }, "field sport, young"},
		{"not for groups", func(o *Offer) { o.Fields, o.Several = ",sport,", true }, func(n *Need) { n.Field = "sport" }, ""},
		{"for groups", func(o *Offer) { o.Fields, o.Several = ",sport,", true }, func(n *Need) { n.Field, n.ForGroups = "sport", true }, "field sport, group"},
	} {
		o, n := new(Offer), new(Need)
		tc.offer(o)
		tc.need(n)
		n.said = wordsOf(n.Name + " " + n.Skills + " " + n.Learn)
		got := ""
		if f, ok := Match(o, n); ok {
			var all []string
			for _, r := range f.Reasons {
				said := r.Kind
				switch {
				case len(r.Words) > 0:
					said += " " + strings.Join(r.Words, ",")
				case r.Kind == ByDistance || r.Kind == ByDay || r.Kind == ByPart:
					said += fmt.Sprint(" ", r.N)
				}
				all = append(all, said)
			}
			got = strings.Join(all, ", ")
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestPublicSaysNobody: what everybody may read has no name, no address and no
// number in its words.
func TestPublicSaysNobody(t *testing.T) {
	s := New(nil, nil, Words{Fields: []string{"sport"}}, nil)
	for about, want := range map[string]bool{
		"Ich lese gern vor.": true, "Ich bin Anna und lese gern vor.": false, "Mail an a@example.org": false, "Tel. 03535 / 12 34": false, "Ich habe 2 Stunden, 3 Tage": true, "In Annahütte": true,
	} {
		err := s.apply(new(Offer), Draft{About: about, Public: true}, "Anna Ö. Amsel")
		if ok := err == nil; ok != want {
			t.Errorf("%q: %v", about, err)
		}
	}
	err := s.apply(new(Offer), Draft{Fields: []string{"krieg"}, Radius: 7, Phone: "anrufen!", Skills: strings.Repeat("x", 400)}, "")
	var fields []string
	for _, e := range problem.FieldsOf(err) {
		fields = append(fields, e.Field)
	}
	if got := strings.Join(fields, " "); got != "skills fields radius phone" {
		t.Errorf("the faults are %s", got)
	}
}
