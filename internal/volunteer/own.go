package volunteer

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/pledge"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// ownRow is one application in the list of a person.
type ownRow struct {
	About  about
	Href   string
	State  string
	Tone   string
	Shifts []string
}

type ownView struct {
	Crumbs []component.Crumb
	// Now are those that go on, Past the others.
	Now, Past []ownRow
	// Hours is how long the person helped, as both sides say, or "".
	Hours string
	Empty component.Empty
}

// own lists what a person asked for.
func (p *Pages) own(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	list, err := p.Applications.Mine(r.Context(), who.ID)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := ownView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "volunteer.own"}},
		Empty:  component.Empty{Key: "volunteer.own.empty", TextKey: "volunteer.own.empty.text", Href: "/ehrenamt", ActionKey: "volunteer.own.find"},
	}
	far, err := p.farMine(r.Context(), who.ID)
	if err != nil {
		return err
	}
	minutes := 0
	for _, h := range list {
		n, err := p.Applications.Need(r.Context(), p.Applications.Reader(), h.OpportunityID)
		if err != nil {
			return err
		}
		far = append(far, &seen{Helper: h, n: n})
	}
	slices.SortStableFunc(far, func(a, b *seen) int { return b.Created.Compare(a.Created) })
	for _, s := range far {
		if !s.Agreed.IsZero() {
			minutes += s.Minutes
		}
		if s.Live() {
			view.Now = append(view.Now, p.ownRow(lang, s))
		} else {
			view.Past = append(view.Past, p.ownRow(lang, s))
		}
	}
	view.Hours = p.hours(lang, minutes)
	return p.render(w, r, http.StatusOK, "own", p.Web.T(lang, "volunteer.own"), false, view)
}

// ownRow gives the line of an application in the list of its person.
func (p *Pages) ownRow(lang string, s *seen) ownRow {
	return ownRow{About: p.about(s.n, s.Title), Href: OwnPath + "/" + s.ID, State: s.stateKey(), Tone: toneOf(s.stateKey(), s.Helper), Shifts: p.shifts(lang, s.Helper)}
}

// tones are those of the badges by the state.
var tones = map[string]string{
	application.Unconfirmed: "warning", application.Asked: "info", application.Talking: "info", application.Accepted: "success", application.Done: "success",
	application.Declined: "danger", application.Withdrawn: "warning",
}

// spoken are the causes of an end that have words of their own. Other towns may
// name any.
var spoken = []string{application.IsCancelled, application.IsDeleted, application.IsShut, application.IsExpired, application.IsSilent}

// stateKey is the key of the words for where an application stands: of one that
// ended, why.
func stateKey(h *application.Helper) string {
	if h.State == application.Declined && slices.Contains(spoken, h.Cause) {
		return "volunteer.state." + h.Cause
	}
	if h.State == application.Accepted {
		switch {
		case len(h.Commitments) == 0:
			return stateWithout
		case !slices.ContainsFunc(h.Commitments, func(c *application.Commitment) bool { return c.State == application.Taken }):
			return stateWaits
		}
	}
	return "volunteer.state." + h.State
}

// The keys of the words for who has the club's yes and no place: none at all, or
// one on the waiting list.
const (
	stateWithout = "volunteer.state.without"
	stateWaits   = "volunteer.state.waits"
)

// toneOf is that of the badge with the words of a state.
func toneOf(key string, h *application.Helper) string {
	switch key {
	case stateWithout:
		return "warning"
	case stateWaits:
		return "info"
	}
	return tones[h.State]
}

// hours says a time in hours: "1,5 Stunden"; "" for none.
func (p *Pages) hours(lang string, minutes int) string {
	if minutes == 0 {
		return ""
	}
	if minutes == 60 {
		return p.Web.T(lang, "volunteer.hour")
	}
	return p.Web.T(lang, "volunteer.hours", decimal(lang, minutes))
}

