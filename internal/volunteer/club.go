package volunteer

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// applicant is a person in the list of the club.
type applicant struct {
	Name, Href, State, Tone, Since string
	// From is the handle of who wrote from elsewhere, "" for others; Town the host of
	// the other town.
	From, Town string
	Shifts     []string
	Accept     *component.Form
}

// group is the applicants of one state.
type group struct {
	ID, Key string
	List    []applicant
}

type listView struct {
	Crumbs       []component.Crumb
	Done         string
	About        about
	Shifts       component.Chips
	Standing     []shiftLine
	Groups       []group
	Sheet, Paper string
	Empty        component.Empty
}

// shiftLine says how many have and want a place.
type shiftLine struct{ When, Note, Standing string }

// given gives the opportunity of the address to who speaks for its club, also one
// that is gone or hidden.
func (p *Pages) given(r *http.Request, who *page.Person) (*application.Need, []*application.Helper, error) {
	n, err := p.Applications.Need(r.Context(), p.Applications.Reader(), p.Actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return nil, nil, err
	}
	list, err := p.Applications.List(r.Context(), who.ID, n)
	if n.Gone && len(list) > 0 {
		n.Name = list[0].Title
	}
	return n, list, err
}

// list shows the club who applied, by state, and by shift if that is asked for.
func (p *Pages) list(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	n, list, err := p.given(r, who)
	if err != nil {
		return err
	}
	lang, path := p.Web.Language(r), ListHref(chi.URLParam(r, "key"))
	view := listView{
		Crumbs: p.crumbs(n, "volunteer.list"), Done: done(r), About: p.about(n, n.Name), Sheet: path + sheetPath, Paper: path + paperPath,
		Empty: component.Empty{Key: "volunteer.list.empty", TextKey: "volunteer.list.empty.text", Href: p.local(n.URL), ActionKey: "volunteer.list.back"},
	}
	only := r.URL.Query().Get("schicht")
	if len(n.Shifts) > 1 {
		view.Shifts = component.Chips{Label: "volunteer.list.by", List: []component.Chip{{Key: "volunteer.list.all", Href: path, Current: only == ""}}}
		for _, x := range n.Shifts {
			view.Shifts.List = append(view.Shifts.List, component.Chip{Text: when(lang, x.StartsAt, x.EndsAt, p.Zone), Href: path + "?" + url.Values{"schicht": {x.ID}}.Encode(), Current: only == x.ID})
		}
	}
	for _, x := range n.Shifts {
		view.Standing = append(view.Standing, shiftLine{when(lang, x.StartsAt, x.EndsAt, p.Zone), x.Note, p.counted(lang, x, list)})
	}
	if len(n.Shifts) == 0 && n.Places > 0 {
		view.Standing = append(view.Standing, shiftLine{Standing: p.counted(lang, n.Shift(""), list)})
	}
	groups := []group{{ID: "open", Key: "volunteer.list.open"}, {ID: "in", Key: "volunteer.list.in"}, {ID: "past", Key: "volunteer.list.past"}}
	for _, h := range list {
		if only != "" && h.Commitment(only) == nil {
			continue
		}
		i := 2
		switch {
		case h.Open():
			i = 0
		case h.State == application.Accepted:
			i = 1
		}
		one := p.applicant(r, path, n, h, lang)
		if one.From, _, err = p.elsewhere(r, h); err != nil {
			return err
		}
		groups[i].List = append(groups[i].List, one)
	}
	view.Groups = slices.DeleteFunc(groups, func(g group) bool { return len(g.List) == 0 })
	return p.render(w, r, http.StatusOK, "list", p.Web.T(lang, "volunteer.list.of", n.Name), false, view)
}

// counted says for the club how many have its yes for a shift, for how many a
// place is held until it answers, and how many wait.
func (p *Pages) counted(lang string, x *application.Shift, list []*application.Helper) string {
	yes, held := 0, 0
	for _, h := range list {
		switch c := h.Commitment(x.ID); {
		case c == nil || c.State != application.Taken:
		case h.Open():
			held++
		case h.State == application.Accepted || h.State == application.Done:
			yes++
		}
	}
	key := "volunteer.counted.any"
	if x.Places > 0 {
		key = "volunteer.counted"
	}
	s := p.Web.T(lang, key, map[string]int{"Yes": yes, "Places": x.Places})
	if held > 0 {
		s += ", " + p.Web.Plural(lang, "volunteer.counted.held", held)
	}
	if x.Waiting > 0 {
		s += ", " + p.Web.Plural(lang, "volunteer.counted.waiting", x.Waiting)
	}
	return s
}

