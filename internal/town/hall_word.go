package town

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// wordsPath is where the town hall keeps the lists of words; below it, under the
// name of a list and the key of a word, is where one word is changed.
const wordsPath = "/rathaus/begriffe"

// shownWord is a word in its list.
type shownWord struct {
	term.Term
	// N is how many things have it.
	N    int
	Edit string
	// Raise puts it one higher; nil for the first.
	Raise  *component.Form
	Retire component.Form
}

type wordsView struct {
	Hall page.Hall
	Tabs component.Segments
	List string
	// Terms are offered, Retired are not any more.
	Terms, Retired []shownWord
	Add, Restore   component.Form
}

// wordsHref leads to a list.
func wordsHref(list string) string { return wordsPath + "?" + url.Values{"liste": {list}}.Encode() }

func (p *Pages) wordList(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	list := r.URL.Query().Get("liste")
	if lists := p.usedLists(); list == "" && len(lists) > 0 {
		list = lists[0].Name
	}
	return p.showWords(w, r, list, &page.Input{Values: url.Values{}}, nil)
}

// usedLists are the lists of words of what the town uses.
func (p *Pages) usedLists() []term.List {
	return slices.DeleteFunc(slices.Clone(p.Words.Lists()), func(l term.List) bool { return !p.Web.Open(l.Path) })
}

// showWords shows a list, with the form for a new word as it was filled in.
func (p *Pages) showWords(w http.ResponseWriter, r *http.Request, list string, in *page.Input, wrong error) error {
	if l, known := p.Words.List(list); !known || !p.Web.Open(l.Path) {
		return problem.NotFoundf("there is no list %q", list)
	}
	book, err := p.Words.Book(r.Context())
	if err != nil {
		return err
	}
	uses, err := p.Words.Uses(r.Context(), list)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := wordsView{List: list, Tabs: component.Segments{Label: "word.lists"}}
	if view.Hall, err = p.Frame(r, wordsPath, p.Web.T(lang, "word.title"), true); err != nil {
		return err
	}
	view.Hall.Lede = p.Web.T(lang, "word.text")
	for _, l := range p.usedLists() {
		view.Tabs.List = append(view.Tabs.List, component.Segment{Key: "word.tab." + l.Name, Href: wordsHref(l.Name), Current: l.Name == list})
	}
	for _, t := range book[list] {
		if t.Into != "" {
			continue
		}
		one := shownWord{Term: t, N: uses[t.Key], Edit: wordsPath + "/" + list + "/" + t.Key}
		if t.Retired {
			one.Retire = p.wordButton(r, list, "revive", t.Key, "word.revive")
			view.Retired = append(view.Retired, one)
			continue
		}
		if one.Retire = p.wordButton(r, list, "retire", t.Key, "word.retire"); len(view.Terms) > 0 {
			raise := p.wordButton(r, list, "raise", t.Key, "word.raise")
			one.Raise = &raise
		}
		view.Terms = append(view.Terms, one)
	}
	f := page.NewForm(p.Web, r, in, wrong)
	f.Hide("liste", list)
	f.Hide("act", "add")
	f.Group("word.new", wordFields()...)
	view.Add = f.Show(wordsPath, component.Button{Key: "word.add", Icon: "plus"})
	view.Restore = p.wordButton(r, list, "restore", "", "word.restore")
	return p.Web.Render(w, r, f.Status(), "town/words", web.Page{Title: view.Hall.Heading, View: view})
}

// wordFields are those in which a word is written.
func wordFields() []component.Field {
	return []component.Field{
		{Kind: "text", Name: "german", Key: "word.german", Required: true, Autocomplete: "off"},
		{Kind: "text", Name: "english", Key: "word.english", Hint: "word.english.hint", Autocomplete: "off"},
	}
}

