package volunteer

import (
	"net/http"
	"net/url"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// place is one shift on the page of a person.
type place struct {
	When, Note string
	// State is the key of what the person has of it; Position the place on the
	// waiting list, 0 for none.
	State    string
	Position int
	Tone     string
	// Text is the key of a sentence about it, or "".
	Text  string
	Free  string // what is free, for one that the person has not
	Forms []component.Form
}

// said is a line of the history.
type said struct {
	Key, Name, Content string
	// Mine is true for what the reader wrote or did.
	Mine    bool
	Message bool
	When    string
	At      time.Time
	// spans are the times of which it speaks, kind and byClub what was done by whom.
	spans  []application.Span
	kind   string
	byClub bool
	// Mark is the key of what became of it in another town, or ""; Receipt leads to
	// the signed answer.
	Mark, Receipt string
}

type oneView struct {
	Crumbs []component.Crumb
	Done   string
	About  about
	// State is the key of where it stands, Text that of what comes next.
	State, Tone, Text string
	Reason            string
	// Turns are the shifts that the club moved or dropped.
	Turns             []turn
	Sent              sent
	Unconfirmed       bool
	Confirm, Withdraw *component.Form
	Places, Others    []place
	History           []said
	Reply, Change     *component.Form
	// Hours is what was said last, Agreed that both said so, Theirs that the club
	// said it.
	Hours          string
	Agreed, Theirs bool
	HoursForm      *component.Form
	AgreeForm      *component.Form
	Calendar       string
	Proof          string
	// Contact is whom to ask, for who was accepted; nil for the club alone.
	Contact *contact
	// Far is the host of the other town, "" for here.
	Far string
	// Link tells that only who has the address sees the page.
	Link bool
}

// contact is whom to ask.
type contact struct{ Name, Email, Phone string }

// showOwn shows a person the application. in is what was sent and was wrong.
func (p *Pages) showOwn(w http.ResponseWriter, r *http.Request, s *seen, in *page.Input, wrong error) error {
	lang, now := p.Web.Language(r), p.Applications.Now()
	view := oneView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "volunteer.own", Href: OwnPath}, {Text: s.Title}},
		Done:   doneWith(r, s.Helper), About: p.about(s.n, s.Title), State: s.stateKey(), Tone: toneOf(s.stateKey(), s.Helper), Text: s.stateKey() + ".text", Reason: s.Reason,
		Sent: sent{Name: s.Name, Phone: s.Phone, Message: s.Message}, Unconfirmed: s.State == application.Unconfirmed, Link: !s.account,
	}
	if view.Link {
		view.Crumbs = []component.Crumb{{Key: "nav.opportunities", Href: "/ehrenamt"}, {Text: s.Title}}
	}
	if s.stateKey() != "volunteer.state.sent" && s.State == application.Asked && !p.Letters.Ready() {
		view.Text += ".here"
	}
	if s.Shows {
		view.Sent.Email = s.email
	}
	if s.Door == application.ByMessage && s.State == application.Asked {
		view.Text = "volunteer.state.asked.message.text"
	}
	var err error
	if view.History, err = p.ownHistory(r.Context(), lang, s); err != nil {
		return err
	}
	if s.far != nil {
		view.Far = as.Host(s.OpportunityID)
	}
	if view.Sent.Handle, view.Sent.Profile, err = p.elsewhere(r, s.Helper); err != nil {
		return err
	}
	p.places(r, s, &view, lang, now)
	view.Turns = p.turns(lang, s, view.History, now)
	if err := p.forms(r, s, &view, in, wrong); err != nil {
		return err
	}
	if !s.Agreed.IsZero() {
		view.Proof = s.path + proofPath
	}
	if c := (contact{s.n.ContactName, s.n.ContactEmail, s.n.ContactPhone}); s.State == application.Accepted && c != (contact{}) {
		view.Contact = &c
	}
	status := http.StatusOK
	if wrong != nil {
		status = statusOf(wrong)
	}
	return p.render(w, r, status, "one", s.Title, false, view)
}

// statusOf is that of a page that says what was wrong.
func statusOf(err error) int {
	switch {
	case len(problem.FieldsOf(err)) > 0:
		return http.StatusUnprocessableEntity
	case problem.KindOf(err) == problem.TooMany:
		return http.StatusTooManyRequests
	}
	return http.StatusConflict
}

