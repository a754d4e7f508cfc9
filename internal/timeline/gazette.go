package timeline

import (
	"context"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Gazette knows what is new for a person: for the page and for mails alike.
type Gazette struct {
	Notifications *notification.Notifications
	Objects       *object.Objects
	Reports       func(ctx context.Context) ([]*moderation.Report, error)
	// Waiting gives who waits for a word of the town hall.
	Waiting func(ctx context.Context) ([]Asked, error)
	// Failed gives the drafts of the clubs that did not appear when they were due.
	// Each has a letter of its own.
	Failed func(ctx context.Context, clubs []string) ([]*draft.Draft, error)
	// Hints gives what readers say is wrong with what these clubs care for; nil is
	// all clubs.
	Hints func(ctx context.Context, clubs []string) ([]*care.Hint, error)
	// Helps gives what people said and did who want to help these clubs.
	Helps func(ctx context.Context, clubs []string) ([]Help, error)
	// Own gives what is new for a person who helps or offers to. Each has a letter of
	// its own, where letters are sent.
	Own    func(ctx context.Context, accountID string) ([]Help, error)
	Origin string
	// Zone is the town's.
	Zone *time.Location
}

// Asked is a club or a person who waits for a word of the town hall.
type Asked struct {
	Name string
	// Club tells that it is a club, and Again that it was refused before.
	Club, Again bool
	Since       time.Time
}

// Help is what somebody said or did who wants to help a club, or what became of
// that. Who it was does not stand in it: news are mailed.
type Help struct {
	// Kind is how the key of its sentence goes on: asked, message, withdrawn, …
	Kind, ClubID, Title, Href string
	// Club is the name of the club, for Own.
	Club string
	At   time.Time
}

// item is one piece of news as the page shows it.
type item struct {
	// Key is that of the sentence: who does what.
	Key          string
	Name, Handle string
	Club         string
	// Text is what was written, or the name of what was liked; Href leads there.
	Text, Href string
	Private    bool
	Time       time.Time
	New        bool
}

// icons are the names of the icons by the key of the sentence.
var icons = map[string]string{
	"news.follow": "user", "news.reply": "reply", "news.mention": "reply", "news.like": "star", "news.announce": "repeat", "news.draft": "alert", "news.report": "flag", "news.hint": "edit", "news.hint.late": "edit",
	"news.help.asked": "heart", "news.help.message": "mail", "news.help.withdrawn": "x", "news.help.given": "x", "news.help.offered": "repeat", "news.help.taken": "plus", "news.help.hours": "clock",
	"news.own.accepted": "check", "news.own.message": "mail", "news.own.declined": "x", "news.own.ended": "x", "news.own.expired": "clock", "news.own.given": "repeat", "news.own.moved": "plus",
	"news.own.lost": "alert", "news.own.changed": "clock", "news.own.hours": "clock", "news.own.agreed": "check", "news.own.done": "heart",
	"news.own.proposal": "heart", "news.own.invite": "heart", "news.own.consent": "heart", "news.own.renew": "clock", "news.own.over": "clock",
	"news.application": "plus", "news.application.again": "plus", "news.application.person": "plus",
}

// Icon is the name of its icon.
func (i item) Icon() string {
	if name := icons[i.Key]; name != "" {
		return name
	}
	return "bell"
}

// items gives what is new for a person, the newest first.
func (g *Gazette) items(ctx context.Context, who *page.Person, span notification.Span) ([]item, error) {
	names := map[string]string{}
	for _, c := range who.Clubs {
		names[c.ID] = c.DisplayName()
	}
	list, err := g.Notifications.List(ctx, who.Viewer().Actors, span)
	if err != nil {
		return nil, err
	}
	var items []item
	for kind, gather := range map[notification.Kind]func(context.Context, *page.Person) ([]item, error){notification.Report: g.reports, notification.Application: g.waiting, notification.Hint: g.hints, notification.Help: g.helps} {
		if len(span.Kinds) > 0 && !slices.Contains(span.Kinds, kind) {
			continue
		}
		some, err := gather(ctx, who)
		if err != nil {
			return nil, err
		}
		items = append(items, some...)
	}
	items = slices.DeleteFunc(items, func(i item) bool {
		return !span.After.IsZero() && !i.Time.After(span.After) || !span.Until.IsZero() && i.Time.After(span.Until)
	})
	if len(span.Kinds) == 0 {
		failed, err := g.failed(ctx, who)
		if err != nil {
			return nil, err
		}
		own, err := g.own(ctx, who)
		if err != nil {
			return nil, err
		}
		items = slices.Concat(items, failed, own)
	}
	for _, n := range list {
		i := item{
			Key: "news." + string(n.Kind), Name: n.Actor.DisplayName(), Handle: n.Actor.Handle(), Club: names[n.ClubID],
			Time: n.Received.In(g.Zone), New: n.Received.After(who.NewsRead),
		}
		if n.ObjectID != "" {
			o, err := g.Objects.Stored(ctx, g.Objects.Reader(), n.ObjectID)
			if err != nil {
				return nil, err
			}
			g.about(&i, o)
		}
		items = append(items, i)
	}
	sortNews(items)
	return items, nil
}

// failed gives the drafts of the person's clubs that did not appear.
func (g *Gazette) failed(ctx context.Context, who *page.Person) ([]item, error) {
	list, err := g.Failed(ctx, who.Viewer().Actors)
	var items []item
	for _, d := range list {
		items = append(items, item{Key: "news.draft", Text: d.Title, Href: page.DraftsPath, Time: d.Changed.In(g.Zone), New: d.Changed.After(who.NewsRead)})
	}
	return items, err
}

func (g *Gazette) about(i *item, o *object.Object) {
	const most = 200
	i.Text = o.Name
	if i.Text == "" {
		i.Text = markup.Name(markup.Text(o.Content), most)
	}
	i.Href = strings.TrimPrefix(o.URL, g.Origin)
	if !o.Local {
		i.Href = page.ManageHref(o.ID)
		i.Private = !o.Open()
	}
}

// reports gives the open reports: all of them for the town hall, for editors
// those on what their clubs published.
func (g *Gazette) reports(ctx context.Context, who *page.Person) ([]item, error) {
	list, err := g.Reports(ctx)
	if err != nil {
		return nil, err
	}
	var items []item
	for _, report := range list {
		i := item{Key: "news.report", Text: report.Content, Time: report.Received.In(g.Zone), New: report.Received.After(who.NewsRead)}
		if report.Kind == moderation.Barrier {
			i.Key = "news.barrier"
		}
		mine, hall := who.Staff(), who.Staff()
		for _, id := range report.Objects {
			if who.Speaks(id) {
				mine = true
			}
			if who.Cares(id) {
				mine, hall = true, true
			}
			o, err := g.Objects.Stored(ctx, g.Objects.Reader(), id)
			if problem.KindOf(err) == problem.NotFound {
				continue // an actor, or gone
			}
			if err != nil {
				return nil, err
			}
			if o.Local && who.Speaks(o.AttributedTo) {
				mine = true
			}
			if o.Local && who.Cares(o.AttributedTo) {
				mine, hall = true, true
			}
			i.Href = strings.TrimPrefix(o.URL, g.Origin)
		}
		if hall {
			i.Href = "/rathaus/meldungen"
		}
		if mine {
			items = append(items, i)
		}
	}
	return items, nil
}

// hints gives what readers say is wrong: for editors with what their clubs care
// for, for the town hall that to which no editor answered in time.
func (g *Gazette) hints(ctx context.Context, who *page.Person) ([]item, error) {
	clubs := append(who.Viewer().Actors, who.Cared...)
	if who.Staff() {
		clubs = nil
	} else if clubs == nil {
		return nil, nil
	}
	list, err := g.Hints(ctx, clubs)
	if err != nil {
		return nil, err
	}
	var items []item
	for _, h := range list {
		i := item{Key: "news.hint", Text: h.Content, Href: page.CarePath, Time: h.Received.In(g.Zone)}
		switch {
		case who.Speaks(h.ClubID):
		case h.Late:
			i.Key, i.Href, i.Time = "news.hint.late", "/rathaus/pflege", h.Due.In(g.Zone)
		default:
			continue
		}
		i.New = i.Time.After(who.NewsRead)
		if h.Thing != nil {
			i.Club = h.Thing.Club
		}
		items = append(items, i)
	}
	return items, nil
}

// helps gives what people said and did who want to help the person's clubs.
func (g *Gazette) helps(ctx context.Context, who *page.Person) ([]item, error) {
	clubs := who.Viewer().Actors
	if len(clubs) == 0 {
		return nil, nil
	}
	list, err := g.Helps(ctx, clubs)
	var items []item
	for _, h := range list {
		i := item{Key: "news.help." + h.Kind, Text: h.Title, Href: h.Href, Time: h.At.In(g.Zone), New: h.At.After(who.NewsRead)}
		for _, c := range who.Clubs {
			if c.ID == h.ClubID {
				i.Club = c.DisplayName()
			}
		}
		items = append(items, i)
	}
	return items, err
}

// own gives what is new for the person who helps or offers to.
func (g *Gazette) own(ctx context.Context, who *page.Person) ([]item, error) {
	list, err := g.Own(ctx, who.ID)
	var items []item
	for _, h := range list {
		items = append(items, item{Key: "news.own." + h.Kind, Club: h.Club, Text: h.Title, Href: h.Href, Time: h.At.In(g.Zone), New: h.At.After(who.NewsRead)})
	}
	return items, err
}

// waiting gives who waits for a word of the town hall, to its people.
func (g *Gazette) waiting(ctx context.Context, who *page.Person) ([]item, error) {
	if !who.Staff() {
		return nil, nil
	}
	list, err := g.Waiting(ctx)
	var items []item
	for _, a := range list {
		i := item{Key: "news.application.person", Name: a.Name, Href: "/rathaus/antraege", Time: a.Since.In(g.Zone), New: a.Since.After(who.NewsRead)}
		if a.Club {
			i.Key, i.Name, i.Club = "news.application", "", a.Name
		}
		if a.Again {
			i.Key += ".again"
		}
		items = append(items, i)
	}
	return items, err
}

// sortNews puts the newest first.
func sortNews(items []item) {
	slices.SortStableFunc(items, func(a, b item) int { return b.Time.Compare(a.Time) })
}
