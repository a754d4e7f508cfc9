package offer

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/gazetteer"
)

// The times that opportunities have.
const (
	once      = "once"
	recurring = "recurring"
)

// The kinds of reasons for which something fits, in the order in which they are
// said.
const (
	BySkill    = "skill"    // Words are what both name
	ByField    = "field"    // Words is the key of the topic
	ByLanguage = "language" // Words are the tags
	ByDistance = "near"     // N is in kilometres
	ByHome     = "home"     // it can be done from home
	ByTimes    = "times"    // Words is the key of how often
	ByDay      = "day"      // N has a bit for each day
	ByPart     = "part"     // N has a bit for each part of the day
	ByAge      = "young"    // it is suitable for young people
	ByGroup    = "group"    // groups can do it
)

// A Reason is one for which something fits.
type Reason struct {
	Kind  string
	Words []string
	N     int
}

// A Fit is an offer and an opportunity that fit, with why. Of Offer and Need the
// one is nil that was asked for.
type Fit struct {
	Offer   *Offer
	Need    *Need
	Reasons []Reason
	// Km is how far away it is, negative when nobody knows or when that does not
	// matter.
	Km    float64
	score int
}

// weights say how much a reason counts.
var weights = map[string]int{BySkill: 5, ByField: 3, ByLanguage: 3, ByDay: 1, ByPart: 1, ByTimes: 1, ByDistance: 1, ByAge: 1, ByGroup: 1}

// Match tells whether an offer and an opportunity fit, and why. What either of
// them rules out never fits: the way is too far, the time another one, it is not
// for young people or groups, a language is wanted that the person does not
// speak. What is left must have something that both name: a topic, a skill, a
// language; an offer that names no topic is open for all.
func Match(o *Offer, n *Need) (*Fit, bool) {
	f := &Fit{Km: -1}
	for _, judge := range []func(*Fit, *Offer, *Need) bool{bySkill, byField, byLanguage, byPlace, byTime, byWhom} {
		if !judge(f, o, n) {
			return nil, false
		}
	}
	if !slices.ContainsFunc(f.Reasons, func(r Reason) bool { return r.Kind == BySkill || r.Kind == ByField || r.Kind == ByLanguage }) && o.Fields != "" {
		return nil, false
	}
	for _, r := range f.Reasons {
		f.score += weights[r.Kind]
	}
	return f, len(f.Reasons) > 0
}

func (f *Fit) because(kind string, n int, words ...string) {
	f.Reasons = append(f.Reasons, Reason{kind, words, n})
}

// bySkill looks for the skills of the offer in what the opportunity says. A word
// fits those that begin with it: "Kuchen" and "Kuchenbuffet".
func bySkill(f *Fit, o *Offer, n *Need) bool {
	var both []string
	for _, skill := range Split(o.Skills) {
		words := wordsOf(skill)
		fits := len(words) > 0
		for _, w := range words {
			fits = fits && slices.ContainsFunc(n.said, func(said string) bool {
				return said == w || utf8.RuneCountInString(w) > 3 && strings.HasPrefix(said, w)
			})
		}
		if fits {
			both = append(both, skill)
		}
	}
	if len(both) > 0 {
		f.because(BySkill, len(both), both...)
	}
	return true
}

func byField(f *Fit, o *Offer, n *Need) bool {
	if n.Field != "" && slices.Contains(Split(o.Fields), n.Field) {
		f.because(ByField, 1, n.Field)
	}
	return true
}

// byLanguage rules out what wants languages of which the person names others. One
// language alone that most speak is no reason.
func byLanguage(f *Fit, o *Offer, n *Need) bool {
	wants, speaks := Split(n.Languages), Split(o.Languages)
	if len(wants) == 0 || len(speaks) == 0 {
		return true
	}
	var both []string
	shared := false
	for _, tag := range wants {
		if slices.Contains(speaks, tag) {
			shared = true
			if tag != "de" {
				both = append(both, tag)
			}
		}
	}
	if len(both) > 0 {
		f.because(ByLanguage, len(both), both...)
	}
	return shared
}

// byPlace rules out what is too far away. What can be done from anywhere is near
// enough.
func byPlace(f *Fit, o *Offer, n *Need) bool {
	at := o.At()
	if at != nil && n.Latitude != nil && n.Longitude != nil {
		f.Km = gazetteer.Distance(*at, gazetteer.Point{Latitude: *n.Latitude, Longitude: *n.Longitude})
	}
	switch {
	case f.Km >= 0 && (o.Radius == 0 || f.Km <= float64(o.Radius)):
		f.because(ByDistance, int(math.Round(f.Km)))
	case n.Remote && o.Home:
		f.Km = -1
		f.because(ByHome, 0)
	case n.Remote || f.Km < 0:
		f.Km = -1
	default:
		return false
	}
	return true
}

