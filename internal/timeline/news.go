package timeline

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// News is the page of what is new for a club's editors.
type News struct {
	*page.Guard
	*Gazette
	// SetRead remembers until when a person has seen what is new.
	SetRead func(ctx context.Context, accountID string, until time.Time) error
}

// Mount enters the routes into r.
func (s *News) Mount(r chi.Router) {
	r.Get("/neues", s.Web.Handle(s.Page(s.show)))
	r.Post("/neues/gelesen", s.Web.Handle(s.Form(s.read)))
}

// maxNews is how much news the page shows.
const maxNews = 100

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
	list, err := s.Notifications.List(ctx, who.Viewer().Actors, notification.Span{Limit: maxNews})
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
	all := slices.Concat(reports, failed)
	for _, gather := range []func(context.Context, *page.Person) ([]item, error){s.waiting, s.hints, s.helps, s.own} {
		some, err := gather(ctx, who)
		if err != nil {
			return 0, err
		}
		all = append(all, some...)
	}
	for _, r := range all {
		if r.New {
			n++
		}
	}
	return n, nil
}

func (s *News) show(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	items, err := s.items(r.Context(), who, notification.Span{Limit: maxNews})
	if err != nil {
		return err
	}
	view := newsView{Items: items, Done: s.Flashed(r), Empty: component.Empty{Key: "news.none", TextKey: "news.none.text", Href: "/konto", ActionKey: "news.none.action"}}
	if who.MustSpeak() != nil && !who.Hall() {
		view.Empty.TextKey += ".own"
	}
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
