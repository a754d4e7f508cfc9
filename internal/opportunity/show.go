package opportunity

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
	"codeberg.org/aushang/aushang/web/prepared"
)

// showView is the page of an opportunity ("opportunity/show").
type showView struct {
	Opportunity *Opportunity
	// Lang is the language of what the club wrote when it is not that of the page.
	Lang   string
	Crumbs []component.Crumb
	Tools  *page.Tools
	// Leaf is nil for what has no day. Day and When say when it is.
	Leaf             *component.Leaf
	Day, When, Near  string
	Kind             string
	Field, FieldHref string
	Club             clubView
	Picture          *component.Picture
	Content          component.SafeHTML
	// Facts are what matters most, More what is good to know.
	Facts  []component.Fact
	More   []moreFact
	Shifts []shiftView
	// Seeking says how many are wanted still, or "", and Tear shows it: one for each
	// place, true for one that is taken; nil for too many.
	Seeking string
	Tear    []bool
	// Apply is nil where nobody can apply here.
	Apply   *Apply
	Contact *contactView
	// Helped is the event that it helps, or nil.
	Helped *Helped
	// Calendar is the address of its days as a file for calendars, or "".
	Calendar, Follow string
	// Renew renews it by one click; nil for readers and while that is far.
	Renew *component.Form
	Until string
	// Host is that of the town it comes from, "" for ours.
	Host    string
	Checked *page.Checked
	Share   page.Share
	page.Conversation
}

type clubView struct{ Name, Href, Icon, Letters string }

type moreFact struct{ Key, Text string }

type shiftView struct {
	When, Note, Seeking string
	Full                bool
}

// contactView is whom to ask, as chosen.
type contactView struct {
	Name, Email, Phone, Link, Club, ClubHref string
}

// show shows an opportunity.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id := p.actors.Site().ObjectID(chi.URLParam(r, "key"))
	if page.Redirected(w, r, id) {
		return nil
	}
	viewer, err := p.Seer(r, id)
	if err != nil {
		return err
	}
	o, err := p.Opportunities.Find(r.Context(), viewer, id)
	if problem.KindOf(err) == problem.NotFound && web.WantsHTML(r) {
		return p.off(w, r, id, err)
	}
	if err != nil {
		return err
	}
	lang := p.web.Language(r)
	view, err := p.view(r.Context(), o, lang)
	if err != nil {
		return err
	}
	if view.Conversation, err = p.Under(r, &o.Object); err != nil {
		return err
	}
	if view.Tools, err = p.Tools(r, &o.Object, Path+o.Key(), p.toolsOf(o)...); err != nil {
		return err
	}
	if err := p.editors(r, view); err != nil {
		return err
	}
	title := o.title(lang)
	shown := web.Page{
		Title: title, Description: markup.Name(o.headline(lang)+". "+markup.Text(o.Content), 300), Alternate: o.ID, Canonical: o.URL, View: view, Type: "article", Scripts: []string{page.CopyScript},
		Data: o.schema(), NoIndex: view.Checked.Unlisted() || o.State == Expired || o.State == Cancelled,
	}
	if view.Calendar != "" {
		shown.Feeds = []web.Feed{{Type: "text/calendar", Title: title, Href: view.Calendar}}
	}
	if len(o.Attachment) > 0 {
		if view.Picture, err = page.Picture(r.Context(), p.pictures, o.Attachment[0]); err != nil {
			return err
		}
		shown.Image, shown.ImageAlt = o.Attachment[0].URL, o.Attachment[0].Name
	}
	p.KeepThingUntil(r, &o.Object, Path+o.Key(), view.Conversation, prepared.NextMinute())
	return p.web.Render(w, r, http.StatusOK, "opportunity/show", shown)
}

// off says of what a club looked for that is archived now that it does not take
// place; of anything else that cannot be seen it says err.
func (p *Pages) off(w http.ResponseWriter, r *http.Request, id string, err error) error {
	off, err2 := p.ofArchived(r.Context(), id)
	if err2 != nil {
		return err2
	}
	if !off {
		return err
	}
	return p.web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: p.web.T(p.web.Language(r), "opportunity.off"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "opportunity.off", Href: listPath, ActionKey: "opportunity.off.do"},
	})
}

// editors adds what only those see who look after it, and when it was checked.
func (p *Pages) editors(r *http.Request, view *showView) error {
	o := view.Opportunity
	if o.State != Open && o.State != Filled {
		view.Checked = nil
	} else {
		var err error
		if view.Checked, err = p.Checked(r, o.ID, o.AttributedTo, o.Edition(), o.Stale); err != nil {
			return err
		}
	}
	who, err := p.Who(r)
	if err != nil || !who.Speaks(o.AttributedTo) || o.State == Cancelled || o.Until.IsZero() {
		return err
	}
	if o.State == Expired || o.Until.Before(p.now().Add(ahead)) {
		if ends := o.Ends(); ends.IsZero() || ends.After(p.now()) {
			view.Renew = &component.Form{Action: Path + o.Key() + "/verlaengern", Still: true, Buttons: []component.Button{{Key: "opportunity.renew", Icon: "repeat"}}}
		}
	}
	return nil
}

