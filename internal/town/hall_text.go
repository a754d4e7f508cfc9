package town

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Where the town hall writes the town's pages.
const textsPath = "/rathaus/seiten"

// listed is a page as the list shows it.
type listed struct {
	Key   string
	Texts []listedText
}

// listedText is a page in one language.
type listedText struct {
	Language, Edit, Read string
	Changed              time.Time
	Starting             bool
	// Gaps is how much is still to be filled in.
	Gaps int
}

type textsView struct {
	Hall  page.Hall
	Pages []listed
}

func (p *Pages) textList(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	told, err := p.Told(r.Context())
	if err != nil {
		return err
	}
	hall, err := p.Frame(r, textsPath, p.Web.T(p.Web.Language(r), "texts.title"), true)
	if err != nil {
		return err
	}
	hall.Lede = p.Web.T(p.Web.Language(r), "texts.text")
	view := textsView{Hall: hall}
	for _, name := range Names {
		one := listed{Key: "town." + name}
		for _, lang := range locale.Languages {
			t, err := p.Text(r.Context(), name, lang)
			if err != nil {
				return err
			}
			one.Texts = append(one.Texts, listedText{
				lang, editPath(name, lang), "/" + name + "?lang=" + lang, t.Changed.In(p.Zone), t.Starting, t.Gaps(told),
			})
		}
		view.Pages = append(view.Pages, one)
	}
	return p.Web.Render(w, r, http.StatusOK, "town/texts", web.Page{Title: hall.Heading, View: view})
}

func editPath(name, lang string) string { return textsPath + "/" + name + "?sprache=" + lang }

// past is what stood on a page once.
type past struct {
	Href     string
	Changed  time.Time
	By       string
	Starting bool
}

type textFormView struct {
	Hall page.Hall
	// Read leads to the page, Other to the form of the other language.
	Read, Other         string
	Language, OtherLang string
	Starting            bool
	Gaps                int
	Preview             component.SafeHTML
	Form                component.Form
	Reset               *component.Form
	Past                []past
}

// asked gives which page and language is asked for.
func asked(r *http.Request) (name, lang string, err error) {
	name, lang = chi.URLParam(r, "name"), r.URL.Query().Get("sprache")
	if lang == "" {
		lang = locale.Languages[0]
	}
	return name, lang, known(name, lang)
}

func (p *Pages) textForm(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	name, lang, err := asked(r)
	if err != nil {
		return err
	}
	t, err := p.Text(r.Context(), name, lang)
	if err != nil {
		return err
	}
	in := &page.Input{Values: url.Values{"text": {t.Source}, "version": {version(t.Changed)}}}
	if at := r.URL.Query().Get("stand"); at != "" {
		all, err := p.Versions(r.Context(), name, lang)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(t *Text) bool { return version(t.Changed) == at })
		if i < 0 {
			return problem.NotFoundf("there is no version %q of %s", at, name)
		}
		in.Set("text", all[i].Source)
	}
	return p.showText(w, r, name, lang, in, nil)
}

func (p *Pages) showText(w http.ResponseWriter, r *http.Request, name, lang string, in *page.Input, wrong error) error {
	ctx, reader := r.Context(), p.Web.Language(r)
	now, err := p.Text(ctx, name, lang)
	if err != nil {
		return err
	}
	told, err := p.Told(ctx)
	if err != nil {
		return err
	}
	hall, err := p.Frame(r, textsPath, p.Web.T(reader, "town."+name), false)
	if err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, in, wrong)
	if errors.Is(wrong, object.ErrStale) {
		f.Compare(url.Values{"text": {now.Source}})
		in.Set("version", version(now.Changed))
	}
	f.Hide("act", "save")
	f.Hide("language", lang)
	f.Hide("version", in.Get("version"))
	f.Group("", component.Field{Kind: "textarea", Name: "text", Key: "form.text", Hint: "texts.hint", Required: true, Rows: 24})
	other := otherLanguage(lang)
	view := textFormView{
		Hall: hall, Read: "/" + name + "?lang=" + lang, Other: editPath(name, other), Language: lang, OtherLang: other, Starting: now.Starting,
		Gaps: (&Text{Language: lang, Source: in.Get("text")}).Gaps(told),
		Form: f.Show(textsPath+"/"+name, component.Button{Key: "form.save"}, component.Button{Key: "form.look", Name: "preview", Value: "1", Plain: true}),
	}
	if in.Get("preview") != "" {
		view.Preview = (&Text{Language: lang, Source: in.Get("text")}).HTML(told)
	}
	if !now.Starting {
		reset := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
		reset.Hide("act", "reset")
		reset.Hide("language", lang)
		form := reset.Show(textsPath+"/"+name, component.Button{Key: "texts.reset", Plain: true})
		view.Reset = &form
	}
	if view.Past, err = p.past(r, name, lang); err != nil {
		return err
	}
	return p.Web.Render(w, r, f.Status(), "town/edit", web.Page{Title: hall.Heading, View: view})
}

// past lists the versions of a page with who wrote them.
func (p *Pages) past(r *http.Request, name, lang string) ([]past, error) {
	all, err := p.Versions(r.Context(), name, lang)
	if err != nil {
		return nil, err
	}
	var list []past
	for _, t := range all {
		one := past{Href: editPath(name, lang) + "&stand=" + url.QueryEscape(version(t.Changed)), Changed: t.Changed.In(p.Zone), Starting: t.Starting}
		if t.AccountID == actor.Operator {
			one.By = p.Web.T(p.Web.Language(r), "edits.operator")
		} else if a, err := p.Accounts.Find(r.Context(), t.AccountID); err == nil {
			one.By = a.Name
		} else if problem.KindOf(err) != problem.NotFound {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (p *Pages) changeText(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	name, lang := chi.URLParam(r, "name"), in.Get("language")
	if err := known(name, lang); err != nil {
		return err
	}
	if in.Get("preview") != "" {
		return p.showText(w, r, name, lang, in, nil)
	}
	at, err := in.Version()
	if err != nil {
		return err
	}
	done := "townhall.saved"
	switch in.Get("act") {
	case "save":
		err = p.SetText(r.Context(), who.ID, name, lang, in.Get("text"), at)
	case "reset":
		done = "texts.reset.done"
		err = p.ResetText(r.Context(), who.ID, name, lang)
	default:
		err = problem.Invalidf("%q cannot be done to a page", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 || errors.Is(err, object.ErrStale) {
		return p.showText(w, r, name, lang, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, done)
	http.Redirect(w, r, editPath(name, lang), http.StatusSeeOther)
	return nil
}
