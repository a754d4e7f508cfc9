package opportunity

import (
	"context"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// Kind tells the kernel about opportunities: to others they are Notes.
func (s *Opportunities) Kind() object.Kind {
	return object.Kind{
		Type: Type, Wire: "Note", Receive: s.receive, Extend: s.extend, Over: s.over,
		Claims: func(doc *as.Object) bool { return doc.Type == "Note" && doc.Opportunity != nil && doc.InReplyTo == "" },
	}
}

// over gives those of ids that are opportunities in which nobody can help any
// more.
func (s *Opportunities) over(ctx context.Context, db bun.IDB, ids []string) ([]string, error) {
	var over []string
	err := db.NewSelect().Model((*Details)(nil)).Column("object_id").Where("object_id IN (?)", bun.List(ids)).
		Where("(status NOT IN (?) OR until < ?)", bun.List([]string{Open, Filled}), s.now()).Scan(ctx, &over)
	if err != nil {
		return nil, fmt.Errorf("ask which opportunities are over: %w", err)
	}
	return over, nil
}

// IntentID is what others call the wish for help of an opportunity.
func IntentID(id string) string { return id + "#intent" }

// ShiftID is what others call a shift of an opportunity of ours.
func ShiftID(id, shift string) string { return id + "#shift-" + shift }

// extend makes of the document of an opportunity a Note that reads well, with
// what FEP-0837 wants and all that our own kind shows.
func (s *Opportunities) extend(ctx context.Context, db bun.IDB, o *object.Object, doc *as.Object) error {
	p, err := s.with(ctx, db, o)
	if err != nil {
		return err
	}
	doc.Name = "" // a Note with one is shown as a warning, or counted as a vote
	doc.Content = p.note(s.language)
	doc.ContentMap = map[string]string{s.language: doc.Content}
	doc.Tag = append(doc.Tag, s.tags(p)...)
	doc.EndTime, doc.Conversation = p.Until, p.Context
	if p.Place != "" {
		doc.Location = &as.Place{Type: "Place", Name: p.Place, Latitude: coordinate(p.Latitude), Longitude: coordinate(p.Longitude)}
	}
	doc.Purpose, doc.UnitBased = "request", as.Bool(true)
	doc.Publishes = &as.Intent{Type: "Intent", ID: IntentID(o.ID), Action: "deliverService"}
	if places, free, any := p.Wanted(); !any {
		if p.State != Open {
			free = 0
		}
		doc.Publishes.ResourceQuantity, doc.Publishes.AvailableQuantity = as.Persons(places), as.Persons(free)
	}
	doc.Opportunity = p.structure()
	return nil
}

func coordinate(f *float64) *as.Float {
	if f == nil {
		return nil
	}
	n := as.Float(*f)
	return &n
}

// The hashtags under which opportunities are found elsewhere.
const (
	tagVolunteering = "Ehrenamt"
	tagWanted       = "HelfendeGesucht"
)

func (s *Opportunities) tags(o *Opportunity) []as.Tag {
	var tags []as.Tag
	for _, name := range []string{tagVolunteering, tagWanted} {
		tags = append(tags, as.Tag{Type: "Hashtag", Name: "#" + name, Href: s.actors.Site().Origin + listPath})
	}
	if t := s.theme(o.Field); t != nil && t.Key != "other" {
		words := strings.FieldsFunc(t.Word(s.language), func(r rune) bool { return r == ' ' || r == ',' })
		if len(words) > 0 {
			tags = append(tags, as.Tag{Type: "Hashtag", Name: "#" + words[0], Href: s.actors.Site().Origin + s.fieldHref(o.Field)})
		}
	}
	return tags
}

// note says all that matters as HTML, in the order in which it matters: readers
// of other programs see this and nothing else.
func (o *Opportunity) note(language string) string {
	var b strings.Builder
	esc := html.EscapeString
	fmt.Fprintf(&b, "<p><strong>%s: %s</strong></p>", esc(say(language, "opportunity.head", nil)), esc(o.title(language)))
	if o.State == Cancelled {
		fmt.Fprintf(&b, "<p>%s</p>", esc(o.Reason))
	}
	var facts []string
	for _, fact := range []struct{ key, text string }{
		{"opportunity.when", o.When(language)},
		{"opportunity.where", o.Where(language)},
		{"opportunity.effort", o.Kind(language)},
		{"opportunity.places", o.wanted(language)},
	} {
		if fact.text != "" {
			facts = append(facts, esc(say(language, fact.key, nil))+": "+esc(fact.text))
		}
	}
	b.WriteString("<p>" + strings.Join(facts, "<br>") + "</p>" + o.Content)
	if o.Why != "" {
		fmt.Fprintf(&b, "<p>%s</p>", esc(o.Why))
	}
	fmt.Fprintf(&b, `<p><a href="%s">%s</a></p><p>`, esc(o.URL), esc(say(language, "opportunity.more", nil)))
	origin := strings.TrimSuffix(o.URL, Path+o.Key())
	for i, name := range []string{tagVolunteering, tagWanted} {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, `<a href="%s" class="mention hashtag" rel="tag">#<span>%s</span></a>`, esc(origin+listPath), name)
	}
	b.WriteString("</p>")
	return b.String()
}

