package resident

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// unsubscription reads the link of a mail: whose it is and which kinds of mail
// it ends.
func (p *Pages) unsubscription(r *http.Request) (accountID string, kinds []notification.Kind, ok bool, err error) {
	secret, err := p.Secret(r.Context())
	if err != nil {
		return "", nil, false, err
	}
	accountID, kinds, ok = notification.ReadToken(secret, chi.URLParam(r, "token"))
	return accountID, kinds, ok, nil
}

type unsubscribeView struct {
	// Done are the keys of what was ended; nil when nothing was yet.
	Done []string
	// All ends them all, Forms one kind each.
	All   component.Form
	Forms []stopForm
}

// stopForm is one kind of mail with the button that ends it.
type stopForm struct {
	Key  string
	Form component.Form
}

// unsubscribeForm asks before anything ends: programs open links in mails, too.
func (p *Pages) unsubscribeForm(w http.ResponseWriter, r *http.Request) error {
	_, kinds, ok, err := p.unsubscription(r)
	if err != nil {
		return err
	}
	if !ok {
		return p.noUnsubscription(w, r)
	}
	press := func(key, kind string) component.Form {
		f := page.NewForm(p.Web, r, nothing(), nil)
		if kind != "" {
			f.Hide("kind", kind)
		}
		return f.Show(r.URL.Path, component.Button{Key: key, Plain: kind != ""})
	}
	view := unsubscribeView{All: press("unsubscribe.all", "")}
	if len(kinds) > 1 {
		for _, k := range kinds {
			view.Forms = append(view.Forms, stopForm{"settings.kind." + string(k), press("unsubscribe.one", string(k))})
		}
	}
	return p.showUnsubscribe(w, r, view)
}

// unsubscribe ends mails, by the button of the page or at once by a program for
// mails (RFC 8058 3.2). Who has the link may do so without signing in.
func (p *Pages) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	accountID, kinds, ok, err := p.unsubscription(r)
	if err != nil {
		return err
	}
	if !ok {
		return p.noUnsubscription(w, r)
	}
	if one := notification.Kind(in.Get("kind")); slices.Contains(kinds, one) {
		kinds = []notification.Kind{one}
	}
	if err := p.Notifications.Stop(r.Context(), accountID, kinds); err != nil {
		return err
	}
	var view unsubscribeView
	for _, k := range kinds {
		view.Done = append(view.Done, "settings.kind."+string(k))
	}
	return p.showUnsubscribe(w, r, view)
}

func (p *Pages) showUnsubscribe(w http.ResponseWriter, r *http.Request, view unsubscribeView) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	title := p.Web.T(p.Web.Language(r), "unsubscribe.title")
	return p.Web.Render(w, r, http.StatusOK, "resident/unsubscribe", web.Page{Title: title, Narrow: true, NoIndex: true, View: view})
}

func (p *Pages) noUnsubscription(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: p.Web.T(p.Web.Language(r), "unsubscribe.gone"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "unsubscribe.gone", Href: "/anmelden?" + url.Values{"weiter": {settingsPath}}.Encode(), ActionKey: "unsubscribe.gone.do"},
	})
}