func (p *Pages) applicant(r *http.Request, path string, n *application.Need, h *application.Helper, lang string) applicant {
	a := applicant{Name: p.name(lang, h), Href: path + "/" + h.ID, State: stateKey(h), Tone: toneOf(stateKey(h), h), Town: townOf(h), Shifts: p.shifts(lang, h)}
	if h.Open() && len(h.Commitments) == 0 {
		a.Shifts = []string{p.Web.T(lang, "volunteer.without")}
	}
	if h.Open() && !n.Shut {
		form := p.button(r, a.Href, component.Button{Key: "volunteer.accept", Icon: "check"}, "act", "accept", "version", version(h))
		a.Accept = &form
	}
	return a
}

// name is that of a person, or says that there is none any more.
func (p *Pages) name(lang string, h *application.Helper) string {
	if h.Cause == application.HasLeft {
		return p.Web.T(lang, "volunteer.left")
	}
	return h.Name
}

// elsewhere gives the handle and the profile of who applied by a direct message;
// "" for who came in by another door, or is gone.
func (p *Pages) elsewhere(r *http.Request, h *application.Helper) (handle, profile string, err error) {
	if h.Door != application.ByMessage || h.ActorID == "" {
		return "", "", nil
	}
	a, err := p.Actors.Find(r.Context(), p.Applications.Reader(), h.ActorID)
	if problem.KindOf(err) == problem.NotFound {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	if profile = a.URL; profile == "" {
		profile = a.ID
	}
	return a.Handle(), profile, nil
}

// shifts says which places a person has or waits for.
func (p *Pages) shifts(lang string, h *application.Helper) []string {
	var list []string
	for _, c := range h.Commitments {
		s := when(lang, c.StartsAt, c.EndsAt, p.Zone)
		if c.Position > 0 {
			s = strings.TrimPrefix(s+": "+p.Web.T(lang, "volunteer.waits", c.Position), ": ")
		}
		if !c.Offered.IsZero() {
			s += ": " + p.Web.T(lang, "volunteer.offers")
		}
		if s != "" {
			list = append(list, s)
		}
	}
	return list
}

func version(h *application.Helper) string { return strconv.Itoa(h.Version) }

type clubView struct {
	oneView
	Name                           string
	Shifts                         []string
	Town                           string
	Receipts                       []receipt
	Accept, Decline, Write, Finish *component.Form
	// Wrong is a sentence above all, or "".
	Wrong string
	// Unsure tells that nobody has said to be old and able enough.
	Unsure bool
}

func (p *Pages) helper(r *http.Request, who *page.Person) (*application.Need, *application.Helper, error) {
	n, err := p.Applications.Need(r.Context(), p.Applications.Reader(), p.Actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return nil, nil, err
	}
	h, err := p.Applications.FindFor(r.Context(), who.ID, n.ID, chi.URLParam(r, "id"))
	if err == nil && n.Gone {
		n.Name = h.Title
	}
	return n, h, err
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	n, h, err := p.helper(r, who)
	if err != nil {
		return err
	}
	return p.showOne(w, r, n, h, nil, nil)
}

// address gives the mail address of a person, as far as the club may see it.
func (p *Pages) address(r *http.Request, h *application.Helper) (string, error) {
	if !h.Shows || h.AccountID == "" {
		if h.Shows {
			return h.Email + h.Contact, nil
		}
		return "", nil
	}
	a, err := p.Accounts.Find(r.Context(), h.AccountID)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return a.Email, nil
}

// showOne shows the club an application. in is what was sent and was wrong.
func (p *Pages) showOne(w http.ResponseWriter, r *http.Request, n *application.Need, h *application.Helper, in *page.Input, wrong error) error {
	lang, list := p.Web.Language(r), ListHref(chi.URLParam(r, "key"))
	path := list + "/" + h.ID
	view := clubView{Name: p.name(lang, h), Town: townOf(h), Shifts: p.shifts(lang, h)}
	view.Crumbs = []component.Crumb{{Key: "volunteer.crumb", Href: "/ehrenamt"}, {Text: n.Name, Href: p.local(n.URL)}, {Key: "volunteer.list", Href: list}, {Text: view.Name}}
	view.Done, view.About, view.State, view.Tone, view.Reason = doneWith(r, h), p.about(n, h.Title), stateKey(h), toneOf(stateKey(h), h), h.Reason
	view.Sent = sent{Name: h.Name, Phone: h.Phone, Message: h.Message, Shifts: view.Shifts}
	var err error
	if view.Sent.Email, err = p.address(r, h); err != nil {
		return err
	}
	if view.Sent.Handle, view.Sent.Profile, err = p.elsewhere(r, h); err != nil {
		return err
	}
	view.Unsure = view.Sent.Handle != "" && h.Open() && (n.MinimumAge > 0 || n.Asks())
	history, err := p.Applications.Messages(r.Context(), h.ID)
	if err != nil {
		return err
	}
	view.History = p.history(lang, h, n, history, true)
	if view.Receipts, err = p.receipts(r.Context(), h, path); err != nil {
		return err
	}
	p.clubForms(r, n, h, path, &view, in, wrong)
	status := http.StatusOK
	if wrong != nil {
		if status = statusOf(wrong); status == http.StatusConflict && view.Wrong == "" {
			view.Wrong = "volunteer.stale"
			if errors.Is(wrong, application.ErrNothing) {
				view.Wrong += ".nothing"
				if h.Door == application.ByMessage {
					view.Wrong = "volunteer.stale.unchosen"
				}
			}
		}
	}
	return p.render(w, r, status, "club", view.Name, false, view)
}

// clubForms fills in what the club can do.
func (p *Pages) clubForms(r *http.Request, n *application.Need, h *application.Helper, path string, view *clubView, in *page.Input, wrong error) {
	form := func(act string, b component.Button, fields ...component.Field) *component.Form {
		var err error
		if in != nil && in.Get("act") == act && len(problem.FieldsOf(wrong)) > 0 {
			err = wrong
		}
		f := page.NewForm(p.Web, r, typed(in, act, url.Values{}), err)
		f.Prefix = act + "-"
		f.Hide("act", act)
		f.Hide("version", version(h))
		if len(fields) > 0 {
			f.Group("", fields...)
		}
		shown := f.Show(path, b)
		shown.Still = err == nil
		return &shown
	}
	if n.Shut {
		view.Wrong = "volunteer.shut"
		return
	}
	if h.Open() {
		view.Accept = form("accept", component.Button{Key: "volunteer.accept", Icon: "check"})
	}
	if h.Live() || h.State == application.Done {
		hint := "volunteer.write.hint"
		if h.Door == application.ByMessage {
			hint = "volunteer.write.message.hint"
		}
		view.Write = form("write", component.Button{Key: "volunteer.write.do", Icon: "mail", Plain: true}, component.Field{Kind: "textarea", Name: "text", Key: "volunteer.write", Hint: hint, Rows: 4, Required: true})
	}
	if h.Live() {
		view.Decline = form("decline", component.Button{Key: "volunteer.decline", Icon: "x", Danger: true}, component.Field{Kind: "textarea", Name: "reason", Key: "volunteer.reason", Hint: "volunteer.reason.hint", Rows: 3, Required: true})
	}
	if h.State == application.Accepted && h.Begun(p.Applications.Now()) {
		view.Finish = form("finish", component.Button{Key: "volunteer.finish", Icon: "heart", Plain: true})
	}
	var err error
	if in != nil && in.Get("act") == "hours" && len(problem.FieldsOf(wrong)) > 0 {
		err = wrong
	}
	p.hoursForms(r, h, path, &view.oneView, application.Club, typed(in, "hours", url.Values{}), err)
}

// oneAct does what a button of the club says.
func (p *Pages) oneAct(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	n, h, err := p.helper(r, who)
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(in.Get("version"))
	if err != nil || seen < 1 {
		return problem.Invalidf("the form says no version")
	}
	ctx, s := r.Context(), p.Applications
	word := ""
	switch in.Get("act") {
	case "accept":
		word, err = "angenommen", s.Accept(ctx, who.ID, n.ID, h.ID, seen)
	case "decline":
		word, err = "abgelehnt", s.Decline(ctx, who.ID, n.ID, h.ID, seen, in.Get("reason"))
	case "write":
		word, err = "geschrieben", s.Write(ctx, who.ID, n.ID, h.ID, in.Get("text"))
	case "finish":
		word, err = "fertig", s.Finish(ctx, who.ID, n.ID, h.ID, seen)
	case "hours":
		word, err = "stunden", s.SayHours(ctx, who.ID, n.ID, h.ID, seen, parseHours(in.Get("hours")))
	default:
		return problem.Invalidf("%q cannot be done to an application", in.Get("act"))
	}
	path := ListHref(chi.URLParam(r, "key")) + "/" + h.ID
	switch {
	case err == nil:
		return back(w, r, path, word)
	case len(problem.FieldsOf(err)) > 0, problem.KindOf(err) == problem.Conflict:
		if h, err2 := s.FindFor(ctx, who.ID, n.ID, h.ID); err2 == nil {
			return p.showOne(w, r, n, h, in, err)
		}
	}
	return err
}
