package reach

import (
	"bytes"
	"context"
	"embed"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Files are the template and the words of the page.
//
//go:embed *.html *.toml
var Files embed.FS

// Surface shows editors the reach of their club.
type Surface struct {
	*page.Guard
	Actors  *actor.Actors
	Readers *Readers
	// Clubs is the path under which pages of clubs are, "/vereine/".
	Clubs string
	// Types are the ActivityStreams types of what clubs publish.
	Types []string
	// Entitle says what things are called, in their order.
	Entitle func(ctx context.Context, list []*object.Object) ([]Thing, error)
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(s.Clubs+"{handle}"+page.ReachPath, s.Web.Handle(s.Page(s.show)))
	r.Get(s.Clubs+"{handle}"+page.ReachPath+".csv", s.Web.Handle(s.Page(s.table)))
}

// club gives the club that a request is about, for those who speak for it.
func (s *Surface) club(r *http.Request, who *page.Person) (*actor.Actor, error) {
	a, err := s.Actors.FindUsername(r.Context(), s.Actors.Reader(), chi.URLParam(r, "handle"), actor.Active)
	if err != nil {
		return nil, err
	}
	if !who.Speaks(a.ID) {
		return nil, problem.Forbiddenf("%s is not an editor of this club", who.ID)
	}
	return a, nil
}

type view struct {
	Crumbs        []component.Crumb
	Heading, Path string
	Facts         []component.Fact
	// Hosts, Months, Calendar and Feed are drawn.
	Hosts, Months, Calendar, Feed component.Bars
	Things                        []reaction
	// Few is from how many followers on a server is named.
	Few int
}

func (s *Surface) show(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := s.club(r, who)
	if err != nil {
		return err
	}
	f, err := s.figures(r.Context(), c)
	if err != nil {
		return err
	}
	lang := s.Web.Language(r)
	v := view{
		Crumbs:  []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName(), Href: s.Clubs + c.PreferredUsername}, {Key: "reach.crumb"}},
		Heading: s.Web.T(lang, "reach.title", c.DisplayName()), Path: s.Clubs + c.PreferredUsername + page.ReachPath, Things: f.Things, Few: fewest,
		Facts: []component.Fact{
			{Icon: "people", Key: "reach.followers", Text: strconv.Itoa(f.Followers)},
			{Icon: "star", Key: "reach.likes", Text: strconv.Itoa(f.Sum.Likes)},
			{Icon: "repeat", Key: "reach.shares", Text: strconv.Itoa(f.Sum.Announces)},
			{Icon: "reply", Key: "reach.replies", Text: strconv.Itoa(f.Sum.Replies)},
			{Icon: "calendar", Key: "reach.calendar", Text: s.Web.T(lang, "reach.about", strconv.Itoa(f.Calendar))},
			{Icon: "rss", Key: "reach.feed", Text: s.Web.T(lang, "reach.about", strconv.Itoa(f.Feed))},
		},
	}
	v.draw(s.Web, lang, f)
	if !s.Web.Open(v.Path[:len(v.Path)-len(page.ReachPath)] + "/kalender.ics") {
		v.Calendar.List = nil
		v.Facts = slices.DeleteFunc(v.Facts, func(f component.Fact) bool { return f.Key == "reach.calendar" })
	}
	return s.Web.Render(w, r, http.StatusOK, "reach/show", web.Page{Title: v.Heading, View: v})
}

// draw makes bars of what changes with time or place.
func (v *view) draw(site *web.Site, lang string, f *figures) {
	v.Hosts = component.Bars{Key: "reach.hosts", Name: "reach.host", Number: "reach.followers"}
	for _, h := range f.Hosts {
		v.Hosts.List = append(v.Hosts.List, component.Bar{Text: h.Name, N: h.N})
	}
	if f.Others > 0 {
		v.Hosts.List = append(v.Hosts.List, component.Bar{Text: site.T(lang, "reach.others"), N: f.Others})
	}
	v.Months = component.Bars{Key: "reach.months", Name: "reach.month", Number: "reach.fresh"}
	for _, m := range f.Months {
		v.Months.List = append(v.Months.List, component.Bar{Text: locale.Month(lang, m.Month) + " " + strconv.Itoa(m.Month.Year()), N: m.N})
	}
	v.Calendar = component.Bars{Key: "reach.calendar.days", Name: "reach.day", Number: "reach.readers"}
	v.Feed = component.Bars{Key: "reach.feed.days", Name: "reach.day", Number: "reach.readers"}
	for _, d := range f.Days[:week] {
		name := locale.ShortDate(lang, d.Day, d.Day)
		v.Calendar.List = append(v.Calendar.List, component.Bar{Text: name, N: d.Calendar})
		v.Feed.List = append(v.Feed.List, component.Bar{Text: name, N: d.Feed})
	}
}

// table answers with all numbers as a file for spreadsheets: a line for each,
// with what it counts, of what, and the number.
func (s *Surface) table(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	c, err := s.club(r, who)
	if err != nil {
		return err
	}
	f, err := s.figures(r.Context(), c)
	if err != nil {
		return err
	}
	lang := s.Web.Language(r)
	var b bytes.Buffer
	sheet, err := page.NewSheet(&b, s.Web.T(lang, "reach.csv.what"), s.Web.T(lang, "reach.csv.of"), s.Web.T(lang, "reach.csv.number"))
	if err != nil {
		return err
	}
	add := func(key, of string, n int) {
		if err == nil {
			err = sheet.Add(s.Web.T(lang, key), of, strconv.Itoa(n))
		}
	}
	add("reach.followers", "", f.Followers)
	for _, h := range f.Hosts {
		add("reach.hosts", h.Name, h.N)
	}
	add("reach.hosts", s.Web.T(lang, "reach.others"), f.Others)
	for _, m := range f.Months {
		add("reach.fresh", m.Month.Format("2006-01"), m.N)
	}
	for _, t := range f.Things {
		of := t.Published.Format(time.DateOnly) + " " + t.Title
		add("reach.likes", of, t.Likes)
		add("reach.shares", of, t.Announces)
		add("reach.replies", of, t.Replies)
	}
	for _, d := range f.Days {
		add("reach.calendar", d.Day.Format(time.DateOnly), d.Calendar)
		add("reach.feed", d.Day.Format(time.DateOnly), d.Feed)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+c.PreferredUsername+`-reichweite.csv"`)
	_, _ = w.Write(b.Bytes()) // who asked may have gone
	return nil
}
