package townhall

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// figuresPath is where the numbers for the council are.
const figuresPath = "/rathaus/zahlen"

// figureMonths is how many months are looked at.
const figureMonths = 12

// figureColumns are the numbers: how the keys of their words end, and the path of
// what they count, "" for what every town has.
var figureColumns = []struct{ key, path string }{
	{"clubs", ""},
	{"events", "/veranstaltungen"},
	{"posts", "/pinnwand"},
	{"opportunities", "/ehrenamt"},
	{"helpers", "/ehrenamt"},
	{"hours", "/ehrenamt"},
	{"followers", ""},
	{"servers", ""},
	{"applications", ""},
}

// A Helped is what volunteering came to: when somebody wanted to help, and when
// how many minutes were agreed on.
type Helped struct {
	Applied []time.Time
	Agreed  []time.Time
	Minutes []int
}

// minutesIn adds up what was agreed on in a month.
func (h Helped) minutesIn(month time.Time) int {
	n := 0
	for i, at := range h.Agreed {
		n += h.Minutes[i] * within([]time.Time{at}, month)
	}
	return n
}

// figureMonth is what was new in a month: a number for each column. No number is
// about a person.
type figureMonth struct {
	Month time.Time
	N     []int
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
	Months component.Months
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
	offered, err := s.PublishedSince(ctx, "Opportunity", since)
	if err != nil {
		return nil, nil, err
	}
	helped, err := s.HelpedSince(ctx, since)
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
	times := map[string][]time.Time{"clubs": clubs, "events": events, "posts": posts, "opportunities": offered, "helpers": helped.Applied, "followers": followed, "servers": servers, "applications": applied}
	for i := range figureMonths {
		m := figureMonth{Month: first.AddDate(0, -i, 0)}
		for _, c := range s.figureColumns() {
			n := within(times[c], m.Month)
			if c == "hours" {
				n = (helped.minutesIn(m.Month) + 30) / 60
			}
			m.N = append(m.N, n)
		}
		list = append(list, m)
	}
	return []figure{{"clubs", len(clubs)}, {"followers", len(followed)}, {"servers", len(servers)}}, list, nil
}

// figureColumns gives the keys of the numbers of what the town uses.
func (s *Surface) figureColumns() []string {
	var keys []string
	for _, c := range figureColumns {
		if c.path == "" || s.Web.Open(c.path) {
			keys = append(keys, c.key)
		}
	}
	return keys
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
	sum, list, err := s.figures(r.Context(), time.Now().In(s.Zone))
	if err != nil {
		return err
	}
	months := component.Months{Key: "figures.new", First: "figures.month"}
	for _, key := range s.figureColumns() {
		months.Columns = append(months.Columns, "figures.short."+key)
	}
	for _, m := range list {
		months.Rows = append(months.Rows, component.MonthRow{Name: locale.MonthYear(lang, m.Month), N: m.N})
	}
	view := figuresView{Hall: hall, Sum: sum, Months: months, CSV: figuresPath + ".csv"}
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
	for _, key := range s.figureColumns() {
		names = append(names, s.Web.T(lang, "figures."+key))
	}
	var b bytes.Buffer
	sheet, err := page.NewSheet(&b, names...)
	if err != nil {
		return err
	}
	for _, m := range list {
		cells := []string{m.Month.Format("2006-01")}
		for _, n := range m.N {
			cells = append(cells, strconv.Itoa(n))
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
