package townhall

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// decisionsPath is the room with what was decided and what is objected to it.
const decisionsPath = "/rathaus/entscheidungen"

// decideLink gives the address of the page that decides about a report.
func decideLink(s *Surface, one *moderation.Report) string {
	return page.DecidePath + "?" + url.Values{"meldung": {keyOf(s.Actors.Site().Owns(one.ID), one.ID)}}.Encode()
}

type decideView struct {
	Hall page.Hall
	// Report is nil for a decision of the town hall's own accord.
	Report *report
	Thing  *thing
	// Words are what the thing says; Own says that it is ours.
	Words component.SafeHTML
	Own   bool
	// Held are decisions about it that hold already.
	Held []decision
	Form component.Form
}

// question is what is to be decided: about something, after a report or not.
type question struct {
	report *moderation.Report
	// about is nil when the thing is gone: the report is answered all the same.
	about *moderation.Subject
}

func (q *question) target() string {
	if q.about == nil {
		return ""
	}
	return q.about.ID()
}

// question reads what is asked for: "meldung" is the key of a report, "was" an id.
func (s *Surface) question(r *http.Request, in url.Values) (*question, error) {
	ctx, q, id := r.Context(), new(question), in.Get("was")
	var err error
	if key := in.Get("meldung"); key != "" {
		if q.report, err = s.Moderation.FindReport(ctx, s.Objects.Reader(), s.Actors.Site().ActivityID(key)); problem.KindOf(err) == problem.NotFound {
			q.report, err = s.Moderation.FindReport(ctx, s.Objects.Reader(), key) // one from elsewhere has the id that it came with
		}
		if err != nil {
			return nil, err
		}
		if len(q.report.Objects) == 0 {
			return nil, problem.NotFoundf("%s is about nothing of ours", q.report.ID)
		}
		id = meant(q.report)
	}
	q.about, err = s.Moderation.Subject(ctx, s.Objects.Reader(), id)
	if kind := problem.KindOf(err); q.report != nil && (kind == problem.NotFound || kind == problem.Gone) {
		err = nil
	}
	return q, err
}

// mayAsk gives a problem.Forbidden unless a question is the business of who.
func (s *Surface) mayAsk(r *http.Request, who *page.Person, q *question) error {
	if who.Staff() {
		return nil
	}
	var clubs []string
	var err error
	if q.report != nil {
		clubs, err = s.Moderation.ConcernedBy(r.Context(), s.Objects.Reader(), q.report)
	} else {
		clubs, err = s.Moderation.Concerned(r.Context(), s.Objects.Reader(), q.about)
	}
	return must(who, caresAny(who, clubs), err)
}

// meant gives what a report is about: the last that it names, since who wrote it
// stands first.
func meant(r *moderation.Report) string { return r.Objects[len(r.Objects)-1] }

