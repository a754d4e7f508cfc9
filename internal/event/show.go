package event

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// maxFurther is how many further events of its club stand under an event.
const maxFurther = 3

// showView is the page of an event ("event/show").
type showView struct {
	Event  *Event
	Lang   string
	Crumbs []component.Crumb
	Tools  *page.Tools
	Leaf   component.Leaf
	// Day and Clock are when it is, in two lines; Near says how far away that is.
	Day, Clock, Near string
	// Start and End are the same for machines; End is "" when it is open.
	Start, End string
	// Was is when it was to be before it was moved, Now when it is; Was is "" for
	// one that was not.
	Was, Now string
	// Over is true for what is past.
	Over    bool
	Picture *component.Picture
	Content component.SafeHTML
	Club    clubView
	// Category is the word for what it is about, or "", and CategoryHref leads to
	// more of that.
	Category, CategoryHref string
	// Calendar is the address of the event as a file for calendars, Follow that
	// from where its club is followed.
	Calendar, Follow string
	Further          []component.EventRow
	// Jobs are what helpers are looked for.
	Jobs []component.Job
	// Checked is nil for what is over: nobody has to look after it any more.
	Checked *page.Checked
	Share   page.Share
	page.Conversation
}

// clubView is who organises it.
type clubView struct{ Name, Href, Icon, Letters string }

// show shows an event.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id := p.actors.Site().ObjectID(chi.URLParam(r, "key"))
	if page.Redirected(w, r, id) {
		return nil
	}
	viewer, err := p.Seer(r, id)
	if err != nil {
		return err
	}
	e, err := p.Events.Find(r.Context(), viewer, id)
	if err != nil {
		return err
	}
	lang := p.web.Language(r)
	view := p.showView(e, lang)
	if view.Conversation, err = p.Under(r, &e.Object); err != nil {
		return err
	}
	if view.Tools, err = p.Tools(r, &e.Object, Path+e.Key(), e.tools()...); err != nil {
		return err
	}
	if !view.Over {
		if view.Checked, err = p.Checked(r, e.ID, e.AttributedTo, e.Version(), e.Stale); err != nil {
			return err
		}
	}
	if p.Jobs != nil && !view.Over {
		if view.Jobs, err = p.Jobs(r.Context(), e.ID, lang); err != nil {
			return err
		}
	}
	until, err := p.further(r.Context(), view, lang)
	if err != nil {
		return err
	}
	title := e.title(lang)
	shown := web.Page{
		Title: title, Description: e.headline(lang), Alternate: e.ID, Canonical: e.URL, View: view, Scripts: []string{page.CopyScript},
		Type: "article", Data: e.schema(p.categories()), NoIndex: view.Checked.Unlisted(), Feeds: []web.Feed{{Type: "text/calendar", Title: title, Href: view.Calendar}},
	}
	if len(e.Attachment) > 0 {
		if view.Picture, err = page.Picture(r.Context(), p.pictures, e.Attachment[0]); err != nil {
			return err
		}
		shown.Image, shown.ImageAlt = e.Attachment[0].URL, e.Attachment[0].Name
	}
	p.KeepThingUntil(r, &e.Object, Path+e.Key(), view.Conversation, until)
	if text := markup.Text(e.Content); text != "" {
		shown.Description += ". " + markup.Name(text, 200)
	}
	return p.web.Render(w, r, http.StatusOK, "event/show", shown)
}

// tools are the pages of an editor, with the keys of their words.
func (e *Event) tools() []component.Crumb {
	again := component.Crumb{Key: "event.again", Href: "/veranstaltungen/neu?von=" + e.Key()}
	if e.Status == Cancelled {
		return []component.Crumb{again}
	}
	return []component.Crumb{{Key: "tools.change", Href: Path + e.Key() + "/aendern"}, {Key: "event.helpers", Href: "/ehrenamt/neu?fuer=" + e.Key()}, again, {Key: "tools.cancel", Href: Path + e.Key() + "/absagen"}}
}

