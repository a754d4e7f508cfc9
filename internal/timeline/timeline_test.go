package timeline

import (
	"testing"
	"time"

	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// TestShow: the start page shows this week when there is enough of it, and what
// comes next otherwise.
func TestShow(t *testing.T) {
	now := time.Date(2026, 7, 9, 12, 0, 0, 0, time.UTC)
	in := func(days ...int) New {
		var n New
		for _, d := range days {
			n.Events = append(n.Events, component.EventRow{Start: now.AddDate(0, 0, d)})
		}
		return n
	}
	for name, tc := range map[string]struct {
		news  New
		week  bool
		shown int
	}{
		"nothing":              {in(), false, 0},
		"a full week":          {in(0, 1, 2, 3, 6, 6), true, 6},
		"a week and more":      {in(0, 1, 2, 8, 9), true, 3},
		"little this week":     {in(0, 1, 8, 9), false, 4},
		"nothing this week":    {in(8, 9), false, 2},
		"what runs since long": {in(-30, 1, 2, 20), true, 3},
	} {
		if v := show(web.Look{}, all, tc.news, now); v.Week != tc.week || len(v.Events) != tc.shown {
			t.Errorf("%s: %v, %d events", name, v.Week, len(v.Events))
		}
	}
	news := in()
	news.Clubs, news.Today = []component.ClubCard{{Handle: "@tsv@here.test"}}, component.Count(3)
	v := show(web.Look{Name: "Dorf", Picture: "/media/x.jpg"}, all, news, now)
	if v.Handle != "@tsv@here.test" || v.Picture != "/media/x.jpg" || v.Town != "Dorf" || *v.Chips.List[0].Count != 3 || v.Chips.List[1].Count != nil {
		t.Errorf("%+v", v)
	}
}

func TestIcons(t *testing.T) {
	for key, want := range map[string]string{"news.follow": "user", "news.report": "flag", "news.unknown": "bell"} {
		if got := (item{Key: key}).Icon(); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}

// all is a town that uses everything.
func all(string) bool { return true }
