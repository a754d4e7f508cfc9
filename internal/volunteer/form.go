package volunteer

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// thanksPath follows applyPath, where somebody reads that a letter is on its way.
const thanksPath = "/danke"

// sealed is the name of the form for its seal.
const sealed = "volunteer form"

// The fields that say what a button means.
const (
	fieldSure   = "sure"
	fieldChange = "change"
)

type formView struct {
	Crumbs []component.Crumb
	About  about
	// Wants is what is asked of people: keys, and words of the club; Payer who pays
	// for it. Age is 0 for any.
	Wants []string
	Want  string
	Payer string
	Age   int
	// SignedIn is whether nothing has to be confirmed by mail.
	SignedIn bool
	SignIn   string
	// Far is the host of the other town to which it goes, "" for here.
	Far  string
	Form component.Form
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	n, err := p.need(r.Context(), r)
	if err != nil {
		return err
	}
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}}}
	if id := r.URL.Query().Get("schicht"); id != "" {
		in.Set("shift", id)
	}
	if who != nil {
		in.Set("name", who.Name)
		mine, err := p.Applications.Mine(r.Context(), who.ID)
		if err != nil {
			return err
		}
		for _, h := range mine {
			if h.OpportunityID == n.ID && h.Live() {
				http.Redirect(w, r, OwnPath+"/"+h.ID, http.StatusSeeOther)
				return nil
			}
		}
	}
	return p.show(w, r, who, n, in, http.StatusOK, "", nil)
}

type closedView struct {
	Crumbs []component.Crumb
	About  about
	// Mail is true when it is open for who signs in.
	Mail   bool
	SignIn string
	// Text is the key of the sentence that says why.
	Text string
}

// showClosed says that nobody can apply, or only who signs in.
func (p *Pages) showClosed(w http.ResponseWriter, r *http.Request, n *application.Need, mail bool) error {
	view := closedView{p.crumbs(n, "volunteer.apply"), p.about(n, n.Name), mail, signIn(r), "volunteer.closed"}
	switch {
	case mail:
		view.Text += ".mail"
	case n.Status == "cancelled":
		view.Text += ".cancelled"
	}
	return p.render(w, r, http.StatusOK, "closed", p.Web.T(p.Web.Language(r), "volunteer.apply"), true, view)
}

func (p *Pages) crumbs(n *application.Need, key string) []component.Crumb {
	return []component.Crumb{{Key: "volunteer.crumb", Href: "/ehrenamt"}, {Text: n.Name, Href: p.local(n.URL)}, {Key: key}}
}

func signIn(r *http.Request) string {
	return "/anmelden?" + url.Values{"weiter": {r.URL.Path}}.Encode()
}

