package volunteer

import (
	"context"
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/pledge"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Files are the templates and words of applications.
//
//go:embed *.html *.toml
var Files embed.FS

// Where the pages are. Path is that of opportunities.
const (
	Path      = "/ehrenamt/"
	applyPath = "/mitmachen"
	listPath  = "/bewerbungen"
	// OwnPath is where a person sees what he or she asked for, and linkPath where
	// who has no account does, by the link of a letter.
	OwnPath  = "/meine-einsaetze"
	linkPath = "/einsatz"
)

// ApplyHref leads to where one applies to the opportunity with this key, ListHref
// to where its club sees who did.
func ApplyHref(key string) string { return Path + key + applyPath }

// ListHref leads to where the club of an opportunity sees who applied.
func ListHref(key string) string { return Path + key + listPath }

// Pages shows them.
type Pages struct {
	*page.Guard
	Applications *application.Applications
	Pledges      *pledge.Pledges
	Accounts     *account.Accounts
	Actors       *actor.Actors
	Letters      *page.Letters
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get(Path+"{key}"+applyPath, p.Web.Handle(p.form))
	r.Post(Path+"{key}"+applyPath, p.Web.Handle(p.apply))
	r.Get(Path+"{key}"+applyPath+thanksPath, p.Web.Handle(p.thanks))
	r.Get(OwnPath, p.Web.Handle(p.Page(p.own)))
	r.Get(OwnPath+"/{id}", p.Web.Handle(p.Page(p.ownOne)))
	r.Post(OwnPath+"/{id}", p.Web.Handle(p.Form(p.ownAct)))
	r.Get(farPath, p.Web.Handle(p.Page(p.farForm)))
	r.Post(farPath, p.Web.Handle(p.Form(p.farApply)))
	r.Get(OwnPath+"/{id}"+receiptPath+"{receipt}", p.Web.Handle(p.Page(p.ownReceipt)))
	r.Get(Path+"{key}"+listPath+"/{id}"+receiptPath+"{receipt}", p.Web.Handle(p.Page(p.clubReceipt)))
	r.Get(OwnPath+"/{id}"+calendarPath, p.Web.Handle(p.Page(p.ownCalendar)))
	r.Get(OwnPath+"/{id}"+proofPath, p.Web.Handle(p.Page(p.ownProof)))
	r.Get(linkPath+"/{token}", p.Web.Handle(p.linked))
	r.Post(linkPath+"/{token}", p.Web.Handle(p.linkedAct))
	r.Get(linkPath+"/{token}"+calendarPath, p.Web.Handle(p.linkedCalendar))
	r.Get(linkPath+"/{token}"+proofPath, p.Web.Handle(p.linkedProof))
	r.Get(page.ApplicationsPath, p.Web.Handle(p.Page(p.desk)))
	r.Get(Path+"{key}"+listPath, p.Web.Handle(p.Page(p.list)))
	r.Get(Path+"{key}"+listPath+sheetPath, p.Web.Handle(p.Page(p.sheet)))
	r.Get(Path+"{key}"+listPath+paperPath, p.Web.Handle(p.Page(p.paper)))
	r.Get(Path+"{key}"+listPath+"/{id}", p.Web.Handle(p.Page(p.one)))
	r.Post(Path+"{key}"+listPath+"/{id}", p.Web.Handle(p.Form(p.oneAct)))
}

// need gives what the address names.
func (p *Pages) need(ctx context.Context, r *http.Request) (*application.Need, error) {
	n, err := p.Applications.Need(ctx, p.Applications.Reader(), p.Actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err == nil && n.Gone {
		err = problem.Gonef("%s was deleted", n.ID)
	}
	if err == nil && n.Hidden {
		err = problem.NotFoundf("%s is hidden", n.ID)
	}
	return n, err
}

// about is what pages say of an opportunity.
type about struct {
	Title, Href, Club, ClubHref, Place string
	// Letters stand for the club.
	Letters string
}

func (p *Pages) about(n *application.Need, title string) about {
	a := about{Title: n.Name, Href: p.local(n.URL), Club: n.Club, ClubHref: p.local(n.ClubURL), Place: n.Place, Letters: component.Letters(n.Club)}
	if n.Gone || n.Hidden {
		a.Title, a.Href = title, ""
	}
	return a
}

// local gives the path of one of our own addresses.
func (p *Pages) local(address string) string {
	return strings.TrimPrefix(address, p.Actors.Site().Origin)
}

// when says when a shift is: "Sa., 11. Juli, 14 bis 15:30 Uhr", with the year only
// when that is another one than now.
func when(lang string, start, end time.Time, zone *time.Location) string {
	if start.IsZero() {
		return ""
	}
	start, end, now := start.In(zone), end.In(zone), time.Now()
	if clock := locale.Clock(lang, start, end, false); clock != "" {
		return locale.ShortDate(lang, start, now) + ", " + clock
	}
	return locale.ShortRange(lang, start, end, false, now)
}

// button gives a form that is one button with hidden values.
func (p *Pages) button(r *http.Request, action string, b component.Button, hidden ...string) component.Form {
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	for i := 1; i < len(hidden); i += 2 {
		f.Hide(hidden[i-1], hidden[i])
	}
	return f.Show(action, b)
}

// doneQuery says in an address what was just done: who has only a link has no
// session that could keep it.
const doneQuery = "erledigt"

// dones are the words of addresses for what was done, with the keys of their
// sentences.
var dones = map[string]string{
	"gesendet": "volunteer.done.sent", "bestaetigt": "volunteer.done.confirmed", "zurueckgezogen": "volunteer.done.withdrawn", "geaendert": "volunteer.done.changed",
	"geschrieben": "volunteer.done.written", "uebernommen": "volunteer.done.taken", "zurueckgegeben": "volunteer.done.given", "angeboten": "volunteer.done.offered",
	"behalten": "volunteer.done.kept", "stunden": "volunteer.done.hours", "schon": "volunteer.done.twice", "angenommen": "volunteer.done.accepted", "abgelehnt": "volunteer.done.declined",
	"fertig": "volunteer.done.finished",
}

func done(r *http.Request) string { return dones[r.URL.Query().Get(doneQuery)] }

// fitting are the states of an application to which the words of an address belong:
// an address is kept, and what it says is not true for ever.
var fitting = map[string][]string{
	"gesendet": {application.Asked, application.Talking}, "bestaetigt": {application.Asked, application.Talking}, "zurueckgezogen": {application.Withdrawn},
	"angenommen": {application.Accepted}, "abgelehnt": {application.Declined}, "fertig": {application.Done},
}

// doneWith is done where that is still true of the application.
func doneWith(r *http.Request, h *application.Helper) string {
	states := fitting[r.URL.Query().Get(doneQuery)]
	if len(states) > 0 && !slices.Contains(states, h.State) {
		return ""
	}
	return done(r)
}

// back leads to path, where word says what was done.
func back(w http.ResponseWriter, r *http.Request, path, word string) error {
	http.Redirect(w, r, path+"?"+url.Values{doneQuery: {word}}.Encode(), http.StatusSeeOther)
	return nil
}

// render shows a page that is for one person.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name, title string, narrow bool, view any) error {
	w.Header().Set("Cache-Control", "private, no-cache")
	shown := web.Page{Title: title, Narrow: narrow || name == "one" || name == "club" || name == "paper", NoIndex: true, View: view}
	if name == "paper" || name == "proof" {
		shown.Scripts = []string{page.PrintScript}
	}
	return p.Web.Render(w, r, status, "volunteer/"+name, shown)
}
