package resident

import (
	"context"
	"net/http"
	"net/url"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/notification"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

const settingsPath = "/konto/einstellungen"

// kinds are those of which a person may have news.
func kinds(who *page.Person) []notification.Kind {
	return notification.For(len(who.Clubs) > 0, who.Staff(), who.Hall())
}

func (p *Pages) settings(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	choices, err := p.Notifications.Choices(r.Context(), who.ID)
	if err != nil {
		return err
	}
	v := url.Values{"name": {who.Name}, "language": {who.Language}}
	for k, pace := range choices {
		v.Set(string(k), string(pace))
	}
	return p.showSettings(w, r, who, &page.Input{Values: v}, nil)
}

func (p *Pages) showSettings(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	f := page.NewForm(p.Web, r, in, wrong)
	f.Group("settings.name", component.Field{Kind: "text", Name: "name", Key: "settings.name.label", Hint: "settings.name.hint", Autocomplete: "name", Required: true})
	f.Group("settings.language", component.Field{Kind: "select", Name: "language", Key: "settings.language.label", Hint: "settings.language.hint", Required: true, Options: []component.Option{
		{Value: "", Label: p.Web.T(f.Lang, "settings.language.browser")}, {Value: "de", Label: "Deutsch"}, {Value: "en", Label: "English"},
	}})
	var fields []component.Field
	for _, k := range kinds(who) {
		field := component.Field{Kind: "select", Name: string(k), Key: "settings.kind." + string(k), Required: true}
		for _, pace := range notification.Paces {
			field.Options = append(field.Options, component.Option{Value: string(pace), Label: p.Web.T(f.Lang, "settings.pace."+string(pace))})
		}
		fields = append(fields, field)
	}
	if len(fields) > 0 {
		f.Group("settings.mails", fields...)
	}
	return p.Web.Render(w, r, f.Status(), "resident/settings", web.Page{Title: p.Web.T(f.Lang, "settings.title"), Narrow: true, View: struct {
		Crumbs []component.Crumb
		Done   string
		Form   component.Form
		// None says that nothing can be new for the person, NoMail that the town
		// sends no mail.
		None, NoMail bool
	}{
		p.crumbs("settings.title"),
		p.Flashed(r), f.Show(settingsPath, component.Button{Key: "form.save"}), len(fields) == 0, !p.MailReady(),
	}})
}

func (p *Pages) changeSettings(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	choices := notification.Choices{}
	for _, k := range kinds(who) {
		if in.Has(string(k)) {
			choices[k] = notification.Pace(in.Get(string(k)))
		}
	}
	err := p.Accounts.SetProfile(r.Context(), who.ID, in.Get("name"), in.Get("language"), func(ctx context.Context, tx bun.Tx) error {
		return p.Notifications.ChooseIn(ctx, tx, who.ID, choices)
	})
	if problem.KindOf(err) == problem.Invalid {
		return p.showSettings(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, settingsPath, "settings.saved")
}