// showView says of the event what depends on nothing else.
func (p *Pages) showView(e *Event, lang string) *showView {
	now := p.now().In(p.zone)
	view := &showView{
		Event: e, Lang: e.foreign(lang), Content: component.SafeHTML(e.Content),
		Crumbs: []component.Crumb{{Key: "nav.events", Href: listPath}, {Text: e.Name}},
		Leaf:   component.Leaf{Time: e.StartTime, Large: true, Off: e.Status == Cancelled},
		Club:   clubView{e.Author.DisplayName(), e.Author.URL, e.Author.IconURL, component.Letters(e.Author.DisplayName())},
		Start:  e.stamp(e.StartTime), End: e.stamp(e.EndTime), Over: e.end().Before(now),
		Calendar: Path + e.Key() + calendarPath, Follow: page.Follow(e.AttributedTo),
		Share: page.Share{URL: e.URL, Title: e.title(lang), Follow: page.Follow(e.ID), Poster: Path + e.Key() + page.PosterPath},
	}
	view.Day, view.Clock = e.twoLines(lang, now)
	if c := p.categories().Find(TermList, e.Category); c != nil {
		view.Category, view.CategoryHref = c.Word(lang), listPath+"?"+categoryField+"="+c.Slug
	}
	switch {
	case view.Over:
	case e.StartTime.After(now):
		view.Near = p.Events.near(midnight(e.StartTime), lang)
	case !e.AllDay || !midnight(e.StartTime).Equal(p.today()):
		view.Near = say(lang, "event.now", nil)
	default:
		view.Near = p.Events.near(midnight(e.StartTime), lang)
	}
	if e.Rescheduled() && e.Status != Cancelled {
		view.Was, view.Now = e.was(lang, now), e.brief(lang, now)
	}
	return view
}

// end is when the event is over: of one with an open end not before its day is.
func (e *Event) end() time.Time {
	if e.EndTime.IsZero() {
		return lastSecond(e.StartTime)
	}
	return e.EndTime
}

// twoLines says when the event is: the day, and the time of day.
func (e *Event) twoLines(lang string, today time.Time) (day, clock string) {
	end := e.EndTime
	if end.IsZero() {
		end = e.StartTime
	}
	first, last := midnight(e.StartTime), midnight(end)
	night := !e.AllDay && end.Sub(e.StartTime) < 24*time.Hour && end.Hour() < smallHours
	day = locale.LongDay(lang, e.StartTime, today)
	switch {
	case first.Equal(last) && e.AllDay:
		return day, say(lang, "event.all-day", nil)
	case first.Equal(last) || night:
		return day, locale.ClockRange(lang, e.StartTime, e.EndTime)
	case e.AllDay:
		return day, say(lang, "event.until", locale.LongDay(lang, end, today))
	}
	return day, say(lang, "event.from-until", map[string]string{
		"From": locale.ClockRange(lang, e.StartTime, time.Time{}), "Until": locale.ShortDate(lang, end, today) + ", " + locale.ClockRange(lang, end, time.Time{}),
	})
}

// further looks up what else the club has planned, and tells until when the
// page says the truth: what depends on the day, and what ends.
func (p *Pages) further(ctx context.Context, view *showView, lang string) (until time.Time, err error) {
	now := p.now()
	until = p.today().AddDate(0, 0, 1)
	sooner := func(t time.Time) {
		if t.After(now) && t.Before(until) {
			until = t
		}
	}
	sooner(view.Event.StartTime)
	sooner(view.Event.end())
	list, err := p.Upcoming(ctx, view.Event.AttributedTo, now, "", maxFurther+1)
	for _, e := range list {
		sooner(e.EndTime)
		sooner(e.StartTime)
		if e.ID == view.Event.ID || len(view.Further) == maxFurther {
			continue
		}
		row := p.Events.row(e, lang)
		row.By = ""
		view.Further = append(view.Further, row)
	}
	return until, err
}