// dayNames are the days of a week as others are told them.
var dayNames = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// structure gives what our own kind reads. The contact is in it only when all
// may see it.
func (o *Opportunity) structure() *as.Opportunity {
	d := &as.Opportunity{
		Type: Type, Name: o.Name, Task: o.Content, Why: o.Why, State: o.State, Reason: o.Reason, Cause: o.Field, Times: o.Times, TimeNote: o.TimeNote,
		StartTime: o.StartTime, EndTime: o.EndTime, Timezone: o.Timezone, EffortMinutes: o.EffortMinutes, EffortPer: o.EffortPer, Remote: o.Remote,
		Emergency: o.Emergency, MinimumAge: o.MinimumAge, MaximumAge: o.MaximumAge, ForYoung: o.ForYoung, ForGroups: o.ForGroups, Skills: o.Skills,
		Learn: o.Learn, Languages: Split(o.Languages), Requirements: Split(o.Requirements), Requirement: o.Requirement, Payer: o.Payer,
		Expenses: o.Expenses, Rewards: Split(o.Rewards), Trial: o.Trial, Insurance: o.Insurance, Accessibility: o.Accessibility, ApplyLink: o.ApplyLink,
	}
	for i, day := range week {
		if o.Weekdays&Weekday(day) != 0 {
			d.Weekdays = append(d.Weekdays, dayNames[i])
		}
	}
	if o.Contact == ForAll {
		d.Contact = &as.Contact{Type: "Contact", Name: o.ContactName, Email: o.ContactEmail, Telephone: o.ContactPhone}
	}
	for _, s := range o.Shifts {
		d.Shifts = append(d.Shifts, as.Shift{Type: "Shift", ID: ShiftID(o.ID, s.ID), StartTime: s.StartsAt, EndTime: s.EndsAt, Places: s.Places, Taken: s.Taken, Note: s.Note})
	}
	return d
}

