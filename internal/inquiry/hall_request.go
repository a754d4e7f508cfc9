package inquiry

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// acts are the things of which each has a form of its own on the page of a
// request.
var acts = []string{"correct", "restrict", "erase", "extend", "refuse"}

type requestView struct {
	Hall page.Hall
	Line line
	// Account is who it is here, nil for none; Actor the address of whom it is
	// elsewhere.
	Account *account.Account
	Actor   string
	// CheckedKey says how it was made sure who it is, "" while it was not.
	CheckedKey string
	Check      *component.Form
	Kept       []keptView
	Mentions   []Mention
	Answer     *component.Form
	File       *component.Form
	Refetch    *component.Form
	// Links lead to the forms of further acts, Form is the one that is open, Act
	// its name.
	Links []component.Crumb
	Form  *component.Form
	Act   string
	Stays []string
	Mail  bool
	// ActText is what is said before the form that is open.
	ActText string
}

// keptView is a kind of what is kept as the page shows it.
type keptView struct {
	Title string
	N     int
	Rows  [][]account.Cell
	More  int
}

func (p *Pages) request(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showRequest(w, r, who, r.URL.Query().Get("tun"), &page.Input{Values: url.Values{}}, nil)
}

func (p *Pages) showRequest(w http.ResponseWriter, r *http.Request, who *page.Person, act string, in *page.Input, wrong error) error {
	ctx := r.Context()
	one, err := p.Requests.Find(ctx, who.ID, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	var view requestView
	if view.Line, err = p.line(ctx, one); err != nil {
		return err
	}
	heading := p.t(r, "inquiry.one", map[string]string{"Wanted": p.t(r, view.Line.WantedKey), "When": locale.ShortDate(p.Web.Language(r), view.Line.Received, p.Requests.now())})
	if view.Hall, err = p.Frame(r, HallPath, heading, false); err != nil {
		return err
	}
	status := http.StatusOK
	if one.Open() {
		if err := p.found(r, one, &view); err != nil {
			return err
		}
		status = p.forms(r, one, &view, act, in, wrong)
	}
	return p.Web.Render(w, r, status, "inquiry/request", web.Page{Title: heading, View: view})
}

// found writes into view who it is and what is kept. Before it is sure who asks,
// only how much there is.
func (p *Pages) found(r *http.Request, one *Request, view *requestView) (err error) {
	ctx := r.Context()
	if one.AccountID != "" {
		if view.Account, err = p.Requests.Accounts.Find(ctx, one.AccountID); err != nil && problem.KindOf(err) != problem.NotFound {
			return err
		}
	}
	if one.ActorID != "" {
		if view.Actor, err = p.name(ctx, "", one.ActorID, ""); err != nil {
			return err
		}
	}
	limit := 0
	if one.Checked != "" {
		limit = mostRows
	}
	if view.Kept, err = p.kept(r, one, limit, true); err != nil {
		return err
	}
	if one.Words != "" {
		view.Mentions, err = p.Requests.Person.Mentions(ctx, one.Words, mostMentions)
	}
	return err
}

// kept gives what is kept in words. With discreet, what somebody wrote that is not
// for everybody is not shown: it is for the person, and not for the town hall.
func (p *Pages) kept(r *http.Request, one *Request, limit int, discreet bool) ([]keptView, error) {
	list, err := p.Requests.Accounts.Gather(r.Context(), one.Subject(), limit)
	if err != nil {
		return nil, err
	}
	var all []keptView
	for _, k := range list {
		if k.Section == "data_requests" {
			continue // that somebody asks is what this page is
		}
		shown := keptView{Title: p.section(r, k.Section), N: len(k.Rows) + k.More, More: k.More}
		for _, row := range k.Rows {
			if discreet {
				p.mask(r, row)
			}
			if row, err = p.inWords(r, k.Section, row); err != nil {
				return nil, err
			}
			shown.Rows = append(shown.Rows, row)
		}
		all = append(all, shown)
	}
	return all, nil
}

// mask puts a sentence in place of words that are not for everybody.
func (p *Pages) mask(r *http.Request, row []account.Cell) {
	private := slices.ContainsFunc(row, func(c account.Cell) bool {
		return c.Name == "visibility" && c.Value != object.Public && c.Value != object.Unlisted
	})
	for i, c := range row {
		if c.Discreet || c.Name == "body" || private && slices.Contains([]string{"content", "name", "summary", "source"}, c.Name) {
			row[i].Value = p.t(r, "inquiry.discreet")
		}
	}
}

// forms gives the page what can be done now, and the status of its answer.
func (p *Pages) forms(r *http.Request, one *Request, view *requestView, act string, in *page.Input, wrong error) int {
	path := HallPath + "/" + one.ID
	view.Mail = p.Requests.Letters.Ready() && one.Contact != ""
	status := http.StatusOK
	if one.Checked == "" {
		f := page.NewForm(p.Web, r, in, wrong)
		f.Hide("act", "check")
		how := p.choice(f, "select", "how", checks) // nothing is chosen for the person
		how.Options = append([]component.Option{{Label: p.t(r, "inquiry.choose")}}, how.Options...)
		f.Group("", how)
		form := f.Show(path, component.Button{Key: "inquiry.check"})
		view.Check = &form
		if act == "" || act == "check" {
			status = f.Status()
		}
	} else {
		view.CheckedKey = "inquiry.how." + one.Checked
		answer := p.button(r, path, component.Button{Key: "inquiry.answer", Icon: "mail"}, "act", "answer")
		if !view.Mail {
			answer = p.button(r, path, component.Button{Key: "inquiry.answer.link"}, "act", "answer")
		}
		file := p.button(r, path, component.Button{Key: "inquiry.file", Plain: true, Icon: "download"}, "act", "file")
		view.Answer, view.File = &answer, &file
		if one.ActorID != "" {
			again := p.button(r, path, component.Button{Key: "inquiry.refetch", Plain: true, Icon: "repeat"}, "act", "refetch")
			view.Refetch = &again
		}
	}
	for _, name := range acts {
		if !p.possible(one, name) {
			continue
		}
		if name == act {
			status = p.open(r, one, view, act, in, wrong)
			continue
		}
		view.Links = append(view.Links, component.Crumb{Key: "inquiry.do." + name, Href: path + "?tun=" + name + "#tun"})
	}
	return status
}

// key gives the key of words that promise no mail to who has no address.
func (p *Pages) key(r *http.Request, key string, one *Request) string {
	if without := key + ".quiet"; one.Contact == "" && p.Web.Speaks(p.Web.Language(r), without) {
		return without
	}
	return key
}

// possible tells whether something can be done for a request now.
func (p *Pages) possible(one *Request, act string) bool {
	switch act {
	case "correct":
		return one.Checked != "" && one.Contact != ""
	case "restrict", "erase":
		return one.Checked != "" && (one.Contact != "" || one.ActorID != "")
	case "extend":
		return !one.Extended()
	}
	return true
}

// stays are the keys of what is not deleted, each with the reason.
var stays = []string{"inquiry.stays.club", "inquiry.stays.proof", "inquiry.stays.log", "inquiry.stays.elsewhere", "inquiry.stays.backup", "inquiry.stays.request"}

// open shows the form of one act.
func (p *Pages) open(r *http.Request, one *Request, view *requestView, act string, in *page.Input, wrong error) int {
	path := HallPath + "/" + one.ID
	if act == "correct" && !in.Has("email") {
		in.Set("email", one.Contact)
		if view.Account != nil { // as it is now, not as it was on the day of the request
			in.Set("name", view.Account.Name)
			in.Set("email", view.Account.Email)
		}
	}
	f := page.NewForm(p.Web, r, in, wrong)
	f.Hide("act", act)
	b := component.Button{Key: "inquiry.do." + act + ".now"}
	switch act {
	case "correct":
		if view.Account != nil {
			f.Group("", component.Field{Kind: "text", Name: "name", Key: "account.name", Required: true})
		}
		f.Group("", component.Field{Kind: "email", Name: "email", Key: "inquiry.email", Required: true, Autocomplete: "off"})
	case "erase":
		view.Stays, b.Danger = stays, true
		f.Group("", component.Field{Kind: "text", Name: "confirm", Key: "inquiry.confirm", Hint: "inquiry.confirm.hint", Required: true, Autocomplete: "off"})
	case "extend", "refuse":
		f.Group("", component.Field{Kind: "textarea", Name: "reason", Key: "inquiry.reason", Hint: p.key(r, "inquiry.reason.hint", one), Required: true, Rows: 4})
	}
	form := f.Show(path, b, component.Button{Key: "inquiry.not", Href: path})
	view.Form, view.Act, view.ActText = &form, act, p.t(r, p.key(r, "inquiry.do."+act+".text", one))
	return f.Status()
}

// act does what somebody of the town hall pressed.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	if slices.Contains([]string{"answer", "file", "erase", "correct"}, in.Get("act")) {
		return p.FreshForm(p.do)(w, r, who, in)
	}
	return p.do(w, r, who, in)
}

