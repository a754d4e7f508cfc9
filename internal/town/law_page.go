package town

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Where the town hall fills in what the law asks for.
const lawPath = "/rathaus/recht"

// mountLaw enters the routes of the legal forms into r.
func (p *Pages) mountLaw(r chi.Router) {
	r.Get(lawPath, p.Web.Handle(p.Page(page.Staff(p.law))))
	for _, name := range Documents {
		r.Get(lawPath+"/"+name, p.Web.Handle(p.Page(page.Staff(func(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
			return p.showFacts(w, r, name, nil, nil)
		}))))
		r.Post(lawPath+"/"+name, p.Web.Handle(p.Form(page.StaffForm(func(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
			return p.changeFacts(w, r, who, name, in)
		}))))
	}
}

// lawView is what the law asks for, and what is missing.
type lawView struct {
	Hall page.Hall
	// Held says that federation and registration wait.
	Held      bool
	Documents []lawDocument
}

// lawDocument is a page that the law asks for.
type lawDocument struct {
	Key, Edit, Read string
	Lacks           []lackView
	// Own are the languages in which the town's own text counts, Text leads to it.
	Own  []string
	Text string
}

type lackView struct{ Key, Href string }

// shownLacks gives those that are filled in at one document.
func shownLacks(list []Lack, document string) []lackView {
	var shown []lackView
	for _, l := range list {
		if l.Document != document {
			continue
		}
		key := "law.gap"
		if l.Fact != "" {
			key = "law." + l.Fact
		}
		shown = append(shown, lackView{key, l.Href()})
	}
	return shown
}

// own gives the languages in which the town wrote a page itself.
func (p *Pages) own(r *http.Request, name string) ([]string, error) {
	var list []string
	for _, lang := range locale.Languages {
		t, err := p.Settings.Text(r.Context(), name, lang)
		if err != nil {
			return nil, err
		}
		if !t.Starting {
			list = append(list, lang)
		}
	}
	return list, nil
}

func (p *Pages) law(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	lacks, err := p.Lacks(r.Context(), p.Language)
	if err != nil {
		return err
	}
	hall, err := p.Frame(r, lawPath, p.Web.T(p.Web.Language(r), "law.title"), true)
	if err != nil {
		return err
	}
	hall.Lede = p.Web.T(p.Web.Language(r), "law.text")
	view := lawView{Hall: hall, Held: p.Held()}
	for _, name := range Documents {
		d := lawDocument{Key: "town." + name, Edit: lawPath + "/" + name, Read: "/" + name, Lacks: shownLacks(lacks, name), Text: textsPath + "/" + name}
		if d.Own, err = p.own(r, name); err != nil {
			return err
		}
		view.Documents = append(view.Documents, d)
	}
	return p.Web.Render(w, r, http.StatusOK, "town/law", web.Page{Title: hall.Heading, View: view})
}

// factsView is the form of one page.
type factsView struct {
	Hall page.Hall
	Read string
	// Own and Text are as in lawDocument.
	Own  []string
	Text string
	Form component.Form
	// Land is the chosen one, whose bodies stand where a field is empty; AsOf is the
	// year of the table.
	Land       Land
	AsOf       string
	Suggestion []suggestion
	// Unknown is true when the table does not say who looks at websites there, and
	// the town has not said it either.
	Unknown bool
}

// suggestion is what stands on the page while a field is empty.
type suggestion struct {
	Key  string
	Text component.SafeHTML
}

// suggested gives what the table says for the fields of a document.
func (l Land) suggested(document string) []suggestion {
	var list []suggestion
	add := func(field string, said ...string) {
		if len(said) > 0 && said[0] != "" {
			list = append(list, suggestion{"law." + document + "." + field, address(said)})
		}
	}
	switch document {
	case "datenschutz":
		add("authority", l.Authority...)
		add("act", l.PrivacyAct)
	case "barrierefreiheit":
		add("enforcement", l.Enforcement...)
		add("monitoring", l.Monitoring)
		add("act", l.AccessAct)
	}
	return list
}