// receive stores a Note that asks for help and that another server created or
// updated.
//
// ActivityPub 7.2, 7.3: the sender must own the object; authorise has checked
// that.
func (s *Opportunities) receive(ctx context.Context, tx bun.Tx, doc *as.Object, author *actor.Actor) error {
	o, err := s.objects.FromActivity(doc, author)
	if err != nil {
		return err
	}
	p, err := detailsOf(doc)
	if err != nil {
		return err
	}
	o.Type, o.Name = Type, markup.Name(doc.Opportunity.Name, maxName)
	if task := markup.Sanitize(doc.Opportunity.Task); task != "" {
		o.Content = task
	}
	p.Object = *o
	there, err := s.objects.TypeOf(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	if there != "" && there != Type { // it was a Note before it asked for help, and stays one
		o.Type = there
		_, err := s.objects.Put(ctx, tx, o)
		return err
	}
	return s.put(ctx, tx, p)
}

// detailsOf reads what an opportunity has beyond an Object. Words that are in no
// list of ours are left out; without a heading it is none.
func detailsOf(doc *as.Object) (*Opportunity, error) {
	d := doc.Opportunity
	o := &Opportunity{}
	if markup.Name(d.Name, maxName) == "" {
		return nil, problem.Discard(problem.Invalidf("%s asks for help and does not say for what", doc.ID))
	}
	text := func(s string) string { return markup.Name(markup.Text(s), maxReason) }
	known := func(word string, list []string) string {
		if slices.Contains(list, word) {
			return word
		}
		return ""
	}
	o.Details = Details{
		State: known(d.State, []string{Open, Filled, Expired, Cancelled}), Reason: text(d.Reason), Why: text(d.Why), Field: known(d.Cause, Fields),
		Times: known(d.Times, TimesKinds), TimeNote: text(d.TimeNote), StartTime: d.StartTime, EndTime: d.EndTime, Timezone: d.Timezone,
		EffortMinutes: min(d.EffortMinutes, 60_000), EffortPer: known(d.EffortPer, Rhythms), Remote: d.Remote, Emergency: d.Emergency,
		MinimumAge: min(d.MinimumAge, 120), MaximumAge: min(d.MaximumAge, 120), ForYoung: d.ForYoung, ForGroups: d.ForGroups, Skills: text(d.Skills),
		Learn: text(d.Learn), Languages: between(d.Languages, Tongues), Requirements: between(d.Requirements, Demands), Requirement: text(d.Requirement),
		Payer: known(d.Payer, Payers), Expenses: text(d.Expenses), Rewards: between(d.Rewards, Thanks), Trial: text(d.Trial),
		Insurance: text(d.Insurance), Accessibility: text(d.Accessibility), Contact: ByClub, Until: doc.EndTime,
	}
	if o.State == "" {
		o.State = Open
	}
	if o.Times == "" {
		o.Times = Flexible
	}
	if _, err := time.LoadLocation(o.Timezone); err != nil || o.Timezone == "" {
		o.Timezone = "UTC"
	}
	if o.EndTime.Before(o.StartTime) {
		o.EndTime = time.Time{}
	}
	for i, day := range dayNames {
		if slices.Contains(d.Weekdays, day) {
			o.Weekdays |= 1 << i
		}
	}
	if markup.IsLink(d.ApplyLink) {
		o.ApplyLink = d.ApplyLink
	}
	if as.SameOrigin(doc.Conversation, doc.ID) {
		o.Context = doc.Conversation
	}
	readPlace(o, doc)
	readContact(o, d.Contact)
	readPlaces(o, doc)
	return o, nil
}

func readPlace(o *Opportunity, doc *as.Object) {
	if doc.Location == nil {
		return
	}
	o.Place = markup.Name(doc.Location.Name, maxPlace)
	if doc.Location.Latitude != nil && doc.Location.Longitude != nil {
		lat, lon := float64(*doc.Location.Latitude), float64(*doc.Location.Longitude)
		o.Latitude, o.Longitude = &lat, &lon
	}
}

func readContact(o *Opportunity, c *as.Contact) {
	if c == nil {
		return
	}
	var errs problem.Fields
	one := &Opportunity{}
	applyContact(&errs, one, Draft{Contact: ForAll, ContactName: c.Name, ContactEmail: c.Email, ContactPhone: c.Telephone})
	if errs.Err() == nil {
		o.Contact, o.ContactName, o.ContactEmail, o.ContactPhone = ForAll, one.ContactName, one.ContactEmail, one.ContactPhone
	}
}

// readPlaces reads the shifts, and how many are wanted in all.
func readPlaces(o *Opportunity, doc *as.Object) {
	if doc.Publishes != nil {
		if n, ok := doc.Publishes.ResourceQuantity.Number(); ok {
			o.Places = min(n, maxPlaces)
			if free, ok := doc.Publishes.AvailableQuantity.Number(); ok {
				o.Taken = max(0, o.Places-free)
			}
		}
	}
	for _, s := range doc.Opportunity.Shifts {
		if s.StartTime.IsZero() || !s.EndTime.After(s.StartTime) || !as.SameOrigin(s.ID, doc.ID) || len(o.Shifts) == maxShifts {
			continue
		}
		if slices.ContainsFunc(o.Shifts, func(other *Shift) bool { return other.ID == s.ID }) {
			continue
		}
		o.Shifts = append(o.Shifts, &Shift{
			ID: s.ID, StartsAt: s.StartTime, EndsAt: s.EndTime, Places: min(s.Places, maxPlaces), Taken: min(s.Taken, maxPlaces), Note: markup.Name(s.Note, maxLine),
		})
	}
	sortShifts(o.Shifts)
}

// Describe gives what feeds say of one of our opportunities beside its text: its
// title, and when and where it is, in its own language.
func (s *Opportunities) Describe(ctx context.Context, o *object.Object) (title, line string, err error) {
	p, err := s.with(ctx, s.db.Read(), o)
	if err != nil {
		return "", "", err
	}
	return p.title(p.Language), p.headline(p.Language), nil
}

// Facts gives what lists of several kinds show of opportunities, by their ids.
func (s *Opportunities) Facts(ctx context.Context, db bun.IDB, ids []string) (map[string]object.Facts, error) {
	var list []*Details
	if err := db.NewSelect().Model(&list).Where("opportunity.object_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list opportunities: %w", err)
	}
	facts, themes := map[string]object.Facts{}, s.themes()
	for _, d := range list {
		o := &Opportunity{Details: *d}
		o.localize()
		more := []string{o.Why, o.Skills, o.Learn, o.TimeNote, o.Requirement}
		for _, language := range locale.Languages {
			more = append(more, themes.Word(TermList, language, o.Field), say(language, "opportunity.head", nil))
		}
		facts[d.ObjectID] = object.Facts{When: o.Kind, Place: o.Place, Cancelled: o.State == Cancelled, More: strings.Join(more, " ")}
	}
	return facts, nil
}
