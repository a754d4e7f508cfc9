package agency

import (
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/web/locale"
)

// fact is something that an offer says; Key is that of its name.
type fact struct{ Key, Text string }

// The days of a week and the parts of a day as forms have them, each with its bit.
var (
	days  = []string{"mo", "di", "mi", "do", "fr", "sa", "so"}
	parts = []string{"morning", "afternoon", "evening"}
)

// weekdays names the days of some bits.
func weekdays(lang string, bits int) []string {
	var list []string
	for i := range days {
		if bits&(1<<i) != 0 {
			list = append(list, locale.WeekdayName(lang, time.Weekday((i+1)%7)))
		}
	}
	return list
}

// partsOf names the parts of a day.
func (p *Pages) partsOf(lang string, bits int) []string {
	var list []string
	for i, part := range parts {
		if bits&(1<<i) != 0 {
			list = append(list, p.Web.T(lang, "offering.part."+part))
		}
	}
	return list
}

// named gives the words of keys between commas.
func (p *Pages) named(lang, prefix, keys string) []string {
	var list []string
	for _, key := range offer.Split(keys) {
		list = append(list, p.Web.T(lang, prefix+key))
	}
	return list
}

// facts says what an offer says, in the order of its form.
func (p *Pages) facts(lang string, o *offer.Offer) []fact {
	var list []fact
	add := func(key string, words ...string) {
		if text := strings.Join(words, ", "); text != "" {
			list = append(list, fact{key, text})
		}
	}
	add("offering.skills", o.Skills)
	add("offering.fields", p.named(lang, "opportunity.field.", o.Fields)...)
	add("offering.languages", p.named(lang, "opportunity.tongue.", o.Languages)...)
	when := append(append(p.named(lang, "opportunity.times.", o.Times), weekdays(lang, o.Weekdays)...), p.partsOf(lang, o.Dayparts)...)
	add("offering.when", when...)
	var where []string
	if o.Place != "" {
		where = []string{p.Web.T(lang, "offering.where.any", o.Place)}
		if o.Radius > 0 {
			where[0] = p.Web.T(lang, "offering.where.km", map[string]any{"Place": o.Place, "Km": o.Radius})
		}
	}
	if o.Home {
		where = append(where, p.Web.T(lang, "offering.where.home"))
	}
	add("offering.where", where...)
	var whom []string
	if o.Young {
		whom = append(whom, p.Web.T(lang, "offering.who.young"))
	}
	if o.Several {
		whom = append(whom, p.Web.T(lang, "offering.who.several"))
	}
	add("offering.who", whom...)
	return list
}

// because says why something fits: "Passt, weil es um Sport geht und es 3 km
// entfernt ist."
func (p *Pages) because(lang string, f *offer.Fit) string {
	var all []string
	for _, r := range f.Reasons {
		all = append(all, p.reason(lang, r))
	}
	if n := len(all); n > 1 {
		all = []string{strings.Join(all[:n-1], ", ") + " " + p.Web.T(lang, "fit.and") + " " + all[n-1]}
	}
	return p.Web.T(lang, "fit.because", strings.Join(all, ""))
}

// reason says one of them.
func (p *Pages) reason(lang string, r offer.Reason) string {
	or := " " + p.Web.T(lang, "fit.or") + " "
	switch r.Kind {
	case offer.BySkill:
		return p.Web.T(lang, "fit.skill", strings.Join(r.Words, ", "))
	case offer.ByField:
		return p.Web.T(lang, "fit.field", p.Web.T(lang, "opportunity.field."+r.Words[0]))
	case offer.ByLanguage:
		return p.Web.T(lang, "fit.language", strings.Join(p.named(lang, "opportunity.tongue.", strings.Join(r.Words, ",")), or))
	case offer.ByDistance:
		if r.N < 1 {
			return p.Web.T(lang, "fit.near.here")
		}
		return p.Web.T(lang, "fit.near", strconv.Itoa(r.N))
	case offer.ByTimes:
		return p.Web.T(lang, "fit.times."+r.Words[0])
	case offer.ByDay:
		return p.Web.T(lang, "fit.day", strings.Join(weekdays(lang, r.N), or))
	case offer.ByPart:
		return p.Web.T(lang, "fit.part", strings.Join(p.partsOf(lang, r.N), or))
	}
	return p.Web.T(lang, "fit."+r.Kind)
}

// fitRow is an opportunity that fits, in a list.
type fitRow struct {
	Name, Href, Club, Place, From string
	Because                       string
}

func (p *Pages) needRow(lang string, f *offer.Fit) fitRow {
	row := fitRow{Name: f.Need.Name, Href: p.Href(f.Need.ID, f.Need.Local), Club: f.Need.Club, Place: f.Need.Place, Because: p.because(lang, f)}
	if !f.Need.Local {
		row.From = f.Need.From
	}
	return row
}

// offerRow is an offer in a list, with the name if it has one.
type offerRow struct {
	ID, Name, About, Href string
	Facts                 []fact
	Because               string
	Changed               time.Time
}

func (p *Pages) offerRow(lang string, o *offer.Offer) offerRow {
	return offerRow{ID: o.ID, Name: o.Name, About: o.About, Facts: p.facts(lang, o), Changed: o.Changed.In(p.Zone)}
}
