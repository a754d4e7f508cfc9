package opportunity

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// mountForms enters the routes of those who publish into r.
func (p *Pages) mountForms(r chi.Router) {
	r.Get(FormPath, p.web.Handle(p.Page(p.newForm)))
	r.Post(FormPath, p.web.Handle(p.Form(p.create)))
	r.Get(Path+"{key}/aendern", p.web.Handle(p.Page(p.changeForm)))
	r.Post(Path+"{key}/aendern", p.web.Handle(p.Form(p.change)))
	r.Get(Path+"{key}/absagen", p.web.Handle(p.Page(p.cancelForm)))
	r.Post(Path+"{key}/absagen", p.web.Handle(p.Form(p.cancel)))
	r.Get(Path+"{key}/besetzt", p.web.Handle(p.Page(p.fillForm)))
	r.Post(Path+"{key}/besetzt", p.web.Handle(p.Form(p.setFilled)))
	r.Get(Path+"{key}/verlaengern", p.web.Handle(p.Page(p.renewForm)))
	r.Post(Path+"{key}/verlaengern", p.web.Handle(p.Form(p.renew)))
	r.Get(Path+"{key}/loeschen", p.web.Handle(p.Page(p.deleteForm)))
	r.Post(Path+"{key}/loeschen", p.web.Handle(p.Form(p.delete)))
}

// short are the days of a week as the names of fields have them.
var short = []string{"mo", "di", "mi", "do", "fr", "sa", "so"}

// values gives an opportunity as its form shows it.
func (o *Opportunity) values() url.Values {
	v := url.Values{
		"name": {o.Name}, "text": {o.Source}, "why": {o.Why}, "field": {o.Field}, "times": {o.Times}, "time-note": {o.TimeNote}, "shifts": {FormatShifts(o.Shifts)},
		"effort-per": {o.EffortPer}, "place": {o.Place}, "skills": {o.Skills}, "learn": {o.Learn}, "requirement": {o.Requirement}, "payer": {o.Payer},
		"expenses": {o.Expenses}, "trial": {o.Trial}, "insurance": {o.Insurance}, "accessibility": {o.Accessibility}, "contact": {o.Contact},
		"contact-name": {o.ContactName}, "contact-email": {o.ContactEmail}, "contact-phone": {o.ContactPhone}, "apply-link": {o.ApplyLink},
		"context": {o.Context}, "version": {o.Edition().Format(time.RFC3339)},
	}
	set := func(name string, is bool) {
		if is {
			v.Set(name, "1")
		}
	}
	number := func(name string, n int) {
		if n > 0 {
			v.Set(name, strconv.Itoa(n))
		}
	}
	set("remote", o.Remote)
	set("emergency", o.Emergency)
	set("for-young", o.ForYoung)
	set("for-groups", o.ForGroups)
	number("places", o.Places)
	number("minimum-age", o.MinimumAge)
	number("maximum-age", o.MaximumAge)
	if o.EffortMinutes > 0 {
		v.Set("effort", strings.Replace(strconv.FormatFloat(float64(o.EffortMinutes)/60, 'f', -1, 64), ".", ",", 1))
	}
	for list, prefix := range map[string]string{o.Languages: "languages-", o.Requirements: "requirements-", o.Rewards: "rewards-"} {
		for _, key := range Split(list) {
			v.Set(prefix+key, "1")
		}
	}
	if o.Times == Once && len(o.Shifts) == 0 && !o.StartTime.IsZero() {
		v.Set("day", o.StartTime.Format("02.01.2006"))
		if !o.AllDay() {
			v.Set("from", o.StartTime.Format("15:04"))
		}
		if !o.EndTime.IsZero() {
			v.Set("to", o.EndTime.Format("15:04"))
		}
	}
	if o.Times != Once {
		for i, day := range week {
			set("weekdays-"+short[i], o.Weekdays&Weekday(day) != 0)
		}
	}
	if !o.Until.IsZero() && o.Ends().IsZero() {
		v.Set("until", o.Until.Format("02.01.2006"))
	}
	if len(o.Attachment) > 0 {
		page.PictureValues(v, o.Attachment[0])
	}
	return v
}

