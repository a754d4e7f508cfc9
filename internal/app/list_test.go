package app

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/event"
)

// TestRunningAndComing: what runs at a time comes before what begins later, each once
// however small the pages are, for all clubs and for one, with and without an
// end of the time that is asked for.
func TestRunningAndComing(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		other := v.second()
		day := time.Now().In(v.Config.Location()).AddDate(0, 0, 10)
		at := func(days, hour int) string {
			return time.Date(day.Year(), day.Month(), day.Day()+days, hour, 0, 0, 0, day.Location()).Format("2006-01-02T15:04")
		}
		v.on(v.club.ID, "over", at(-2, 9), at(-2, 10))
		v.on(v.club.ID, "over without an end", at(-1, 9), "")
		v.on(v.club.ID, "ends now", at(-1, 9), at(0, 12))
		v.on(v.club.ID, "runs for long", at(-3, 9), at(5, 9))
		v.on(other.ID, "runs", at(0, 11), at(0, 13))
		v.on(v.club.ID, "runs too", at(0, 11), at(3, 13))
		v.on(v.club.ID, "begins now", at(0, 12), "")
		v.on(other.ID, "later", at(1, 9), at(1, 10))
		v.on(v.club.ID, "later too", at(1, 9), "")
		v.on(v.club.ID, "much later", at(4, 9), "")
		noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, day.Location())
		for _, tc := range []struct {
			event.Filter
			want []string
		}{
			{event.Filter{Since: noon}, []string{"runs for long", "runs", "runs too", "begins now", "later", "later too", "much later"}},
			{event.Filter{Since: noon, By: other.ID}, []string{"runs", "later"}},
			{event.Filter{Since: noon, Before: noon.AddDate(0, 0, 1)}, []string{"runs for long", "runs", "runs too", "begins now", "later", "later too"}},
			{event.Filter{Since: noon, Before: noon}, []string{"runs for long", "runs", "runs too"}},
			{event.Filter{}, []string{"runs for long", "over", "over without an end", "ends now", "runs", "runs too", "begins now", "later", "later too", "much later"}},
		} {
			for size := 1; size <= len(tc.want)+1; size++ {
				var got []string
				for after := ""; ; {
					page, err := v.Events.List(t.Context(), tc.Filter, after, size)
					if err != nil {
						t.Fatal(err)
					}
					for _, e := range page {
						got, after = append(got, e.Name), e.ID
					}
					if len(page) < size {
						break
					}
				}
				if !slices.Equal(got, tc.want) {
					t.Errorf("%+v in pages of %d: %q, want %q", tc.Filter, size, got, tc.want)
				}
			}
		}
	})
}

// TestClubPages: the directory of clubs is read a page at a time, each club once.
func TestClubPages(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		const more = 124 // beside the one that is there
		for n := range more {
			name := []string{"Chor", "chor", "Ähre"}[n%3] // many have the same name
			if _, err := v.Clubs.Create(t.Context(), actor.Operator, club.Draft{Handle: fmt.Sprint("verein", n), Name: name, Active: true}); err != nil {
				t.Fatal(err)
			}
		}
		seen, sizes := map[string]int{}, []int{}
		card := regexp.MustCompile(`href="/vereine/([a-z0-9]+)"`)
		next := regexp.MustCompile(`href="(/vereine\?ab=[a-z0-9]+)" rel="next"`)
		for path := "/vereine"; path != "" && len(sizes) < 9; {
			page := v.get(path, html).Body.String()
			size := 0
			for _, m := range card.FindAllStringSubmatch(page, -1) {
				seen[m[1]]++
				size++
			}
			sizes, path = append(sizes, size), ""
			if m := next.FindStringSubmatch(page); m != nil {
				path = m[1]
			}
		}
		if !slices.Equal(sizes, []int{60, 60, 5}) || len(seen) != more+1 {
			t.Errorf("%d clubs on pages with %v", len(seen), sizes)
		}
		if w := v.get("/vereine?ab=niemand", html); w.Code != http.StatusNotFound {
			t.Errorf("from a club that is not there on: %d", w.Code)
		}
		if page := v.get("/vereine?lang=en", html).Body.String(); !strings.Contains(page, ">Next") {
			t.Error("the link has no English words")
		}
	})
}