// tools are the pages of an editor, with the keys of their words.
func (o *Opportunity) tools() []component.Crumb {
	again := component.Crumb{Key: "opportunity.again", Href: FormPath + "?von=" + o.Key()}
	if o.State == Cancelled {
		return []component.Crumb{again}
	}
	filled := component.Crumb{Key: "opportunity.fill", Href: Path + o.Key() + "/besetzt"}
	if o.State == Filled {
		filled.Key = "opportunity.reopen"
	}
	return []component.Crumb{{Key: "tools.change", Href: Path + o.Key() + "/aendern"}, filled, again, {Key: "tools.cancel", Href: Path + o.Key() + "/absagen"}}
}

// toolsOf adds where the club sees who applied, and who offers help.
func (p *Pages) toolsOf(o *Opportunity) []component.Crumb {
	if p.Apply == nil {
		return o.tools()
	}
	return append([]component.Crumb{{Key: "opportunity.applications", Href: Path + o.Key() + "/bewerbungen"}, {Key: "offering.fits", Href: Path + o.Key() + "/passende"}}, o.tools()...)
}

// maxTear is up to how many places are shown one by one.
const maxTear = 12

// view says of an opportunity what is the same for everybody.
func (p *Pages) view(ctx context.Context, o *Opportunity, lang string) (*showView, error) {
	v := &showView{
		Opportunity: o, Content: component.SafeHTML(o.Content), Kind: o.Kind(lang), Seeking: o.Seeking(lang),
		Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: listPath}, {Text: o.Name}},
		Club:   clubView{o.Author.DisplayName(), o.Author.URL, page.Local(o.Author.IconURL), component.Letters(o.Author.DisplayName())},
		Follow: page.Follow(o.AttributedTo), Facts: o.facts(lang, p.web.T), More: o.more(lang),
		Share: page.Share{URL: o.URL, Title: o.title(lang), Follow: page.Follow(o.ID), Poster: Path + o.Key() + page.PosterPath},
	}
	if o.Language != lang {
		v.Lang = o.Language
	}
	if o.Field != "" {
		v.Field, v.FieldHref = WordKey+o.Field, p.fieldHref(o.Field)
	}
	now := p.now().In(o.Location())
	if o.Times == Once && !o.StartTime.IsZero() {
		v.Leaf = &component.Leaf{Time: o.StartTime, Large: true, Off: o.State == Cancelled}
		v.Day, v.When = locale.LongDay(lang, o.StartTime, now), o.clock(lang)
		if o.StartTime.After(now) {
			v.Near = locale.Near(lang, o.StartTime, now)
		}
	} else {
		v.Day, v.When = say(lang, "opportunity.times."+o.Times, nil), o.When(lang)
	}
	if len(o.dates()) > 0 && o.State != Cancelled {
		v.Calendar = Path + o.Key() + calendarPath
	}
	if !o.Until.IsZero() && o.State == Open {
		v.Until = locale.ShortDate(lang, o.Until, now)
	}
	if places, free, any := o.Wanted(); !any && places <= maxTear && o.State == Open {
		for i := range places {
			v.Tear = append(v.Tear, i < places-free)
		}
	}
	if err := p.joined(ctx, v, lang); err != nil {
		return nil, err
	}
	return v, nil
}

// joined adds what comes from elsewhere in the town: the event, and where one
// applies.
func (p *Pages) joined(ctx context.Context, v *showView, lang string) error {
	o := v.Opportunity
	if o.Context != "" {
		e, err := p.helped(ctx, o.Context)
		if err != nil && problem.KindOf(err) != problem.NotFound && problem.KindOf(err) != problem.Gone {
			return err
		}
		if err == nil {
			v.Helped = e
		}
	}
	if p.Apply != nil && (o.State == Open || o.State == Filled) {
		var err error
		if v.Apply, err = p.Apply(ctx, o); err != nil {
			return err
		}
	}
	for _, s := range o.Shifts {
		one := *s
		if v.Apply != nil && one.Places > 0 {
			if free, ok := v.Apply.Free[one.ID]; ok {
				one.Taken = one.Places - free
			}
		}
		free, any := one.Free()
		v.Shifts = append(v.Shifts, shiftView{When: one.Brief(lang, p.now()), Note: one.Note, Seeking: one.Seeking(lang), Full: !any && free == 0})
	}
	v.Contact = o.contact(v.Apply != nil)
	return nil
}

// contact gives whom to ask, as the club has chosen. What is for those whom it
// accepts is shown to nobody here.
func (o *Opportunity) contact(applies bool) *contactView {
	if o.State != Open && o.State != Filled {
		return nil
	}
	c := &contactView{Link: o.ApplyLink}
	if o.Contact == ForAll {
		c.Name, c.Email, c.Phone = o.ContactName, o.ContactEmail, o.ContactPhone
	} else if !applies {
		c.Club, c.ClubHref = o.Author.DisplayName(), o.Author.URL
	}
	if *c == (contactView{}) {
		return nil
	}
	return c
}

