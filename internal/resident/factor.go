package resident

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// The pages of the second factor.
const (
	factorPath   = "/konto/zweiter-faktor"
	factorQRPath = factorPath + "/code.svg"
	codesPath    = factorPath + "/codes.txt"
)

// codeField asks for a code of the app.
func codeField(hint string) component.Field {
	return component.Field{Kind: "text", Name: "code", Key: "code.code", Hint: hint, Autocomplete: "one-time-code", Required: true}
}

// codePage asks who has shown a password for a code.
func (p *Pages) codePage(w http.ResponseWriter, r *http.Request) error {
	a, err := p.Awaited(r)
	if err != nil {
		return err
	}
	if a == nil {
		http.Redirect(w, r, "/anmelden", http.StatusSeeOther)
		return nil
	}
	return p.showCode(w, r, a, &page.Input{Values: r.URL.Query()}, nil)
}

func (p *Pages) showCode(w http.ResponseWriter, r *http.Request, a *account.Account, in *page.Input, wrong error) error {
	to := next(in.Values)
	in.Del("code")
	f := page.NewForm(p.Web, r, in, wrong)
	status := f.Status()
	if problem.KindOf(wrong) == problem.TooMany {
		status = http.StatusTooManyRequests
		f.Notice(p.Web.T(f.Lang, "error.429.text"))
	}
	f.Hide("weiter", to)
	f.Group("", codeField("code.hint"))
	return p.Web.Render(w, r, status, "resident/code", web.Page{Title: p.Web.T(f.Lang, "code.title"), Narrow: true, NoIndex: true, View: struct {
		Name string
		Form component.Form
	}{a.Name, f.Show(page.CodePath, component.Button{Key: "sign-in.do"})}})
}

func (p *Pages) enterCode(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	a, err := p.Awaited(r)
	if err != nil {
		return err
	}
	if a == nil {
		http.Redirect(w, r, "/anmelden", http.StatusSeeOther)
		return nil
	}
	_, err = p.EnterCode(r, a, in.Get("code"))
	if kind := problem.KindOf(err); kind == problem.Invalid || kind == problem.TooMany {
		return p.showCode(w, r, a, in, err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, next(in.Values), http.StatusSeeOther)
	return nil
}

type factorView struct {
	Crumbs []component.Crumb
	Done   string
	// Begun tells that a first code is awaited; Secret is what the app needs, in
	// groups of four, and QR the path of the same as a picture.
	On, Begun  bool
	Secret, QR string
	// App opens the app on the phone that shows the page.
	App   string
	Since time.Time
	Left  int
	// Form begins, confirms or ends it; Renew makes new recovery codes.
	Form, Cancel, Renew component.Form
	// Codes are new recovery codes, which are shown once.
	Codes []string
	// File are they as lines, and Keep gives them as a file.
	File string
	Keep component.Form
}

// mostCodes is how many codes a file may hold: more than anybody gets.
const mostCodes = 20

// recoveryCode is how a recovery code is written.
var recoveryCode = regexp.MustCompile(`^[a-z2-7]{4}(-[a-z2-7]{4}){3}$`)

func (p *Pages) factor(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showFactor(w, r, who, "", nil, nil)
}

// showFactor shows how it stands. act is the form in which something is wrong.
func (p *Pages) showFactor(w http.ResponseWriter, r *http.Request, who *page.Person, act string, wrong error, codes []string) error {
	ctx, status := r.Context(), http.StatusOK
	f, err := p.Accounts.Factor(ctx, who.ID)
	if err != nil {
		return err
	}
	view := factorView{Crumbs: p.crumbs("factor.title"), Done: p.Flashed(r), On: f.On(), Begun: f != nil && !f.On(), Codes: codes}
	var scripts []string
	if codes != nil {
		view.File = strings.Join(codes, "\n")
		view.Keep = p.button(r, codesPath, component.Button{Key: "factor.codes.file", Icon: "download", Plain: true}, "codes", strings.Join(codes, " "))
		scripts = []string{page.CopyScript}
	}
	ask := func(name, prefix string, b component.Button) component.Form {
		var e error
		if name == act {
			e = wrong
		}
		form := page.NewForm(p.Web, r, nothing(), e)
		form.Prefix = prefix
		form.Hide("act", name)
		form.Group("", codeField("factor.hint"))
		if e != nil {
			status = form.Status()
		}
		if problem.KindOf(e) == problem.TooMany {
			status = http.StatusTooManyRequests
			form.Notice(p.Web.T(form.Lang, "error.429.text"))
		}
		return form.Show(factorPath, b)
	}
	switch {
	case view.On:
		view.Since, view.Left = f.Since.In(p.Zone), f.Codes
		view.Form = ask("end", "", component.Button{Key: "factor.end.do", Danger: true})
		view.Renew = ask("renew", "renew-", component.Button{Key: "factor.renew.do", Plain: true})
	case view.Begun:
		secret, address, err := p.Accounts.FactorSecret(ctx, who.Account, p.Web.Town().Name)
		if err != nil {
			return err
		}
		view.Secret, view.QR, view.App = inFours(secret), factorQRPath, address
		view.Form = ask("confirm", "", component.Button{Key: "factor.confirm.do"})
		view.Cancel = p.button(r, factorPath, component.Button{Key: "factor.cancel", Plain: true}, "act", "cancel")
	default:
		view.Form = p.button(r, factorPath, component.Button{Key: "factor.begin.do", Icon: "shield"}, "act", "begin")
	}
	if view.Begun || codes != nil {
		w.Header().Set("Cache-Control", "no-store") // secrets are kept in no cache
	}
	return p.Web.Render(w, r, status, "resident/factor", web.Page{Title: p.Web.T(p.Web.Language(r), "factor.title"), Narrow: true, NoIndex: true, Scripts: scripts, View: view})
}

// codesFile gives the recovery codes, which the page that shows them once sends
// along, as a file. Nothing else can be had that way.
func (p *Pages) codesFile(w http.ResponseWriter, r *http.Request, _ *page.Person, in *page.Input) error {
	codes := strings.Fields(in.Get("codes"))
	if len(codes) == 0 || len(codes) > mostCodes || slices.ContainsFunc(codes, func(c string) bool { return !recoveryCode.MatchString(c) }) {
		return problem.Invalidf("these are no recovery codes")
	}
	lang, town := p.Web.Language(r), p.Web.Town().Name
	lines := append([]string{p.Web.T(lang, "factor.codes.of", town), p.Web.T(lang, "factor.codes.once"), ""}, codes...)
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+p.Web.T(lang, "factor.codes.filename")+`"`)
	h.Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, strings.Join(lines, "\r\n")+"\r\n") // who asked may have gone
	return nil
}

