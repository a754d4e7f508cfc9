package upkeep

import (
	"net/http"
	"net/url"

	"codeberg.org/aushang/aushang/internal/care"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// hintThanks is where a reader is led who has said what is wrong.
const hintThanks = page.HintPath + "/danke"

// hintForm is the name of the form for its seal.
const hintForm = "hint form"

type hintView struct {
	Crumbs []component.Crumb
	Thing  *care.Thing
	Form   component.Form
}

// hint shows the form on which a reader says what is wrong with a thing.
func (s *Surface) hint(w http.ResponseWriter, r *http.Request) error {
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}, "ding": {r.URL.Query().Get("ding")}}}
	return s.showHint(w, r, in, http.StatusOK, "", nil)
}

// showHint shows the form with what stands in it already. notice is the key of a
// sentence above it, or "".
func (s *Surface) showHint(w http.ResponseWriter, r *http.Request, in *page.Input, status int, notice string, wrong error) error {
	t, err := s.Care.Find(r.Context(), in.Get("ding"))
	if err != nil {
		return err
	}
	if err := s.Stamp(r.Context(), hintForm, in); err != nil {
		return err
	}
	f := page.NewForm(s.Web, r, in, wrong)
	if notice != "" {
		f.Notice(s.Web.T(f.Lang, notice))
	}
	for _, name := range []string{"key", "time", "ding"} {
		f.Hide(name, in.Get(name))
	}
	f.Group("", component.Field{Kind: "textarea", Name: "what", Key: "hint.what", Hint: "hint.what.hint", Required: true, Rows: 5},
		component.Field{Kind: "text", Name: "contact", Key: "hint.contact", Hint: "hint.contact.hint"},
		component.Field{Kind: "text", Name: page.Trap, Key: "hint.trap", Autocomplete: "off"})
	if status == http.StatusOK {
		status = f.Status()
	}
	// Its time and its key count: it comes from no memory but that of the browser.
	w.Header().Set("Cache-Control", "private, no-cache")
	title := s.Web.T(f.Lang, "hint.title")
	return s.Web.Render(w, r, status, "upkeep/hint", web.Page{
		Title: title + ": " + t.Title, Narrow: true, NoIndex: true,
		View: hintView{[]component.Crumb{{Text: t.Title, Href: t.Path}, {Text: title}}, t, f.Show(page.HintPath, component.Button{Key: "hint.send", Icon: "mail"})},
	})
}

// fileHint takes the form of a reader. Nothing that was typed is lost when it
// must be sent again.
func (s *Surface) fileHint(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	key, err := in.Key()
	if err != nil { // it lay for a month, or is of a program
		key = ""
		in.Set("key", page.NewKey())
	}
	if err := care.CheckHint(in.Get("what"), in.Get("contact")); err != nil {
		return s.showHint(w, r, in, http.StatusOK, "", err)
	}
	hasty, err := s.Hasty(r.Context(), hintForm, in)
	if err != nil {
		return err
	}
	if hasty || key == "" {
		in.Del("time") // whatever was wrong, the form is handed out anew
		return s.showHint(w, r, in, http.StatusUnprocessableEntity, "hint.again", nil)
	}
	err = s.Accounts.AdmitHint(r.Context(), s.Address(r))
	if problem.KindOf(err) == problem.TooMany {
		return s.showHint(w, r, in, http.StatusTooManyRequests, "hint.toomany", nil)
	}
	if err != nil {
		return err
	}
	if err := s.Care.File(r.Context(), key, in.Get("ding"), in.Get("what"), in.Get("contact")); err != nil {
		return err
	}
	http.Redirect(w, r, hintThanks, http.StatusSeeOther)
	return nil
}

func (s *Surface) thanks(w http.ResponseWriter, r *http.Request) error {
	rules, err := s.Care.Rules(r.Context())
	if err != nil {
		return err
	}
	return s.Web.Render(w, r, http.StatusOK, "upkeep/thanks", web.Page{
		Title: s.Web.T(s.Web.Language(r), "hint.thanks"), Narrow: true, NoIndex: true, View: struct{ Days int }{rules[care.Answer]},
	})
}