// places fills in the shifts that the person has, and those that he or she could
// have.
func (p *Pages) places(r *http.Request, s *seen, view *oneView, lang string, now time.Time) {
	press := func(key, icon, act, shift string) component.Form {
		return p.button(r, s.path, component.Button{Key: key, Icon: icon, Plain: true}, "act", act, "shift", shift)
	}
	for _, c := range s.Commitments {
		if c.State != application.Taken && c.State != application.Waiting && c.State != application.Wanted {
			continue // a word of another town that is none of ours
		}
		one := place{When: when(lang, c.StartsAt, c.EndsAt, p.Zone), State: "volunteer.place." + c.State, Position: c.Position, Tone: "info"}
		if c.ShiftID == "" {
			one.When = p.Web.T(lang, "volunteer.whole")
		}
		if x := s.n.Shift(c.ShiftID); x != nil {
			one.Note = x.Note
		}
		if c.State == application.Taken {
			one.Tone = "success"
			if s.State != application.Accepted && s.State != application.Done {
				one.State, one.Tone, one.Text = "volunteer.place.held", "info", "volunteer.place.held.text"
			}
			if !c.EndsAt.IsZero() && s.Live() && c.EndsAt.After(now) {
				view.Calendar = s.path + calendarPath
			}
		}
		open := s.Live() && (c.StartsAt.IsZero() || c.StartsAt.After(now))
		switch {
		case !open || c.ShiftID == "":
		case c.State == application.Waiting:
			if s.Open() {
				one.State += ".open"
			}
			one.Forms = append(one.Forms, press("volunteer.leave", "x", "give", c.ShiftID))
		case !c.Offered.IsZero():
			one.State, one.Tone = "volunteer.place.offered", "warning"
			one.Forms = append(one.Forms, press("volunteer.keep", "check", "keep", c.ShiftID), press("volunteer.give", "x", "give", c.ShiftID))
		default:
			one.Forms = append(one.Forms, press("volunteer.offer", "repeat", "offer", c.ShiftID), press("volunteer.give", "x", "give", c.ShiftID))
		}
		view.Places = append(view.Places, one)
	}
	if !s.Live() || !s.n.Takes(now) {
		return
	}
	for _, x := range s.n.Ahead(now) {
		if s.Commitment(x.ID) == nil {
			key := "volunteer.take"
			if x.Free() == 0 && (x.Offered == 0 || s.State != application.Accepted) {
				key = "volunteer.wait"
			}
			view.Others = append(view.Others, place{When: when(lang, x.StartsAt, x.EndsAt, p.Zone), Note: x.Note, Free: p.standing(lang, x), Forms: []component.Form{press(key, "plus", "take", x.ID)}})
		}
	}
}

// forms fills in what the person can do besides.
func (p *Pages) forms(r *http.Request, s *seen, view *oneView, in *page.Input, wrong error) error {
	of := func(act string) error {
		if in != nil && in.Get("act") == act {
			return wrong
		}
		return nil
	}
	show := func(f *page.Form, key, icon string, plain bool) *component.Form {
		form := f.Show(s.path, component.Button{Key: key, Icon: icon, Plain: plain})
		form.Still = in == nil
		return &form
	}
	if s.State == application.Unconfirmed {
		f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
		p.mend(f, of("confirm"))
		f.Hide("act", "confirm")
		view.Confirm = show(f, "volunteer.confirm", "check", false)
	}
	if s.Live() || s.State == application.Unconfirmed {
		form := p.button(r, s.path, component.Button{Key: "volunteer.withdraw", Danger: true, Icon: "x"}, "act", "withdraw")
		view.Withdraw = &form
		values := url.Values{"name": {s.Name}, "phone": {s.Phone}, "message": {s.Message}}
		if s.Shows {
			values.Set("shows", "1")
		}
		f := page.NewForm(p.Web, r, typed(in, "change", values), of("change"))
		f.Prefix = "change-"
		f.Hide("act", "change")
		fields := []component.Field{
			{Kind: "text", Name: "name", Key: "volunteer.name", Autocomplete: "name", Required: true},
			{Kind: "text", Name: "phone", Key: "volunteer.phone", Autocomplete: "tel", Inputmode: "tel"},
			{Kind: "textarea", Name: "message", Key: "volunteer.message", Rows: 4},
		}
		if s.Door != application.ByMessage { // of whom no mail address is known
			fields = append(fields, component.Field{Kind: "checkbox", Name: "shows", Key: "volunteer.shows"})
		}
		f.Group("", fields...)
		view.Change = show(f, "form.save", "", true)
	}
	if s.Live() || s.State == application.Done {
		f := page.NewForm(p.Web, r, typed(in, "reply", url.Values{}), of("reply"))
		p.mend(f, of("reply"))
		f.Hide("act", "reply")
		f.Group("", component.Field{Kind: "textarea", Name: "text", Key: "volunteer.reply", Rows: 4, Required: true})
		view.Reply = show(f, "volunteer.reply.do", "mail", true)
	}
	p.hoursForms(r, s.Helper, s.path, view, application.Person, typed(in, "hours", url.Values{}), of("hours"))
	return nil
}