// show shows the form with what stands in it already. notice is the key of a
// sentence above it, or "".
func (p *Pages) show(w http.ResponseWriter, r *http.Request, who *page.Person, n *application.Need, in *page.Input, status int, notice string, wrong error) error {
	if !n.Takes(p.Applications.Now()) {
		return p.showClosed(w, r, n, false)
	}
	if who == nil && !p.Letters.Ready() {
		return p.showClosed(w, r, n, true)
	}
	if err := p.Stamp(r.Context(), sealed, in); err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	if notice != "" {
		f.Notice(p.Web.T(f.Lang, notice))
	}
	far := p.far(n)
	if far != "" {
		f.Hide("id", n.ID)
	}
	f.Hide("key", in.Get("key"))
	f.Hide("time", in.Get("time"))
	if ahead := n.Ahead(p.Applications.Now()); len(ahead) > 0 {
		f.Group("", p.shiftField(f.Lang, ahead))
	}
	fields := []component.Field{{Kind: "text", Name: "name", Key: "volunteer.name", Autocomplete: "name", Required: true}}
	if who == nil {
		fields = append(fields, component.Field{Kind: "email", Name: "email", Key: "volunteer.email", Hint: "volunteer.email.hint", Autocomplete: "email", Required: true})
	}
	fields = append(fields, component.Field{Kind: "text", Name: "phone", Key: "volunteer.phone", Hint: "volunteer.phone.hint", Autocomplete: "tel", Inputmode: "tel"},
		component.Field{Kind: "textarea", Name: "message", Key: "volunteer.message", Hint: "volunteer.message.hint", Rows: 4},
		component.Field{Kind: "checkbox", Name: "shows", Key: "volunteer.shows", Hint: "volunteer.shows.hint"})
	if n.MinimumAge > 0 {
		fields = append(fields, component.Field{Kind: "checkbox", Name: "old", Key: "volunteer.old", Required: true})
	}
	if n.Asks() {
		fields = append(fields, component.Field{Kind: "checkbox", Name: "able", Key: "volunteer.able", Required: true})
	}
	if who == nil {
		fields = append(fields, component.Field{Kind: "text", Name: page.Trap, Key: "volunteer.trap", Autocomplete: "off"})
	}
	f.Group("", fields...)
	key, icon := "volunteer.look", "right"
	if who == nil {
		key, icon = "volunteer.send", "mail"
	}
	if status == http.StatusOK {
		status = f.Status()
	}
	view := formView{
		Crumbs: p.crumbs(n, "volunteer.apply"), About: p.about(n, n.Name), Wants: n.Wants(), Want: n.Requirement, Payer: n.Payer, Age: n.MinimumAge, SignedIn: who != nil, SignIn: signIn(r), Far: far,
		Form: f.Show(r.URL.Path, component.Button{Key: key, Icon: icon}),
	}
	return p.render(w, r, status, "form", p.Web.T(f.Lang, "volunteer.apply.to", n.Name), true, view)
}

// shiftField lets people choose shifts, each with what is free.
func (p *Pages) shiftField(lang string, ahead []*application.Shift) component.Field {
	field := component.Field{Kind: "cards", Name: "shift", Key: "volunteer.shift", Hint: "volunteer.shift.hint", Required: true}
	for _, x := range ahead {
		note := p.standing(lang, x)
		if x.Note != "" {
			note = x.Note + " · " + note
		}
		field.Options = append(field.Options, component.Option{Value: x.ID, Label: when(lang, x.StartsAt, x.EndsAt, p.Zone), Note: note})
	}
	return field
}

// standing says what is free of a shift for who asks now.
func (p *Pages) standing(lang string, x *application.Shift) string {
	free := x.Free()
	switch {
	case free < 0:
		return p.Web.T(lang, "volunteer.free.any")
	case free > 0:
		return p.Web.Plural(lang, "volunteer.free", free)
	case x.Offered > 0:
		return p.Web.T(lang, "volunteer.free.offered")
	}
	return p.Web.T(lang, "volunteer.free.none", x.Waiting+1)
}

// draft gives what the form says.
func (p *Pages) draft(r *http.Request, who *page.Person, n *application.Need, in *page.Input) application.Draft {
	d := application.Draft{
		Key: in.Get("key"), OpportunityID: n.ID, Name: in.Get("name"), Email: in.Get("email"), Phone: in.Get("phone"), Message: in.Get("message"), Language: p.Web.Language(r),
		Shows: in.Get("shows") != "", Old: in.Get("old") != "", Able: in.Get("able") != "", Shifts: slices.Compact(slices.Sorted(slices.Values(in.Values["shift"]))),
	}
	if who != nil {
		d.AccountID = who.ID
	}
	return d
}