// decimal writes minutes as hours, as people do.
func decimal(lang string, minutes int) string {
	s := strconv.FormatFloat(float64(minutes)/60, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if lang != "en" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// parseHours reads hours as people type them: "1,5", "2 Stunden", "1:30". 0 is for
// what is none.
func parseHours(s string) int {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, unit := range []string{"stunden", "stunde", "std.", "std", "hours", "hour", "h"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, unit))
	}
	if hour, minute, ok := strings.Cut(s, ":"); ok {
		h, err1 := strconv.Atoi(hour)
		m, err2 := strconv.Atoi(minute)
		if err1 != nil || err2 != nil || h < 0 || h > 2000 || m < 0 || m > 59 {
			return 0
		}
		return h*60 + m
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || !(f > 0 && f <= 2000) {
		return 0
	}
	return int(f*60 + 0.5)
}

// seen is an application with where its person sees it.
type seen struct {
	*application.Helper
	n *application.Need
	// path is that of its page, email the address of the person.
	path, email string
	account     bool
	// far is what it is in another town, nil for one of here.
	far *pledge.Pledge
}

// stateKey is the key of the words for where it stands.
func (s *seen) stateKey() string {
	if s.far != nil && s.far.Number == 0 && s.Live() {
		return "volunteer.state.sent"
	}
	if s.far != nil && s.State == application.Accepted && len(s.Commitments) == 0 && !s.lost() {
		return "volunteer.state.accepted" // a town that says nothing of places
	}
	return stateKey(s.Helper)
}

// lost tells whether another town says that a shift of the person is gone.
func (s *seen) lost() bool {
	return slices.ContainsFunc(s.far.Said().Said, func(m as.HelperSaid) bool { return m.Kind == application.DidLose })
}

// mine gives the application that the address names, of who is signed in.
func (p *Pages) mine(r *http.Request, who *page.Person) (*seen, error) {
	h, err := p.Applications.FindOwn(r.Context(), who.ID, chi.URLParam(r, "id"))
	if problem.KindOf(err) == problem.NotFound {
		return p.farOne(r.Context(), who, chi.URLParam(r, "id"))
	}
	if err != nil {
		return nil, err
	}
	return p.seen(r, h, OwnPath+"/"+h.ID, who.Email)
}

// held gives the application of the link of a letter. A link that is none, or
// whose application is forgotten, is problem.Gone.
func (p *Pages) held(r *http.Request) (*seen, error) {
	token := chi.URLParam(r, "token")
	key, err := p.Actors.Secret(r.Context(), LinkPurpose)
	if err != nil {
		return nil, err
	}
	id, ok := readToken(key, token)
	if !ok {
		return nil, problem.Gonef("this is no link of a letter")
	}
	h, err := p.Applications.Find(r.Context(), p.Applications.Reader(), id)
	if problem.KindOf(err) == problem.NotFound || err == nil && (h.AccountID != "" || h.Email == "" && (h.Door != application.ByMessage || h.ActorID == "")) {
		return nil, problem.Gonef("the application of this link is forgotten")
	}
	if err != nil {
		return nil, err
	}
	return p.seen(r, h, linkPath+"/"+token, h.Email)
}

func (p *Pages) seen(r *http.Request, h *application.Helper, path, email string) (*seen, error) {
	n, err := p.Applications.Need(r.Context(), p.Applications.Reader(), h.OpportunityID)
	if err != nil {
		return nil, err
	}
	return &seen{Helper: h, n: n, path: path, email: email, account: h.AccountID != ""}, nil
}

func (p *Pages) ownOne(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	s, err := p.mine(r, who)
	if err != nil {
		return err
	}
	return p.showOwn(w, r, s, nil, nil)
}

func (p *Pages) ownAct(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	s, err := p.mine(r, who)
	if err != nil {
		return err
	}
	return p.act(w, r, s, in)
}

func (p *Pages) linked(w http.ResponseWriter, r *http.Request) error {
	s, err := p.held(r)
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	return p.showOwn(w, r, s, nil, nil)
}

func (p *Pages) linkedAct(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	s, err := p.held(r)
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	return p.act(w, r, s, in)
}

// over says that a link leads to nothing any more.
func (p *Pages) over(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusGone, "failure", gone(p, r))
}

