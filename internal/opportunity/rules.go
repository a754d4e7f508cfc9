package opportunity

import (
	"math"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The lengths of what an opportunity says, in characters.
const (
	maxName   = 200
	maxPlace  = 200
	maxText   = 10_000
	maxLine   = 300
	maxReason = 500
)

// maxPlaces is how many one opportunity or shift can look for.
const maxPlaces = 10_000

// usual is the running time of an opportunity of which nobody says another, most
// the longest.
const (
	usual = 180 * 24 * time.Hour
	most  = 2 * 366 * 24 * time.Hour
)

// Fields are the causes with which the town's list of them begins, and all that
// others are told.
var Fields = []string{"sport", "music", "nature", "rescue", "youth", "heritage", "social", "culture", "faith", "other"}

// Kinds of times, rhythms of an effort, what may be demanded, who pays for that,
// and what helpers get, in the order in which they are shown.
var (
	TimesKinds = []string{Once, Recurring, Flexible, OnCall}
	Rhythms    = []string{"once", "week", "month", "year"}
	Demands    = []string{"police", "training", "firstaid", "licence", "car", "hygiene", "fit"}
	Payers     = []string{"club", "town", "self"}
	Thanks     = []string{"expenses", "allowance", "training", "certificate", "meals"}
	// Tongues are the languages among which a form lets choose.
	Tongues = []string{"de", "en", "ar", "fa", "fr", "gsg", "pl", "ro", "ru", "tr", "uk"}
)

// A Draft is what an opportunity starts from, as people type it.
type Draft struct {
	// Key is the last segment of the id, chosen when a form was shown, so that a
	// form which is sent twice publishes once; "" makes one.
	Key string
	// Version is that of the kept draft from which it was made; 0 is none.
	Version int
	// AttributedTo is the id of the club in whose name it is published.
	AttributedTo string
	// Name is the heading, Text the task in Markdown.
	Name, Text, Why string
	Field           string
	// Times is Once, Recurring, Flexible or OnCall. Day, From and To say when
	// something is that happens once, Shifts has a line for each shift; see
	// ParseShifts.
	Times, Day, From, To, Shifts string
	Weekdays                     int
	TimeNote                     string
	// Effort is in hours, EffortPer one of Rhythms or "".
	Effort, EffortPer              string
	Place                          string
	Latitude, Longitude            *float64
	Remote, Emergency              bool
	Places, MinimumAge, MaximumAge string
	ForYoung, ForGroups            bool
	Skills, Learn                  string
	Languages, Requirements        []string
	Requirement, Payer             string
	Expenses                       string
	Rewards                        []string
	Trial, Insurance               string
	Accessibility                  string
	// Contact is ByClub, ForAll or ForApplicants; "" is ByClub.
	Contact                                 string
	ContactName, ContactEmail, ContactPhone string
	ApplyLink                               string
	// Context is the id of the event that it helps, or "".
	Context string
	// Until is the last day on which it is listed; "" is the usual running time.
	Until   string
	Picture *object.Upload
}

// Draft gives the opportunity that d would make, without its picture; nothing is
// stored.
func (s *Opportunities) Draft(d Draft) (*Opportunity, error) {
	id := s.actors.Site().NewObjectID()
	if d.Key != "" {
		id = s.actors.Site().ObjectID(d.Key)
	}
	o := &Opportunity{Object: object.Object{
		ID: id, Type: Type, Local: true, AttributedTo: d.AttributedTo, Visibility: object.Public, Language: s.language, Published: s.now(),
	}}
	o.URL = s.actors.Site().Origin + Path + o.Key()
	o.ObjectID, o.Timezone, o.State = o.ID, s.zone.String(), Open
	return o, s.apply(o, d)
}

// line gives a text of one line as it is stored, or says that it is too long.
func line(errs *problem.Fields, field, text string, n int) string {
	text = markup.Name(text, n+1)
	if utf8.RuneCountInString(text) > n {
		errs.Add(field, "This has more than %d characters; please shorten it.", n)
	}
	return text
}

// among checks that a word is one of a list, or nothing.
func among(errs *problem.Fields, field, word string, list []string) string {
	if word != "" && !slices.Contains(list, word) {
		errs.Add(field, "“%s” is not possible here; please choose one of the list.", word)
	}
	return word
}

// joined gives keys between commas, in the order of list; what is not in it is
// wrong.
func joined(errs *problem.Fields, field string, keys, list []string) string {
	for _, key := range keys {
		among(errs, field, key, list)
	}
	return between(keys, list)
}

// between gives those of keys that are in list between commas, in its order.
func between(keys, list []string) string {
	text := ""
	for _, key := range list {
		if slices.Contains(keys, key) {
			text += key + ","
		}
	}
	if text == "" {
		return ""
	}
	return "," + text
}

// Split gives what stands between commas.
func Split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// number reads a whole number from 0 to most; "" is 0.
func number(errs *problem.Fields, field, typed string, most int) int {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > most {
		errs.Add(field, "Please write a whole number of at most %d, or leave it empty.", most)
		return 0
	}
	return n
}

// hours reads a number of hours such as "1,5" and gives it in minutes.
func hours(errs *problem.Fields, typed string) int {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0
	}
	n, err := strconv.ParseFloat(strings.Replace(typed, ",", ".", 1), 64)
	if err != nil || !(n > 0 && n <= 1000) {
		errs.Add("effort", "Please write the hours as a number, like 2 or 1.5.")
		return 0
	}
	return max(1, int(math.Round(n*60)))
}

