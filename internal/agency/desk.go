package agency

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// frame is what every page of the agency begins with.
type frame struct {
	Crumbs []component.Crumb
	Done   string
	Rooms  component.Segments
}

// frame gives it; room is the path of the room, last what the page is called, ""
// for the room itself.
func (p *Pages) frame(r *http.Request, room, last string) frame {
	f := frame{Done: p.Flashed(r), Rooms: component.Segments{Label: "offering.desk"}, Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "offering.desk", Href: DeskPath}}}
	for _, one := range []component.Segment{
		{Key: "offering.desk.offers", Icon: "heart", Href: DeskPath}, {Key: "offering.desk.needs", Icon: "people", Href: needsPath}, {Key: "offering.desk.figures", Icon: "chart", Href: figurePath},
	} {
		one.Current = one.Href == room
		f.Rooms.List = append(f.Rooms.List, one)
		if one.Current && (room != DeskPath || last != "") {
			f.Crumbs = append(f.Crumbs, component.Crumb{Key: one.Key, Href: one.Href})
		}
	}
	if last != "" {
		f.Crumbs = append(f.Crumbs, component.Crumb{Text: last})
	} else {
		f.Crumbs[len(f.Crumbs)-1].Href = ""
	}
	return f
}

type deskView struct {
	frame
	Offers  []offerRow
	Waiting int
	Empty   component.Empty
}

// desk lists the offers that people gave the agency.
func (p *Pages) desk(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	list, err := p.Offers.Given(r.Context(), who.ID)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := deskView{frame: p.frame(r, DeskPath, ""), Empty: component.Empty{Key: "offering.desk.none", TextKey: "offering.desk.none.text", Href: needsPath, ActionKey: "offering.desk.needs"}}
	if view.Waiting, err = p.Offers.Waiting(r.Context()); err != nil {
		return err
	}
	for _, o := range list {
		row := p.offerRow(lang, o)
		row.Href = givenPath + o.ID
		view.Offers = append(view.Offers, row)
	}
	return p.render(w, r, http.StatusOK, "desk", p.Web.T(lang, "offering.desk"), view)
}

type noteRow struct {
	By, Text string
	At       time.Time
	Remove   component.Form
}

type madeRow struct {
	Title, State string
	At           time.Time
	Withdraw     *component.Form
}

type givenView struct {
	frame
	Offer     *offer.Offer
	Row       offerRow
	Clubs     []string
	Fits      []fitRow
	None      string
	Propose   *component.Form
	ShowTo    *component.Form
	Proposals []madeRow
	Notes     []noteRow
	Note      component.Form
}

// needField names the opportunity in forms and addresses.
const needField = "einsatz"

// given shows an offer with what fits it, what was proposed and what was noted.
func (p *Pages) given(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showGiven(w, r, who, preset(needField, r.URL.Query().Get(needField)), nil)
}

// typed gives in for the form that was sent, and an empty one for the others.
func typed(in *page.Input, wrong error, act string) (*page.Input, error) {
	if wrong == nil || in.Get("act") == act {
		return in, wrong
	}
	return preset(), nil
}

func (p *Pages) showGiven(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	ctx, lang := r.Context(), p.Web.Language(r)
	o, err := p.Offers.FindGiven(ctx, who.ID, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	view := givenView{frame: p.frame(r, DeskPath, o.Name), Offer: o, Row: p.offerRow(lang, o)}
	fits, err := p.Offers.ForOffer(ctx, o, true)
	if err != nil {
		return err
	}
	for _, f := range fits[:min(len(fits), mostFits)] {
		view.Fits = append(view.Fits, p.needRow(lang, f))
	}
	if view.None, err = p.none(ctx, o, true, "offering.given.none"); err != nil {
		return err
	}
	status := http.StatusOK
	for _, add := range []func(*http.Request, *page.Person, *givenView, []*offer.Fit, *page.Input, error) (int, error){p.proposeForms, p.madeRows, p.noteRows} {
		n, err := add(r, who, &view, fits, in, wrong)
		if err != nil {
			return err
		}
		status = max(status, n)
	}
	return p.render(w, r, status, "given", o.Name, view)
}

// proposeForms adds the forms that propose an opportunity or a club. What fits
// comes first.
func (p *Pages) proposeForms(r *http.Request, _ *page.Person, view *givenView, fits []*offer.Fit, in *page.Input, wrong error) (int, error) {
	ctx, o := r.Context(), view.Offer
	needs, err := p.Offers.Needs(ctx)
	if err != nil {
		return 0, err
	}
	field := component.Field{Kind: "select", Name: needField, Key: "offering.propose.what", Required: true}
	first := map[string]bool{}
	option := func(n *offer.Need, mark string) {
		field.Options = append(field.Options, component.Option{Value: n.Key(), Label: mark + n.Name + ", " + n.Club})
	}
	for _, f := range fits {
		first[f.Need.ID] = true
		option(f.Need, "✓ ")
	}
	for _, n := range needs {
		if !first[n.ID] {
			option(n, "")
		}
	}
	status := http.StatusOK
	if len(field.Options) > 0 {
		typedIn, err := typed(in, wrong, "propose")
		f := page.NewForm(p.Web, r, typedIn, err)
		f.Hide("act", "propose")
		f.Hide("key", page.NewKey())
		f.Group("", field, component.Field{Kind: "textarea", Name: "message", Key: "offering.propose.message", Hint: "offering.propose.hint", Rows: 3})
		form := f.Show(r.URL.Path, component.Button{Key: "offering.propose", Icon: "mail"})
		form.Still = err == nil
		view.Propose, status = &form, f.Status()
	}
	ids, err := p.Offers.ShownTo(ctx, o.AccountID)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		name, err := p.activeName(ctx, id)
		if err != nil {
			return 0, err
		}
		if name != "" {
			view.Clubs = append(view.Clubs, name)
		}
	}
	clubs, err := p.clubs(ctx, ids)
	if err != nil || len(clubs) == 0 {
		return status, err
	}
	f := page.NewForm(p.Web, r, preset(), nil)
	f.Prefix = "show-"
	f.Hide("act", "ask")
	f.Hide("key", page.NewKey())
	f.Group("", clubField(clubs), component.Field{Kind: "textarea", Name: "message", Key: "offering.propose.message", Rows: 2})
	form := f.Show(r.URL.Path, component.Button{Key: "offering.ask", Plain: true, Icon: "people"})
	form.Still = true
	view.ShowTo = &form
	return status, nil
}