// act does what a button on the page of a person says.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, s *seen, in *page.Input) error {
	ctx, shift, id := r.Context(), in.Get("shift"), s.ID
	var desk desk = p.Applications
	if s.far != nil {
		desk = p.Pledges
	}
	do := map[string]struct {
		word string
		do   func() error
	}{
		"confirm":  {"bestaetigt", func() error { return desk.Confirm(ctx, id) }},
		"withdraw": {"zurueckgezogen", func() error { return desk.Withdraw(ctx, id) }},
		"reply":    {"geschrieben", func() error { return desk.Reply(ctx, id, in.Get("text")) }},
		"take":     {"uebernommen", func() error { return desk.Take(ctx, id, shift) }},
		"give":     {"zurueckgegeben", func() error { return desk.GiveBack(ctx, id, shift) }},
		"offer":    {"angeboten", func() error { return desk.Offer(ctx, id, shift, true) }},
		"keep":     {"behalten", func() error { return desk.Offer(ctx, id, shift, false) }},
		"hours":    {"stunden", func() error { return desk.Hours(ctx, id, parseHours(in.Get("hours"))) }},
		"change": {"geaendert", func() error {
			return p.change(ctx, s, application.Draft{AccountID: s.AccountID, Name: in.Get("name"), Phone: in.Get("phone"), Message: in.Get("message"), Shows: in.Get("shows") != ""})
		}},
	}
	what, ok := do[in.Get("act")]
	if !ok {
		return problem.Invalidf("%q cannot be done to an application", in.Get("act"))
	}
	if in.Get(fieldSure) == "" && p.asksFirst(s, in) {
		return p.ask(w, r, s, in)
	}
	err := p.Accounts.AdmitHelp(ctx, id)
	if err == nil {
		err = what.do()
	}
	gone := in.Get("act") == "withdraw" && s.State == application.Unconfirmed
	switch kind := problem.KindOf(err); {
	case err == nil && gone:
		http.Redirect(w, r, s.path, http.StatusSeeOther) // nothing of it is kept
		return nil
	case err == nil:
		return back(w, r, s.path, what.word)
	case kind == problem.Gone:
		return p.over(w, r)
	case len(problem.FieldsOf(err)) > 0, kind == problem.Conflict, kind == problem.TooMany:
		return p.showOwn(w, r, s, in, err)
	}
	return err
}

// asksFirst tells whether an act takes something from the person that may be gone
// for good: it is asked once more.
func (p *Pages) asksFirst(s *seen, in *page.Input) bool {
	switch in.Get("act") {
	case "withdraw":
		return s.Live()
	case "give":
		c := s.Commitment(in.Get("shift"))
		return s.Live() && c != nil && c.State == application.Taken
	}
	return false
}

type sureView struct {
	Crumbs []component.Crumb
	// Heading and Text are keys.
	Heading, Text string
	When          string
	About         about
	Form          component.Form
}

// ask asks once more.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, s *seen, in *page.Input) error {
	lang, key := p.Web.Language(r), "volunteer.sure."+in.Get("act")
	view := sureView{Heading: key, Text: key + ".text", About: p.about(s.n, s.Title)}
	if s.account {
		view.Crumbs = []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "volunteer.own", Href: OwnPath}, {Text: s.Title, Href: s.path}}
	}
	if c := s.Commitment(in.Get("shift")); in.Get("act") == "give" && c != nil {
		view.When = when(lang, c.StartsAt, c.EndsAt, p.Zone)
	}
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	f.Hide("act", in.Get("act"))
	f.Hide("shift", in.Get("shift"))
	f.Hide(fieldSure, "1")
	view.Form = f.Show(s.path, component.Button{Key: key + ".do", Danger: true, Icon: "x"}, component.Button{Key: "volunteer.sure.not", Href: s.path})
	return p.render(w, r, http.StatusOK, "sure", p.Web.T(lang, key), true, view)
}

// calendarPath and proofPath follow the page of an application.
const (
	calendarPath = "/kalender.ics"
	proofPath    = "/nachweis"
)

// typed gives what stands in a form of the page: of the one that was sent what
// was typed.
func typed(in *page.Input, act string, values url.Values) *page.Input {
	if in != nil && in.Get("act") == act {
		return in
	}
	return &page.Input{Values: values}
}
