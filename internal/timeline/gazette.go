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
	// Failed gives the drafts of the clubs that did not appear when they were due.
	// Each has a letter of its own.
	Failed func(ctx context.Context, clubs []string) ([]*draft.Draft, error)
	// Hints gives what readers say is wrong with what these clubs care for; nil is
	// all clubs.
	Hints  func(ctx context.Context, clubs []string) ([]*care.Hint, error)
	Origin string
	// Zone is the town's.
	Zone *time.Location
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
	for kind, list := range map[notification.Kind]func(context.Context, *page.Person) ([]item, error){notification.Report: g.reports, notification.Hint: g.hints} {
		if len(span.Kinds) > 0 && !slices.Contains(span.Kinds, kind) {
			continue
		}
		some, err := list(ctx, who)
		if err != nil {
			return nil, err
		}
		items = append(items, slices.DeleteFunc(some, func(i item) bool {
			return !span.After.IsZero() && !i.Time.After(span.After) || !span.Until.IsZero() && i.Time.After(span.Until)
		})...)
	}
	if len(span.Kinds) == 0 {
		failed, err := g.failed(ctx, who)
		if err != nil {
			return nil, err
		}
		items = append(items, failed...)
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
		mine := who.Staff()
		for _, id := range report.Objects {
			if who.Speaks(id) {
				mine = true
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
			i.Href = strings.TrimPrefix(o.URL, g.Origin)
		}
		if who.Staff() {
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
	clubs := who.Viewer().Actors
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

// sortNews puts the newest first.
func sortNews(items []item) {
	slices.SortStableFunc(items, func(a, b item) int { return b.Time.Compare(a.Time) })
}
