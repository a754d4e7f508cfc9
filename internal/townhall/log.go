package townhall

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web/component"
)

// logPath is the room with who did what.
const logPath = "/rathaus/protokoll"

// How many entries stand on a page, and are read at once for the table.
const (
	logPage  = 50
	logBatch = 500
)

// subjects are the words before the point of an act, in the order in which they
// are offered.
var subjects = []string{"thing", "actor", "report", "objection", "block", "peer", "club", "person", "offer", "application", "request", "care", "delivery", "mail", "town"}

// logged is an entry of the log as pages show it.
type logged struct {
	*ledger.Entry
	At    time.Time
	Words string
	Said  said
	// By and About are names, or "".
	By, About string
}

type logView struct {
	Hall    page.Hall
	Entries []logged
	Form    component.Form
	// Broken is the number of the first entry that is not as it was written, 0 for
	// none.
	Broken int64
	More   string
	CSV    string
}

// logFilter reads what is asked for.
func (s *Surface) logFilter(q url.Values) ledger.Filter {
	f := ledger.Filter{By: q.Get("wer"), Limit: logPage}
	for _, of := range subjects {
		if q.Get("was") == of {
			f.Of = of
		}
	}
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("seit"), s.Zone); err == nil {
		f.Since = day
	}
	f.Before, _ = strconv.ParseInt(q.Get("vor"), 10, 64)
	return f
}

func (s *Surface) log(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	var view logView
	var err error
	if view.Hall, err = s.frame(r, logPath, "townhall.log"); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(s.Web.Language(r), "townhall.log.text")
	q := r.URL.Query()
	filter := s.logFilter(q)
	filter.Limit++
	list, err := ledger.List(r.Context(), s.Objects.Reader(), filter)
	if err != nil {
		return err
	}
	if len(list) > logPage {
		list = list[:logPage]
		next := url.Values{"was": {filter.Of}, "wer": {filter.By}, "seit": {q.Get("seit")}, "vor": {strconv.FormatInt(list[logPage-1].Seq, 10)}}
		view.More = logPath + "?" + next.Encode()
	}
	if view.Entries, err = s.logged(r, list); err != nil {
		return err
	}
	if view.Broken, err = ledger.Check(r.Context(), s.Objects.Reader()); err != nil {
		return err
	}
	if view.Form, err = s.logForm(r, q); err != nil {
		return err
	}
	view.CSV = logPath + ".csv?" + url.Values{"was": {filter.Of}, "wer": {filter.By}, "seit": {q.Get("seit")}}.Encode()
	return s.render(w, r, http.StatusOK, "log", view.Hall.Heading, view)
}

// logForm gives the form that narrows the log.
func (s *Surface) logForm(r *http.Request, q url.Values) (component.Form, error) {
	f := page.NewForm(s.Web, r, &page.Input{Values: q}, nil)
	all := component.Option{Label: s.Web.T(f.Lang, "townhall.log.all")}
	what := component.Field{Kind: "select", Name: "was", Key: "townhall.log.what", Free: true, Options: []component.Option{all}}
	for _, of := range subjects {
		what.Options = append(what.Options, component.Option{Value: of, Label: s.Web.T(f.Lang, "ledger."+of)})
	}
	people, err := s.Accounts.List(r.Context())
	if err != nil {
		return component.Form{}, err
	}
	who := component.Field{Kind: "select", Name: "wer", Key: "townhall.log.who", Free: true, Options: []component.Option{all}}
	for _, a := range people {
		if a.Hall() {
			who.Options = append(who.Options, component.Option{Value: a.ID, Label: a.Name})
		}
	}
	f.Group("", what, who, component.Field{Kind: "date", Name: "seit", Key: "townhall.log.since", Free: true})
	form := f.Show(logPath, component.Button{Key: "filter.apply", Plain: true})
	form.Get = true
	return form, nil
}

// logged gives entries with the names of people.
func (s *Surface) logged(r *http.Request, list []*ledger.Entry) ([]logged, error) {
	names := map[string]string{"": ""}
	name := func(id string) (string, error) {
		if known, ok := names[id]; ok {
			return known, nil
		}
		n, err := s.nameOf(r, id)
		names[id] = n
		return n, err
	}
	lang := s.Web.Language(r)
	var all []logged
	for _, e := range list {
		one := logged{Entry: e, At: e.At.In(s.Zone), Words: s.Web.T(lang, "ledger."+e.Act)}
		var err error
		if one.By, err = name(e.ByAccount); err != nil {
			return nil, err
		}
		if one.About, err = name(e.AccountID); err != nil {
			return nil, err
		}
		if e.ByAccount == actor.Operator {
			one.By = s.Web.T(lang, "townhall.log.operator")
		}
		if one.Said, err = s.say(r, e); err != nil {
			return nil, err
		}
		switch {
		case strings.HasPrefix(e.Act, "peer.heard."): // another town did it
			one.By = e.Target
		case e.ByAccount == "":
			one.By = s.Web.T(lang, "townhall.somebody")
		}
		all = append(all, one)
	}
	return all, nil
}

// logTable answers with the log as a file for spreadsheets.
func (s *Surface) logTable(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	filter, lang := s.logFilter(r.URL.Query()), s.Web.Language(r)
	filter.Limit = logBatch
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="protokoll.csv"`)
	var names []string
	for _, key := range []string{"number", "at", "who", "act", "target", "about", "detail", "target.raw", "detail.raw", "hash"} {
		names = append(names, s.Web.T(lang, "townhall.log."+key))
	}
	sheet, err := page.NewSheet(w, names...)
	if err != nil {
		return err
	}
	for {
		list, err := ledger.List(r.Context(), s.Objects.Reader(), filter)
		if err != nil {
			return err
		}
		rows, err := s.logged(r, list)
		if err != nil {
			return err
		}
		for _, e := range rows {
			err := sheet.Add(fmt.Sprint(e.Seq), e.At.Format(time.RFC3339), e.By, strings.TrimSpace(e.Words), e.Said.Target, e.About, e.Said.Detail, e.Target, e.Detail, e.Hash)
			if err != nil {
				return err
			}
			filter.Before = e.Seq
		}
		if len(list) < logBatch {
			return nil
		}
	}
}