// apply checks d and writes it into o.
func (s *Opportunities) apply(o *Opportunity, d Draft) error {
	var errs problem.Fields
	o.Name = markup.Name(d.Name, maxName+1)
	if n := utf8.RuneCountInString(o.Name); n == 0 || n > maxName {
		errs.Add("name", "Please say in at most %d characters what help is wanted for.", maxName)
	}
	switch n := utf8.RuneCountInString(d.Text); {
	case strings.TrimSpace(d.Text) == "":
		errs.Add("text", "Please say in a few words what is to be done.")
	case n > maxText:
		errs.Add("text", "The text has more than %d characters; please shorten it.", maxText)
	}
	o.Source = markup.Typed(d.Text)
	o.Content = markup.Markdown(o.Source)
	o.Why = line(&errs, "why", d.Why, maxReason)
	o.Field = s.applyField(&errs, d.Field)
	s.applyTimes(&errs, o, d)
	s.applyPlace(&errs, o, d)
	applyPeople(&errs, o, d)
	applyTerms(&errs, o, d)
	applyContact(&errs, o, d)
	o.Context = d.Context
	s.applyUntil(&errs, o, d)
	return errs.Err()
}

func (s *Opportunities) applyPlace(errs *problem.Fields, o *Opportunity, d Draft) {
	place := line(errs, "place", d.Place, maxPlace)
	if place != o.Place && d.Latitude == nil {
		o.Latitude, o.Longitude = nil, nil
	}
	if o.Place, o.Remote = place, d.Remote; d.Latitude != nil && d.Longitude != nil {
		o.Latitude, o.Longitude = d.Latitude, d.Longitude
	}
	if place == "" && !d.Remote {
		errs.Add("place", "Please say where help is wanted, or that it can be done from home.")
	}
}

func applyPeople(errs *problem.Fields, o *Opportunity, d Draft) {
	o.Places = number(errs, "places", d.Places, maxPlaces)
	o.MinimumAge, o.MaximumAge = number(errs, "minimum-age", d.MinimumAge, 99), number(errs, "maximum-age", d.MaximumAge, 120)
	if o.MaximumAge > 0 && o.MaximumAge < o.MinimumAge {
		errs.Add("maximum-age", "The highest age is below the lowest; please check both.")
	}
	o.ForYoung, o.ForGroups = d.ForYoung, d.ForGroups
	o.Skills, o.Learn = line(errs, "skills", d.Skills, maxLine), line(errs, "learn", d.Learn, maxLine)
	o.Languages = joined(errs, "languages", d.Languages, Tongues)
}

func applyTerms(errs *problem.Fields, o *Opportunity, d Draft) {
	o.Emergency = d.Emergency
	o.Requirements, o.Requirement = joined(errs, "requirements", d.Requirements, Demands), line(errs, "requirement", d.Requirement, maxLine)
	o.Payer, o.Expenses = among(errs, "payer", d.Payer, Payers), line(errs, "expenses", d.Expenses, maxLine)
	o.Rewards = joined(errs, "rewards", d.Rewards, Thanks)
	o.Trial, o.Insurance = line(errs, "trial", d.Trial, maxLine), line(errs, "insurance", d.Insurance, maxLine)
	o.Accessibility = line(errs, "accessibility", d.Accessibility, maxLine)
}

