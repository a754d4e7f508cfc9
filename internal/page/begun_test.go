package page

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
)

func TestPlanned(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	g := &Guard{Zone: zone}
	tomorrow := time.Now().In(zone).AddDate(0, 0, 1).Format("02.01.2006")
	spring := time.Date(time.Now().Year()+1, 3, 31, 0, 0, 0, 0, zone)
	for spring.Weekday() != time.Sunday { // the clocks go forward on it
		spring = spring.AddDate(0, 0, -1)
	}
	for _, tc := range []struct{ date, clock, wrong string }{
		{"", "", ""},
		{tomorrow, "8 Uhr", ""},
		{tomorrow, "", fieldPlanTime},
		{"", "8:00", fieldPlanDate},
		{"bald", "8:00", fieldPlanDate},
		{tomorrow, "früh", fieldPlanTime},
		{"1.1.2020", "8:00", fieldPlanDate},
		{"1.1.2199", "8:00", fieldPlanDate},
		{spring.Format("02.01.2006"), "2:30", fieldPlanTime},
	} {
		in := &Input{Values: url.Values{fieldPlanDate: {tc.date}, fieldPlanTime: {tc.clock}}}
		due, err := g.Planned(in)
		if problem.Field(err) != tc.wrong {
			t.Errorf("%q, %q: %v, want a fault at %q", tc.date, tc.clock, err, tc.wrong)
		}
		if tc.wrong == "" && due.IsZero() != (tc.date == "") {
			t.Errorf("%q, %q is %v", tc.date, tc.clock, due)
		}
	}
}

func TestShortened(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.herzfelde.example/": "herzfelde.example/", "https://herzfelde.example/veranstaltungen/0192": "herzfelde.example/veranstaltun…",
	} {
		if got := Shortened(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
}

func TestFolds(t *testing.T) {
	for _, tc := range []struct {
		text string
		want bool
	}{{"kurz", false}, {strings.Repeat("a", maxShown+1), true}, {strings.Repeat("a\n", maxLines), true}} {
		if got := Folds(tc.text); got != tc.want {
			t.Errorf("%d characters fold: %v", len(tc.text), got)
		}
	}
}
