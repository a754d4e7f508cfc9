package agency

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// usualRadius is what stands in a new form, in kilometres.
const usualRadius = 10

// form shows the form: empty, or with what the offer says.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.Offers.Own(r.Context(), who.ID)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	v := url.Values{"radius": {strconv.Itoa(usualRadius)}, "languages-" + p.Web.Language(r): {"1"}}
	if err != nil {
		home, err := p.Places.Home(r.Context())
		if err != nil {
			return err
		}
		if home != nil {
			v.Set("place", home.Name)
		}
	} else {
		v = values(o)
	}
	return p.showForm(w, r, &page.Input{Values: v}, nil)
}

// values gives an offer as its form shows it.
func values(o *offer.Offer) url.Values {
	v := url.Values{"about": {o.About}, "skills": {o.Skills}, "place": {o.Place}, "radius": {strconv.Itoa(o.Radius)}, "phone": {o.Phone}}
	for prefix, keys := range map[string]string{"fields-": o.Fields, "languages-": o.Languages, "times-": o.Times} {
		for _, key := range offer.Split(keys) {
			v.Set(prefix+key, "1")
		}
	}
	bits := func(prefix string, names []string, set int) {
		for i, name := range names {
			if set&(1<<i) != 0 {
				v.Set(prefix+name, "1")
			}
		}
	}
	bits("days-", days, o.Weekdays)
	bits("parts-", parts, o.Dayparts)
	for name, is := range map[string]bool{"home": o.Home, "young": o.Young, "several": o.Several, "public": o.Public} {
		if is {
			v.Set(name, "1")
		}
	}
	return v
}

// checks is a field of boxes.
func (p *Pages) checks(lang, name, key, prefix string, list []string) component.Field {
	field := component.Field{Kind: "checks", Name: name, Key: key}
	for _, value := range list {
		field.Options = append(field.Options, component.Option{Value: value, Label: p.Web.T(lang, prefix+value)})
	}
	return field
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, in *page.Input, wrong error) error {
	f := page.NewForm(p.Web, r, in, wrong)
	words := p.Offers.Words
	f.Group("offering.form.what", component.Field{Kind: "textarea", Name: "about", Key: "offering.about", Hint: "offering.about.hint", Rows: 4},
		component.Field{Kind: "text", Name: "skills", Key: "offering.skills", Hint: "offering.skills.hint"},
		p.checks(f.Lang, "fields", "offering.fields", "opportunity.field.", words.Fields), p.checks(f.Lang, "languages", "offering.languages", "opportunity.tongue.", words.Languages))
	f.Group("offering.form.when", p.checks(f.Lang, "times", "offering.times", "opportunity.times.", words.Times),
		p.checks(f.Lang, "days", "offering.days", "near.", days), p.checks(f.Lang, "parts", "offering.parts", "offering.part.", parts))
	radius := component.Field{Kind: "select", Name: "radius", Key: "near.radius"}
	for _, km := range offer.Radii {
		label := p.Web.T(f.Lang, "near.radius.any")
		if km > 0 {
			label = p.Web.T(f.Lang, "near.radius.km", km)
		}
		radius.Options = append(radius.Options, component.Option{Value: strconv.Itoa(km), Label: label})
	}
	f.Group("offering.form.where", component.Field{Kind: "text", Name: "place", Key: "near.place", Hint: "offering.place.hint", Suggest: page.PlacesPath}, radius,
		component.Field{Kind: "checkbox", Name: "home", Key: "offering.home"})
	f.Group("offering.form.who", component.Field{Kind: "checkbox", Name: "young", Key: "offering.young"}, component.Field{Kind: "checkbox", Name: "several", Key: "offering.several"})
	f.Group("offering.form.see", component.Field{Kind: "text", Name: "phone", Key: "offering.phone", Hint: "offering.phone.hint", Autocomplete: "tel", Inputmode: "tel"},
		component.Field{Kind: "checkbox", Name: "public", Key: "offering.public", Hint: "offering.public.hint"})
	view := page.FormView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "offering.title", Href: Path}}, Heading: p.Web.T(f.Lang, "offering.form"), Intro: p.Web.T(f.Lang, "offering.form.text"),
		Form: f.Show(formPath, component.Button{Key: "offering.save", Icon: "heart"}),
	}
	return p.renderForm(w, r, f.Status(), view)
}

// draft reads what the form says. A place that nobody knows, or that may be one of
// several, is wrong.
func (p *Pages) draft(r *http.Request, in *page.Input) (offer.Draft, error) {
	ticked := func(prefix string, list []string) (keys []string, bits int) {
		for i, key := range list {
			if in.Get(prefix+key) != "" {
				keys, bits = append(keys, key), bits|1<<i
			}
		}
		return keys, bits
	}
	words := p.Offers.Words
	d := offer.Draft{
		About: in.Get("about"), Skills: in.Get("skills"), Place: markup.Name(in.Get("place"), 200), Home: in.Get("home") != "", Young: in.Get("young") != "",
		Several: in.Get("several") != "", Phone: in.Get("phone"), Public: in.Get("public") != "",
	}
	d.Fields, _ = ticked("fields-", words.Fields)
	d.Languages, _ = ticked("languages-", words.Languages)
	d.Times, _ = ticked("times-", words.Times)
	_, d.Weekdays = ticked("days-", days)
	_, d.Dayparts = ticked("parts-", parts)
	var err error
	if d.Radius, err = strconv.Atoi(in.Get("radius")); err != nil {
		d.Radius = -1
	}
	return d, p.locate(r, &d)
}

// locate finds where the place of a draft is.
func (p *Pages) locate(r *http.Request, d *offer.Draft) error {
	if d.Place == "" {
		return nil
	}
	home, err := p.Places.Home(r.Context())
	if err != nil {
		return err
	}
	var from *gazetteer.Point
	if home != nil {
		at := home.Point()
		if from = &at; gazetteer.Fold(d.Place) == gazetteer.Fold(home.Name) {
			d.At, d.Place = from, home.Name
			return nil
		}
	}
	var errs problem.Fields
	found, err := p.Places.Resolve(r.Context(), d.Place, from)
	var several *gazetteer.Several
	switch {
	case err == nil:
		at := found.Point()
		d.At, d.Place = &at, found.Label()
		return nil
	case errors.As(err, &several):
		var names []string
		for _, c := range several.Choices {
			names = append(names, c.Label())
		}
		errs.Add("place", "Several places are called so. Please write one of these: %s.", strings.Join(names, "; "))
	case problem.KindOf(err) == problem.NotFound:
		errs.Add("place", "We do not know this place. Please check the spelling, or name the next larger one.")
	default:
		return err
	}
	return errs.Err()
}

// save keeps what was typed.
func (p *Pages) save(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	d, err := p.draft(r, in)
	if err != nil && len(problem.FieldsOf(err)) == 0 {
		return err
	}
	var errs problem.Fields // all that is wrong at once
	errs.Merge(err)
	errs.Merge(p.Offers.Check(d, who.Name))
	if err := errs.Err(); err != nil {
		return p.showForm(w, r, in, err)
	}
	err = p.Accounts.AdmitHelp(r.Context(), who.ID)
	if err == nil {
		_, err = p.Offers.Put(r.Context(), who.ID, who.Name, d)
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showForm(w, r, in, err)
	}
	if err != nil {
		return err
	}
	return p.back(w, r, Path, "offering.done.saved")
}
