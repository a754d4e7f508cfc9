package event

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web/locale"
)

// What an address of a list asks for.
const (
	whenField     = "wann"
	dayField      = "tag"
	categoryField = "thema"
	placeField    = "ort"
	clubField     = "verein"
	afterField    = "nach"
)

// listPath is where the list is.
const listPath = "/veranstaltungen"

// The periods that an address can name.
const (
	thisDay     = "heute"
	nextDay     = "morgen"
	thisWeekend = "wochenende"
	thisWeek    = "woche"
	thisMonth   = "monat"
)

// periods are all of them, in the order in which they are offered.
var periods = []string{thisDay, nextDay, thisWeekend, thisWeek, thisMonth}

// period gives the first moment of a period that is not over yet, and the one
// with which it ends. now is in the zone of the town.
func period(name string, now time.Time) (since, before time.Time, ok bool) {
	today := midnight(now)
	weekday := (int(today.Weekday()) + 6) % 7 // Monday is 0
	saturday := today.AddDate(0, 0, 5-weekday)
	switch name {
	case thisDay:
		return now, today.AddDate(0, 0, 1), true
	case nextDay:
		return today.AddDate(0, 0, 1), today.AddDate(0, 0, 2), true
	case thisWeekend:
		if since = saturday; since.Before(now) {
			since = now
		}
		return since, saturday.AddDate(0, 0, 2), true
	case thisWeek:
		return now, saturday.AddDate(0, 0, 2), true
	case thisMonth:
		return now, monthOf(today).AddDate(0, 1, 0), true
	}
	return time.Time{}, time.Time{}, false
}

// monthOf gives the midnight with which the month of t begins.
func monthOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
}

// most is how far CountWhen counts.
const most = 99

// CountWhen counts what takes place in a period that an address of the list
// can name (?wann=), up to 99.
func (s *Events) CountWhen(ctx context.Context, when string) (int, error) {
	since, before, ok := period(when, s.now().In(s.zone))
	if !ok {
		return 0, problem.NotFoundf("there is no period %q", when)
	}
	list, err := s.outlines(ctx, Filter{Since: since, Before: before}, "", most)
	return len(list), err
}

// A choice is what an address asks for: the words in it as we write them, and
// what they mean.
type choice struct {
	when, day, category, place, club string
	// words are those for the category.
	words term.Term
	Filter
	// first is the day with which what is shown begins; single is true when
	// it is the only one.
	first  time.Time
	single bool
	// clubName is the name of the chosen club.
	clubName string
	// wrong has, for each field, the key of what cannot be understood there, and given
	// is what stands there.
	wrong, given map[string]string
}

// narrowing tells whether more than a time was chosen.
func (c *choice) narrowing() bool { return c.category != "" || c.place != "" || c.club != "" }

// timed tells whether a time was chosen.
func (c *choice) timed() bool { return c.when != "" || c.day != "" }

// values gives what narrows and is understood, and the time too if it is asked for.
func (c *choice) values(timed bool) url.Values {
	v := url.Values{}
	set := func(field, value string) {
		if value != "" && c.wrong[field] == "" {
			v.Set(field, value)
		}
	}
	set(categoryField, c.category)
	set(placeField, c.place)
	set(clubField, c.club)
	if timed {
		set(whenField, c.when)
		set(dayField, c.day)
	}
	return v
}