// apply takes the form. Who has an account sees once more what goes to whom; who
// has none sees that on the page to which the letter leads.
func (p *Pages) apply(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	n, err := p.need(r.Context(), r)
	if err != nil {
		return err
	}
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	key, err := in.Key()
	if err != nil { // it lay for a month, or is of a program
		key = ""
		in.Set("key", page.NewKey())
	}
	d := p.draft(r, who, n, in)
	if err := p.Applications.Check(n, d); err != nil || !n.Takes(p.Applications.Now()) || in.Get(fieldChange) != "" {
		return p.show(w, r, who, n, in, http.StatusOK, "", err)
	}
	again := func(status int, notice string) error {
		in.Del(page.Trap)
		in.Del("time")
		return p.show(w, r, who, n, in, status, notice, nil)
	}
	if who != nil {
		if in.Get(fieldSure) == "" || key == "" {
			return p.preview(w, r, who, n, in, d)
		}
	} else {
		if !p.Letters.Ready() {
			return p.showClosed(w, r, n, true)
		}
		hasty, err := p.Hasty(r.Context(), sealed, in)
		if err != nil {
			return err
		}
		if hasty || key == "" {
			return again(http.StatusUnprocessableEntity, "volunteer.again")
		}
	}
	if err := p.admit(r, who, d); problem.KindOf(err) == problem.TooMany {
		return again(http.StatusTooManyRequests, "volunteer.toomany")
	} else if err != nil {
		return err
	}
	h, twice, err := p.Applications.Apply(r.Context(), d)
	if len(problem.FieldsOf(err)) > 0 || problem.KindOf(err) == problem.Conflict {
		return p.show(w, r, who, n, in, http.StatusOK, "", err)
	}
	if err != nil {
		return err
	}
	switch {
	case who == nil: // nobody learns here whether there was one with this address
		http.Redirect(w, r, r.URL.Path+thanksPath, http.StatusSeeOther)
		return nil
	case twice && h.ID != d.Key:
		return back(w, r, OwnPath+"/"+h.ID, "schon")
	}
	return back(w, r, OwnPath+"/"+h.ID, "gesendet")
}

func (p *Pages) admit(r *http.Request, who *page.Person, d application.Draft) error {
	if who != nil {
		return p.Accounts.AdmitHelp(r.Context(), who.ID)
	}
	return p.Accounts.AdmitMail(r.Context(), p.Address(r), d.Email)
}

// sent is what goes to the club.
type sent struct {
	Name, Email, Phone, Message string
	Shifts                      []string
	// Handle and Profile are of who wrote from elsewhere, "" for others.
	Handle, Profile string
}

type previewView struct {
	Crumbs []component.Crumb
	About  about
	Sent   sent
	Far    string
	Form   component.Form
}

// preview shows what will be sent, and to whom.
func (p *Pages) preview(w http.ResponseWriter, r *http.Request, who *page.Person, n *application.Need, in *page.Input, d application.Draft) error {
	lang := p.Web.Language(r)
	view := previewView{Crumbs: p.crumbs(n, "volunteer.apply"), About: p.about(n, n.Name), Sent: sent{Name: d.Name, Phone: d.Phone, Message: d.Message}, Far: p.far(n)}
	if d.Shows {
		view.Sent.Email = who.Email
	}
	for _, x := range n.Shifts {
		if slices.Contains(d.Shifts, x.ID) {
			view.Sent.Shifts = append(view.Sent.Shifts, when(lang, x.StartsAt, x.EndsAt, p.Zone))
		}
	}
	f := page.NewForm(p.Web, r, in, nil)
	f.HideAll(fieldSure, fieldChange, page.Trap)
	view.Form = f.Show(r.URL.Path, component.Button{Key: "volunteer.sure", Name: fieldSure, Value: "1", Icon: "check"}, component.Button{Key: "volunteer.change", Name: fieldChange, Value: "1", Plain: true})
	return p.render(w, r, http.StatusOK, "preview", p.Web.T(lang, "volunteer.preview"), true, view)
}

type thanksView struct {
	About about
	Again string
}

func (p *Pages) thanks(w http.ResponseWriter, r *http.Request) error {
	n, err := p.need(r.Context(), r)
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, "thanks", p.Web.T(p.Web.Language(r), "volunteer.thanks"), true, thanksView{p.about(n, n.Name), ApplyHref(chi.URLParam(r, "key"))})
}