// mend says above a form what went wrong that no field can say.
func (p *Pages) mend(f *page.Form, err error) {
	switch {
	case err == nil || len(problem.FieldsOf(err)) > 0:
	case problem.KindOf(err) == problem.TooMany:
		f.Notice(p.Web.T(f.Lang, "volunteer.toomany"))
	default:
		f.Notice(p.Web.T(f.Lang, "volunteer.stale"))
	}
}

// hoursForms fills in how long the person helped: what was said, and what a side
// can say.
func (p *Pages) hoursForms(r *http.Request, h *application.Helper, path string, view *oneView, side string, in *page.Input, wrong error) {
	if h.State != application.Accepted && h.State != application.Done || !h.Begun(p.Applications.Now()) && h.Minutes == 0 {
		return
	}
	lang := p.Web.Language(r)
	view.Hours, view.Agreed, view.Theirs = p.hours(lang, h.Minutes), !h.Agreed.IsZero(), h.MinutesBy != side
	if h.Minutes > 0 && !view.Agreed && view.Theirs {
		form := p.button(r, path, component.Button{Key: "volunteer.hours.agree", Icon: "check"}, "act", "hours", "hours", decimal(lang, h.Minutes), "version", version(h))
		view.AgreeForm = &form
	}
	f := page.NewForm(p.Web, r, in, wrong)
	p.mend(f, wrong)
	f.Hide("act", "hours")
	f.Hide("version", version(h))
	f.Group("", component.Field{Kind: "text", Name: "hours", Key: "volunteer.hours.field", Hint: "volunteer.hours.hint", Inputmode: "decimal", Required: true})
	form := f.Show(path, component.Button{Key: "volunteer.hours.do", Plain: true})
	form.Still = wrong == nil
	view.HoursForm = &form
}

// gone is the page of a link that leads to nothing any more.
func gone(p *Pages, r *http.Request) web.Page {
	return web.Page{
		Title: p.Web.T(p.Web.Language(r), "volunteer.gone"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "volunteer.gone", Href: "/ehrenamt", ActionKey: "volunteer.own.find"},
	}
}

// history gives what was said and done, for one of the two sides.
func (p *Pages) history(lang string, h *application.Helper, n *application.Need, list []*application.Message, club bool) []said {
	var all []said
	for _, m := range list {
		one := said{Mine: m.ByClub == club, Message: m.Kind == application.Said, At: m.Created.In(p.Zone), Key: "volunteer.did." + m.Kind, kind: m.Kind, byClub: m.ByClub}
		if one.Name = h.Name; m.ByClub {
			one.Name = n.Club
			one.Key += ".club"
		} else if !club && !one.Message {
			one.Key += ".mine"
		}
		switch m.Kind {
		case application.Said, application.DidDecline:
			one.Content = m.Content
		case application.DidGive, application.DidOffer, application.DidKeep, application.DidTake, application.DidLose, application.DidMove, application.DidChange:
			one.spans = application.Spans(m.Content)
			one.When = p.times(lang, one.spans)
		}
		all = append(all, one)
	}
	return all
}
