package town

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// alertsPath is where the town hall says what stands at the head of every page.
const alertsPath = "/rathaus/hinweise"

// shownAlert is an alert in the list of the town hall.
type shownAlert struct {
	*Alert
	End component.Form
}

type alertsView struct {
	Hall   page.Hall
	Alerts []shownAlert
	Form   component.Form
}

func (p *Pages) alertForm(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return p.showAlerts(w, r, &page.Input{Values: url.Values{"key": {page.NewKey()}, "severity": {Info}}}, nil)
}

func (p *Pages) showAlerts(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	list, err := p.Alerts(r.Context())
	if err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	view := alertsView{}
	if view.Hall, err = p.Frame(r, alertsPath, p.Web.T(f.Lang, "alert.title"), true); err != nil {
		return err
	}
	view.Hall.Lede = p.Web.T(f.Lang, "alert.text")
	for _, a := range list {
		end := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
		end.Hide("act", "end")
		end.Hide("id", a.ID)
		if a.Starts = a.Starts.In(p.Zone); !a.Ends.IsZero() {
			a.Ends = a.Ends.In(p.Zone)
		}
		view.Alerts = append(view.Alerts, shownAlert{a, end.Show(alertsPath, component.Button{Key: "alert.end", Plain: true})})
	}
	f.Hide("act", "add")
	f.Hide("key", in.Get("key"))
	var grave []component.Option
	for _, s := range []string{Info, Warning, Danger} {
		grave = append(grave, component.Option{Value: s, Label: p.Web.T(f.Lang, "alert.severity."+s)})
	}
	about, err := p.noticeChoice(r, f.Lang)
	if err != nil {
		return err
	}
	f.Group("alert.new", component.Field{Kind: "radio", Name: "severity", Key: "alert.severity", Required: true, Options: grave},
		component.Field{Kind: "textarea", Name: "german", Key: "alert.german", Required: true, Rows: 3},
		component.Field{Kind: "textarea", Name: "english", Key: "alert.english", Hint: "alert.english.hint", Rows: 3})
	if about != nil {
		f.Group("alert.more", *about)
	}
	f.Group("alert.when", component.Field{Kind: "date", Name: "starts", Key: "alert.starts", Half: true, Hint: "alert.starts.hint"},
		component.Field{Kind: "time", Name: "starts-at", Key: "alert.at", Half: true},
		component.Field{Kind: "date", Name: "ends", Key: "alert.ends", Half: true, Hint: "alert.ends.hint"},
		component.Field{Kind: "time", Name: "ends-at", Key: "alert.at.end", Half: true})
	view.Form = f.Show(alertsPath, component.Button{Key: "alert.add"})
	return p.Web.Render(w, r, f.Status(), "town/alerts", web.Page{Title: view.Hall.Heading, View: view})
}

// noticeChoice is the field for the notice that an alert leads to; nil where the
// town hall has announced nothing.
func (p *Pages) noticeChoice(r *http.Request, lang string) (*component.Field, error) {
	voice, err := p.Voice(r.Context())
	if err != nil || voice == nil {
		return nil, err
	}
	cards, _, err := p.Notices.Cards(r.Context(), voice.ID, "", latest)
	if err != nil || len(cards) == 0 {
		return nil, err
	}
	choice := component.Field{Kind: "select", Name: "notice", Key: "alert.notice", Hint: "alert.notice.hint", Options: []component.Option{{Label: p.Web.T(lang, "alert.notice.none")}}}
	for _, c := range cards {
		title := c.Title
		if title == "" {
			title = markup.Name(markup.Text(string(c.Content)), titleLength)
		}
		choice.Options = append(choice.Options, component.Option{Value: c.Href[strings.LastIndexByte(c.Href, '/')+1:], Label: title})
	}
	return &choice, nil
}

// titleLength is how much of a notice is its title in a choice, in runes.
const titleLength = 80

// moment reads a day with a time of day; without that it is the beginning of the
// day, or its end.
func (p *Pages) moment(errs *problem.Fields, in *page.Input, field string, end bool) time.Time {
	day, at := strings.TrimSpace(in.Get(field)), strings.TrimSpace(in.Get(field+"-at"))
	if day == "" && at == "" {
		return time.Time{}
	}
	now := p.now().In(p.Zone)
	date := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, p.Zone)
	if day != "" {
		var ok bool
		if date, ok = page.ParseDate(day, date); !ok {
			errs.Add(field, "We cannot read this day; please write it like 24.7.2026.")
			return time.Time{}
		}
	}
	hour, minute := 0, 0
	if at == "" && end {
		return date.AddDate(0, 0, 1)
	}
	if at != "" {
		var ok bool
		if hour, minute, ok = page.ParseClock(at); !ok {
			errs.Add(field+"-at", "We cannot read this time; please write it like 19:00.")
			return time.Time{}
		}
	}
	return time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, p.Zone)
}

func (p *Pages) changeAlerts(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	var err error
	done := "alert.added"
	switch in.Get("act") {
	case "add":
		err = p.announce(r, who, in)
	case "end":
		done = "alert.ended"
		err = p.EndAlert(r.Context(), who.ID, in.Get("id"))
	default:
		err = problem.Invalidf("%q cannot be done to an alert", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showAlerts(w, r, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, alertsPath, http.StatusSeeOther)
	return nil
}

func (p *Pages) announce(r *http.Request, who *page.Person, in *page.Input) error {
	key, err := in.Key()
	if err != nil { // it lay for long, or is of a program
		key = ""
		in.Set("key", page.NewKey())
	}
	var errs problem.Fields
	a := Alert{Severity: in.Get("severity"), German: in.Get("german"), English: in.Get("english")}
	if notice := in.Get("notice"); notice != "" {
		a.ObjectID = p.actors.Site().ObjectID(notice)
	}
	a.Starts, a.Ends = p.moment(&errs, in, "starts", false), p.moment(&errs, in, "ends", true)
	if errs.Err() != nil {
		check := a
		if check.Ends = (time.Time{}); check.Starts.IsZero() {
			check.Starts = p.now()
		}
		errs.Merge(check.validate(p.now())) // all that is wrong is said at once
		return errs.Err()
	}
	return p.Announce(r.Context(), who.ID, key, a)
}