// showFacts shows the form of a page: with what was typed and what is wrong, or
// with what stands there for in nil.
func (p *Pages) showFacts(w http.ResponseWriter, r *http.Request, document string, in *page.Input, wrong error) error {
	all, err := p.Facts(r.Context())
	if err != nil {
		return err
	}
	_, changed, err := p.facts(r.Context(), p.db.Read(), document)
	if err != nil {
		return err
	}
	now := url.Values{"version": {version(changed)}}
	for _, f := range facts[document] {
		now.Set(f.name, all[document+"."+f.name])
	}
	if in == nil {
		in = &page.Input{Values: now}
	}
	lang := p.Web.Language(r)
	hall, err := p.Frame(r, lawPath, p.Web.T(lang, "law."+document), false)
	if err != nil {
		return err
	}
	hall.Lede = p.Web.T(lang, "law."+document+".text")
	f := page.NewForm(p.Web, r, in, wrong)
	if errors.Is(wrong, object.ErrStale) {
		f.Compare(now)
		in.Set("version", version(changed))
	}
	f.Hide("version", in.Get("version"))
	p.factGroups(f, document)
	chosen := land(all["datenschutz.land"])
	view := factsView{
		Hall: hall, Read: "/" + document, Text: textsPath + "/" + document, Land: chosen, AsOf: strconv.Itoa(LandsAsOf), Suggestion: chosen.suggested(document),
		Form: f.Show(lawPath+"/"+document, component.Button{Key: "form.save"}),
	}
	view.Unknown = document == "barrierefreiheit" && chosen.Code != "" && chosen.Monitoring == "" && all["barrierefreiheit.monitoring"] == ""
	if view.Own, err = p.own(r, document); err != nil {
		return err
	}
	return p.Web.Render(w, r, f.Status(), "town/facts", web.Page{Title: hall.Heading, View: view})
}

// factGroups adds the fields of a document, by their groups.
func (p *Pages) factGroups(f *page.Form, document string) {
	var groups []string
	for _, one := range facts[document] {
		if !slices.Contains(groups, one.group) {
			groups = append(groups, one.group)
		}
	}
	for _, group := range groups {
		var fields []component.Field
		for _, one := range facts[document] {
			if one.group == group {
				fields = append(fields, p.factField(f.Lang, document, one))
			}
		}
		f.Group(group, fields...)
	}
}

func (p *Pages) factField(lang, document string, f fact) component.Field {
	key := "law." + document + "." + f.name
	field := component.Field{Kind: f.kind, Name: f.name, Key: key, Hint: key + ".hint", Free: f.required, Autocomplete: f.autocomplete}
	switch f.kind {
	case "textarea":
		field.Rows = 4
	case "number":
		field.Inputmode = "numeric"
	case "select":
		field.Options = []component.Option{{Label: p.Web.T(lang, "law.choose")}}
		for _, o := range f.options {
			label := land(o).Name
			if f.name != "land" {
				label = p.Web.T(lang, key+"."+o)
			}
			field.Options = append(field.Options, component.Option{Value: o, Label: label})
		}
	}
	return field
}

func (p *Pages) changeFacts(w http.ResponseWriter, r *http.Request, who *page.Person, document string, in *page.Input) error {
	at, err := in.Version()
	if err != nil {
		return err
	}
	given := Facts{}
	for _, f := range facts[document] {
		given[document+"."+f.name] = in.Get(f.name)
	}
	err = p.SetFacts(r.Context(), who.ID, given, at)
	if len(problem.FieldsOf(err)) > 0 || errors.Is(err, object.ErrStale) {
		return p.showFacts(w, r, document, in, err)
	}
	if err != nil {
		return err
	}
	lacks, err := p.Lacks(r.Context(), p.Language)
	if err != nil {
		return err
	}
	done := "law.saved"
	if len(shownLacks(lacks, document)) > 0 {
		done = "law.saved.gaps"
	}
	p.Flash(r, done)
	http.Redirect(w, r, lawPath+"/"+document, http.StatusSeeOther)
	return nil
}
