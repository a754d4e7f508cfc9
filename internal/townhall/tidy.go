package townhall

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// report is a report as the page shows it.
type report struct {
	// By is who reports: a handle, or the name of one of us.
	By, Content string
	Received    time.Time
	// Barrier says that somebody cannot use something here. Place and Contact are
	// what they wrote about where, and how to reach them.
	Barrier        bool
	Place, Contact string
	Things         []thing
	// ID names it, AnswerHref leads to the form in which the answer is written,
	// and Answer is that form.
	ID, AnswerHref string
	Answer         *component.Form
	// Reason is the key of what a reader chose, or "". Mail says that who reported
	// is answered by mail.
	Reason string
	Mail   bool
	// Alone leaves out what can be done with it; Decide leads to where it is
	// decided, "" for a barrier.
	Alone  bool
	Decide string
	Close  *component.Form
}

// thing is what is reported or hidden.
type thing struct {
	Text, Href string
	Time       time.Time
	// Show shows it again; where the town hall has decided, Decision leads there.
	Show     *component.Form
	Decision string
}

type reportsView struct {
	Hall    page.Hall
	Reports []report
	Empty   component.Empty
}

func (s *Surface) reports(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showReports(w, r, who, &page.Input{Values: url.Values{"id": {r.URL.Query().Get("antwort")}}}, nil)
}

func (s *Surface) showReports(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	open, err := s.Moderation.Reports(r.Context())
	if err == nil {
		open, err = s.reportsOf(r, who, open)
	}
	if err != nil {
		return err
	}
	view := reportsView{Empty: component.Empty{Key: "townhall.reports.none", TextKey: "townhall.reports.none.text", Href: "/rathaus", ActionKey: "townhall.back"}}
	if view.Hall, err = s.frame(r, "/rathaus/meldungen", "townhall.reports"); err != nil {
		return err
	}
	status := http.StatusOK
	if view.Reports, err = s.shown(r, open, ""); err != nil {
		return err
	}
	for i := range view.Reports {
		if view.Reports[i].AnswerHref != "" && view.Reports[i].ID == in.Get("id") {
			status = s.answering(r, &view.Reports[i], in, wrong, "")
		}
	}
	return s.render(w, r, status, "reports", view.Hall.Heading, view)
}

// shown gives reports as pages show them, those of the desk in its section at.
func (s *Surface) shown(r *http.Request, open []*moderation.Report, at string) ([]report, error) {
	var list []report
	for _, one := range open {
		by, err := s.reporter(r, one)
		if err != nil {
			return nil, err
		}
		shown := report{
			By: by, Content: one.Content, Received: one.Received.In(s.Zone), Barrier: one.Kind == moderation.Barrier, Place: one.Place, Contact: one.Contact,
			ID: one.ID,
		}
		if one.Kind == moderation.Barrier && one.AnswerTo() != "" && s.Letters.Ready() {
			shown.AnswerHref = "/rathaus/meldungen?antwort=" + one.ID + "#meldung-" + one.ID
			if at != "" {
				shown.AnswerHref = "/rathaus?antwort=" + one.ID + "#meldung-" + one.ID
			}
		}
		if !shown.Barrier {
			shown.Decide, shown.Mail, shown.Contact = decideLink(s, one), one.Contact != "", ""
		}
		if one.Reason != "" {
			shown.Reason = "report.reason." + one.Reason
		}
		if shown.Barrier || one.Reason == "" { // a reader is owed an answer
			form := s.button(r, "/rathaus/meldungen", "townhall.report.close", "id", one.ID, page.AtField, at)
			shown.Close = &form
		}
		for _, id := range one.Objects {
			t, err := s.thing(r, id)
			if err != nil {
				return nil, err
			}
			shown.Things = append(shown.Things, t)
		}
		list = append(list, shown)
	}
	return list, nil
}

