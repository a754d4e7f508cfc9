package event

import (
	"testing"
	"time"

	"codeberg.org/aushang/aushang/web/component"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestPeriods: what heute, wochenende and the like mean, also on a Sunday and
// at the end of a month.
func TestPeriods(t *testing.T) {
	zone := berlin(t)
	thursday := time.Date(2026, 7, 9, 15, 0, 0, 0, zone)
	sunday := time.Date(2026, 7, 12, 15, 0, 0, 0, zone)
	last := time.Date(2026, 12, 31, 23, 0, 0, 0, zone)
	for _, tc := range []struct {
		when          string
		now           time.Time
		since, before string
	}{
		{"heute", thursday, "2026-07-09 15", "2026-07-10 00"},
		{"morgen", thursday, "2026-07-10 00", "2026-07-11 00"},
		{"wochenende", thursday, "2026-07-11 00", "2026-07-13 00"},
		{"woche", thursday, "2026-07-09 15", "2026-07-13 00"},
		{"monat", thursday, "2026-07-09 15", "2026-08-01 00"},
		{"wochenende", sunday, "2026-07-12 15", "2026-07-13 00"},
		{"wochenende", sunday.AddDate(0, 0, 1), "2026-07-18 00", "2026-07-20 00"},
		{"woche", sunday, "2026-07-12 15", "2026-07-13 00"},
		{"monat", last, "2026-12-31 23", "2027-01-01 00"},
		{"morgen", last, "2027-01-01 00", "2027-01-02 00"},
	} {
		since, before, ok := period(tc.when, tc.now)
		if !ok || since.Format("2006-01-02 15") != tc.since || before.Format("2006-01-02 15") != tc.before {
			t.Errorf("%s on %v: %v to %v", tc.when, tc.now, since, before)
		}
	}
	for _, when := range []string{"", "gestern", "Heute", "jahr"} {
		if _, _, ok := period(when, thursday); ok {
			t.Errorf("%q is a period", when)
		}
	}
}

// TestParseViews: the names of months and weeks, and nothing else.
func TestParseViews(t *testing.T) {
	zone := berlin(t)
	for s, want := range map[string]string{
		"2026-07": "2026-07-01", "2026-12": "2026-12-01", "2026-13": "", "2026-00": "", "2026-7": "", "26-07": "", "2026-07-01": "", "": "", "0000-01": "0000-01-01",
	} {
		if got, ok := parseMonth(s, zone); ok != (want != "") || ok && got.Format(time.DateOnly) != want {
			t.Errorf("month %q: %v, %v", s, got, ok)
		}
	}
	for s, want := range map[string]string{
		"2026-W28": "2026-07-06", "2026-W53": "2026-12-28", "2027-W01": "2027-01-04", "2027-W53": "", "2026-W00": "", "2026-W54": "", "2026-28": "", "2026-W1": "", "": "",
		"2020-W01": "2019-12-30",
	} {
		if got, ok := parseWeek(s, zone); ok != (want != "") || ok && got.Format(time.DateOnly) != want {
			t.Errorf("week %q: %v, %v", s, got, ok)
		}
	}
}

// FuzzParseViews: what is read is written back as it was.
func FuzzParseViews(f *testing.F) {
	for _, s := range []string{"2026-07", "2026-W28", "2026-W53", "9999-12", "0000-W01"} {
		f.Add(s)
	}
	zone := berlin(f)
	f.Fuzz(func(t *testing.T, s string) {
		if month, ok := parseMonth(s, zone); ok && (month.Day() != 1 || month.Format("2006-01") != s) {
			t.Errorf("%q is the month of %v", s, month)
		}
		if week, ok := parseWeek(s, zone); ok && (week.Weekday() != time.Monday || weekOf(week) != s) {
			t.Errorf("%q is the week of %v", s, week)
		}
	})
}

// TestSpread: what runs over several days, over midnight, over the ends of the
// month and over the change of the clocks is counted on each of its days.
func TestSpread(t *testing.T) {
	zone := berlin(t)
	s := &Events{zone: zone, now: func() time.Time { return time.Date(2026, 10, 9, 12, 0, 0, 0, zone) }}
	p := &Pages{Events: s}
	month := time.Date(2026, 10, 1, 0, 0, 0, 0, zone)
	at := func(m time.Month, d, h int) time.Time { return time.Date(2026, m, d, h, 0, 0, 0, zone) }
	for name, tc := range map[string]struct {
		start, end time.Time
		days       []int
	}{
		"an evening":          {at(10, 9, 19), at(10, 9, 22), []int{9}},
		"open end":            {at(10, 9, 19), at(10, 9, 19), []int{9}},
		"past midnight":       {at(10, 9, 19), at(10, 10, 2), []int{9, 10}},
		"until midnight":      {at(10, 9, 19), at(10, 10, 0), []int{9}},
		"over the clocks":     {at(10, 24, 19), at(10, 26, 2), []int{24, 25, 26}},
		"from before":         {at(9, 28, 0), at(10, 2, 12), []int{1, 2}},
		"until after":         {at(10, 30, 0), at(11, 4, 12), []int{30, 31}},
		"at its first minute": {at(10, 1, 0), at(10, 1, 1), []int{1}},
		"elsewhere":           {at(10, 9, 23).In(time.FixedZone("x", 9*3600)), at(10, 9, 23), []int{9}},
	} {
		t.Run(name, func(t *testing.T) {
			g := p.grid(month, &choice{}, "de")
			var days []int
			g.spread(month, tc.start, tc.end, func(c *component.MonthDay, day time.Time) {
				if c.Day != day.Day() || c.Out {
					t.Errorf("%v is in the cell of the %d.", day, c.Day)
				}
				days = append(days, c.Day)
			})
			if len(days) != len(tc.days) || days[0] != tc.days[0] || days[len(days)-1] != tc.days[len(tc.days)-1] {
				t.Errorf("it is on %v, want %v", days, tc.days)
			}
		})
	}
	g := p.grid(month, &choice{category: "musik"}, "de")
	if len(g.Weeks) != 5 || !g.Weeks[0][0].Out || g.Weeks[0][0].Day != 28 || g.Weeks[0][3].Out || !g.Weeks[1][4].Today || !g.Weeks[4][6].Out {
		t.Errorf("October\u00a02026 is %+v", g.Weeks)
	}
	if g.Prev.Href != "/veranstaltungen/monat/2026-09?thema=musik" || !g.Prev.Far || g.Next.Label != "November\u00a02026" {
		t.Errorf("it leads to %+v and %+v", g.Prev, g.Next)
	}
	if g := p.grid(time.Date(2036, 10, 1, 0, 0, 0, 0, zone), &choice{}, "de"); g.Next != nil || g.Prev == nil || !g.Prev.Far {
		t.Errorf("the last month leads to %+v and %+v", g.Prev, g.Next)
	}
}

// TestClock: the time of day of all kinds of events, on each of their days.
func TestClock(t *testing.T) {
	zone := berlin(t)
	s := &Events{zone: zone, now: func() time.Time { return time.Date(2026, 7, 9, 12, 0, 0, 0, zone) }}
	p := &Pages{Events: s}
	day := func(d int) time.Time { return time.Date(2026, 7, d, 0, 0, 0, 0, zone) }
	for name, tc := range map[string]struct {
		start, end time.Time
		allDay     bool
		on         time.Time
		want       string
	}{
		"an evening":                 {day(11).Add(19 * time.Hour), day(11).Add(22*time.Hour + 30*time.Minute), false, day(11), "19\u00a0bis\u00a022:30\u00a0Uhr"},
		"open end":                   {day(11).Add(19 * time.Hour), time.Time{}, false, day(11), "19\u00a0Uhr"},
		"past midnight":              {day(11).Add(20 * time.Hour), day(12).Add(2 * time.Hour), false, day(11), "20\u00a0bis\u00a02\u00a0Uhr"},
		"past midnight, the next":    {day(11).Add(20 * time.Hour), day(12).Add(2 * time.Hour), false, day(12), "bis 2\u00a0Uhr"},
		"a weekend":                  {day(10).Add(18 * time.Hour), day(12).Add(15 * time.Hour), false, day(10), "18\u00a0Uhr bis So.,\u00a012.\u00a0Juli"},
		"a weekend, in between":      {day(10).Add(18 * time.Hour), day(12).Add(15 * time.Hour), false, day(11), "bis So.,\u00a012.\u00a0Juli"},
		"a weekend, its last day":    {day(10).Add(18 * time.Hour), day(12).Add(15 * time.Hour), false, day(12), "bis 15\u00a0Uhr"},
		"a whole day":                {day(11), lastSecond(day(11)), true, day(11), "ganztägig"},
		"whole days":                 {day(10), lastSecond(day(12)), true, day(10), "bis So.,\u00a012.\u00a0Juli"},
		"whole days, in between":     {day(10), lastSecond(day(12)), true, day(11), "bis So.,\u00a012.\u00a0Juli"},
		"whole days, the last one":   {day(10), lastSecond(day(12)), true, day(12), "letzter Tag"},
		"whole days into a new year": {day(10), lastSecond(day(12).AddDate(1, 0, 0)), true, day(11), "bis Mo.,\u00a012.\u00a0Juli\u00a02027"},
	} {
		e := &Event{Details: Details{StartTime: tc.start, EndTime: tc.end, AllDay: tc.allDay}}
		if got := p.clock(e, tc.on, "de"); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	for d, want := range map[int]string{8: "", 9: "heute", 10: "morgen", 11: "übermorgen", 12: "in 3\u00a0Tagen"} {
		if got := s.near(day(d), "de"); got != want {
			t.Errorf("the %d. is %q, want %q", d, got, want)
		}
	}
}
