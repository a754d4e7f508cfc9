package town

import (
	"context"
	"embed"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Files are the templates and words of the town's own pages.
//
//go:embed *.html *.toml
var Files embed.FS

// Pages shows what the town says of itself, takes reports of barriers, and lets
// the town hall change it all.
type Pages struct {
	*Settings
	*page.Guard
	Accounts   *account.Accounts
	Moderation *moderation.Moderation
	// Frame gives the frame of the pages for the town hall.
	Frame page.HallFrame
	// Language is that of the town. Held tells whether federation and registration
	// wait for what the law asks for.
	Language string
	Held     func() bool
	// Count counts what stands here of a kind of thing.
	Count func(ctx context.Context, kind string) (int, error)
	// Words are the town's own lists of words.
	Words *term.Terms
	// Running says how the town is set up now.
	Running func(ctx context.Context) (Running, error)
	// Notices is what lies beside what the town hall announces.
	Notices Notices
	// Connections lists the servers with which the town is connected.
	Connections func(ctx context.Context) ([]activity.Connection, error)
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	for _, name := range Names {
		r.Get("/"+name, p.Web.Handle(func(w http.ResponseWriter, r *http.Request) error { return p.show(w, r, name) }))
	}
	r.Get(colours+"{name}", p.Web.Handle(stylesheet))
	r.Get(iconPath, p.Web.Handle(p.icon))
	r.Get(securityPath, p.Web.Handle(p.security))
	r.Get(barrierPath, p.Web.Handle(p.barrier))
	r.Post(barrierPath, p.Web.Handle(p.report))
	r.Get(barrierThanks, p.Web.Handle(p.thanks))
	r.Get(lookPath, p.Web.Handle(p.Page(page.Staff(p.lookForm))))
	r.Post(lookPath, p.Web.Handle(p.Form(page.StaffForm(p.changeLook))))
	r.Get(alertsPath, p.Web.Handle(p.Page(page.Staff(p.alertForm))))
	r.Post(alertsPath, p.Web.Handle(p.Form(page.StaffForm(p.changeAlerts))))
	r.Get(modulesPath, p.Web.Handle(p.Page(page.Staff(p.moduleList))))
	r.Post(modulesPath, p.Web.Handle(p.Form(page.StaffForm(p.switchModule))))
	r.Get(mannerPath, p.Web.Handle(p.Page(page.Staff(p.mannerForm))))
	r.Post(mannerPath, p.Web.Handle(p.Form(page.StaffForm(p.changeManner))))
	r.Get(wordsPath, p.Web.Handle(p.Page(page.Staff(p.wordList))))
	r.Post(wordsPath, p.Web.Handle(p.Form(page.StaffForm(p.changeWords))))
	r.Get(wordsPath+"/{list}/{key}", p.Web.Handle(p.Page(page.Staff(p.wordForm))))
	r.Post(wordsPath+"/{list}/{key}", p.Web.Handle(p.Form(page.StaffForm(p.changeWord))))
	r.Get(termsPath, p.Web.Handle(p.Page(page.Staff(p.termForm))))
	r.Post(termsPath, p.Web.Handle(p.Form(page.StaffForm(p.changeTerms))))
	p.mountLaw(r)
	p.mountOpenly(r)
	p.mountNotices(r)
	p.mountRecords(r)
	r.Get(textsPath, p.Web.Handle(p.Page(page.Staff(p.textList))))
	r.Get(textsPath+"/{name}", p.Web.Handle(p.Page(page.Staff(p.textForm))))
	r.Post(textsPath+"/{name}", p.Web.Handle(p.Form(page.StaffForm(p.changeText))))
}

// link is an entry of the list beside the pages.
type link struct {
	Key, Href string
	Current   bool
}

func links(path string) []link {
	var list []link
	for _, name := range Names {
		list = append(list, link{"town." + name, "/" + name, path == "/"+name})
	}
	return append(list, link{"open.title", OpenPath, path == OpenPath}, link{"barrier.title", barrierPath, path == barrierPath})
}

type textView struct {
	Links   []link
	Key     string
	Content component.SafeHTML
	// Lang is the language of the text where it is not that of the page.
	Lang string
	// Changed is when the text was written; zero for one that comes with the
	// program. Draft says that the town has not filled in all of that one.
	Changed time.Time
	Draft   bool
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, name string) error {
	lang := p.Web.Language(r)
	told, err := p.Told(r.Context())
	if err != nil {
		return err
	}
	t, err := p.shown(r.Context(), told, name, lang)
	if err != nil {
		return err
	}
	view := textView{Links: links("/" + name), Key: "town." + name, Content: t.Shown(told, p.Web.Open), Draft: t.Starting && t.Gaps(told) > 0}
	if t.Language != lang {
		view.Lang = t.Language
	}
	if !t.Starting {
		view.Changed = t.Changed.In(p.Zone)
	}
	const most = 200
	p.Web.Keep(r, "/"+name, time.Time{})
	return p.Web.Render(w, r, http.StatusOK, "town/text", web.Page{
		Title: p.Web.T(lang, view.Key), Description: markup.Name(strings.ReplaceAll(markup.Text(string(view.Content)), "\n", " "), most),
		Canonical: p.origin() + "/" + name, View: view,
	})
}

// name gives the name of the town.
func (s *Settings) name(look *Look) string {
	if look.Name != "" {
		return look.Name
	}
	return s.actors.Site().Name
}

func (s *Settings) origin() string { return s.actors.Site().Origin }

// otherLanguage gives the language that lang is not.
func otherLanguage(lang string) string {
	for _, l := range locale.Languages {
		if l != lang {
			return l
		}
	}
	return lang
}