func (s *Surface) decideForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	q, err := s.question(r, r.URL.Query())
	if err == nil {
		err = s.mayAsk(r, who, q)
	}
	if err != nil {
		return err
	}
	return s.showDecide(w, r, q, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showDecide(w http.ResponseWriter, r *http.Request, q *question, in *page.Input, wrong error) error {
	var view decideView
	var err error
	room := decisionsPath
	if q.report != nil {
		room = "/rathaus/meldungen"
	}
	f := page.NewForm(s.Web, r, in, wrong)
	if view.Hall, err = s.Frame(r, room, s.Web.T(f.Lang, "townhall.decide"), false); err != nil {
		return err
	}
	view.Hall.Lede = s.Web.T(f.Lang, "townhall.decide.text")
	if q.report != nil {
		shown, err := s.shown(r, []*moderation.Report{q.report}, "")
		if err != nil {
			return err
		}
		view.Report = &shown[0]
		view.Report.Alone = true
		f.Hide("meldung", keyOf(s.Actors.Site().Owns(q.report.ID), q.report.ID))
	}
	if q.about != nil {
		t, err := s.thing(r, q.about.ID())
		if err != nil {
			return err
		}
		view.Thing, view.Own = &t, q.about.Local()
		if o := q.about.Object; o != nil && o.Open() {
			view.Words = component.SafeHTML(o.Content)
		}
		f.Hide("was", q.about.ID())
		if view.Held, err = s.held(r, q.about); err != nil {
			return err
		}
	}
	who, err := s.Who(r)
	if err != nil {
		return err
	}
	s.decideFields(f, who, q)
	view.Form = f.Show(page.DecidePath, component.Button{Key: "townhall.decide.do", Icon: "check"})
	return s.render(w, r, f.Status(), "decide", view.Hall.Heading, view)
}

// keyOf gives how a report is called in an address.
func keyOf(own bool, id string) string {
	if own {
		return actor.Key(id)
	}
	return id
}

// decideFields adds what may be decided, each with what it does.
func (s *Surface) decideFields(f *page.Form, who *page.Person, q *question) {
	act := component.Field{Kind: "radio", Name: "act", Key: "townhall.act", Required: true}
	add := func(name, note string) {
		act.Options = append(act.Options, component.Option{Value: name, Label: s.Web.T(f.Lang, "townhall.act."+name), Note: s.Web.T(f.Lang, note)})
	}
	if q.report != nil {
		add(moderation.Nothing, "townhall.act.nothing.does")
	}
	if q.about != nil {
		whose := ".theirs"
		if q.about.Local() {
			whose = ".ours"
		}
		if q.about.Object != nil {
			add(moderation.Hide, "townhall.act.hide.does"+whose)
			add(moderation.Warn, "townhall.act.warn.does")
		}
		if who.Staff() || q.about.Local() { // a profile from elsewhere concerns all of the town
			add(moderation.Limit, "townhall.act.limit.does"+whose)
			add(moderation.Suspend, "townhall.act.suspend.does"+whose)
		}
	}
	f.Group("", act)
	var why []component.Field
	if q.about != nil {
		why = append(why,
			component.Field{Kind: "select", Name: "basis", Key: "townhall.basis", Required: true, Options: []component.Option{
				{Value: moderation.House, Label: s.Web.T(f.Lang, "townhall.basis.house")}, {Value: moderation.Law, Label: s.Web.T(f.Lang, "townhall.basis.law")},
			}},
			component.Field{Kind: "text", Name: "rule", Key: "townhall.rule", Hint: "townhall.rule.hint", Free: true},
			component.Field{Kind: "textarea", Name: "reason", Key: "townhall.reason", Hint: "townhall.reason.hint", Rows: 4, Free: true})
		if q.about.Object != nil {
			why = append(why, component.Field{Kind: "text", Name: "warning", Key: "townhall.warning", Hint: "townhall.warning.hint"})
		}
		if q.about.Object != nil && q.about.Local() {
			why = append(why, component.Field{Kind: "checkbox", Name: "recall", Key: "townhall.recall"})
		}
		key := "townhall.why"
		if q.report != nil { // then nothing may be changed either
			key = "townhall.why.change"
		}
		f.Group(key, why...)
	}
	var answer []component.Field
	if q.report != nil && q.report.ActorID == "" {
		answer = append(answer, component.Field{Kind: "textarea", Name: "answer", Key: "townhall.answer", Hint: "townhall.answer.hint", Rows: 4})
	}
	if q.about != nil && !q.about.Local() {
		answer = append(answer, component.Field{Kind: "checkbox", Name: "forward", Key: "townhall.forward"})
	}
	if len(answer) > 0 {
		f.Group("townhall.answer.group", answer...)
	}
}

func (s *Surface) decideAbout(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	q, err := s.question(r, in.Values)
	if err == nil {
		err = s.mayAsk(r, who, q)
	}
	if err != nil {
		return err
	}
	v := moderation.Verdict{
		By: who.ID, Target: q.target(), Act: in.Get("act"), Basis: in.Get("basis"), Rule: in.Get("rule"), Reason: in.Get("reason"), Warning: in.Get("warning"),
		Recall: in.Get("recall") != "", Forward: in.Get("forward") != "", Answer: in.Get("answer"),
	}
	back := decisionsPath
	if q.report != nil {
		v.ReportID, back = q.report.ID, "/rathaus/meldungen"
		if q.report.ActorID != "" && v.Answer == "" {
			v.Answer = s.Web.T(s.Web.Language(r), "townhall.answer.elsewhere") // nobody reads it but us
		}
	}
	d, err := s.Moderation.Decide(r.Context(), v)
	if len(problem.FieldsOf(err)) > 0 {
		return s.showDecide(w, r, q, in, err)
	}
	if problem.KindOf(err) == problem.Conflict { // somebody else was faster
		return s.back(w, r, back, "townhall.decided.before")
	}
	if err != nil {
		return err
	}
	if d == nil {
		return s.back(w, r, back, "townhall.decided.nothing")
	}
	return s.back(w, r, back, "townhall.decided")
}

// decision is a decision as pages show it.
type decision struct {
	*moderation.Decision
	Thing          thing
	Key            string
	Created, Ended time.Time
	By             string
}

func (s *Surface) decided(r *http.Request, d *moderation.Decision) (decision, error) {
	one := decision{Decision: d, Key: "townhall.act." + d.Act, Created: d.Created.In(s.Zone)}
	if !d.Holds() {
		one.Ended = d.Ended.In(s.Zone)
	}
	var err error
	if one.Thing, err = s.thing(r, d.Target); err != nil {
		return one, err
	}
	one.By, err = s.nameOf(r, d.ByAccount)
	return one, err
}

// held gives the decisions that hold about a thing or its author.
func (s *Surface) held(r *http.Request, about *moderation.Subject) ([]decision, error) {
	list, err := s.Moderation.Decisions(r.Context(), mostDecisions, about.Actor.ID)
	if err != nil {
		return nil, err
	}
	var all []decision
	for _, d := range list {
		if !d.Holds() || d.Target != about.ID() && d.Target != about.Actor.ID {
			continue
		}
		one, err := s.decided(r, d)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// mostDecisions is how many decisions are listed.
const mostDecisions = 100

// waitingObjection is an objection that waits for another look.
type waitingObjection struct {
	Text, Href string
	Received   time.Time
}

type decisionsView struct {
	Hall       page.Hall
	Objections []waitingObjection
	Decisions  []decision
	Empty      component.Empty
}

func (s *Surface) decisions(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	view := decisionsView{Empty: component.Empty{Key: "townhall.decisions.none", TextKey: "townhall.decisions.none.text", Href: "/rathaus/meldungen", ActionKey: "townhall.reports"}}
	var err error
	if view.Hall, err = s.frame(r, decisionsPath, "townhall.decisions"); err != nil {
		return err
	}
	open, err := s.objectionsOf(r, who)
	if err != nil {
		return err
	}
	for _, o := range open {
		view.Objections = append(view.Objections, waitingObjection{markup.Name(o.Content, 200), decisionsPath + "/" + o.ID, o.Received.In(s.Zone)})
	}
	list, err := s.decisionsOf(r, who)
	if err != nil {
		return err
	}
	for _, d := range list {
		one, err := s.decided(r, d)
		if err != nil {
			return err
		}
		view.Decisions = append(view.Decisions, one)
	}
	return s.render(w, r, http.StatusOK, "decisions", view.Hall.Heading, view)
}

// decisionsOf gives the latest decisions that are the business of who.
func (s *Surface) decisionsOf(r *http.Request, who *page.Person) ([]*moderation.Decision, error) {
	if who.Staff() {
		return s.Moderation.Decisions(r.Context(), mostDecisions)
	}
	return s.Moderation.DecisionsOf(r.Context(), mostDecisions, who.Cared)
}

type decisionView struct {
	Hall     page.Hall
	Decision *decision
	// Report is what was reported, when who reported objects.
	Report    *report
	Objection *moderation.Objection
	Received  time.Time
	// Same says that who looks has decided first, and somebody else should look.
	Same   bool
	Settle *component.Form
	End    *component.Form
}

// findDecision finds what an address names: a decision, or an objection with what
// it is about.
func (s *Surface) findDecision(r *http.Request, id string) (d *moderation.Decision, o *moderation.Objection, err error) {
	ctx := r.Context()
	if d, err = s.Moderation.FindDecision(ctx, s.Objects.Reader(), id); err == nil {
		o, err = s.Moderation.ObjectionTo(ctx, d.ID, "")
		return d, o, err
	}
	if problem.KindOf(err) != problem.NotFound {
		return nil, nil, err
	}
	if o, err = s.Moderation.FindObjection(ctx, s.Objects.Reader(), id); err != nil || o.DecisionID == "" {
		return nil, o, err
	}
	d, err = s.Moderation.FindDecision(ctx, s.Objects.Reader(), o.DecisionID)
	return d, o, err
}

// maySee gives a problem.Forbidden unless what was decided, or what is objected, is
// the business of who.
func (s *Surface) maySee(r *http.Request, who *page.Person, d *moderation.Decision, o *moderation.Objection) error {
	if d != nil {
		ok, err := s.concernsDecision(r, who, d)
		return must(who, ok, err)
	}
	ok, err := s.concernsObjection(r, who, o)
	return must(who, ok, err)
}

func (s *Surface) decision(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return s.showDecision(w, r, who, &page.Input{Values: url.Values{}}, nil)
}

func (s *Surface) showDecision(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	d, o, err := s.findDecision(r, chi.URLParam(r, "id"))
	if err == nil {
		err = s.maySee(r, who, d, o)
	}
	if err != nil {
		return err
	}
	var view decisionView
	f := page.NewForm(s.Web, r, in, nil)
	if len(problem.FieldsOf(wrong)) > 0 {
		f = page.NewForm(s.Web, r, in, wrong)
	}
	status := f.Status()
	if view.Same = errors.Is(wrong, moderation.ErrSameEyes); view.Same {
		status = http.StatusForbidden
	}
	if view.Hall, err = s.Frame(r, decisionsPath, s.Web.T(f.Lang, "townhall.decision"), false); err != nil {
		return err
	}
	if d != nil {
		one, err := s.decided(r, d)
		if err != nil {
			return err
		}
		view.Decision = &one
		if d.Holds() {
			end := s.press(r, r.URL.Path, component.Button{Key: "townhall.decision.end", Plain: true}, "act", "end")
			view.End = &end
		}
	}
	if o != nil {
		view.Objection, view.Received = o, o.Received.In(s.Zone)
		if view.Report, err = s.objected(r, o); err != nil {
			return err
		}
	}
	if o != nil && o.Outcome == "" {
		f.Hide("act", "settle")
		f.Hide("objection", o.ID)
		f.Group("", component.Field{Kind: "radio", Name: "outcome", Key: "townhall.outcome", Required: true, Options: []component.Option{
			{Value: moderation.Kept, Label: s.Web.T(f.Lang, "townhall.outcome.kept")}, {Value: moderation.Changed, Label: s.Web.T(f.Lang, "townhall.outcome.changed")},
		}}, component.Field{Kind: "textarea", Name: "answer", Key: "townhall.outcome.answer", Hint: "townhall.outcome.answer.hint", Rows: 4, Required: true})
		form := f.Show(r.URL.Path, component.Button{Key: "townhall.outcome.do"})
		view.Settle = &form
	}
	return s.render(w, r, status, "decision", view.Hall.Heading, view)
}

// objected gives the report to whose answer somebody objects, or nil.
func (s *Surface) objected(r *http.Request, o *moderation.Objection) (*report, error) {
	if o.ReportID == "" {
		return nil, nil
	}
	one, err := s.Moderation.FindReport(r.Context(), s.Objects.Reader(), o.ReportID)
	if err != nil {
		return nil, err
	}
	shown, err := s.shown(r, []*moderation.Report{one}, "")
	if err != nil {
		return nil, err
	}
	shown[0].Alone = true
	return &shown[0], nil
}

func (s *Surface) changeDecision(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	done := "townhall.decision.ended"
	d, o, err := s.findDecision(r, chi.URLParam(r, "id"))
	if err == nil {
		err = s.maySee(r, who, d, o)
	}
	if err != nil {
		return err
	}
	switch in.Get("act") {
	case "end":
		err = s.Moderation.End(r.Context(), who.ID, chi.URLParam(r, "id"))
	case "settle":
		done = "townhall.outcome.done"
		err = s.Moderation.Settle(r.Context(), who.ID, in.Get("objection"), in.Get("outcome"), in.Get("answer"))
	default:
		err = problem.Invalidf("%q cannot be done to a decision", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 || errors.Is(err, moderation.ErrSameEyes) {
		return s.showDecision(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return s.back(w, r, strings.TrimSuffix(decisionsPath, "/"), done)
}