// applyContact checks whom to ask. Who chooses to show somebody must say whom.
func applyContact(errs *problem.Fields, o *Opportunity, d Draft) {
	o.Contact = among(errs, "contact", d.Contact, []string{ByClub, ForAll, ForApplicants})
	if o.Contact == "" {
		o.Contact = ByClub
	}
	o.ContactName, o.ContactPhone = line(errs, "contact-name", d.ContactName, maxLine), line(errs, "contact-phone", d.ContactPhone, 60)
	o.ContactEmail = strings.ToLower(strings.TrimSpace(d.ContactEmail))
	if a, err := mail.ParseAddress(o.ContactEmail); o.ContactEmail != "" && (err != nil || a.Address != o.ContactEmail || len(o.ContactEmail) > 200) {
		errs.Add("contact-email", "This is no mail address; please write it like anna@example.org.")
	}
	if o.Contact != ByClub && o.ContactEmail == "" && o.ContactPhone == "" {
		errs.Add("contact-email", "Please give a mail address or a telephone number, or choose the contact of the club.")
	}
	if !markup.Phone(o.ContactPhone) {
		errs.Add("contact-phone", "This is no telephone number; please write it like 03535 1234.")
	}
	var ok bool
	if o.ApplyLink, ok = markup.TypedLink(d.ApplyLink); !ok || len(o.ApplyLink) > 1000 {
		errs.Add("apply-link", "This is no web address; please write it like www.example.org or https://example.org.")
	}
}

// running gives the end of the usual running time.
func (s *Opportunities) running(o *Opportunity) time.Time {
	if ends := o.Ends(); !ends.IsZero() {
		return ends
	}
	return lastSecond(s.now().In(o.Location()).Add(usual))
}

// applyUntil sets the end of the running time. What happens once is not listed
// when it is over.
func (s *Opportunities) applyUntil(errs *problem.Fields, o *Opportunity, d Draft) {
	ends := o.Ends()
	if strings.TrimSpace(d.Until) == "" {
		if o.Until.IsZero() || !ends.IsZero() {
			o.Until, o.Asked = s.running(o), time.Time{}
		}
		return
	}
	day, ok := page.ParseDate(d.Until, s.now().In(s.zone))
	switch last := lastSecond(day); {
	case !ok:
		errs.Add("until", "This is no date; write it like 11.7. or 11.07.2026.")
	case !last.After(s.now()) && !sameDay(last, o.Until):
		errs.Add("until", "This day is over; please choose one that is ahead.")
	case last.After(s.now().Add(most)):
		errs.Add("until", "This is more than two years ahead; please choose an earlier day. You can renew it later.")
	case !sameDay(last, o.Until):
		o.Until, o.Asked = last, time.Time{}
	}
	if !ends.IsZero() && o.Until.After(ends) {
		o.Until = ends
	}
}

func sameDay(a, b time.Time) bool {
	return !b.IsZero() && a.Format(time.DateOnly) == b.In(a.Location()).Format(time.DateOnly)
}

// lastSecond gives the last second of day, in its own zone.
func lastSecond(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, day.Location()).Add(-time.Second)
}

// same tells whether two opportunities say the same.
func (o *Opportunity) same(other *Opportunity) bool {
	a, b := o.comparable(), other.comparable()
	return a == b && o.Name == other.Name && o.Source == other.Source && FormatShifts(o.Shifts) == FormatShifts(other.Shifts)
}

// comparable is what of the details a person types.
func (o *Opportunity) comparable() Details {
	d := o.Details
	d.Edited, d.Untold = time.Time{}, time.Time{}
	d.Listed, d.Asked, d.Taken, d.State, d.Reason, d.Latitude, d.Longitude = time.Time{}, time.Time{}, 0, "", "", nil, nil
	for _, t := range []*time.Time{&d.StartTime, &d.EndTime, &d.Until} {
		*t = t.UTC()
	}
	if o.Ends().IsZero() { // counted from now on where nobody says it
		d.Until = time.Time{}
	}
	return d
}
