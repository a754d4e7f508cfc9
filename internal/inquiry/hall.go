package inquiry

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Where the town hall answers, and where who asked finds the answer.
const (
	HallPath = "/rathaus/auskunft"
	LinkPath = "/auskunft/"
)

// How much is shown at once.
const (
	mostClosed   = 30
	mostMentions = 50
	mostRows     = 50
)

// Pages shows them.
type Pages struct {
	*page.Guard
	Requests *Requests
	Frame    page.HallFrame
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get(HallPath, p.Web.Handle(p.Page(page.Staff(p.room))))
	r.Post(HallPath, p.Web.Handle(p.Form(page.StaffForm(p.enter))))
	r.Get(HallPath+"/{id}", p.Web.Handle(p.Page(page.Staff(p.request))))
	r.Post(HallPath+"/{id}", p.Web.Handle(p.Form(page.StaffForm(p.act))))
	r.Get(LinkPath+"{token}", p.Web.Handle(p.link))
	r.Post(LinkPath+"{token}", p.Web.Handle(p.download))
}

func (p *Pages) t(r *http.Request, key string, args ...any) string {
	return p.Web.T(p.Web.Language(r), key, args...)
}

// line is a request in a list.
type line struct {
	*Request
	// Name is whose it is, WantedKey and OutcomeKey are keys of words.
	Name, Href, WantedKey, OutcomeKey string
	Received, Due, Answered           time.Time
	// Late tells that it should have been answered, Soon that a week is left.
	Late, Soon bool
}

func (p *Pages) line(ctx context.Context, one *Request) (line, error) {
	l := line{
		Request: one, Href: HallPath + "/" + one.ID, WantedKey: "inquiry.wanted." + one.Wanted, OutcomeKey: "inquiry.outcome." + one.Outcome,
		Received: one.Received.In(p.Zone), Due: one.Due.In(p.Zone), Answered: one.Answered.In(p.Zone),
	}
	now := p.Requests.now()
	l.Late = one.Open() && now.After(one.Due)
	l.Soon = one.Open() && !l.Late && now.Add(7*24*time.Hour).After(one.Due)
	var err error
	l.Name, err = p.name(ctx, one.Contact, one.ActorID, one.Words)
	return l, err
}

// ForgottenKey says why nobody knows any more whose it was.
func (l line) ForgottenKey() string {
	if l.Outcome == Erased {
		return "inquiry.forgotten.erased"
	}
	return "inquiry.forgotten"
}

// name says whose data it is about.
func (p *Pages) name(ctx context.Context, contact, actorID, words string) (string, error) {
	if contact != "" || actorID == "" {
		if contact == "" {
			contact = words
		}
		return contact, nil
	}
	a, err := p.Requests.Actors.Find(ctx, p.Objects.Reader(), actorID)
	if problem.KindOf(err) == problem.NotFound {
		return actorID, nil
	}
	if err != nil {
		return "", err
	}
	return a.Handle(), nil
}

// held is somebody whose data is not used.
type held struct {
	Name  string
	Since time.Time
	// Ends is when the data is used again, zero while that is not planned.
	Ends time.Time
	// Form plans that, or takes it back.
	Form component.Form
}

type roomView struct {
	Hall    page.Hall
	Waiting []line
	Closed  []line
	Held    []held
	Form    component.Form
}

func (p *Pages) room(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return p.showRoom(w, r, &page.Input{Values: url.Values{"key": {page.NewKey()}, "received": {p.Requests.now().In(p.Zone).Format(time.DateOnly)}}}, nil)
}

