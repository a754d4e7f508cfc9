package page

import (
	"bytes"
	"context"
	"embed"
	"maps"
	"net/http"
	"net/url"
	"time"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
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
			if !in.Has(againEmail) {
				return g.again(w, r, in, nil)
			}
			var a *account.Account
			if a, err = g.accounts.SignIn(r.Context(), in.Get(againEmail), in.Get(againPassword), g.Address(r)); err != nil {
				return g.again(w, r, in, err)
			}
			if p, err = g.SignIn(r, a); err != nil {
				return err
			}
		}
		in.Del(againEmail)
		in.Del(againPassword)
		w.Header().Set("Cache-Control", "private, no-cache")
		return h(w, r, p, in)
	}
}

// The fields with which somebody signs in again in the middle of a form.
const (
	againEmail    = "again-email"
	againPassword = "again-password"
)

// HeldField is the field that names a picture which is held for a form.
const HeldField = "held"

// again asks who sent the form, and keeps what was typed.
func (g *Guard) again(w http.ResponseWriter, r *http.Request, in *Input, wrong error) error {
	status := http.StatusUnauthorized
	if problem.KindOf(wrong) == problem.TooMany {
		status = http.StatusTooManyRequests
	} else if wrong != nil && problem.KindOf(wrong) != problem.Invalid {
		return wrong
	}
	f := NewForm(g.Web, r, &Input{Values: url.Values{againEmail: {in.Get(againEmail)}}}, problem.Rename(wrong, "password", againPassword))
	if status == http.StatusTooManyRequests {
		f.Notice(f.Web.T(f.Lang, "error.429.text"))
	}
	f.Group("", component.Field{Kind: "email", Name: againEmail, Key: "sign-in.email", Autocomplete: "username", Required: true},
		component.Field{Kind: "password", Name: againPassword, Key: "sign-in.password", Autocomplete: "current-password", Required: true})
	rest := &Input{Values: maps.Clone(in.Values)}
	rest.Del(againPassword)
	f.In = rest
	f.HideAll(againEmail)
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
