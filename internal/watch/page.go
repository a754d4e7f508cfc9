package watch

import (
	"context"
	"embed"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the templates and words of kept searches.
//
//go:embed *.html *.toml
var Files embed.FS

// Where a search is kept, where its letter is awaited, where it has ended, where the links of letters
// lead, and where somebody with an account has them all.
const (
	listPath   = "/ehrenamt"
	keepPath   = listPath + "/merken"
	thanksPath = keepPath + "/danke"
	endedPath  = keepPath + "/beendet"
	managePath = listPath + "/gemerkt/"
	ownPath    = "/konto/suchen"
)

// sealed is the name of the form for its seal.
const sealed = "saved search form"

// Surface keeps searches.
type Surface struct {
	*page.Guard
	*Searches
	Finder   Finder
	Accounts *account.Accounts
	Letters  *page.Letters
	// Secret seals the links of the letters.
	Secret func(ctx context.Context) ([]byte, error)
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(keepPath, s.Web.Handle(s.form))
	r.Post(keepPath, s.Web.Handle(s.keep))
	r.Get(thanksPath, s.Web.Handle(s.thanks))
	r.Get(endedPath, s.Web.Handle(s.ended))
	r.Get(managePath+"{token}", s.Web.Handle(s.manage))
	r.Post(managePath+"{token}", s.Web.Handle(s.change))
	r.Get(ownPath, s.Web.Handle(s.Page(s.own)))
	r.Post(ownPath, s.Web.Handle(s.Form(s.changeOwn)))
}

type formView struct {
	Crumbs []component.Crumb
	// Name says what is looked for.
	Name string
	// Back leads to the list. NoMail is true in a town that sends none, SignIn
	// leads there for who has an account, or is "".
	Back, SignIn string
	// Email is where the mails of who has an account go, or "".
	Email  string
	NoMail bool
	Form   component.Form
}

// asked gives what a query asks for, in one spelling and in words.
func (s *Surface) asked(r *http.Request, raw string) (name string, canonical url.Values, err error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return "", nil, problem.Invalidf("read a search: %w", err)
	}
	name, canonical, ok, err := s.Finder.Name(r.Context(), query, s.Web.Language(r))
	if err == nil && !ok {
		err = problem.Invalidf("the search asks for what there is not")
	}
	return name, canonical, err
}

// form shows what will be kept, and asks how often and to whom to write.
func (s *Surface) form(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	q.Del("lang")
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}, "query": {q.Encode()}}}
	return s.show(w, r, in, http.StatusOK, "", nil)
}

// show shows the form with what stands in it already. notice is the key of a
// sentence above it, or "".
func (s *Surface) show(w http.ResponseWriter, r *http.Request, in *page.Input, status int, notice string, wrong error) error {
	name, query, err := s.asked(r, in.Get("query"))
	if err != nil {
		return err
	}
	who, err := s.Who(r)
	if err != nil {
		return err
	}
	if err := s.Stamp(r.Context(), sealed, in); err != nil {
		return err
	}
	back := listPath
	if len(query) > 0 {
		back += "?" + query.Encode()
	}
	f := page.NewForm(s.Web, r, in, wrong)
	view := formView{Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: back}, {Key: "watch.title"}}, Name: name, Back: back, NoMail: !s.Letters.Ready()}
	if notice != "" {
		f.Notice(s.Web.T(f.Lang, notice))
	}
	f.Hide("key", in.Get("key"))
	f.Hide("time", in.Get("time"))
	f.Hide("query", query.Encode())
	fields := []component.Field{s.paceField(in.Get("pace"), f.Lang)}
	if who == nil {
		view.SignIn = "/anmelden?" + url.Values{"weiter": {r.URL.Path + "?" + query.Encode()}}.Encode()
		fields = append(fields, component.Field{Kind: "email", Name: "email", Key: "watch.email", Hint: "watch.email.hint", Autocomplete: "email", Required: true},
			component.Field{Kind: "text", Name: page.Trap, Key: "watch.trap", Autocomplete: "off"})
	}
	if who != nil {
		view.Email = who.Email
	}
	f.Group("", fields...)
	view.Form = f.Show(keepPath, component.Button{Key: "watch.do", Icon: "bell"})
	if status == http.StatusOK {
		status = f.Status()
	}
	w.Header().Set("Cache-Control", "private, no-cache") // its time and its key count
	return s.Web.Render(w, r, status, "watch/form", web.Page{Title: s.Web.T(f.Lang, "watch.title"), Narrow: true, NoIndex: true, View: view})
}