func (p *Pages) showRoom(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	var view roomView
	var err error
	ctx := r.Context()
	if view.Hall, err = p.Frame(r, HallPath, p.t(r, "inquiry.title"), true); err != nil {
		return err
	}
	view.Hall.Lede = p.t(r, "inquiry.lede")
	waiting, err := p.Requests.Waiting(ctx)
	if err != nil {
		return err
	}
	if view.Waiting, err = p.lines(ctx, waiting); err != nil {
		return err
	}
	closed, err := p.Requests.Closed(ctx, mostClosed)
	if err != nil {
		return err
	}
	if view.Closed, err = p.lines(ctx, closed); err != nil {
		return err
	}
	list, err := p.Requests.restrictions(ctx)
	if err != nil {
		return err
	}
	for _, one := range list {
		h, act := held{Since: one.Created.In(p.Zone)}, "free"
		if !one.Ends.IsZero() {
			h.Ends, act = one.Ends.In(p.Zone), "hold"
		}
		h.Form = p.button(r, HallPath, component.Button{Key: "inquiry." + act, Plain: true}, "act", act, "id", one.ID)
		if h.Name, err = p.name(ctx, one.Contact, one.ActorID, ""); err != nil {
			return err
		}
		view.Held = append(view.Held, h)
	}
	f := page.NewForm(p.Web, r, in, wrong)
	f.Hide("act", "enter")
	f.Hide("key", in.Get("key"))
	f.Group("inquiry.new",
		component.Field{Kind: "email", Name: "contact", Key: "inquiry.contact", Hint: "inquiry.contact.hint", Free: true, Autocomplete: "off"},
		component.Field{Kind: "text", Name: "handle", Key: "inquiry.handle", Hint: "inquiry.handle.hint", Free: true, Autocomplete: "off"},
		component.Field{Kind: "text", Name: "words", Key: "inquiry.words", Hint: "inquiry.words.hint", Free: true, Autocomplete: "off"},
		p.choice(f, "select", "wanted", wants), p.choice(f, "select", "channel", channels),
		component.Field{Kind: "date", Name: "received", Key: "inquiry.received", Required: true})
	view.Form = f.Show(HallPath, component.Button{Key: "inquiry.enter"})
	return p.Web.Render(w, r, f.Status(), "inquiry/room", web.Page{Title: view.Hall.Heading, View: view})
}

func (p *Pages) lines(ctx context.Context, list []*Request) ([]line, error) {
	var all []line
	for _, one := range list {
		l, err := p.line(ctx, one)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// choice is a field with the words of each value.
func (p *Pages) choice(f *page.Form, kind, name string, values []string) component.Field {
	field := component.Field{Kind: kind, Name: name, Key: "inquiry." + name, Required: true}
	for _, v := range values {
		field.Options = append(field.Options, component.Option{Value: v, Label: p.Web.T(f.Lang, "inquiry."+name+"."+v)})
	}
	return field
}

// button gives a form that is one button with hidden values.
func (p *Pages) button(r *http.Request, action string, b component.Button, hidden ...string) component.Form {
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(action, b)
}

// enter takes a new request, or frees data that is not used.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	switch in.Get("act") {
	case "free":
		if err := p.Requests.Free(r.Context(), who.ID, in.Get("id")); err != nil {
			return err
		}
		return p.back(w, r, HallPath, "inquiry.freed")
	case "hold":
		if err := p.Requests.Hold(r.Context(), who.ID, in.Get("id")); err != nil {
			return err
		}
		return p.back(w, r, HallPath, "inquiry.held.on")
	}
	key, err := in.Key()
	if err != nil {
		return err
	}
	d := Draft{Key: key, Contact: in.Get("contact"), Handle: in.Get("handle"), Words: in.Get("words"), Wanted: in.Get("wanted"), Channel: in.Get("channel")}
	if day, ok := page.ParseDate(in.Get("received"), p.Requests.now().In(p.Zone)); ok {
		d.Received = day
	}
	one, err := p.Requests.Enter(r.Context(), who.ID, d)
	if len(problem.FieldsOf(err)) > 0 {
		return p.showRoom(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return p.back(w, r, HallPath+"/"+one.ID, "inquiry.entered")
}

func (p *Pages) back(w http.ResponseWriter, r *http.Request, path, done string) error {
	p.Flash(r, done)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// waitingAt is the section of the desk.
const waitingAt = "inquiries"

// Desk is a page.Waiting: what waits, the first that is due first.
func (p *Pages) Desk(r *http.Request, limit int) (page.Queue, error) {
	q := page.Queue{ID: waitingAt, Key: "inquiry.title", StatKey: "inquiry.stat", Room: HallPath}
	list, err := p.Requests.Waiting(r.Context())
	if err != nil {
		return q, err
	}
	q.Total = len(list)
	lines, err := p.lines(r.Context(), list[:min(len(list), limit)])
	if err != nil {
		return q, err
	}
	for _, l := range lines {
		note := "inquiry.due"
		if l.Late {
			note = "inquiry.late"
		}
		q.Items = append(q.Items, page.WaitingItem{
			Name: l.Name, Href: l.Href, Icon: "user", Since: l.Request.Received,
			Note: p.t(r, l.WantedKey) + ". " + p.t(r, note, locale.ShortDate(p.Web.Language(r), l.Due, p.Requests.now())),
		})
	}
	return q, nil
}
