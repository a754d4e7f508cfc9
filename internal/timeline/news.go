package timeline

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// News is the page of what is new for a club's editors.
type News struct {
	*page.Guard
	Notifications *notification.Notifications
	// Failed gives the drafts of the clubs that did not appear when they were due.
	Failed  func(ctx context.Context, clubs []string) ([]*draft.Draft, error)
	Reports func(ctx context.Context) ([]*moderation.Report, error)
	// SetRead remembers until when a person has seen what is new.
	SetRead func(ctx context.Context, accountID string, until time.Time) error
	Origin  string
}

// Mount enters the routes into r.
func (s *News) Mount(r chi.Router) {
	r.Get("/neues", s.Web.Handle(s.Page(s.show)))
	r.Post("/neues/gelesen", s.Web.Handle(s.Form(s.read)))
}

// maxNews is how much news the page shows.
const maxNews = 100

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
	"news.follow": "user", "news.reply": "reply", "news.mention": "reply", "news.like": "star", "news.announce": "repeat", "news.draft": "alert", "news.report": "flag",
}

// Icon is the name of its icon.
func (i item) Icon() string {
	if name := icons[i.Key]; name != "" {
		return name
	}
	return "bell"
}

type newsView struct {
	Items []item
	// Fresh is how many are new.
	Fresh int
	Done  string
	// Read marks everything as read; nil when there is nothing new.
	Read  *component.Form
	Empty component.Empty
}

// Unread counts what a person has not seen yet, up to maxNews.
func (s *News) Unread(ctx context.Context, who *page.Person) (int, error) {
	list, err := s.Notifications.List(ctx, who.Viewer().Actors, maxNews)
	if err != nil {
		return 0, err
	}
	reports, err := s.reports(ctx, who)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, l := range list {
		if l.Received.After(who.NewsRead) {
			n++
		}
	}
	failed, err := s.failed(ctx, who)
	if err != nil {
		return 0, err
	}
	for _, r := range append(reports, failed...) {
		if r.New {
			n++
		}
	}
	return n, nil
}

func (s *News) show(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	items, err := s.items(r.Context(), who)
	if err != nil {
		return err
	}
	view := newsView{Items: items, Done: s.Flashed(r), Empty: component.Empty{Key: "news.none", TextKey: "news.none.text", Href: "/konto", ActionKey: "news.none.action"}}
	for _, i := range items {
		if i.New {
			view.Fresh++
		}
	}
	if view.Fresh > 0 && items[0].New {
		f := page.NewForm(s.Web, r, &page.Input{Values: url.Values{}}, nil)
		f.Hide("until", items[0].Time.Format(time.RFC3339Nano))
		form := f.Show("/neues/gelesen", component.Button{Key: "news.read", Plain: true})
		view.Read = &form
	}
	return s.Web.Render(w, r, http.StatusOK, "timeline/news", web.Page{Title: s.Web.T(s.Web.Language(r), "layout.news"), Narrow: true, View: view})
}

func (s *News) read(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	until, err := time.Parse(time.RFC3339Nano, in.Get("until"))
	if err != nil || until.After(time.Now()) {
		return problem.Invalidf("%q is no time of news", in.Get("until"))
	}
	if err := s.SetRead(r.Context(), who.ID, until); err != nil {
		return err
	}
	s.Flash(r, "news.read.done")
	http.Redirect(w, r, "/neues", http.StatusSeeOther)
	return nil
}

func (s *News) items(ctx context.Context, who *page.Person) ([]item, error) {
	names := map[string]string{}
	for _, c := range who.Clubs {
		names[c.ID] = c.DisplayName()
	}
	list, err := s.Notifications.List(ctx, who.Viewer().Actors, maxNews)
	if err != nil {
		return nil, err
	}
	items, err := s.reports(ctx, who)
	if err != nil {
		return nil, err
	}
	failed, err := s.failed(ctx, who)
	if err != nil {
		return nil, err
	}
	items = append(items, failed...)
	for _, n := range list {
		i := item{
			Key: "news." + string(n.Kind), Name: n.Actor.DisplayName(), Handle: n.Actor.Handle(), Club: names[n.ClubID],
			Time: n.Received.In(s.Zone), New: n.Received.After(who.NewsRead),
		}
		if n.ObjectID != "" {
			o, err := s.Objects.Stored(ctx, s.Objects.Reader(), n.ObjectID)
			if err != nil {
				return nil, err
			}
			s.about(&i, o)
		}
		items = append(items, i)
	}
	sortNews(items)
	return items, nil
}

func (s *News) about(i *item, o *object.Object) {
	const most = 200
	i.Text = o.Name
	if i.Text == "" {
		i.Text = markup.Name(markup.Text(o.Content), most)
	}
	i.Href = strings.TrimPrefix(o.URL, s.Origin)
	if !o.Local {
		i.Href = page.ManageHref(o.ID)
		i.Private = !o.Open()
	}
}

// failed gives the drafts of the person's clubs that did not appear.
func (s *News) failed(ctx context.Context, who *page.Person) ([]item, error) {
	list, err := s.Failed(ctx, who.Viewer().Actors)
	var items []item
	for _, d := range list {
		items = append(items, item{Key: "news.draft", Text: d.Title, Href: page.DraftsPath, Time: d.Changed.In(s.Zone), New: d.Changed.After(who.NewsRead)})
	}
	return items, err
}

// reports gives the open reports: all of them for the town hall, for editors
// those on what their clubs published.
func (s *News) reports(ctx context.Context, who *page.Person) ([]item, error) {
	list, err := s.Reports(ctx)
	if err != nil {
		return nil, err
	}
	var items []item
	for _, report := range list {
		i := item{Key: "news.report", Text: report.Content, Time: report.Received.In(s.Zone), New: report.Received.After(who.NewsRead)}
		if report.Kind == moderation.Barrier {
			i.Key = "news.barrier"
		}
		mine := who.Staff()
		for _, id := range report.Objects {
			if who.Speaks(id) {
				mine = true
			}
			o, err := s.Objects.Stored(ctx, s.Objects.Reader(), id)
			if problem.KindOf(err) == problem.NotFound {
				continue // an actor, or gone
			}
			if err != nil {
				return nil, err
			}
			if o.Local && who.Speaks(o.AttributedTo) {
				mine = true
			}
			i.Href = strings.TrimPrefix(o.URL, s.Origin)
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

// sortNews puts the newest first.
func sortNews(items []item) {
	slices.SortStableFunc(items, func(a, b item) int { return b.Time.Compare(a.Time) })
}