// typed reads what a form says of an opportunity.
func typed(in *page.Input) Draft {
	d := Draft{
		Name: in.Get("name"), Text: in.Get("text"), Why: in.Get("why"), Field: in.Get("field"), Times: in.Get("times"), Day: in.Get("day"),
		From: in.Get("from"), To: in.Get("to"), Shifts: in.Get("shifts"), TimeNote: in.Get("time-note"), Effort: in.Get("effort"),
		EffortPer: in.Get("effort-per"), Place: in.Get("place"), Remote: in.Get("remote") != "", Emergency: in.Get("emergency") != "",
		Places: in.Get("places"), MinimumAge: in.Get("minimum-age"), MaximumAge: in.Get("maximum-age"), ForYoung: in.Get("for-young") != "",
		ForGroups: in.Get("for-groups") != "", Skills: in.Get("skills"), Learn: in.Get("learn"), Languages: ticked(in, "languages-", Tongues),
		Requirements: ticked(in, "requirements-", Demands), Requirement: in.Get("requirement"), Payer: in.Get("payer"), Expenses: in.Get("expenses"),
		Rewards: ticked(in, "rewards-", Thanks), Trial: in.Get("trial"), Insurance: in.Get("insurance"), Accessibility: in.Get("accessibility"),
		Contact: in.Get("contact"), ContactName: in.Get("contact-name"), ContactEmail: in.Get("contact-email"), ContactPhone: in.Get("contact-phone"),
		ApplyLink: in.Get("apply-link"), Context: in.Get("context"), Until: in.Get("until"),
	}
	for i, day := range week {
		if in.Get("weekdays-"+short[i]) != "" {
			d.Weekdays |= Weekday(day)
		}
	}
	return d
}

// ticked gives those of list whose boxes are ticked.
func ticked(in *page.Input, prefix string, list []string) []string {
	var keys []string
	for _, key := range list {
		if in.Get(prefix+key) != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// check reads the form of an opportunity; there is the one that it changes, nil
// for a new one.
func (p *Pages) check(who *page.Person, in *page.Input, there *Opportunity) (Draft, error) {
	c, err := who.Chosen(in)
	if err != nil {
		return Draft{}, err
	}
	d := typed(in)
	d.AttributedTo = c.ID
	if there == nil {
		_, err = p.Draft(d)
		return d, err
	}
	one := *there
	return d, p.apply(&one, d)
}

// options gives choices with their words.
func (p *Pages) options(lang, prefix string, keys []string, none string) []component.Option {
	var list []component.Option
	if none != "" {
		list = append(list, component.Option{Label: p.web.T(lang, none)})
	}
	for _, key := range keys {
		list = append(list, component.Option{Value: key, Label: p.web.T(lang, prefix+key)})
	}
	return list
}

// form shows the form of an opportunity: a new one when o is nil.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, o *Opportunity, wrong error) error {
	f := page.NewForm(p.web, r, in, wrong)
	view := page.FormView{Heading: p.web.T(f.Lang, "opportunity.new"), Intro: p.web.T(f.Lang, "opportunity.new.text"), Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: listPath}}}
	action, send := FormPath, who.PublishButton(in)
	var picture *object.Attachment
	if o == nil {
		f.Hide("key", in.Get("key"))
	} else {
		view.Heading, view.Intro = p.web.T(f.Lang, "opportunity.change", o.Name), ""
		action, send = Path+o.Key()+"/aendern", component.Button{Key: "form.save"}
		if len(o.Attachment) > 0 {
			picture = o.Attachment[0]
		}
		if errors.Is(wrong, object.ErrStale) {
			f.Compare(o.values())
			in.Set("version", o.Edition().Format(time.RFC3339))
		}
		f.Hide("version", in.Get("version"))
	}
	if in.Get("context") != "" {
		f.Hide("context", in.Get("context"))
		if e, err := p.helped(r.Context(), in.Get("context")); err == nil {
			view.Intro = p.web.T(f.Lang, "opportunity.for", e.Name)
		}
	}
	if o == nil {
		if err := p.Ready(r, who, making, f, &view, wrong); err != nil {
			return err
		}
	}
	f.ClubChoice(who, o == nil)
	p.fields(f)
	if err := p.question(r, f, o); err != nil {
		return err
	}
	f.Picture(r.Context(), p.pictures, "picture.title", picture)
	buttons := []component.Button{send, {Key: "form.look", Name: "look", Value: "1", Plain: true}}
	if o == nil {
		f.Later()
		buttons = []component.Button{send, page.KeepButton(), buttons[1]}
	}
	if in.Get("look") != "" && wrong == nil {
		view.Preview = p.preview(f, who)
	}
	view.Form = f.Show(action, buttons...)
	return p.web.Render(w, r, f.Status(), "page/form", web.Page{Title: view.Heading, View: view, Scripts: []string{page.SuggestScript}})
}

