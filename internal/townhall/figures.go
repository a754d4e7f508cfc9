package townhall

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/locale"
)

// figuresPath is where the numbers for the council are.
const figuresPath = "/rathaus/zahlen"

// figureMonths is how many months are looked at.
const figureMonths = 12

// The columns of the numbers, as the keys of their words end.
var figureKeys = []string{"clubs", "events", "posts", "followers", "servers", "applications"}

// figureMonth is what was new in a month. No number is about a person.
type figureMonth struct {
	Month time.Time
	Name  string
	N     []figure
}

// figure is a number with the key of its word.
type figure struct {
	Key string
	N   int
}

type figuresView struct {
	Hall page.Hall
	// Sum are the numbers of today: clubs, followers, servers.
	Sum    []figure
	Months []figureMonth
	CSV    string
}

// figures counts what was new in the last months, the newest first, and what
// there is now.
func (s *Surface) figures(ctx context.Context, now time.Time) (sum []figure, list []figureMonth, err error) {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	since := first.AddDate(0, 1-figureMonths, 0)
	clubs, err := s.Actors.ClubsSince(ctx)
	if err != nil {
		return nil, nil, err
	}
	followers, err := s.Actors.FollowersOfAll(ctx)
	if err != nil {
		return nil, nil, err
	}
	events, err := s.PublishedSince(ctx, "Event", since)
	if err != nil {
		return nil, nil, err
	}
	posts, err := s.PublishedSince(ctx, "Note", since)
	if err != nil {
		return nil, nil, err
	}
	applied, err := s.Accounts.AppliedSince(ctx, since)
	if err != nil {
		return nil, nil, err
	}
	var followed []time.Time
	begun := map[string]time.Time{} // since when a server has somebody who follows
	for _, f := range followers {
		followed = append(followed, f.Created)
		if old, known := begun[f.Host]; !known || f.Created.Before(old) {
			begun[f.Host] = f.Created
		}
	}
	var servers []time.Time
	for _, at := range begun {
		servers = append(servers, at)
	}
	columns := [][]time.Time{clubs, events, posts, followed, servers, applied}
	for i := range figureMonths {
		m := figureMonth{Month: first.AddDate(0, -i, 0)}
		for j, times := range columns {
			m.N = append(m.N, figure{figureKeys[j], within(times, m.Month)})
		}
		list = append(list, m)
	}
	return []figure{{"clubs", len(clubs)}, {"followers", len(followed)}, {"servers", len(servers)}}, list, nil
}

// within counts the times in a month.
func within(times []time.Time, month time.Time) int {
	n := 0
	for _, at := range times {
		if at = at.In(month.Location()); at.Year() == month.Year() && at.Month() == month.Month() {
			n++
		}
	}
	return n
}

func (s *Surface) showFigures(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	lang := s.Web.Language(r)
	hall, err := s.frame(r, figuresPath, "figures.title")
	if err != nil {
		return err
	}
	hall.Lede = s.Web.T(lang, "figures.text")
	view := figuresView{Hall: hall, CSV: figuresPath + ".csv"}
	if view.Sum, view.Months, err = s.figures(r.Context(), time.Now().In(s.Zone)); err != nil {
		return err
	}
	for i, m := range view.Months {
		view.Months[i].Name = locale.Month(lang, m.Month) + " " + strconv.Itoa(m.Month.Year())
	}
	return s.render(w, r, http.StatusOK, "figures", hall.Heading, view)
}

// figuresSheet gives the numbers of the months for a spreadsheet.
func (s *Surface) figuresSheet(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	lang := s.Web.Language(r)
	_, list, err := s.figures(r.Context(), time.Now().In(s.Zone))
	if err != nil {
		return err
	}
	names := []string{s.Web.T(lang, "figures.month")}
	for _, key := range figureKeys {
		names = append(names, s.Web.T(lang, "figures."+key))
	}
	var b bytes.Buffer
	sheet, err := page.NewSheet(&b, names...)
	if err != nil {
		return err
	}
	for _, m := range list {
		cells := []string{m.Month.Format("2006-01")}
		for _, f := range m.N {
			cells = append(cells, strconv.Itoa(f.N))
		}
		if err := sheet.Add(cells...); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="zahlen.csv"`)
	_, _ = w.Write(b.Bytes()) // who asked may have gone
	return nil
}
