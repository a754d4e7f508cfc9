package page

import (
	"bytes"
	"context"
	"embed"
	"maps"
	"net/http"
	"net/url"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words that pages of all kinds share, and the
// German of the sentences that say what is wrong.
//
//go:embed *.html *.toml
var Files embed.FS

// A Guard stands before pages and forms that are for people who are signed in.
type Guard struct {
	*Sessions
	Web      *web.Site
	Objects  *object.Objects
	Pictures *object.Pictures
	Drafts   *draft.Drafts
	Foreign  Foreign
	// Care knows when things were confirmed last.
	Care *care.Care
	// Zone is the town's.
	Zone *time.Location
}

// Foreign gives pictures from other servers as paths on this one, so that no
// reader is sent there.
type Foreign interface {
	// Icon is that of an actor, ours too; "" for none.
	Icon(ctx context.Context, a *actor.Actor) string
	// Of are the pictures of an answer.
	Of(ctx context.Context, o *object.Object) []component.Picture
}

// A PersonHandler shows a person a page.
type PersonHandler func(w http.ResponseWriter, r *http.Request, p *Person) error

// Page lets people who are signed in see a page and leads others to sign in.
func (g *Guard) Page(h PersonHandler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := g.Who(r)
		if err != nil {
			return err
		}
		if p == nil {
			if !web.WantsHTML(r) {
				return problem.SignedOutf("nobody is signed in")
			}
			http.Redirect(w, r, "/anmelden?"+url.Values{"weiter": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
			return nil
		}
		w.Header().Set("Cache-Control", "private, no-cache")
		return h(w, r, p)
	}
}

// A FormHandler takes what a person sent.
type FormHandler func(w http.ResponseWriter, r *http.Request, p *Person, in *Input) error

// Form reads a form and hands it to h. Who is not signed in any more is asked
// for mail address and password, with all that was typed kept in the page; what
// is sent then is the same form, and is published at once.
func (g *Guard) Form(h FormHandler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := Read(w, r)
		if err != nil {
			return err
		}
		p, err := g.Who(r)
		if err != nil {
			return err
		}
		if p == nil {
			var asked bool
			if p, asked, err = g.reenter(w, r, in); p == nil || err != nil {
				if asked || err != nil {
					return err
				}
				return g.again(w, r, in, nil)
			}
		}
		for _, name := range againFields {
			in.Del(name)
		}
		w.Header().Set("Cache-Control", "private, no-cache")
		return h(w, r, p, in)
	}
}

// The fields with which somebody signs in again in the middle of a form.
const (
	againEmail    = "again-email"
	againPassword = "again-password"
	againCode     = "again-code"
)

var againFields = []string{againEmail, againPassword, againCode}

// reenter signs in who sent a form, by what it says for that. Asked tells that
// the answer asks for more; nobody and not asked that the form says nothing.
func (g *Guard) reenter(w http.ResponseWriter, r *http.Request, in *Input) (p *Person, asked bool, err error) {
	ctx := r.Context()
	if in.Has(againCode) {
		a, err := g.Awaited(r)
		if a == nil || err != nil {
			return nil, false, err
		}
		if p, err = g.EnterCode(r, a, in.Get(againCode)); err != nil {
			return nil, true, g.askAgain(w, r, in, problem.Rename(err, "code", againCode), codeField(againCode))
		}
		return p, false, nil
	}
	if !in.Has(againEmail) {
		return nil, false, nil
	}
	a, err := g.accounts.SignIn(ctx, in.Get(againEmail), in.Get(againPassword), g.Address(r))
	if err != nil {
		return nil, true, g.again(w, r, in, err)
	}
	f, err := g.accounts.Factor(ctx, a.ID)
	if err != nil {
		return nil, false, err
	}
	if f.On() {
		if err := g.await(r, a); err != nil {
			return nil, false, err
		}
		return nil, true, g.askAgain(w, r, in, nil, codeField(againCode))
	}
	p, err = g.SignIn(r, a)
	return p, false, err
}

// codeField asks for the code of a second factor.
func codeField(name string) component.Field {
	return component.Field{Kind: "text", Name: name, Key: "code.code", Hint: "code.hint", Autocomplete: "one-time-code", Required: true}
}

// HeldField is the field that names a picture which is held for a form.
const HeldField = "held"

// again asks who sent the form, and keeps what was typed.
func (g *Guard) again(w http.ResponseWriter, r *http.Request, in *Input, wrong error) error {
	return g.askAgain(w, r, in, problem.Rename(wrong, "password", againPassword),
		component.Field{Kind: "email", Name: againEmail, Key: "sign-in.email", Autocomplete: "username", Required: true},
		component.Field{Kind: "password", Name: againPassword, Key: "sign-in.password", Autocomplete: "current-password", Required: true})
}

// askAgain asks for fields, and keeps what else was typed.
func (g *Guard) askAgain(w http.ResponseWriter, r *http.Request, in *Input, wrong error, fields ...component.Field) error {
	status := http.StatusUnauthorized
	if problem.KindOf(wrong) == problem.TooMany {
		status = http.StatusTooManyRequests
	} else if wrong != nil && problem.KindOf(wrong) != problem.Invalid {
		return wrong
	}
	f := NewForm(g.Web, r, &Input{Values: url.Values{againEmail: {in.Get(againEmail)}}}, wrong)
	if status == http.StatusTooManyRequests {
		f.Notice(f.Web.T(f.Lang, "error.429.text"))
	}
	f.Group("", fields...)
	f.In = &Input{Values: maps.Clone(in.Values)}
	f.HideAll(againFields...)
	lost := false
	if in.Image != nil {
		held, err := g.hold(r, in)
		if lost = err != nil; !lost {
			f.Hide(HeldField, held.ID)
		}
	}
	return g.Web.Render(w, r, status, "page/again", web.Page{
		Narrow: true, Title: f.Web.T(f.Lang, "again.title"),
		View: struct {
			Form component.Form
			Lost bool
		}{f.Show(r.URL.Path, component.Button{Key: "again.send"}), lost},
	})
}

// hold keeps the picture of a form of somebody who is not signed in any more.
func (g *Guard) hold(r *http.Request, in *Input) (*object.Held, error) {
	if err := g.accounts.AdmitUpload(r.Context(), g.Address(r)); err != nil {
		return nil, err
	}
	return g.Pictures.Hold(r.Context(), bytes.NewReader(in.Image))
}
