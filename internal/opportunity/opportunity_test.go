package opportunity

import (
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// saturday is a day in summer, at noon in Berlin.
var saturday = time.Date(2026, 7, 4, 10, 0, 0, 0, time.UTC)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// rules gives opportunities that can check what somebody types, without a
// database.
func rules(t *testing.T) *Opportunities {
	t.Helper()
	s := New(nil, actor.New(nil, actor.Site{Origin: "https://here.test"}, nil), nil, nil, nil, nil, berlin(t), "de")
	s.SetClock(func() time.Time { return saturday })
	return s
}

// cake is what a club types that looks for people who sell cake.
func cake() Draft {
	return Draft{
		Key: "01980000-0000-7000-8000-000000000001", AttributedTo: "https://here.test/ap/actors/1", Name: "Kuchen verkaufen", Text: "Dreißig Bleche wollen verkauft werden.",
		Times: Once, Day: "11.7.", From: "14 Uhr", To: "16:30", Place: "Freibad", Places: "4",
	}
}

func TestParseShifts(t *testing.T) {
	today := saturday.In(berlin(t))
	for _, c := range []struct{ typed, want, wrong string }{
		{"11.7., 14:00 bis 16:00, 4, Kuchen verkaufen", "11.07.2026, 14:00 bis 16:00, 4, Kuchen verkaufen", ""},
		{"Sa, 11. Juli 14-15:30", "11.07.2026, 14:00 bis 15:30", ""},
		{"2026-07-11 14:00 to 16:00; 2 people", "11.07.2026, 14:00 bis 16:00, 2", ""},
		{"11.7. 14 bis 16 Uhr, 4 Personen\r\n16 bis 18 Uhr: 2 Plätze, Abbau", "11.07.2026, 14:00 bis 16:00, 4\n11.07.2026, 16:00 bis 18:00, 2, Abbau", ""},
		{"11.7.2026, 20.00 – 02.00, Wache", "11.07.2026, 20:00 bis 02:00, 0, Wache", ""},
		{"12.12. 10:00-12:00 2\n14-16 3 Kuchen", "12.12.2026, 10:00 bis 12:00, 2\n12.12.2026, 14:00 bis 16:00, 0, 3 Kuchen", ""},
		{"\n\n", "", ""},
		{"irgendwann", "", noShift},
		{"14 bis 16 Uhr", "", noShift},
		{"11.7., 25 bis 26 Uhr", "", noShift},
		{"31.2., 14 bis 16 Uhr", "", noShift},
		{"11.7., 14 bis 10 Uhr", "", noEnd},
		{"11.7., 14 bis 16 Uhr, 20000", "", longShift},
		{strings.Repeat("11.7., 14 bis 16 Uhr\n", maxShifts+1), "", "There are more than %d shifts; please leave some out."},
	} {
		shifts, wrong, _ := ParseShifts(c.typed, today)
		if got := FormatShifts(shifts); got != c.want || wrong != c.wrong {
			t.Errorf("%q is %q, %q", c.typed, got, wrong)
		}
		if again, wrong, _ := ParseShifts(c.want, today); wrong != "" || FormatShifts(again) != c.want {
			t.Errorf("%q is not read as it is written: %q", c.want, wrong)
		}
	}
}

func FuzzParseShifts(f *testing.F) {
	f.Add("11.7., 14:00 bis 16:00, 4, Kuchen")
	f.Add("Sa 11. Juli 14-15\n16-18, 2")
	f.Fuzz(func(t *testing.T, typed string) {
		shifts, wrong, line := ParseShifts(typed, saturday)
		if wrong != "" && line < 1 {
			t.Errorf("line %d", line)
		}
		for _, s := range shifts {
			if !s.EndsAt.After(s.StartsAt) || s.Places < 0 || s.Places > maxPlaces {
				t.Errorf("%+v", s)
			}
		}
		if again, wrong, _ := ParseShifts(FormatShifts(shifts), saturday); wrong != "" || FormatShifts(again) != FormatShifts(shifts) {
			t.Errorf("%q becomes %q: %s", FormatShifts(shifts), FormatShifts(again), wrong)
		}
	})
}

// TestWhatIsWrong: what is wrong is said at its field.
func TestWhatIsWrong(t *testing.T) {
	s := rules(t)
	for field, change := range map[string]func(*Draft){
		"":              func(*Draft) {},
		"name":          func(d *Draft) { d.Name = " " },
		"text":          func(d *Draft) { d.Text = "\n" },
		"why":           func(d *Draft) { d.Why = strings.Repeat("x", maxReason+1) },
		"field":         func(d *Draft) { d.Field = "gambling" },
		"times":         func(d *Draft) { d.Times = "" },
		"day":           func(d *Draft) { d.Day = "" },
		"from":          func(d *Draft) { d.From = "" },
		"to":            func(d *Draft) { d.From, d.To = "8:00", "7:00" },
		"shifts":        func(d *Draft) { d.Day, d.Shifts = "", "bald" },
		"effort":        func(d *Draft) { d.Effort = "viel" },
		"effort-per":    func(d *Draft) { d.EffortPer = "decade" },
		"place":         func(d *Draft) { d.Place = "" },
		"places":        func(d *Draft) { d.Places = "ein paar" },
		"minimum-age":   func(d *Draft) { d.MinimumAge = "-1" },
		"maximum-age":   func(d *Draft) { d.MinimumAge, d.MaximumAge = "18", "16" },
		"languages":     func(d *Draft) { d.Languages = []string{"de,en"} },
		"requirements":  func(d *Draft) { d.Requirements = []string{"wings"} },
		"payer":         func(d *Draft) { d.Payer = "nobody" },
		"contact-email": func(d *Draft) { d.Contact = ForAll },
		"contact-phone": func(d *Draft) { d.Contact, d.ContactPhone = ForAll, "ruf an" },
		"contact":       func(d *Draft) { d.Contact = "everyone" },
		"apply-link":    func(d *Draft) { d.ApplyLink = "javascript:alert(1)" },
		"until":         func(d *Draft) { d.Times, d.Until = Flexible, "1.1.2020" },
	} {
		d := cake()
		change(&d)
		_, err := s.Draft(d)
		if got := problem.Field(err); got != field {
			t.Errorf("%s: %q, %v", field, got, err)
		}
	}
}

// TestRunningTime: what happens once is listed to its end, all else half a year,
// or as long as somebody says.
func TestRunningTime(t *testing.T) {
	s, zone := rules(t), berlin(t)
	for _, c := range []struct {
		change func(*Draft)
		want   time.Time
	}{
		{func(*Draft) {}, time.Date(2026, 7, 11, 16, 30, 0, 0, zone)},
		{func(d *Draft) { d.From, d.To = "", "" }, time.Date(2026, 7, 12, 0, 0, 0, 0, zone)},
		{func(d *Draft) { d.Day, d.Shifts = "", "11.7., 14 bis 16 Uhr\n12.7., 9 bis 11 Uhr" }, time.Date(2026, 7, 12, 11, 0, 0, 0, zone)},
		{func(d *Draft) { d.Until = "1.9.2026" }, time.Date(2026, 7, 11, 16, 30, 0, 0, zone)},
		{func(d *Draft) { d.Until = "8.7.2026" }, time.Date(2026, 7, 8, 23, 59, 59, 0, zone)},
		{func(d *Draft) { d.Times = Recurring }, time.Date(2026, 12, 31, 23, 59, 59, 0, zone)},
		{func(d *Draft) { d.Times, d.Until = Flexible, "1.9.2026" }, time.Date(2026, 9, 1, 23, 59, 59, 0, zone)},
	} {
		d := cake()
		c.change(&d)
		if o, err := s.Draft(d); err != nil || !o.Until.Equal(c.want) {
			t.Errorf("%+v: %v, %v", d, o.Until, err)
		}
	}
}

// TestShiftsKeepTheirIDs: applications point to shifts, so one that is moved is
// still the same.
func TestShiftsKeepTheirIDs(t *testing.T) {
	s := rules(t)
	d := cake()
	d.Shifts = "11.7., 14 bis 16 Uhr, 2\n11.7., 16 bis 18 Uhr, 2"
	o, err := s.Draft(d)
	if err != nil {
		t.Fatal(err)
	}
	first, second := o.Shifts[0].ID, o.Shifts[1].ID
	if first == "" || first == second {
		t.Fatalf("the ids are %q and %q", first, second)
	}
	for _, c := range []struct {
		lines string
		want  []string
	}{
		{"11.7., 14 bis 16 Uhr, 3, Kasse\n11.7., 16 bis 18 Uhr, 2", []string{first, second}},
		{"11.7., 14 bis 16 Uhr, 2\n11.7., 17 bis 19 Uhr, 2", []string{first, second}},
		{"11.7., 16 bis 18 Uhr, 2", []string{second}},
		{"11.7., 16 bis 18 Uhr, 2\n11.7., 8 bis 10 Uhr\n11.7., 10 bis 12 Uhr", []string{"", "", second}},
	} {
		one := *o
		d.Shifts = c.lines
		if err := s.apply(&one, d); err != nil {
			t.Fatal(err)
		}
		for i, shift := range one.Shifts {
			if c.want[i] != "" && shift.ID != c.want[i] || c.want[i] == "" && (shift.ID == first || shift.ID == second || shift.ID == "") {
				t.Errorf("%q: shift %d has the id %s", c.lines, i, shift.ID)
			}
		}
	}
}

// TestValuesAreReadAgain: what the form of an opportunity shows makes the same
// opportunity.
func TestWhatTheFormShowsMakesTheSame(t *testing.T) {
	s := rules(t)
	full := whole()
	for name, d := range map[string]Draft{"once": cake(), "all": full} {
		o, err := s.Draft(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Draft(typedFrom(o, d))
		if err != nil {
			t.Fatal(err)
		}
		keepShifts(o.Shifts, again.Shifts)
		if !o.same(again) {
			t.Errorf("%s: %+v becomes %+v", name, o.Details, again.Details)
		}
	}
}