func (p *Pages) do(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, id, act := r.Context(), chi.URLParam(r, "id"), in.Get("act")
	path, done := HallPath+"/"+id, "inquiry.done."+act
	var err error
	switch act {
	case "check":
		err = p.Requests.Check(ctx, who.ID, id, in.Get("how"))
	case "answer":
		var link string
		var mailed bool
		if link, mailed, err = p.Requests.Answer(ctx, who.ID, id); err == nil && !mailed {
			p.FlashLink(r, p.Requests.Letters.Origin+link)
			done = "inquiry.done.link"
		}
	case "file":
		return p.file(w, r, who, id)
	case "correct":
		err = p.Requests.Correct(ctx, who.ID, id, in.Get("name"), in.Get("email"))
	case "refetch":
		done = "inquiry.done.correct"
		err = p.Requests.Refetch(ctx, who.ID, id)
	case "restrict":
		err = p.Requests.Restrict(ctx, who.ID, id)
	case "erase":
		if err = p.confirmed(r, who, id, in); err == nil {
			err = p.Requests.Erase(ctx, who.ID, id)
		}
	case "extend":
		err = p.Requests.Extend(ctx, who.ID, id, in.Get("reason"))
	case "refuse":
		err = p.Requests.Refuse(ctx, who.ID, id, in.Get("reason"))
	default:
		err = problem.Invalidf("%q cannot be done to a request", act)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showRequest(w, r, who, act, in, err)
	}
	if problem.KindOf(err) == problem.Conflict && !errors.Is(err, account.ErrLastAdmin) {
		err, done = nil, "inquiry.done.already" // answered a moment ago, from here or by somebody else
	}
	if err != nil {
		return err
	}
	return p.back(w, r, path, done)
}

// confirmed asks that who deletes has typed whose data it is.
func (p *Pages) confirmed(r *http.Request, who *page.Person, id string, in *page.Input) error {
	one, err := p.Requests.Find(r.Context(), who.ID, id)
	if err != nil {
		return err
	}
	name, err := p.name(r.Context(), one.Contact, one.ActorID, "")
	if err != nil {
		return err
	}
	if !sameName(in.Get("confirm"), name) {
		var errs problem.Fields
		errs.Add("confirm", "This is not the address of the request; please type it as it stands above.")
		return errs.Err()
	}
	return nil
}
