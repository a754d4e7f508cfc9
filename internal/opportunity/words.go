package opportunity

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"codeberg.org/aushang/aushang/web/locale"
)

// spoken are our own words, for what is made without a page around it: a
// document for others, a calendar, or a row for the page of somebody else.
var spoken = sync.OnceValue(func() *locale.Catalogue {
	c, err := locale.NewCatalogue(Files)
	if err != nil {
		panic(err) // the site, which reads the same files, did not start either
	}
	return c
})

func spokenIn(language string) string {
	if language == "en" {
		return language
	}
	return "de"
}

// say gives the words of key with data filled in; German unless English is asked
// for.
func say(language, key string, data any) string {
	words, err := spoken().Message(spokenIn(language), key, data)
	if err != nil {
		return ""
	}
	return words
}

// count gives the words of key for a number.
func count(language, key string, n int) string {
	words, err := spoken().Plural(spokenIn(language), key, n)
	if err != nil {
		return ""
	}
	return words
}

// sayAll gives the words of keys that stand between commas, after prefix.
func sayAll(language, prefix, keys string) []string {
	var list []string
	for _, key := range Split(keys) {
		if words := say(language, prefix+key, nil); words != "" {
			list = append(list, words)
		}
	}
	return list
}

// Effort says how much time it takes, "" when that is not said: "2 Stunden", "3
// Stunden die Woche".
func (d *Details) Effort(language string) string {
	if d.EffortMinutes == 0 {
		return ""
	}
	words := Duration(language, d.EffortMinutes)
	if d.EffortPer != "" && d.EffortPer != "once" {
		words += " " + say(language, "opportunity.per."+d.EffortPer, nil)
	}
	return words
}

// Duration says a time in minutes.
func Duration(language string, minutes int) string {
	if minutes < 60 {
		return count(language, "opportunity.minutes", minutes)
	}
	if minutes%60 == 0 {
		return count(language, "opportunity.hours", minutes/60)
	}
	number := fmt.Sprintf("%.1f", float64(minutes)/60)
	if spokenIn(language) == "de" {
		number = strings.Replace(number, ".", ",", 1)
	}
	return say(language, "opportunity.hours.part", number)
}

// Kind says how often help is wanted and how long that takes: "Einmalig, 3
// Stunden".
func (d *Details) Kind(language string) string {
	words := say(language, "opportunity.times."+d.Times, nil)
	if effort := d.Effort(language); effort != "" {
		words += ", " + effort
	}
	return words
}

// When says when help is wanted, "" when that is not said.
func (o *Opportunity) When(language string) string {
	return o.when(language, locale.DateRange(language, o.StartTime, o.EndTime, o.AllDay()))
}

// Brief says the same, with the year only when that is another one than now.
func (o *Opportunity) Brief(language string, now time.Time) string {
	return o.when(language, locale.ShortRange(language, o.StartTime, o.EndTime, o.AllDay(), now))
}

func (o *Opportunity) when(language, dates string) string {
	var parts []string
	switch {
	case o.Times == Once && !o.StartTime.IsZero():
		parts = append(parts, dates)
	case o.Weekdays != 0:
		parts = append(parts, o.days(language))
	}
	if o.TimeNote != "" {
		parts = append(parts, o.TimeNote)
	}
	return strings.Join(parts, ", ")
}

// days names the days of the week.
func (d *Details) days(language string) string {
	var list []string
	for _, day := range week {
		if d.Weekdays&Weekday(day) != 0 {
			list = append(list, locale.WeekdayName(language, day))
		}
	}
	return strings.Join(list, ", ")
}

// Where says where help is wanted.
func (d *Details) Where(language string) string {
	switch {
	case d.Place == "":
		return say(language, "opportunity.remote", nil)
	case d.Remote:
		return d.Place + " " + say(language, "opportunity.remote.or", nil)
	}
	return d.Place
}

// Seeking says how many are wanted still, "" when that is not said.
func (o *Opportunity) Seeking(language string) string {
	places, free, any := o.Wanted()
	switch {
	case o.State == Cancelled || o.State == Expired:
		return ""
	case o.State == Filled || !any && free == 0:
		return say(language, "opportunity.filled", nil)
	case any:
		return ""
	case free == places:
		return count(language, "opportunity.wanted", places)
	}
	return say(language, "opportunity.free", map[string]int{"Free": free, "Places": places})
}

// wanted says how many are wanted in a line that says already that somebody is: "5
// Personen".
func (o *Opportunity) wanted(language string) string {
	if places, free, any := o.Wanted(); o.State == Open && !any && free == places {
		return count(language, "opportunity.people", places)
	}
	return o.Seeking(language)
}

// Age says for whom it is by age, "" for everybody.
func (d *Details) Age(language string) string {
	switch {
	case d.MinimumAge > 0 && d.MaximumAge > 0:
		return say(language, "opportunity.age.between", map[string]int{"From": d.MinimumAge, "To": d.MaximumAge})
	case d.MinimumAge > 0:
		return say(language, "opportunity.age.from", d.MinimumAge)
	case d.MaximumAge > 0:
		return say(language, "opportunity.age.to", d.MaximumAge)
	}
	return ""
}

// title is the heading, marked when nobody is wanted any more.
func (o *Opportunity) title(language string) string {
	switch o.State {
	case Cancelled:
		return say(language, "opportunity.cancelled", nil) + ": " + o.Name
	case Filled:
		return say(language, "opportunity.filled", nil) + ": " + o.Name
	}
	return o.Name
}

// headline says when, where and how long, in one line of plain text.
func (o *Opportunity) headline(language string) string {
	var parts []string
	for _, part := range []string{o.When(language), o.Where(language), o.Kind(language), o.Seeking(language)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}

// When says when a shift is.
func (s *Shift) When(language string) string {
	return locale.DateRange(language, s.StartsAt, s.EndsAt, false)
}

// Brief says the same, with the year only when that is another one than now.
func (s *Shift) Brief(language string, now time.Time) string {
	return locale.ShortRange(language, s.StartsAt, s.EndsAt, false, now)
}

// Seeking says how many are wanted still in the shift, "" when that is not said.
func (s *Shift) Seeking(language string) string {
	free, any := s.Free()
	switch {
	case any:
		return ""
	case free == 0:
		return say(language, "opportunity.filled", nil)
	case free == s.Places:
		return count(language, "opportunity.wanted", free)
	}
	return say(language, "opportunity.free", map[string]int{"Free": free, "Places": s.Places})
}