// reporter gives who reports: a handle, the name of one of us, or what is left
// of somebody who is gone.
func (s *Surface) reporter(r *http.Request, one *moderation.Report) (string, error) {
	if one.Kind == moderation.Barrier || one.Reason != "" && one.AccountID == "" {
		return s.Web.T(s.Web.Language(r), "townhall.barrier.by"), nil
	}
	if one.AccountID != "" {
		a, err := s.Accounts.Find(r.Context(), one.AccountID)
		if problem.KindOf(err) == problem.NotFound {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return a.Name, nil
	}
	if one.ActorID == "" {
		return s.Web.T(s.Web.Language(r), "townhall.report.gone"), nil
	}
	a, err := s.Actors.Find(r.Context(), s.Objects.Reader(), one.ActorID)
	if problem.KindOf(err) == problem.NotFound {
		return one.ActorID, nil
	}
	if err != nil {
		return "", err
	}
	return a.Handle(), nil
}

// thing says what an id is: something written, or an actor.
func (s *Surface) thing(r *http.Request, id string) (thing, error) {
	const most = 200
	o, err := s.Objects.Stored(r.Context(), s.Objects.Reader(), id)
	if err == nil {
		text := o.Name
		if text == "" {
			text = markup.Name(markup.Text(o.Content), most)
		}
		t := thing{Text: text, Href: strings.TrimPrefix(o.URL, s.Actors.Site().Origin), Time: o.Published.In(s.Zone)}
		if o.Tombstone() {
			return thing{Text: s.Web.T(s.Web.Language(r), "townhall.thing.gone"), Time: t.Time}, nil
		}
		if !o.Local {
			t.Href = ""
			if o.Open() {
				t.Href = page.ManageHref(o.ID)
			}
		}
		if !o.Local && t.Href == "" {
			t.Text = s.Web.T(s.Web.Language(r), "townhall.private")
		}
		return t, nil
	}
	if problem.KindOf(err) != problem.NotFound {
		return thing{}, err
	}
	a, err := s.Actors.Find(r.Context(), s.Objects.Reader(), id)
	if problem.KindOf(err) == problem.NotFound {
		return thing{Text: id}, nil
	}
	if err != nil {
		return thing{}, err
	}
	return thing{Text: a.DisplayName() + " " + a.Handle(), Href: strings.TrimPrefix(a.URL, s.Actors.Site().Origin)}, nil
}

func (s *Surface) closeReport(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if in.Get("act") == "answer" {
		return s.answer(w, r, who, in)
	}
	if err := s.Moderation.Close(r.Context(), who.ID, in.Get("id")); err != nil {
		return err
	}
	return s.back(w, r, page.BackTo(in, "/rathaus/meldungen"), "townhall.report.closed")
}

type hiddenView struct {
	Hall   page.Hall
	Things []thing
	Empty  component.Empty
}

func (s *Surface) hidden(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	list, err := s.Objects.ListHidden(r.Context())
	if err != nil {
		return err
	}
	view := hiddenView{Empty: component.Empty{Key: "townhall.hidden.none", TextKey: "townhall.hidden.none.text", Href: "/rathaus", ActionKey: "townhall.back"}}
	if view.Hall, err = s.frame(r, "/rathaus/verborgenes", "townhall.hidden"); err != nil {
		return err
	}
	for _, o := range list {
		if ok, err := s.concerns(r, who, o.ID); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		t, err := s.thing(r, o.ID)
		if err != nil {
			return err
		}
		held, err := s.Moderation.Holding(r.Context(), o.ID, moderation.Hide)
		if err != nil {
			return err
		}
		if held != nil {
			t.Decision = decisionsPath + "/" + held.ID
		} else {
			form := s.button(r, "/rathaus/verborgenes", "townhall.show", "id", o.ID)
			t.Show = &form
		}
		view.Things = append(view.Things, t)
		view.Hall.Lede = s.Web.T(s.Web.Language(r), "townhall.hidden.none.text")
	}
	return s.render(w, r, http.StatusOK, "hidden", view.Hall.Heading, view)
}

func (s *Surface) show(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if err := s.Activities.Hide(r.Context(), who.ID, in.Get("id"), false); err != nil {
		return err
	}
	return s.back(w, r, "/rathaus/verborgenes", "townhall.shown")
}

// lane is a host to which something has not arrived.
type lane struct {
	activity.Host
	Try, Forget component.Form
}

type deliveriesView struct {
	Hall  page.Hall
	Lanes []lane
	Empty component.Empty
}

func (s *Surface) deliveries(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	hosts, err := s.Activities.Hosts(r.Context())
	if err != nil {
		return err
	}
	view := deliveriesView{Empty: component.Empty{Key: "townhall.deliveries.none", TextKey: "townhall.deliveries.none.text", Href: "/rathaus", ActionKey: "townhall.back"}}
	if view.Hall, err = s.frame(r, "/rathaus/zustellungen", "townhall.deliveries"); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(s.Web.Language(r), "townhall.deliveries.text")
	view.Lanes = s.lanes(r, hosts, "")
	return s.render(w, r, http.StatusOK, "deliveries", view.Hall.Heading, view)
}

// lanes gives hosts as pages show them, those of the desk in its section at.
func (s *Surface) lanes(r *http.Request, hosts []activity.Host, at string) []lane {
	var list []lane
	for _, h := range hosts {
		if !h.Next.IsZero() {
			h.Next = h.Next.In(s.Zone)
		}
		h.Since = h.Since.In(s.Zone)
		list = append(list, lane{
			h, s.press(r, "/rathaus/zustellungen", component.Button{Key: "townhall.try", Plain: true, Icon: "repeat"}, "act", "try", "host", h.Host, page.AtField, at),
			s.button(r, "/rathaus/zustellungen", "townhall.forget", "act", "forget", "host", h.Host, page.AtField, at),
		})
	}
	return list
}

// Health is "down" for a host that does not answer, "wait" for one where
// something waits.
func (l lane) Health() string {
	if l.Open || l.Failed > 0 {
		return "down"
	}
	return "wait"
}

func (s *Surface) changeDeliveries(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	var err error
	done := "townhall.tried"
	switch in.Get("act") {
	case "try":
		err = s.Activities.TryNow(r.Context(), who.ID, in.Get("host"))
	case "forget":
		done = "townhall.forgotten"
		err = s.Activities.Drop(r.Context(), who.ID, in.Get("host"))
	default:
		err = problem.Invalidf("%q cannot be done to deliveries", in.Get("act"))
	}
	if problem.KindOf(err) == problem.NotFound {
		err = nil // it has arrived meanwhile, or was forgotten
	}
	if err != nil {
		return err
	}
	return s.back(w, r, page.BackTo(in, "/rathaus/zustellungen"), done)
}
