package town

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Where the town hall changes how the town looks.
const lookPath = "/rathaus/aussehen"

type lookView struct {
	Hall page.Hall
	// Preview is the stylesheet with the colours that were entered, or "".
	Preview string
	Form    component.Form
	// Arms and Picture are the forms of the pictures.
	Arms, Picture component.Form
}

// values gives the look as its form shows it.
func (l *Look) values() url.Values {
	v := url.Values{
		"name": {l.Name}, "colour": {l.Colour}, "accent": {l.Accent}, "contact": {strings.Join(l.Contact, "\n")},
		"version": {version(l.Changed)},
	}
	if l.Official {
		v.Set("official", "1")
	}
	return v
}

// version writes when a version was made.
func version(t time.Time) string { return stamp(t).Format(time.RFC3339) }

func (p *Pages) lookForm(w http.ResponseWriter, r *http.Request, _ *page.Person) error {
	return p.showLook(w, r, "", nil, nil)
}

// showLook shows the forms of the look; act is the one that was sent, with what
// was typed and what is wrong.
func (p *Pages) showLook(w http.ResponseWriter, r *http.Request, act string, in *page.Input, wrong error) error {
	look, err := p.Look(r.Context())
	if err != nil {
		return err
	}
	hall, err := p.Frame(r, lookPath, p.Web.T(p.Web.Language(r), "look.title"), true)
	if err != nil {
		return err
	}
	hall.Lede = p.Web.T(p.Web.Language(r), "look.text")
	view := lookView{Hall: hall}
	status := http.StatusOK
	mine := func(form string, otherwise url.Values) (*page.Input, error) {
		if act == form {
			return in, wrong
		}
		return &page.Input{Values: otherwise}, nil
	}
	typed, bad := mine("look", look.values())
	view.Form, status = p.formOfLook(r, look, typed, bad)
	if act == "look" && in.Get("preview") != "" && len(problem.FieldsOf(bad)) == 0 {
		view.Preview = Stylesheet(typed.Get("colour"), typed.Get("accent"))
	}
	for _, one := range []struct {
		role Role
		now  *object.Attachment
		to   *component.Form
	}{{Arms, look.Arms, &view.Arms}, {Picture, look.Picture, &view.Picture}} {
		v := url.Values{}
		if one.now != nil {
			page.PictureValues(v, one.now)
		}
		typed, bad := mine(string(one.role), v)
		f := page.NewForm(p.Web, r, typed, bad)
		f.Prefix = string(one.role) + "-"
		f.Hide("act", string(one.role))
		if one.role == Arms {
			f.Logo(r.Context(), p.pictures, "look.arms", one.now)
		} else {
			f.Picture(r.Context(), p.pictures, "look.picture", one.now)
		}
		*one.to = f.Show(lookPath, component.Button{Key: "look." + string(one.role) + ".save"})
		if bad != nil {
			status = f.Status()
		}
	}
	return p.Web.Render(w, r, status, "town/look", web.Page{Title: view.Hall.Heading, View: view})
}

func (p *Pages) formOfLook(r *http.Request, look *Look, in *page.Input, wrong error) (component.Form, int) {
	f := page.NewForm(p.Web, r, in, wrong)
	if errors.Is(wrong, object.ErrStale) {
		f.Compare(look.values())
		in.Set("version", version(look.Changed))
	}
	f.Hide("act", "look")
	f.Hide("version", in.Get("version"))
	buttons := []component.Button{{Key: "form.save"}, {Key: "look.preview", Name: "preview", Value: "1", Plain: true}}
	for _, field := range []string{"colour", "accent"} {
		if better := Nearest(in.Get(field)); better != "" {
			buttons = append([]component.Button{{Key: "look.take." + field, Name: "take-" + field, Value: better, Icon: "check"}}, buttons...)
			buttons[1].Plain = true
		}
	}
	f.Group("look.words", component.Field{Kind: "text", Name: "name", Key: "look.name", Hint: "look.name.hint", Autocomplete: "organization"},
		component.Field{Kind: "textarea", Name: "contact", Key: "look.contact", Hint: "look.contact.hint", Rows: 5})
	f.Group("look.colours", component.Field{Kind: "text", Name: "colour", Key: "look.colour", Hint: "look.colour.hint", Autocomplete: "off"},
		component.Field{Kind: "text", Name: "accent", Key: "look.accent", Hint: "look.accent.hint", Autocomplete: "off"})
	f.Group("look.officially", component.Field{Kind: "checkbox", Name: "official", Key: "look.official", Hint: "look.official.hint"})
	return f.Show(lookPath, buttons...), f.Status()
}

func (p *Pages) changeLook(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	var err error
	act := in.Get("act")
	switch act {
	case "look":
		for _, field := range []string{"colour", "accent"} {
			if better := in.Get("take-" + field); better != "" {
				in.Set(field, better)
			}
		}
		draft := Draft{
			Name: in.Get("name"), Colour: in.Get("colour"), Accent: in.Get("accent"), Official: in.Get("official") != "",
			Contact: in.Get("contact"),
		}
		if draft.Version, err = in.Version(); err != nil {
			return err
		}
		if in.Get("preview") != "" {
			return p.showLook(w, r, act, in, draft.validate())
		}
		err = p.Change(r.Context(), who.ID, draft)
	case string(Arms), string(Picture):
		err = p.ChangePicture(r.Context(), who.ID, Role(act), in.PictureChange())
	default:
		return problem.Invalidf("%q cannot be done to the look", act)
	}
	if len(problem.FieldsOf(err)) > 0 || errors.Is(err, object.ErrStale) {
		return p.showLook(w, r, act, in, err)
	}
	if err != nil {
		return err
	}
	p.Flash(r, "look.saved")
	http.Redirect(w, r, lookPath, http.StatusSeeOther)
	return nil
}
