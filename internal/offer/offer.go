package offer

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The states of an offer. Nobody but the person sees one that is not open.
const (
	Open = "open"
	// Paused is one that its person hides for a time.
	Paused = "paused"
	// Expired has run out, until its person renews it.
	Expired = "expired"
)

// The parts of a day, as bits of Dayparts.
const (
	Morning   = 1 // until noon
	Afternoon = 2 // until 17 o'clock
	Evening   = 4
)

// Radii are the distances among which people choose, in kilometres; 0 is any.
var Radii = []int{3, 10, 25, 50, 0}

// The lengths of what people write, in characters.
const (
	maxAbout   = 2000
	maxSkills  = 300
	maxPhone   = 60
	maxMessage = 1000
	maxNote    = 2000
)

// An Offer says what somebody likes to do for others, and when and where. A
// person has one at most.
type Offer struct {
	bun.BaseModel `bun:"table:help_offers,alias:offer"`

	AccountID string `bun:"account_id,pk"`
	// ID stands in the addresses of pages.
	ID string
	// About is in the person's own words, plain text. Skills are words between
	// commas.
	About, Skills string
	// Fields, Languages and Times are keys between commas: ",sport,music,". No Times
	// are all of them, no Fields any.
	Fields, Languages, Times string
	// Weekdays has a bit for each day: 1 is Monday, 64 Sunday; Dayparts has those
	// above. 0 is any.
	Weekdays, Dayparts int
	// Place is how the place is called from where it is counted; Latitude and
	// Longitude are nil without one. Radius is in kilometres, 0 for any.
	Place               string
	Latitude, Longitude *float64
	Radius              int
	// Home is true for who also helps from home, Young for who is under 18, Several
	// for a group.
	Home, Young, Several bool
	// Phone is for the agency alone, or "".
	Phone string
	// Public is true for what everybody may read, without the name.
	Public bool
	// State is Open, Paused or Expired.
	State            string
	Created, Changed time.Time
	// Until is the end of its running time, Asked when the person was asked to
	// renew it, and Ended since when it has run out.
	Until time.Time
	Asked time.Time `bun:",nullzero"`
	Ended time.Time `bun:",nullzero"`

	// Name is that of its person. Only what is for the agency, or for a club to which
	// that person said yes, has one.
	Name string `bun:",scanonly"`
}

// A Draft is what somebody typed.
type Draft struct {
	About, Skills            string
	Fields, Languages, Times []string
	Weekdays, Dayparts       int
	// Place is what it is called, At where it is, nil for nowhere.
	Place                string
	At                   *gazetteer.Point
	Radius               int
	Home, Young, Several bool
	Phone                string
	Public               bool
}

// Words are the keys among which people choose: those of opportunities.
type Words struct{ Fields, Times, Languages []string }

// Offers keeps them. Make one with New.
type Offers struct {
	db     *database.DB
	actors *actor.Actors
	now    func() time.Time
	// Words are what may be chosen. Zone is that of the town. Both are set once,
	// before anything is asked.
	Words Words
	Zone  *time.Location
	// Term gives for how long an offer runs, Keep for how long one is kept that has
	// run out.
	Term, Keep func(ctx context.Context, db bun.IDB) (time.Duration, error)
	// Located is called before anything is matched: it looks where those
	// opportunities are of which that is not known yet.
	Located func(ctx context.Context) error
	// Tell tells a person something; see Notice.
	Tell func(ctx context.Context, tx bun.Tx, n Notice) error
}

// A Notice is what a person is told.
type Notice struct {
	// Kind is TellRenew, TellOver or TellProposal.
	Kind  string
	Offer *Offer
	// Proposal is nil but with TellProposal.
	Proposal *Proposal
	// Cause names it: the same is told once.
	Cause string
}

// The kinds of notices.
const (
	TellRenew    = "renew"    // it runs out soon
	TellOver     = "over"     // it has run out
	TellProposal = "proposal" // somebody proposes something
)

// New gives the offers in db. What is a function is set afterwards.
func New(db *database.DB, actors *actor.Actors, words Words, zone *time.Location) *Offers {
	days := func(n int) func(context.Context, bun.IDB) (time.Duration, error) {
		return func(context.Context, bun.IDB) (time.Duration, error) { return time.Duration(n) * 24 * time.Hour, nil }
	}
	return &Offers{
		db: db, actors: actors, Words: words, Zone: zone, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
		Term: days(180), Keep: days(30),
		Located: func(context.Context) error { return nil },
		Tell:    func(context.Context, bun.Tx, Notice) error { return nil },
	}
}