// fields adds the fields: first what everybody fills in, then, folded, what is
// rarely needed.
func (p *Pages) fields(f *page.Form) {
	f.Group(
		"opportunity.form.what",
		component.Field{Kind: "text", Name: "name", Key: "opportunity.name", Hint: "opportunity.name.hint", Required: true},
		component.Field{Kind: "textarea", Name: "text", Key: "opportunity.text", Hint: "form.text.hint", Help: "form.text.help", Required: true, Rows: 6},
		component.Field{Kind: "textarea", Name: "why", Key: "opportunity.why", Hint: "opportunity.why.hint", Rows: 3},
	)
	times := component.Field{Kind: "radio", Name: "times", Key: "opportunity.times", Required: true}
	for _, key := range TimesKinds {
		times.Options = append(times.Options, component.Option{Value: key, Label: p.web.T(f.Lang, "opportunity.times."+key), Note: p.web.T(f.Lang, "opportunity.times."+key+".note")})
	}
	f.Group(
		"opportunity.form.when", times,
		component.Field{Kind: "text", Name: "day", Key: "opportunity.day", Hint: "opportunity.day.hint", Free: true},
		component.Field{Kind: "text", Name: "from", Key: "opportunity.from", Hint: "opportunity.from.hint", Half: true},
		component.Field{Kind: "text", Name: "to", Key: "opportunity.to", Hint: "opportunity.to.hint", Half: true},
		component.Field{Kind: "text", Name: "time-note", Key: "opportunity.time-note", Hint: "opportunity.time-note.hint"},
		component.Field{Kind: "text", Name: "effort", Key: "opportunity.hours-each", Hint: "opportunity.effort.hint", Inputmode: "decimal", Half: true},
		component.Field{Kind: "select", Name: "effort-per", Key: "opportunity.effort-per", Hint: "opportunity.effort-per.hint", Half: true, Options: p.options(f.Lang, "opportunity.rhythm.", Rhythms, "opportunity.rhythm.none")},
	)
	f.Group(
		"opportunity.form.where",
		component.Field{Kind: "text", Name: "place", Key: "opportunity.where", Hint: "opportunity.place.hint", Free: true, Suggest: page.PlacesPath},
		component.Field{Kind: "checkbox", Name: "remote", Key: "opportunity.remote.can"},
		component.Field{Kind: "text", Name: "places", Key: "opportunity.places.how", Hint: "opportunity.places.hint", Inputmode: "numeric"},
	)
	contact := component.Field{Kind: "radio", Name: "contact", Key: "opportunity.contact.whom", Required: true}
	whom := []string{ByClub, ForAll}
	if p.Apply != nil || f.In.Get("contact") == ForApplicants {
		whom = append(whom, ForApplicants)
	}
	for _, key := range whom {
		contact.Options = append(contact.Options, component.Option{Value: key, Label: p.web.T(f.Lang, "opportunity.contact."+key), Note: p.web.T(f.Lang, "opportunity.contact."+key+".note")})
	}
	f.Group(
		"opportunity.form.contact", contact,
		component.Field{Kind: "text", Name: "contact-name", Key: "opportunity.contact.name"},
		component.Field{Kind: "email", Name: "contact-email", Key: "opportunity.contact.email", Half: true},
		component.Field{Kind: "text", Name: "contact-phone", Key: "opportunity.contact.phone", Inputmode: "tel", Half: true},
	)
	p.folded(f)
}