func (s *Surface) paceField(chosen, lang string) component.Field {
	if chosen == "" {
		chosen = Weekly
	}
	field := component.Field{Kind: "radio", Name: "pace", Key: "watch.pace", Required: true}
	for _, pace := range Paces {
		field.Options = append(field.Options, component.Option{Value: pace, Label: s.Web.T(lang, "watch.pace."+pace), Note: s.Web.T(lang, "watch.pace."+pace+".note"), Selected: pace == chosen})
	}
	return field
}

// keep takes the form. Nothing that was typed is lost when it must be sent
// again, and nobody learns which addresses are known.
func (s *Surface) keep(w http.ResponseWriter, r *http.Request) error {
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	who, err := s.Who(r)
	if err != nil {
		return err
	}
	if !s.Letters.Ready() {
		return s.show(w, r, in, http.StatusConflict, "", nil)
	}
	_, query, err := s.asked(r, in.Get("query"))
	if err != nil {
		return err
	}
	key, keyErr := in.Key()
	one := &Search{ID: key, Query: query.Encode(), Pace: in.Get("pace"), Language: s.Web.Language(r)}
	if who == nil {
		one.Email = strings.ToLower(strings.TrimSpace(in.Get("email")))
	}
	if err := one.check(who == nil); err != nil {
		return s.show(w, r, in, http.StatusOK, "", err)
	}
	again := func(status int, notice string) error {
		in.Set("key", page.NewKey())
		in.Del("time")
		return s.show(w, r, in, status, notice, nil)
	}
	if who != nil {
		if keyErr != nil {
			return again(http.StatusUnprocessableEntity, "watch.again")
		}
		one.AccountID, one.Confirmed = who.ID, s.now()
		err := s.Store(r.Context(), one, func(context.Context, bun.Tx) error { return nil })
		if problem.KindOf(err) == problem.TooMany {
			return again(http.StatusTooManyRequests, "watch.toomany")
		}
		return s.done(w, r, ownPath, "watch.kept", err)
	}
	hasty, err := s.Hasty(r.Context(), sealed, in)
	if err != nil {
		return err
	}
	if hasty || keyErr != nil {
		return again(http.StatusUnprocessableEntity, "watch.again")
	}
	if err := s.Accounts.AdmitMail(r.Context(), s.Address(r), one.Email); problem.KindOf(err) == problem.TooMany {
		return again(http.StatusTooManyRequests, "watch.toomany.mail")
	} else if err != nil {
		return err
	}
	err = s.ask(r, one)
	if problem.KindOf(err) == problem.TooMany {
		err = nil // whose address it is learns nothing, and neither does anybody else
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, thanksPath, http.StatusSeeOther)
	return nil
}

// ask keeps a search and writes the letter that asks whether the address is
// right.
func (s *Surface) ask(r *http.Request, one *Search) error {
	secret, err := s.Secret(r.Context())
	if err != nil {
		return err
	}
	name, _, err := s.asked(r, one.Query)
	if err != nil {
		return err
	}
	return s.Store(r.Context(), one, func(ctx context.Context, tx bun.Tx) error {
		return s.Letters.Send(ctx, tx, page.Message{
			Cause: "search confirm " + one.ID, To: one.Email, Lang: one.Language, Key: "letter.search.confirm", Data: map[string]string{"Name": name}, Path: managePath + Token(secret, one.ID),
		})
	})
}

// check says what is wrong with what was typed.
func (one *Search) check(withMail bool) error {
	var errs problem.Fields
	if !slices.Contains(Paces, one.Pace) {
		errs.Add("pace", "Please choose one of the answers.")
	}
	const longest = 200
	if a, err := mail.ParseAddress(one.Email); withMail && (err != nil || a.Address != one.Email || len(one.Email) > longest) {
		errs.Add("email", "This is no mail address; write it like anna@example.org.")
	}
	return errs.Err()
}

func (s *Surface) done(w http.ResponseWriter, r *http.Request, to, key string, err error) error {
	if err != nil {
		return err
	}
	http.Redirect(w, r, to+"?"+url.Values{doneField: {key}}.Encode(), http.StatusSeeOther)
	return nil
}

// ended says to who came by a link that no more letters come.
func (s *Surface) ended(w http.ResponseWriter, r *http.Request) error {
	return s.Web.Render(w, r, http.StatusOK, "watch/ended", web.Page{Title: s.Web.T(s.Web.Language(r), "watch.end.title"), Narrow: true, NoIndex: true})
}

func (s *Surface) thanks(w http.ResponseWriter, r *http.Request) error {
	return s.Web.Render(w, r, http.StatusOK, "watch/thanks", web.Page{Title: s.Web.T(s.Web.Language(r), "watch.thanks"), Narrow: true, NoIndex: true})
}