// SetClock lets tests say what time it is.
func (s *Offers) SetClock(now func() time.Time) { s.now = now }

// Now gives the time by which all is judged.
func (s *Offers) Now() time.Time { return s.now() }

// Split gives what stands between commas.
func Split(list string) []string {
	var all []string
	for _, word := range strings.Split(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			all = append(all, word)
		}
	}
	return all
}

// joined gives those of keys that are in list between commas, in its order; what
// is not in it is wrong.
func joined(errs *problem.Fields, field string, keys, list []string) string {
	for _, key := range keys {
		if !slices.Contains(list, key) {
			errs.Add(field, "“%s” is not possible here; please choose one of the list.", key)
		}
	}
	text := ""
	for _, key := range list {
		if slices.Contains(keys, key) {
			text += "," + key
		}
	}
	if text != "" {
		text += ","
	}
	return text
}

// short gives a text as it is kept, or says that it is too long.
func short(errs *problem.Fields, field, text string, most int) string {
	if utf8.RuneCountInString(text) > most {
		errs.Add(field, "This has more than %d characters; please shorten it.", most)
	}
	return text
}

// apply makes the offer what a draft says. name is that of its person, which what
// is public must not say.
func (s *Offers) apply(o *Offer, d Draft, name string) error {
	var errs problem.Fields
	o.About = short(&errs, "about", markup.Typed(d.About), maxAbout)
	o.Skills = short(&errs, "skills", strings.Join(Split(markup.Name(d.Skills, maxSkills+1)), ", "), maxSkills)
	o.Fields, o.Languages, o.Times = joined(&errs, "fields", d.Fields, s.Words.Fields), joined(&errs, "languages", d.Languages, s.Words.Languages), joined(&errs, "times", d.Times, s.Words.Times)
	if o.About == "" && o.Skills == "" && o.Fields == "" {
		errs.Add("about", "Please say in a sentence what you like to do, or choose a topic.")
	}
	o.Weekdays, o.Dayparts = d.Weekdays&127, d.Dayparts&7
	if !slices.Contains(Radii, d.Radius) {
		errs.Add("radius", "Please choose one of the answers.")
	}
	o.Place, o.Latitude, o.Longitude, o.Radius = "", nil, nil, 0
	if d.At != nil {
		at := *d.At
		o.Place, o.Latitude, o.Longitude, o.Radius = markup.Name(d.Place, 200), &at.Latitude, &at.Longitude, d.Radius
	}
	o.Home, o.Young, o.Several = d.Home, d.Young, d.Several
	o.Phone = short(&errs, "phone", markup.Name(d.Phone, maxPhone+1), maxPhone)
	if !markup.Phone(o.Phone) {
		errs.Add("phone", "This is no telephone number; please write it like 03535 1234.")
	}
	if o.Public = d.Public; d.Public && names(o.About+" "+o.Skills, name) {
		errs.Add("public", "Your name, a mail address or a number stands in your text. Please take it out, or do not show the offer to everybody.")
	}
	return errs.Err()
}

// Check says what is wrong with a draft; the fields are about, skills, fields,
// languages, times, radius, phone and public. name is that of the person.
func (s *Offers) Check(d Draft, name string) error { return s.apply(new(Offer), d, name) }

// names tells whether a text says who wrote it: a name of the person, a mail
// address or a telephone number.
func names(text, name string) bool {
	digits := 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			if digits++; digits > 5 {
				return true
			}
		case !strings.ContainsRune(" -/().+", r):
			digits = 0
		}
	}
	if strings.Contains(text, "@") {
		return true
	}
	said := wordsOf(text)
	for _, part := range wordsOf(name) {
		if utf8.RuneCountInString(part) > 2 && slices.Contains(said, part) {
			return true
		}
	}
	return false
}

// wordsOf gives the words of a text as they are compared.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// At gives from where distances are counted, nil for nowhere.
func (o *Offer) At() *gazetteer.Point {
	if o.Latitude == nil || o.Longitude == nil {
		return nil
	}
	return &gazetteer.Point{Latitude: *o.Latitude, Longitude: *o.Longitude}
}

// Shown tells whether others may see the offer at a time.
func (o *Offer) Shown(now time.Time) bool { return o.State == Open && o.Until.After(now) }

// Nameless gives what everybody may read of an offer: nothing by which its person
// could be found.
func (o *Offer) Nameless() *Offer {
	c := *o
	c.AccountID, c.Name, c.Phone = "", "", ""
	return &c
}
