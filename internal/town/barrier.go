package town

import (
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Where a barrier is reported, and where that has worked.
const (
	barrierPath   = "/barriere-melden"
	barrierThanks = barrierPath + "/danke"
)

// maxBarrier and maxWhere are how long the answers of the form may be, in
// characters.
const (
	maxBarrier = 4000
	maxWhere   = 300
)

// barrierForm is the name of the form for its seal.
const barrierForm = "barrier form"

type barrierView struct {
	Links   []link
	Form    component.Form
	Contact component.SafeHTML
}

func (p *Pages) barrier(w http.ResponseWriter, r *http.Request) error {
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}}}
	if from := r.URL.Query().Get("seite"); strings.HasPrefix(from, "/") {
		in.Set("where", markup.Name(from, maxWhere))
	}
	return p.showBarrier(w, r, in, http.StatusOK, "", nil)
}

// showBarrier shows the form with what stands in it already. notice is the key
// of a sentence above it, or "".
func (p *Pages) showBarrier(w http.ResponseWriter, r *http.Request, in *page.Input, status int, notice string, wrong error) error {
	told, err := p.Told(r.Context())
	if err != nil {
		return err
	}
	if err := p.Stamp(r.Context(), barrierForm, in); err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	if notice != "" {
		f.Notice(p.Web.T(f.Lang, notice))
	}
	f.Hide("key", in.Get("key"))
	f.Hide("time", in.Get("time"))
	f.Group("", component.Field{Kind: "textarea", Name: "what", Key: "barrier.what", Hint: "barrier.what.hint", Required: true, Rows: 5},
		component.Field{Kind: "text", Name: "where", Key: "barrier.where", Hint: "barrier.where.hint"},
		component.Field{Kind: "text", Name: "contact", Key: "barrier.contact", Hint: "barrier.contact.hint"},
		component.Field{Kind: "text", Name: page.Trap, Key: "barrier.trap", Autocomplete: "off"})
	if status == http.StatusOK {
		status = f.Status()
	}
	lang := f.Lang
	// Its time and its key count: it comes from no memory but that of the browser
	// on the way back, with all that was typed, and is the same report then.
	w.Header().Set("Cache-Control", "private, no-cache")
	return p.Web.Render(w, r, status, "town/barrier", web.Page{
		Title: p.Web.T(lang, "barrier.title"), Description: p.Web.T(lang, "barrier.text"), Canonical: p.origin() + barrierPath,
		View: barrierView{links(barrierPath), f.Show(barrierPath, component.Button{Key: "barrier.send", Icon: "mail"}), address(told.Contact())},
	})
}

func checkBarrier(in *page.Input) error {
	var errs problem.Fields
	switch n := utf8.RuneCountInString(markup.Typed(in.Get("what"))); {
	case n == 0:
		errs.Add("what", "Please say what does not work; one sentence is enough.")
	case n > maxBarrier:
		errs.Add("what", "This is longer than %d characters; please shorten it.", maxBarrier)
	}
	for _, field := range []string{"where", "contact"} {
		if utf8.RuneCountInString(in.Get(field)) > maxWhere {
			errs.Add(field, "This is longer than %d characters; please shorten it.", maxWhere)
		}
	}
	if contact := markup.Name(in.Get("contact"), maxWhere); contact != "" && !reachable(contact) {
		errs.Add("contact", "We cannot reach anybody there. Please write a mail address or a telephone number, or leave it empty.")
	}
	return errs.Err()
}

// fewest is how many digits the shortest telephone number of a village has.
const fewest = 3

// reachable tells whether a mail address or a telephone number stands in s,
// whatever else does.
func reachable(s string) bool {
	for _, word := range strings.Fields(s) {
		if a, err := mail.ParseAddress(strings.Trim(word, ",;()<>")); err == nil && strings.Contains(a.Address, ".") {
			return true
		}
	}
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits >= fewest
}

// report takes the form of somebody who has no account. Nothing that was typed
// is lost when it must be sent again.
func (p *Pages) report(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	key, err := in.Key()
	if err != nil { // it lay for a month, or is of a program
		key = ""
		in.Set("key", page.NewKey())
	}
	if err := checkBarrier(in); err != nil {
		return p.showBarrier(w, r, in, http.StatusOK, "", err)
	}
	hasty, err := p.Hasty(r.Context(), barrierForm, in)
	if err != nil {
		return err
	}
	if hasty || key == "" {
		in.Del("time") // whatever was wrong, the form is handed out anew
		return p.showBarrier(w, r, in, http.StatusUnprocessableEntity, "barrier.again", nil)
	}
	err = p.Accounts.AdmitReport(r.Context(), p.Address(r))
	if problem.KindOf(err) == problem.TooMany {
		return p.showBarrier(w, r, in, http.StatusTooManyRequests, "barrier.toomany", nil)
	}
	if err != nil {
		return err
	}
	if err := p.Moderation.FileBarrier(r.Context(), key, in.Get("what"), in.Get("where"), in.Get("contact")); err != nil {
		return err
	}
	http.Redirect(w, r, barrierThanks, http.StatusSeeOther)
	return nil
}

type thanksView struct {
	Links                []link
	Contact, Enforcement component.SafeHTML
}

func (p *Pages) thanks(w http.ResponseWriter, r *http.Request) error {
	told, err := p.Told(r.Context())
	if err != nil {
		return err
	}
	p.Web.Keep(r, barrierThanks, time.Time{})
	return p.Web.Render(w, r, http.StatusOK, "town/thanks", web.Page{
		Title: p.Web.T(p.Web.Language(r), "barrier.thanks"), NoIndex: true, View: thanksView{links(barrierThanks), address(told.Contact()), address(told.Enforcement())},
	})
}
