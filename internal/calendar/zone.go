package calendar

import (
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-ical"
)

// The forms of a local time and of an offset (RFC 5545 3.3.5, 3.3.14).
const (
	localTime = "20060102T150405"
	offset    = "-0700"
)

// zones gives the rules of the town's zone and of those that components use,
// for the years in which they do (RFC 5545 3.6.5).
func zones(town *time.Location, components []*ical.Component) ([]*ical.Component, error) {
	first, last := time.Time{}, time.Time{}
	used := []*time.Location{town}
	for _, c := range components {
		for _, name := range []string{ical.PropDateTimeStart, ical.PropDateTimeEnd} {
			p := c.Props.Get(name)
			if p == nil {
				continue
			}
			t, err := p.DateTime(town)
			if err != nil {
				return nil, fmt.Errorf("read the time of a component: %w", err)
			}
			if first.IsZero() || t.Before(first) {
				first = t
			}
			if t.After(last) {
				last = t
			}
			known := func(l *time.Location) bool { return l.String() == t.Location().String() }
			if p.Params.Get(ical.PropTimezoneID) != "" && !slices.ContainsFunc(used, known) {
				used = append(used, t.Location())
			}
		}
	}
	if first.IsZero() {
		// Nothing depends on the year, and the file stays the same for ever.
		first = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		last = first
	}
	var all []*ical.Component
	for _, l := range used {
		if l.String() != "UTC" { // its times need no zone
			all = append(all, zone(l, first, last))
		}
	}
	if len(all) == 0 && len(components) == 0 {
		all = append(all, zone(time.UTC, first, last)) // a calendar cannot be empty
	}
	return all, nil
}

// onset is when a clock changes: at (an instant) from one offset to the next.
type onset struct{ at, before, after time.Time }

// local is what the clock showed at that moment, by which the rules go.
func (o onset) local() time.Time {
	_, seconds := o.before.Zone()
	return o.at.UTC().Add(time.Duration(seconds) * time.Second)
}

// zone gives the rules of a zone from first to last.
func zone(l *time.Location, first, last time.Time) *ical.Component {
	z := ical.NewComponent(ical.CompTimezone)
	z.Props.SetText(ical.PropTimezoneID, l.String())
	// A year more on both sides: the rule in force on the first day began
	// before it, and a rule shows only when it comes again.
	start := time.Date(first.Year()-1, 1, 1, 0, 0, 0, 0, time.UTC).In(l)
	end := time.Date(last.Year()+3, 1, 1, 0, 0, 0, 0, time.UTC)
	var changes [][]onset // those of one kind together
	for t := start; ; {
		_, next := t.ZoneBounds()
		if next.IsZero() || !next.Before(end) {
			break
		}
		o := onset{next, next.Add(-time.Second).In(l), next.In(l)}
		i := slices.IndexFunc(changes, func(same []onset) bool { return same[0].kind() == o.kind() })
		if i < 0 {
			changes, i = append(changes, nil), len(changes)
		}
		changes[i] = append(changes[i], o)
		t = next.In(l)
	}
	if len(changes) == 0 || changes[0][0].at.After(first) {
		z.Children = append(z.Children, observance(onset{start, start, start}))
	}
	for _, same := range changes {
		z.Children = append(z.Children, observance(same...))
	}
	return z
}

// kind tells changes apart that are not the same one year after year.
func (o onset) kind() string { return o.before.Format(offset) + o.after.Format(offset+"MST") }

// observance gives one rule: when it begins, and every year or on which days
// again.
func observance(all ...onset) *ical.Component {
	name := ical.CompTimezoneStandard
	if all[0].after.IsDST() {
		name = ical.CompTimezoneDaylight
	}
	c := ical.NewComponent(name)
	raw := func(name, value string) {
		p := ical.NewProp(name)
		p.Value = value
		c.Props.Add(p)
	}
	raw(ical.PropDateTimeStart, all[0].local().Format(localTime))
	raw(ical.PropTimezoneOffsetFrom, all[0].before.Format(offset))
	raw(ical.PropTimezoneOffsetTo, all[0].after.Format(offset))
	raw(ical.PropTimezoneName, all[0].after.Format("MST"))
	if rule := yearly(all); rule != "" {
		raw(ical.PropRecurrenceRule, rule)
		return c
	}
	for _, o := range all[1:] {
		raw(ical.PropRecurrenceDates, o.local().Format(localTime))
	}
	return c
}

// yearly gives the rule by which all come again, such as the last Sunday in
// March; "" if they follow none.
func yearly(all []onset) string {
	const week = 7
	first := all[0].local()
	nth, fromEnd := true, true
	for i, o := range all {
		t := o.local()
		if t.Month() != first.Month() || t.Weekday() != first.Weekday() || t.Format("150405") != first.Format("150405") || t.Year() != first.Year()+i {
			return ""
		}
		nth = nth && (t.Day()-1)/week == (first.Day()-1)/week
		fromEnd = fromEnd && t.AddDate(0, 0, week).Month() != t.Month()
	}
	day := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[first.Weekday()]
	switch {
	case len(all) == 1: // once is no rule
		return ""
	case fromEnd:
		day = "-1" + day
	case nth:
		day = fmt.Sprintf("%d%s", (first.Day()-1)/week+1, day)
	default:
		return ""
	}
	return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%s", first.Month(), day)
}
