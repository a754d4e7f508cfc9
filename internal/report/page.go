// Package report is where every reader reports what is wrong, sees what becomes
// of it, and objects; and where who wrote something reads the reasons of the town
// hall and objects to them (docs/adr/0029).
//
// It must not know any kind of thing that clubs publish.
package report

import (
	"embed"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of these pages.
//
//go:embed *.html *.toml
var Files embed.FS

// Where a report, a decision and the decisions about one's own clubs are shown.
const (
	ReportPath   = "/meldung/"
	DecisionPath = "/entscheidung/"
	OwnPath      = "/entscheidungen"
)

// Pages shows them.
type Pages struct {
	*page.Guard
	Accounts   *account.Accounts
	Actors     *actor.Actors
	Moderation *moderation.Moderation
	// MailReady tells whether the town can send mail.
	MailReady func() bool
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get(page.ReportPath, p.Web.Handle(p.form))
	r.Post(page.ReportPath, p.Web.Handle(p.file))
	r.Get(ReportPath+"{token}", p.Web.Handle(p.report))
	r.Post(ReportPath+"{token}", p.Web.Handle(p.objectToAnswer))
	r.Get(DecisionPath+"{token}", p.Web.Handle(p.decision))
	r.Post(DecisionPath+"{token}", p.Web.Handle(p.objectToDecision))
	r.Get(OwnPath, p.Web.Handle(p.Page(p.own)))
}

// sealed is the name of the form for its seal.
const sealed = "report form"

// about is what a page says of a thing or an actor.
type about struct {
	Title, By, Handle string
	// Href leads to it, or is "".
	Href string
	// Local is true for what is ours, Actor for an actor.
	Local, Actor bool
}

func (p *Pages) about(s *moderation.Subject) about {
	a := about{Title: s.Title(), By: s.Actor.DisplayName(), Handle: s.Actor.Handle(), Local: s.Local(), Actor: s.Object == nil}
	if s.Local() {
		a.Href = strings.TrimPrefix(s.Actor.URL, p.Actors.Site().Origin)
	}
	if s.Object != nil && s.Local() {
		a.Href = strings.TrimPrefix(s.Object.URL, p.Actors.Site().Origin)
	}
	return a
}

type formView struct {
	About about
	Form  component.Form
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	what, err := p.Moderation.Reportable(r.Context(), r.URL.Query().Get("was"))
	if err != nil {
		return err
	}
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}, "was": {what.ID()}}}
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	if who != nil {
		in.Set("contact", who.Email)
	}
	return p.show(w, r, what, in, http.StatusOK, "", nil)
}

// show shows the form with what stands in it already. notice is the key of a
// sentence above it, or "".
func (p *Pages) show(w http.ResponseWriter, r *http.Request, what *moderation.Subject, in *page.Input, status int, notice string, wrong error) error {
	if err := p.Stamp(r.Context(), sealed, in); err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	if notice != "" {
		f.Notice(p.Web.T(f.Lang, notice))
	}
	f.Hide("key", in.Get("key"))
	f.Hide("time", in.Get("time"))
	f.Hide("was", what.ID())
	reason := component.Field{Kind: "radio", Name: "reason", Key: "report.reason", Required: true}
	for _, name := range moderation.Reasons {
		reason.Options = append(reason.Options, component.Option{Value: name, Label: p.Web.T(f.Lang, "report.reason."+name)})
	}
	fields := []component.Field{reason, {Kind: "textarea", Name: "text", Key: "report.text", Hint: "report.text.hint", Rows: 4}}
	if p.MailReady() {
		fields = append(fields, component.Field{Kind: "email", Name: "contact", Key: "report.contact", Hint: "report.contact.hint", Autocomplete: "email"})
	}
	f.Group("", append(fields, component.Field{Kind: "text", Name: page.Trap, Key: "report.trap", Autocomplete: "off"})...)
	if status == http.StatusOK {
		status = f.Status()
	}
	w.Header().Set("Cache-Control", "private, no-cache") // its time and its key count
	return p.Web.Render(w, r, status, "report/form", web.Page{
		Title: p.Web.T(f.Lang, "report.title"), Narrow: true, NoIndex: true,
		View: formView{p.about(what), f.Show(page.ReportPath, component.Button{Key: "report.send", Icon: "flag"})},
	})
}

// file takes the form of somebody with or without an account. Nothing that was
// typed is lost when it must be sent again.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	what, err := p.Moderation.Reportable(r.Context(), in.Get("was"))
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
	n := moderation.Notice{
		Key: key, About: what.ID(), Reason: in.Get("reason"), Text: in.Get("text"), Contact: strings.ToLower(strings.TrimSpace(in.Get("contact"))), Language: p.Web.Language(r),
	}
	if who != nil {
		n.AccountID = who.ID
	}
	if err := n.Check(); err != nil {
		return p.show(w, r, what, in, http.StatusOK, "", err)
	}
	again := func(status int, notice string) error {
		in.Del(page.Trap)
		in.Del("time")
		return p.show(w, r, what, in, status, notice, nil)
	}
	hasty, err := p.Hasty(r.Context(), sealed, in)
	if err != nil {
		return err
	}
	if hasty || key == "" {
		return again(http.StatusUnprocessableEntity, "report.again")
	}
	notice, err := p.admit(r, n.Contact)
	if err != nil {
		return err
	}
	if notice != "" {
		return again(http.StatusTooManyRequests, notice)
	}
	token, err := p.Moderation.FileNotice(r.Context(), n)
	if err != nil {
		return err
	}
	http.Redirect(w, r, ReportPath+token, http.StatusSeeOther)
	return nil
}

// admit gives the key of a sentence when too much came from where r comes, or too
// many letters go to contact.
func (p *Pages) admit(r *http.Request, contact string) (notice string, err error) {
	err = p.Accounts.AdmitReport(r.Context(), p.Address(r))
	if problem.KindOf(err) == problem.TooMany {
		return "report.toomany", nil
	}
	if err != nil || contact == "" {
		return "", err
	}
	err = p.Accounts.AdmitMail(r.Context(), p.Address(r), contact)
	if problem.KindOf(err) == problem.TooMany {
		return "report.toomany.mail", nil
	}
	return "", err
}