// madeRows adds what was proposed already.
func (p *Pages) madeRows(r *http.Request, _ *page.Person, view *givenView, _ []*offer.Fit, _ *page.Input, _ error) (int, error) {
	list, err := p.Offers.Proposals(r.Context(), view.Offer.AccountID)
	for _, one := range list {
		if one.ByClub {
			continue // that is between the club and the person
		}
		row := madeRow{Title: one.Title, State: "offering.asked." + stateOf(one), At: one.Created.In(p.Zone)}
		if one.State == offer.Proposed {
			form := p.button(r, r.URL.Path, component.Button{Key: "offering.withdraw", Plain: true}, "act", "withdraw", "proposal", one.ID)
			row.Withdraw = &form
		}
		view.Proposals = append(view.Proposals, row)
	}
	return http.StatusOK, err
}

// noteRows adds what the agency noted, and the form for more.
func (p *Pages) noteRows(r *http.Request, who *page.Person, view *givenView, _ []*offer.Fit, in *page.Input, wrong error) (int, error) {
	notes, err := p.Offers.Notes(r.Context(), who.ID, view.Offer)
	if err != nil {
		return 0, err
	}
	for _, n := range notes {
		row := noteRow{Text: n.Content, At: n.Created.In(p.Zone), Remove: p.button(r, r.URL.Path, component.Button{Key: "offering.note.remove", Plain: true}, "act", "unnote", "note", n.ID)}
		var a *account.Account
		if n.ByAccount != "" {
			if a, err = p.Accounts.Find(r.Context(), n.ByAccount); err != nil && problem.KindOf(err) != problem.NotFound {
				return 0, err
			}
		}
		if a != nil {
			row.By = a.Name
		}
		view.Notes = append(view.Notes, row)
	}
	in, wrong = typed(in, wrong, "note")
	f := page.NewForm(p.Web, r, in, wrong)
	f.Hide("act", "note")
	f.Group("", component.Field{Kind: "textarea", Name: "note", Key: "offering.note", Hint: "offering.note.hint", Rows: 3, Required: true})
	view.Note = f.Show(r.URL.Path, component.Button{Key: "offering.note.add", Plain: true})
	view.Note.Still = wrong == nil
	return f.Status(), nil
}