// inFours puts a blank after every fourth letter: so it is easier to type.
func inFours(s string) string {
	var b []byte
	for i := range len(s) {
		if i > 0 && i%4 == 0 {
			b = append(b, ' ')
		}
		b = append(b, s[i])
	}
	return string(b)
}

// factorQR shows the secret as a picture while it is being set up.
func (p *Pages) factorQR(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	_, address, err := p.Accounts.FactorSecret(r.Context(), who.Account, p.Web.Town().Name)
	if err != nil {
		return err
	}
	picture, err := page.DrawQR(address)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(picture) // who asked may have gone
	return nil
}

func (p *Pages) changeFactor(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, act := r.Context(), in.Get("act")
	var err error
	var codes []string
	done := ""
	switch act {
	case "begin":
		err = p.Accounts.BeginFactor(ctx, who.ID)
	case "cancel":
		err = p.Accounts.CancelFactor(ctx, who.ID)
	case "confirm":
		codes, err = p.Accounts.ConfirmFactor(ctx, who.ID, in.Get("code"))
	case "renew":
		codes, err = p.Accounts.RenewRecoveryCodes(ctx, who.ID, in.Get("code"))
	case "end":
		err, done = p.Accounts.EndFactor(ctx, who.ID, in.Get("code")), "factor.ended"
	default:
		err = problem.Invalidf("%q cannot be done to a second factor", act)
	}
	switch kind := problem.KindOf(err); {
	case len(problem.FieldsOf(err)) > 0 || kind == problem.TooMany:
		return p.showFactor(w, r, who, act, err, nil)
	case kind == problem.Conflict || kind == problem.NotFound: // it was done in another window
		http.Redirect(w, r, factorPath, http.StatusSeeOther)
		return nil
	case err != nil:
		return err
	case codes != nil:
		return p.showFactor(w, r, who, act, nil, codes)
	case done != "":
		return p.done(w, r, factorPath, done)
	}
	http.Redirect(w, r, factorPath, http.StatusSeeOther)
	return nil
}