// byTime rules out what is at other times than those of the offer.
func byTime(f *Fit, o *Offer, n *Need) bool {
	if times := Split(o.Times); len(times) > 0 {
		if !slices.Contains(times, n.Times) {
			return false
		}
		f.because(ByTimes, 0, n.Times)
	}
	day, part := 0, 0
	for _, x := range n.slots {
		if (o.Weekdays == 0 || o.Weekdays&x.day != 0) && (o.Dayparts == 0 || o.Dayparts&x.parts != 0) {
			day, part = day|x.day, part|x.parts
		}
	}
	switch {
	case len(n.slots) > 0 && day == 0:
		return false
	case len(n.slots) == 0 && n.Weekdays != 0 && o.Weekdays != 0:
		if day = n.Weekdays & o.Weekdays; day == 0 {
			return false
		}
	case len(n.slots) == 0 && n.Times == recurring:
		day = 0
	}
	if o.Weekdays != 0 && day != 0 {
		f.because(ByDay, day&o.Weekdays)
	}
	if o.Dayparts != 0 && part&o.Dayparts != 0 {
		f.because(ByPart, part&o.Dayparts)
	}
	return true
}

// byWhom rules out what is not for young people or for groups, where that
// matters.
func byWhom(f *Fit, o *Offer, n *Need) bool {
	if o.Young {
		if !n.ForYoung && (n.MinimumAge < 1 || n.MinimumAge > 17) {
			return false
		}
		f.because(ByAge, 0)
	}
	if o.Several {
		if !n.ForGroups {
			return false
		}
		f.because(ByGroup, 0)
	}
	return true
}

// order puts what fits best first.
func order(list []*Fit) {
	slices.SortStableFunc(list, func(a, b *Fit) int {
		far := func(f *Fit) float64 {
			if f.Km < 0 {
				return math.MaxFloat64
			}
			return math.Round(f.Km)
		}
		n := cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(far(a), far(b)))
		if n == 0 && a.Need != nil && b.Need != nil {
			n = b.Need.Published.Compare(a.Need.Published)
		}
		if n == 0 && a.Offer != nil && b.Offer != nil {
			n = b.Offer.Changed.Compare(a.Offer.Changed)
		}
		return n
	})
}

// ForOffer gives the opportunities that fit an offer, the best first: those of
// this town alone if local is true.
func (s *Offers) ForOffer(ctx context.Context, o *Offer, local bool) ([]*Fit, error) {
	needs, err := s.needsNear(ctx, o)
	if err != nil {
		return nil, err
	}
	var list []*Fit
	for _, n := range needs {
		if local && !n.Local {
			continue
		}
		if f, ok := Match(o, n); ok {
			f.Need = n
			list = append(list, f)
		}
	}
	order(list)
	return list, nil
}

// TooYoung counts the opportunities that do not fit an offer because its person is
// under 18, and for nothing else.
func (s *Offers) TooYoung(ctx context.Context, o *Offer, local bool) (int, error) {
	if !o.Young {
		return 0, nil
	}
	older := *o
	older.Young = false
	all, err := s.ForOffer(ctx, &older, local)
	if err != nil {
		return 0, err
	}
	fits, err := s.ForOffer(ctx, o, local)
	return len(all) - len(fits), err
}

// fitting gives those of some offers that fit an opportunity, the best first.
func fitting(offers []*Offer, n *Need) []*Fit {
	var list []*Fit
	for _, o := range offers {
		if f, ok := Match(o, n); ok {
			f.Offer = o
			list = append(list, f)
		}
	}
	order(list)
	return list
}

// ShownToClub gives the offers of all people who said yes to a club, with their
// names: those that fit an opportunity of it, the best first, and the others.
// Nobody else is read at all.
func (s *Offers) ShownToClub(ctx context.Context, by string, n *Need) (fits []*Fit, others []*Offer, err error) {
	if err := s.mayAsClub(ctx, s.db.Read(), by, n.ClubID); err != nil {
		return nil, nil, err
	}
	var list []*Offer
	err = named(s.db.Read(), &list).Apply(s.shown).Where("EXISTS (SELECT 1 FROM help_consents AS c WHERE c.account_id = offer.account_id AND c.club_id = ?)", n.ClubID).
		OrderExpr("offer.changed DESC, offer.id").Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("find offers that a club may see: %w", err)
	}
	for _, o := range list {
		o.Phone = "" // that is for the agency alone
	}
	fits = fitting(list, n)
	for _, o := range list {
		if !slices.ContainsFunc(fits, func(f *Fit) bool { return f.Offer == o }) {
			others = append(others, o)
		}
	}
	return fits, others, nil
}

// all gives every offer that others may see, with the names.
func (s *Offers) all(ctx context.Context, db bun.IDB) ([]*Offer, error) {
	var list []*Offer
	if err := named(db, &list).Apply(s.shown).OrderExpr("offer.changed DESC, offer.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list offers: %w", err)
	}
	return list, nil
}

// names tells whether the offer names a topic.
func (o *Offer) names(field string) bool { return slices.Contains(Split(o.Fields), field) }