// wordButton is a form that does one thing to a word.
func (p *Pages) wordButton(r *http.Request, list, act, key, words string) component.Form {
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	f.Hide("liste", list)
	f.Hide("act", act)
	f.Hide("key", key)
	return f.Show(wordsPath, component.Button{Key: words, Plain: true})
}

func (p *Pages) changeWords(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, list, key, act := r.Context(), in.Get("liste"), in.Get("key"), in.Get("act")
	var err error
	switch act {
	case "add":
		err = p.Words.Add(ctx, who.ID, list, in.Get("german"), in.Get("english"))
	case "raise":
		err = p.Words.Raise(ctx, who.ID, list, key)
	case "retire", "revive":
		err = p.Words.Retire(ctx, who.ID, list, key, act == "retire")
	case "restore":
		err = p.Words.Restore(ctx, who.ID, list)
	default:
		err = problem.Invalidf("%q cannot be done to a list of words", act)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showWords(w, r, list, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, "word.done."+act)
	http.Redirect(w, r, wordsHref(list), http.StatusSeeOther)
	return nil
}

type wordView struct {
	Hall  page.Hall
	N     int
	Form  component.Form
	Merge *component.Form
}

func (p *Pages) wordForm(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return p.showWord(w, r, "", nil, nil)
}

// showWord shows the forms of one word; act is the one that was sent.
func (p *Pages) showWord(w http.ResponseWriter, r *http.Request, act string, in *page.Input, wrong error) error {
	list, key := chi.URLParam(r, "list"), chi.URLParam(r, "key")
	book, err := p.Words.Book(r.Context())
	if err != nil {
		return err
	}
	t := book.Find(list, key)
	if t == nil || t.Key != key {
		return problem.NotFoundf("the list %q has no word %q", list, key)
	}
	uses, err := p.Words.Uses(r.Context(), list)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := wordView{N: uses[key]}
	if view.Hall, err = p.Frame(r, wordsPath, t.Word(lang), false); err != nil {
		return err
	}
	mine := func(form string, otherwise url.Values) (*page.Input, error) {
		if act == form {
			return in, wrong
		}
		return &page.Input{Values: otherwise}, nil
	}
	typed, bad := mine("rename", url.Values{"german": {t.German}, "english": {t.English}})
	f := page.NewForm(p.Web, r, typed, bad)
	f.Hide("act", "rename")
	f.Group("word.rename", wordFields()...)
	view.Form = f.Show(r.URL.Path, component.Button{Key: "form.save"})
	status := f.Status()
	into := component.Field{Kind: "select", Name: "into", Key: "word.into", Hint: "word.into.hint", Required: true, Options: []component.Option{{Label: p.Web.T(lang, "word.into.none")}}}
	for _, o := range book.Offered(list, "") {
		if o.Key != key {
			into.Options = append(into.Options, component.Option{Value: o.Key, Label: o.Word(lang)})
		}
	}
	if len(into.Options) > 1 {
		typed, bad = mine("merge", url.Values{})
		m := page.NewForm(p.Web, r, typed, bad)
		m.Hide("act", "merge")
		m.Group("word.merge", into)
		form := m.Show(r.URL.Path, component.Button{Key: "word.merge.do", Danger: true})
		if view.Merge = &form; bad != nil {
			status = m.Status()
		}
	}
	return p.Web.Render(w, r, status, "town/word", web.Page{Title: view.Hall.Heading, View: view})
}

func (p *Pages) changeWord(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	list, key, act := chi.URLParam(r, "list"), chi.URLParam(r, "key"), in.Get("act")
	var err error
	switch act {
	case "rename":
		err = p.Words.Rename(r.Context(), who.ID, list, key, in.Get("german"), in.Get("english"))
	case "merge":
		err = p.Words.Merge(r.Context(), who.ID, list, key, in.Get("into"))
	default:
		err = problem.Invalidf("%q cannot be done to a word", act)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showWord(w, r, act, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, "word.done."+act)
	http.Redirect(w, r, wordsHref(list), http.StatusSeeOther)
	return nil
}