// asking gives the address of a page with query.
func asking(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// but gives the address of the list with one field set to another value, or
// without it when that is "". What says when goes with each other.
func (c *choice) but(field, value string) string {
	v := c.values(field != whenField && field != dayField)
	v.Del(field)
	if value != "" {
		v.Set(field, value)
	}
	return asking(listPath, v)
}

// choose reads what an address asks for.
func (s *Events) choose(r *http.Request) (choice, error) {
	q := r.URL.Query()
	now := s.now().In(s.zone)
	c := choice{Filter: Filter{Since: now}, first: midnight(now), wrong: map[string]string{}, given: map[string]string{}}
	get := func(field string) string { return strings.TrimSpace(q.Get(field)) }
	if c.day = get(dayField); c.day != "" {
		s.chooseDay(&c)
	} else if c.when = get(whenField); c.when != "" {
		since, before, ok := period(c.when, now)
		if ok {
			c.Since, c.Before, c.first = since, before, midnight(since)
			c.single = c.when == thisDay || c.when == nextDay
		} else {
			c.given[whenField] = c.when
			c.wrong[whenField], c.when = "event.filter.when.wrong", ""
		}
	}
	if c.category = get(categoryField); c.category != "" {
		if known := s.categories().Find(TermList, c.category); known != nil {
			c.Category, c.category, c.words = known.Key, known.Slug, *known
		} else {
			c.given[categoryField] = c.category
			c.wrong[categoryField] = "event.filter.category.wrong"
		}
	}
	if c.place = get(placeField); len(c.place) > 4*maxPlace {
		c.place = ""
	}
	c.Place = c.place
	if c.club = get(clubField); c.club != "" {
		a, err := s.actors.Present(r.Context(), c.club)
		switch {
		case problem.KindOf(err) == problem.NotFound || err == nil && a.Type != actor.Group:
			c.given[clubField] = c.club
			c.wrong[clubField] = "event.filter.club.wrong"
		case err != nil:
			return c, err
		default:
			c.By, c.club, c.clubName = a.ID, a.PreferredUsername, a.DisplayName()
		}
	}
	return c, nil
}

func (s *Events) chooseDay(c *choice) {
	day, ok := ParseDate(c.day, midnight(s.now().In(s.zone)))
	if !ok {
		c.given[dayField] = c.day
		c.wrong[dayField] = "event.filter.day.wrong"
		return
	}
	c.first, c.single = day, true
	c.Since, c.Before = day, day.AddDate(0, 0, 1)
}

// said says when, as a sentence goes on after how many there are.
func (p *Pages) said(c *choice, lang string) string {
	switch {
	case c.day != "":
		return p.web.T(lang, "event.said.day", locale.ShortDate(lang, c.first, p.now().In(p.zone)))
	case c.when == thisMonth:
		return p.web.T(lang, "event.said.month", locale.MonthName(lang, c.first.Month()))
	case c.when != "":
		return p.web.T(lang, "event.said."+c.when)
	}
	return ""
}

// fault says what is wrong with a field, "" for nothing.
func (p *Pages) fault(c *choice, field, lang string) string {
	if key := c.wrong[field]; key != "" {
		return p.web.T(lang, key, c.given[field])
	}
	return ""
}

// unknown names what is not understood, each with the list without it.
func (p *Pages) unknown(c *choice, lang string) []page.Unknown {
	var list []page.Unknown
	for _, f := range []struct{ field, key string }{
		{whenField, "event.filter.when"}, {dayField, "event.filter.day"}, {categoryField, "event.filter.category"}, {clubField, "event.filter.club"},
	} {
		if c.wrong[f.field] != "" {
			list = append(list, page.NewUnknown(p.web, lang, f.key, c.given[f.field], asking(listPath, c.values(true))))
		}
	}
	return list
}

// usual tells whether the list of this choice is one that many ask for: the
// others are without number, and would fill the memory.
func (c *choice) usual() bool {
	chosen := slices.DeleteFunc([]string{c.when, c.category, c.club}, func(s string) bool { return s == "" })
	return c.day == "" && c.place == "" && len(chosen) <= 1
}

// name says in words what a calendar of this choice holds.
func (c *choice) name(lang, town string) string {
	var parts []string
	if c.Category != "" {
		parts = append(parts, c.words.Word(lang))
	}
	if c.place != "" {
		parts = append(parts, c.place)
	}
	if c.clubName != "" {
		parts = append(parts, c.clubName)
	}
	if c.when != "" {
		parts = append(parts, say(lang, "event.filter."+c.when, nil))
	}
	if len(parts) == 0 {
		return town
	}
	return fmt.Sprintf("%s: %s", town, strings.Join(parts, ", "))
}