// changeGiven does what a button on the page of an offer says.
func (p *Pages) changeGiven(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx, id := r.Context(), chi.URLParam(r, "id")
	var err error
	done := "offering.done.asked"
	switch in.Get("act") {
	case "propose", "ask":
		if err = p.Accounts.AdmitHelp(ctx, who.ID); err == nil {
			err = p.propose(r, who, id, in)
		}
		if err == nil || errors.Is(err, offer.ErrAsked) || errors.Is(err, offer.ErrEnough) {
			return p.asked(w, r, r.URL.Path, err)
		}
	case "withdraw":
		done, err = "offering.done.withdrawn", p.Offers.Withdraw(ctx, who.ID, id, in.Get("proposal"))
	case "note":
		done, err = "offering.done.noted", p.Offers.AddNote(ctx, who.ID, id, in.Get("note"))
	case "unnote":
		done, err = "offering.done.unnoted", p.Offers.RemoveNote(ctx, who.ID, id, in.Get("note"))
	default:
		err = problem.Invalidf("%q cannot be done to an offer", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showGiven(w, r, who, in, err)
	}
	if err != nil {
		return err
	}
	return p.back(w, r, r.URL.Path, done)
}

// propose asks the person of an offer in the name of the agency.
func (p *Pages) propose(r *http.Request, who *page.Person, id string, in *page.Input) error {
	key, err := in.Key()
	if err != nil {
		return err
	}
	if in.Get("act") == "propose" {
		n, err := p.Offers.Need(r.Context(), p.Actors.Site().ObjectID(in.Get(needField)))
		if err != nil {
			return err
		}
		return p.Offers.Propose(r.Context(), who.ID, id, key, n, "", "", in.Get("message"))
	}
	clubs, err := p.clubs(r.Context(), nil)
	if err != nil {
		return err
	}
	for _, c := range clubs {
		if c.ID == in.Get("club") {
			return p.Offers.Propose(r.Context(), who.ID, id, key, nil, c.ID, c.DisplayName(), in.Get("message"))
		}
	}
	return problem.NotFoundf("there is no club %s", in.Get("club"))
}

type needRow struct {
	Name, Href, Club, Place string
	Fits                    int
}

type needsView struct {
	frame
	Needs []needRow
	Empty component.Empty
}

// needs lists what all clubs look for, with how many offers fit each.
func (p *Pages) needs(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	list, err := p.Offers.Needs(r.Context())
	if err != nil {
		return err
	}
	counts, err := p.Offers.Counts(r.Context(), who.ID, list)
	if err != nil {
		return err
	}
	view := needsView{frame: p.frame(r, needsPath, ""), Empty: component.Empty{Key: "opportunity.none", TextKey: "offering.desk.needs.none", Href: DeskPath, ActionKey: "offering.desk.offers"}}
	for _, n := range list {
		view.Needs = append(view.Needs, needRow{n.Name, needsPath + "/" + n.Key(), n.Club, n.Place, counts[n.ID]})
	}
	return p.render(w, r, http.StatusOK, "needs", p.Web.T(p.Web.Language(r), "offering.desk.needs"), view)
}

type needView struct {
	frame
	Name, Href, Club, Place string
	Fits                    []offerRow
	Empty                   component.Empty
}

// need shows which offers fit an opportunity.
func (p *Pages) need(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	n, err := p.Offers.Need(r.Context(), p.Actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return err
	}
	fits, err := p.Offers.ForNeed(r.Context(), who.ID, n)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := needView{
		frame: p.frame(r, needsPath, n.Name), Name: n.Name, Href: p.Href(n.ID, true), Club: n.Club, Place: n.Place,
		Empty: component.Empty{Key: "offering.need.none", TextKey: "offering.need.none.text", Href: DeskPath, ActionKey: "offering.desk.offers", Small: true},
	}
	for _, f := range fits {
		row := p.offerRow(lang, f.Offer)
		row.Href, row.Because = givenPath+f.Offer.ID+"?"+needField+"="+n.Key()+"#propose", p.because(lang, f)
		view.Fits = append(view.Fits, row)
	}
	return p.render(w, r, http.StatusOK, "need", n.Name, view)
}

// figureMonths is how many months are looked at.
const figureMonths = 12

type topicRow struct {
	Key           string
	Offers, Needs int
}

type figuresView struct {
	frame
	Offers, Needs int
	Months        component.Months
	Topics        []topicRow
	CSV           string
}

// figures shows numbers in which nobody stands.
func (p *Pages) figures(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	months, topics, offers, needs, err := p.Offers.Figures(r.Context(), who.ID, figureMonths)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := figuresView{frame: p.frame(r, figurePath, ""), Offers: offers, Needs: needs, CSV: figurePath + ".csv"}
	for _, t := range topics {
		if t.Offers > 0 || t.Needs > 0 {
			view.Topics = append(view.Topics, topicRow{"opportunity.field." + t.Field, t.Offers, t.Needs})
		}
	}
	view.Months = component.Months{Key: "offering.figures.months", First: "offering.figure.month"}
	for _, what := range offer.Counted {
		view.Months.Columns = append(view.Months.Columns, "offering.figure."+what)
	}
	for _, m := range months {
		row := component.MonthRow{Name: locale.MonthYear(lang, m.First)}
		for _, what := range offer.Counted {
			row.N = append(row.N, m.N[what])
		}
		view.Months.Rows = append(view.Months.Rows, row)
	}
	return p.render(w, r, http.StatusOK, "figures", p.Web.T(lang, "offering.desk.figures"), view)
}

// sheet gives the numbers of the months for a spreadsheet.
func (p *Pages) sheet(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	months, _, _, _, err := p.Offers.Figures(r.Context(), who.ID, figureMonths)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	names := []string{p.Web.T(lang, "offering.figure.month")}
	for _, what := range offer.Counted {
		names = append(names, p.Web.T(lang, "offering.figure."+what))
	}
	var b bytes.Buffer
	sheet, err := page.NewSheet(&b, names...)
	if err != nil {
		return err
	}
	for _, m := range months {
		cells := []string{m.First.Format("2006-01")}
		for _, what := range offer.Counted {
			cells = append(cells, strconv.Itoa(m.N[what]))
		}
		if err := sheet.Add(cells...); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="vermittlung.csv"`)
	_, _ = w.Write(b.Bytes()) // who asked may have gone
	return nil
}
