package volunteer

import (
	"net/http"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/calendar"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// sheetPath and paperPath follow the list of the club: who comes when, for a
// spreadsheet and on paper.
const (
	sheetPath = ".csv"
	paperPath = "/liste"
)

// dayShift is a shift with who comes.
type dayShift struct {
	When, Note string
	People     []dayPerson
	x          *application.Shift
	// Without is true for those who have a yes and no shift.
	Without bool
}

type dayPerson struct{ Name, Phone, Email string }

// day gives who was accepted and has a place, shift by shift, and at the end who was
// accepted and has none: nobody with a yes is missing.
func (p *Pages) day(r *http.Request, n *application.Need, list []*application.Helper) ([]dayShift, error) {
	lang := p.Web.Language(r)
	shifts := n.Shifts
	if len(shifts) == 0 {
		shifts = []*application.Shift{n.Shift("")}
	}
	var all []dayShift
	listed := map[string]bool{}
	for _, x := range shifts {
		one := dayShift{When: when(lang, x.StartsAt, x.EndsAt, p.Zone), Note: x.Note, x: x}
		for _, h := range list {
			c := h.Commitment(x.ID)
			if c == nil || c.State != application.Taken || h.State != application.Accepted && h.State != application.Done {
				continue
			}
			email, err := p.address(r, h)
			if err != nil {
				return nil, err
			}
			one.People = append(one.People, dayPerson{h.Name, h.Phone, email})
			listed[h.ID] = true
		}
		all = append(all, one)
	}
	rest := dayShift{Without: true, x: &application.Shift{}}
	for _, h := range list {
		if h.State != application.Accepted || listed[h.ID] {
			continue
		}
		email, err := p.address(r, h)
		if err != nil {
			return nil, err
		}
		rest.People = append(rest.People, dayPerson{h.Name, h.Phone, email})
	}
	if len(rest.People) > 0 {
		all = append(all, rest)
	}
	return all, nil
}

// sheet answers with who comes as a sheet.
func (p *Pages) sheet(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	n, list, err := p.given(r, who)
	if err != nil {
		return err
	}
	day, err := p.day(r, n, list)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="einsatz.csv"`)
	w.Header().Set("Cache-Control", "private, no-store")
	var names []string
	for _, key := range []string{"begin", "end", "note", "name", "phone", "email"} {
		names = append(names, p.Web.T(lang, "volunteer.sheet."+key))
	}
	out, err := page.NewSheet(w, names...)
	if err != nil {
		return err
	}
	for _, d := range day {
		if d.Without {
			d.Note = p.Web.T(lang, "volunteer.paper.without")
		}
		for _, one := range d.People {
			if err := out.Add(p.cell(d.x.StartsAt), p.cell(d.x.EndsAt), d.Note, one.Name, one.Phone, one.Email); err != nil {
				return err
			}
		}
	}
	return nil
}

// cell writes a time as spreadsheets read it.
func (p *Pages) cell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Zone).Format("2006-01-02 15:04")
}

type paperView struct {
	Crumbs []component.Crumb
	About  about
	Shifts []dayShift
}

// paper shows who comes as a page to print.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	n, list, err := p.given(r, who)
	if err != nil {
		return err
	}
	day, err := p.day(r, n, list)
	if err != nil {
		return err
	}
	key := chi.URLParam(r, "key")
	crumbs := append(p.crumbs(n, "volunteer.list")[:2], component.Crumb{Key: "volunteer.list", Href: ListHref(key)}, component.Crumb{Key: "volunteer.paper"})
	return p.render(w, r, http.StatusOK, "paper", p.Web.T(p.Web.Language(r), "volunteer.paper.of", n.Name), false, paperView{crumbs, p.about(n, n.Name), day})
}

func (p *Pages) ownCalendar(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	s, err := p.mine(r, who)
	if err != nil {
		return err
	}
	return p.calendar(w, r, s)
}

func (p *Pages) linkedCalendar(w http.ResponseWriter, r *http.Request) error {
	s, err := p.held(r)
	if err != nil {
		return err
	}
	return p.calendar(w, r, s)
}

// calendar answers with the shifts of a person as a file for calendars.
func (p *Pages) calendar(w http.ResponseWriter, r *http.Request, s *seen) error {
	file := calendar.Calendar{Name: s.Title, URL: p.Actors.Site().Origin + s.path, Zone: p.Zone}
	for _, c := range s.Commitments {
		if c.State != application.Taken || c.StartsAt.IsZero() || s.State == application.Unconfirmed {
			continue
		}
		e := ical.NewComponent(ical.CompEvent)
		e.Props.SetText(ical.PropUID, "einsatz-"+s.ID+"-"+c.ShiftID)
		e.Props.SetDateTime(ical.PropDateTimeStamp, s.Changed.UTC())
		status := "CONFIRMED"
		if s.Open() {
			status = "TENTATIVE"
		}
		e.Props.SetText(ical.PropStatus, status)
		calendar.SetText(e.Props, ical.PropSummary, s.Title)
		calendar.SetText(e.Props, ical.PropLocation, s.n.Place)
		calendar.SetText(e.Props, ical.PropDescription, strings.TrimSpace(s.n.Club+"\n"+file.URL))
		e.Props.SetDateTime(ical.PropDateTimeStart, c.StartsAt.In(p.Zone))
		e.Props.SetDateTime(ical.PropDateTimeEnd, c.EndsAt.In(p.Zone))
		file.Components = append(file.Components, e)
	}
	return file.Serve(w, r)
}

type proofView struct {
	Crumbs              []component.Crumb
	About               about
	Name, Town          string
	Hours               string
	Shifts              []string
	From, Until, Agreed string
}

func (p *Pages) ownProof(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	s, err := p.mine(r, who)
	if err != nil {
		return err
	}
	return p.proof(w, r, s)
}

func (p *Pages) linkedProof(w http.ResponseWriter, r *http.Request) error {
	s, err := p.held(r)
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	return p.proof(w, r, s)
}

// proof shows the certificate: how long somebody helped, as both sides say.
func (p *Pages) proof(w http.ResponseWriter, r *http.Request, s *seen) error {
	if s.Agreed.IsZero() {
		return problem.NotFoundf("the hours of %s are not agreed", s.ID)
	}
	lang := p.Web.Language(r)
	view := proofView{
		About: p.about(s.n, s.Title), Name: s.Name, Town: p.Web.Town().Name, Hours: p.hours(lang, s.Minutes), Agreed: day(lang, s.Agreed.In(p.Zone)),
		Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: "/ehrenamt"}, {Text: s.Title, Href: s.path}, {Key: "volunteer.proof"}},
	}
	if s.account {
		view.Crumbs[0] = component.Crumb{Key: "volunteer.own", Href: OwnPath}
	}
	for _, c := range s.Commitments {
		if c.State == application.Taken && !c.StartsAt.IsZero() && c.StartsAt.Before(p.Applications.Now()) {
			view.Shifts = append(view.Shifts, locale.DateRange(lang, c.StartsAt.In(p.Zone), c.EndsAt.In(p.Zone), false)) // a proof is kept: it names the year
		}
	}
	return p.render(w, r, http.StatusOK, "proof", p.Web.T(lang, "volunteer.proof"), true, view)
}