func (p *Pages) folded(f *page.Form) {
	weekdays := component.Field{Kind: "checks", Name: "weekdays", Key: "opportunity.weekdays", Hint: "opportunity.weekdays.hint"}
	for i, key := range short {
		weekdays.Options = append(weekdays.Options, component.Option{Value: key, Label: p.web.T(f.Lang, "opportunity.day."+short[i])})
	}
	f.Fold(
		"opportunity.form.shifts",
		component.Field{Kind: "textarea", Name: "shifts", Key: "opportunity.shifts.lines", Hint: "opportunity.shifts.hint", Rows: 5},
		weekdays,
	)
	f.Fold(
		"opportunity.form.who",
		component.Field{Kind: "text", Name: "skills", Key: "opportunity.skills", Hint: "opportunity.skills.hint"},
		component.Field{Kind: "checks", Name: "languages", Key: "opportunity.languages", Options: p.options(f.Lang, "opportunity.tongue.", Tongues, "")},
		component.Field{Kind: "text", Name: "minimum-age", Key: "opportunity.minimum-age", Inputmode: "numeric", Half: true},
		component.Field{Kind: "text", Name: "maximum-age", Key: "opportunity.maximum-age", Inputmode: "numeric", Half: true},
		component.Field{Kind: "checkbox", Name: "for-young", Key: "opportunity.young", Hint: "opportunity.young.hint"},
		component.Field{Kind: "checkbox", Name: "for-groups", Key: "opportunity.groups"},
		component.Field{Kind: "checks", Name: "requirements", Key: "opportunity.requirements", Options: p.options(f.Lang, "opportunity.demand.", Demands, "")},
		component.Field{Kind: "text", Name: "requirement", Key: "opportunity.requirement", Hint: "opportunity.requirement.hint"},
		component.Field{Kind: "select", Name: "payer", Key: "opportunity.payer", Options: p.options(f.Lang, "opportunity.payer.", Payers, "opportunity.payer.none")},
	)
	f.Fold(
		"opportunity.form.thanks",
		component.Field{Kind: "text", Name: "learn", Key: "opportunity.learn"},
		component.Field{Kind: "checks", Name: "rewards", Key: "opportunity.rewards", Options: p.options(f.Lang, "opportunity.thanks.", Thanks, "")},
		component.Field{Kind: "text", Name: "expenses", Key: "opportunity.expenses", Hint: "opportunity.expenses.hint"},
		component.Field{Kind: "text", Name: "trial", Key: "opportunity.trial", Hint: "opportunity.trial.hint"},
		component.Field{Kind: "text", Name: "insurance", Key: "opportunity.insurance", Hint: "opportunity.insurance.hint"},
		component.Field{Kind: "text", Name: "accessibility", Key: "opportunity.accessibility", Hint: "opportunity.accessibility.hint"},
	)
	f.Fold(
		"opportunity.form.more",
		component.Field{Kind: "select", Name: "field", Key: "opportunity.field", Options: p.fieldOptions(f)},
		component.Field{Kind: "checkbox", Name: "emergency", Key: "opportunity.emergency"},
		component.Field{Kind: "text", Name: "apply-link", Key: "opportunity.apply-link", Hint: "opportunity.apply-link.hint", Inputmode: "url"},
		component.Field{Kind: "text", Name: "until", Key: "opportunity.until", Hint: "opportunity.until.hint"},
	)
}

// fieldOptions gives the causes that can be chosen, and the one that is.
func (p *Pages) fieldOptions(f *page.Form) []component.Option {
	list := []component.Option{{Label: p.web.T(f.Lang, "opportunity.field.none")}}
	for _, t := range p.themes().Offered(TermList, f.In.Get("field")) {
		list = append(list, component.Option{Value: t.Key, Label: t.Word(f.Lang)})
	}
	return list
}

// mine gives one of the opportunities of the person's clubs.
func (p *Pages) mine(r *http.Request, who *page.Person, key string) (*Opportunity, error) {
	o, err := p.Opportunities.Find(r.Context(), who.Viewer(), p.actors.Site().ObjectID(key))
	if err == nil && !who.Speaks(o.AttributedTo) {
		err = problem.Forbiddenf("%s is not an editor of this club", who.ID)
	}
	return o, err
}