// clock says at what time of day it is, "" when only the day is known.
func (o *Opportunity) clock(lang string) string {
	switch {
	case len(o.Shifts) > 1:
		return count(lang, "opportunity.shifts", len(o.Shifts))
	case o.AllDay():
		return o.TimeNote
	}
	return strings.TrimSuffix(locale.ClockRange(lang, o.StartTime, o.EndTime)+", "+o.TimeNote, ", ")
}

// facts are what matters most; t says it in the manner of the town.
func (o *Opportunity) facts(lang string, t func(lang, key string, data ...any) string) []component.Fact {
	var list []component.Fact
	add := func(icon, key, text, note string) {
		if text != "" {
			list = append(list, component.Fact{Icon: icon, Key: key, Text: text, Note: note})
		}
	}
	add("place", "opportunity.where", o.Where(lang), o.Accessibility)
	if effort := o.Kind(lang); o.Times == Once && !o.StartTime.IsZero() || o.Trial != "" || effort != say(lang, "opportunity.times."+o.Times, nil) { // which stands above already
		add("clock", "opportunity.effort", effort, o.Trial)
	}
	demands := strings.Join(sayAll(lang, "opportunity.demand.", o.Requirements), ", ")
	notes := o.Requirement
	if o.Payer != "" && (demands != "" || notes != "") {
		notes = strings.TrimPrefix(strings.TrimSuffix(notes, ".")+". "+t(lang, "opportunity.payer."+o.Payer)+".", ". ")
	}
	if age := o.Age(lang); age != "" {
		demands = strings.TrimPrefix(demands+", "+age, ", ")
	}
	if demands == "" {
		demands, notes = notes, ""
	}
	if demands == "" {
		demands = say(lang, "opportunity.demand.none", nil)
	}
	add("check", "opportunity.requirements", demands, notes)
	add("shield", "opportunity.insurance", o.Insurance, "")
	return list
}

// more are facts that are good to know.
func (o *Opportunity) more(lang string) []moreFact {
	var list []moreFact
	add := func(key string, texts ...string) {
		if text := strings.Join(texts, ", "); text != "" {
			list = append(list, moreFact{key, text})
		}
	}
	add("opportunity.skills", present(o.Skills)...)
	add("opportunity.languages", sayAll(lang, "opportunity.tongue.", o.Languages)...)
	add("opportunity.learn", present(o.Learn)...)
	add("opportunity.rewards", append(sayAll(lang, "opportunity.thanks.", o.Rewards), present(o.Expenses)...)...)
	var whom []string
	if o.ForYoung {
		whom = append(whom, say(lang, "opportunity.suits.young", nil))
	}
	if o.ForGroups {
		whom = append(whom, say(lang, "opportunity.suits.groups", nil))
	}
	add("opportunity.suits", whom...)
	return list
}

func present(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// public gives the opportunity that the address names, as everybody sees it.
func (p *Pages) public(r *http.Request) (*Opportunity, error) {
	return p.Opportunities.Find(r.Context(), object.Viewer{}, p.actors.Site().ObjectID(chi.URLParam(r, "key")))
}

func (p *Pages) showPoster(w http.ResponseWriter, r *http.Request, o *Opportunity) error {
	d := page.Poster{
		Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: listPath}, {Text: o.Name, Href: Path + o.Key()}},
		Title:  say(o.Language, "opportunity.head", nil) + ": " + o.Name, When: o.When(o.Language), Place: o.Where(o.Language), By: o.Author.DisplayName(),
		Text: component.SafeHTML(o.Content), Language: o.Language, URL: o.URL, List: listPath, Call: "poster.call.help",
	}
	if o.State == Open {
		d.Seeking = o.Seeking(o.Language)
	}
	if d.When == "" {
		d.When = o.Kind(o.Language)
	}
	if o.State == Cancelled {
		d.Off = say(o.Language, "opportunity.cancelled", nil) + ": " + o.Reason
	}
	if len(o.Attachment) > 0 {
		var err error
		if d.Picture, err = page.Picture(r.Context(), p.pictures, o.Attachment[0]); err != nil {
			return err
		}
	}
	p.web.Keep(r, Path+o.Key()+page.PosterPath, time.Time{})
	return p.ShowPoster(w, r, d)
}

// schema describes the opportunity in the words of schema.org.
func (o *Opportunity) schema() *page.Schema {
	d := &page.Schema{
		Context: page.Vocabulary, Type: "SocialMediaPosting", ID: o.ID, URL: o.URL, Name: say(o.Language, "opportunity.head", nil) + ": " + o.Name,
		Text: markup.Text(o.Content), InLanguage: o.Language, Author: page.Organization(o.Author), DatePublished: o.Published.Format(time.RFC3339),
		Keywords: say(o.Language, "opportunity.field."+o.Field, nil),
	}
	if !o.Updated.IsZero() {
		d.DateModified = o.Updated.Format(time.RFC3339)
	}
	if len(o.Attachment) > 0 {
		d.Image = o.Attachment[0].URL
	}
	return d
}