func (p *Pages) create(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	key, err := p.NewThingKey(r, who, in)
	if err != nil {
		return err
	}
	if in.Keeps() {
		return p.keep(w, r, who, in, key, time.Time{})
	}
	d, due, err := p.checked(who, in)
	if err == nil && in.Get("look") == "" && who.Early(in) {
		if err = p.CheckPicture(r.Context(), in); err == nil {
			return p.keep(w, r, who, in, key, time.Time{})
		}
	}
	if err == nil && in.Get("look") == "" {
		err = p.Unmoved(r, who, in, key)
	}
	if in.Get("look") != "" || err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	if !due.IsZero() {
		return p.keep(w, r, who, in, key, due)
	}
	if err := p.KeepTemplate(r, who, making, in, key); err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	d.Key, d.Version, d.Picture = key, page.DraftVersion(in), in.PictureChange().New
	o, err := p.Create(r.Context(), who.ID, d)
	if errors.Is(err, object.ErrStale) && !errors.Is(err, draft.ErrStale) {
		return p.stale(w, r, who, in, o.Key()) // sent once more with another text
	}
	if err != nil {
		return p.formIfInvalid(w, r, who, in, nil, err)
	}
	p.Flash(r, page.Said("opportunity.published", &o.Object))
	http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
	return nil
}

// formIfInvalid shows the form again when what was typed is wrong; other errors
// stay errors.
func (p *Pages) formIfInvalid(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, o *Opportunity, err error) error {
	if err != nil && !page.Mendable(err) {
		return err
	}
	return p.form(w, r, who, in, o, err)
}

func (p *Pages) changeForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	if o.State == Cancelled {
		p.Flash(r, "opportunity.cancelled.stays")
		http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
		return nil
	}
	in := &page.Input{Values: o.values()}
	in.Set("club", o.Author.PreferredUsername)
	return p.form(w, r, who, in, o, nil)
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	o, err := p.mine(r, who, chi.URLParam(r, "key"))
	if problem.KindOf(err) == problem.Gone {
		return p.anew(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	in.Set("club", o.Author.PreferredUsername)
	in.Set("context", o.Context)
	d, err := p.check(who, in, o)
	if in.Get("look") != "" || err != nil {
		return p.formIfInvalid(w, r, who, in, o, err)
	}
	ch := Change{Draft: d, Picture: in.PictureChange(), Sure: in.Get(FieldSure) != ""}
	if ch.Version, err = in.Version(); err != nil {
		return err
	}
	changed, err := p.Change(r.Context(), who.ID, o.ID, ch)
	switch kind := problem.KindOf(err); {
	case errors.Is(err, object.ErrStale):
		return p.stale(w, r, who, in, o.Key())
	case kind == problem.Gone || kind == problem.Conflict:
		return p.anew(w, r, who, in, err)
	case err != nil:
		return p.formIfInvalid(w, r, who, in, o, err)
	}
	p.Flash(r, page.Said("opportunity.changed", &changed.Object))
	http.Redirect(w, r, Path+o.Key(), http.StatusSeeOther)
	return nil
}

// question asks whether shifts may go or move for which people have applied, where
// the form says so.
func (p *Pages) question(r *http.Request, f *page.Form, o *Opportunity) error {
	if o == nil {
		return nil
	}
	one := *o
	if err := p.apply(&one, typed(f.In)); err != nil {
		return nil // what is wrong comes first
	}
	list, err := p.losses(r.Context(), p.db.Read(), o.Shifts, &one)
	if err != nil || len(list) == 0 {
		return err
	}
	f.Notice(p.web.T(f.Lang, "opportunity.lost.notice", lossesSaid(f.Lang, list)))
	f.Group("opportunity.lost", component.Field{Kind: "checkbox", Name: FieldSure, Key: "opportunity.lost.sure", Hint: "opportunity.lost.hint", Required: true})
	return nil
}

// anew shows what was typed in the form of a new opportunity: the one that it
// was typed for can be changed no more.
func (p *Pages) anew(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, why error) error {
	in.Set("key", page.NewKey())
	return p.form(w, r, who, in, nil, why)
}

// stale shows what was typed beside the present version.
func (p *Pages) stale(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, key string) error {
	o, err := p.mine(r, who, key)
	if err != nil {
		return err
	}
	return p.form(w, r, who, in, o, object.ErrStale)
}
