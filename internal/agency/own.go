package agency

import (
	"context"
	"net/http"
	"net/url"

	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// mostFits is how many opportunities a page shows that fit.
const mostFits = 12

// introView is what those see who have no offer ("agency/intro").
type introView struct {
	Crumbs []component.Crumb
	Done   string
	// Begin leads to the form, or to where one signs in first.
	Begin    string
	SignedIn bool
}

type shownTo struct {
	Name string
	End  component.Form
}

type proposalRow struct {
	Title, Href, State string
	Open               bool
}

// ownView is the offer as its person sees it ("agency/own").
type ownView struct {
	Crumbs []component.Crumb
	Done   string
	Offer  *offer.Offer
	Facts  []fact
	// State and Text are keys of words for where it stands; Until is its last day.
	State, Tone, Text string
	Until             string
	Forms             []component.Form
	Change            string
	Proposals         []proposalRow
	Fits              []fitRow
	More              int
	// None is the key of the sentence for when nothing fits.
	None string
	// Clubs are those that see it, Show lets one more see it, nil without any.
	Clubs  []shownTo
	Show   *component.Form
	Delete component.Form
}

// home shows a person the own offer, and everybody else what this is.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	who, err := p.Who(r)
	if err != nil {
		return err
	}
	if who != nil {
		o, err := p.Offers.Own(r.Context(), who.ID)
		if err == nil {
			return p.own(w, r, who, o)
		}
		if problem.KindOf(err) != problem.NotFound {
			return err
		}
	}
	lang := p.Web.Language(r)
	view := introView{Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: "/ehrenamt"}, {Key: "offering.title"}}, Done: p.Flashed(r), Begin: formPath, SignedIn: who != nil}
	if who == nil {
		view.Begin = "/anmelden?" + url.Values{"weiter": {formPath}}.Encode()
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	return p.Web.Render(w, r, http.StatusOK, "agency/intro", web.Page{Title: p.Web.T(lang, "offering.title"), Description: p.Web.T(lang, "offering.text"), Narrow: true, View: view})
}

// own shows a person the offer, what fits it and who sees it.
func (p *Pages) own(w http.ResponseWriter, r *http.Request, who *page.Person, o *offer.Offer) error {
	lang := p.Web.Language(r)
	view := ownView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "offering.title"}}, Done: p.Flashed(r), Offer: o, Facts: p.facts(lang, o), Change: formPath,
		Until: day(lang, o.Until.In(p.Zone)), State: "offering.state." + o.State, Tone: "success", Text: "offering.state." + o.State + ".text",
		Delete: p.button(r, Path, component.Button{Key: "offering.delete", Plain: true, Danger: true, Icon: "x"}, "act", "delete"),
	}
	renew := p.button(r, Path, component.Button{Key: "offering.renew", Icon: "repeat", Plain: o.State != offer.Expired}, "act", "renew")
	switch o.State {
	case offer.Open:
		view.Forms = []component.Form{renew, p.button(r, Path, component.Button{Key: "offering.pause", Plain: true, Icon: "lock"}, "act", "pause")}
	case offer.Paused:
		view.Tone, view.Forms = "warning", []component.Form{p.button(r, Path, component.Button{Key: "offering.resume", Icon: "check"}, "act", "resume")}
	default:
		view.Tone, view.Forms = "danger", []component.Form{renew}
	}
	if err := p.proposed(r, who, &view); err != nil {
		return err
	}
	fits, err := p.Offers.ForOffer(r.Context(), o, false)
	if err != nil {
		return err
	}
	for _, f := range fits[:min(len(fits), mostFits)] {
		view.Fits = append(view.Fits, p.needRow(lang, f))
	}
	view.More = len(fits) - len(view.Fits)
	if view.None, err = p.none(r.Context(), o, false, "offering.own.none"); err != nil {
		return err
	}
	if err := p.seers(r, who, &view); err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, "own", p.Web.T(lang, "offering.title"), view)
}

// none gives the key of the sentence that says why nothing fits an offer.
func (p *Pages) none(ctx context.Context, o *offer.Offer, local bool, key string) (string, error) {
	n, err := p.Offers.TooYoung(ctx, o, local)
	if n > 0 {
		key += ".young"
	}
	return key, err
}

// proposed adds what was proposed to the person.
func (p *Pages) proposed(r *http.Request, who *page.Person, view *ownView) error {
	list, err := p.Offers.Proposals(r.Context(), who.ID)
	for _, one := range list {
		if one.State != offer.Withdrawn {
			view.Proposals = append(view.Proposals, proposalRow{one.Title, ProposalHref(one.ID), "offering.proposal." + stateOf(one), one.State == offer.Proposed})
		}
	}
	return err
}

// stateOf is how the keys of the words for where a proposal stands go on: what
// somebody said yes to may be off by now.
func stateOf(one *offer.Proposal) string {
	if one.Off && (one.State == offer.Applied || one.State == offer.Proposed) {
		return "off"
	}
	return one.State
}

// seers adds the clubs that see the offer, and the form that lets one more.
func (p *Pages) seers(r *http.Request, who *page.Person, view *ownView) error {
	ids, err := p.Offers.ShownTo(r.Context(), who.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		name, err := p.activeName(r.Context(), id)
		if err != nil {
			return err
		}
		if name != "" {
			view.Clubs = append(view.Clubs, shownTo{name, p.button(r, Path, component.Button{Key: "offering.hide", Plain: true}, "act", "hide", "club", id)})
		}
	}
	others, err := p.clubs(r.Context(), ids)
	if err != nil || len(others) == 0 {
		return err
	}
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	f.Hide("act", "show")
	f.Group("", clubField(others))
	show := f.Show(Path, component.Button{Key: "offering.show", Plain: true})
	show.Still = true
	view.Show = &show
	return nil
}

// act does what a button on the page of a person says.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx := r.Context()
	what, ok := map[string]struct {
		done string
		do   func() error
	}{
		"pause":  {"offering.done.paused", func() error { return p.Offers.Pause(ctx, who.ID) }},
		"resume": {"offering.done.resumed", func() error { return p.Offers.Resume(ctx, who.ID) }},
		"renew":  {"offering.done.renewed", func() error { return p.Offers.Renew(ctx, who.ID) }},
		"delete": {"offering.done.deleted", func() error { return p.Offers.Delete(ctx, who.ID) }},
		"hide":   {"offering.done.hidden", func() error { return p.Offers.Show(ctx, who.ID, in.Get("club"), false) }},
		"show":   {"offering.done.shown", func() error { return p.showTo(r, who, in.Get("club")) }},
	}[in.Get("act")]
	if !ok {
		return problem.Invalidf("%q cannot be done to an offer", in.Get("act"))
	}
	if in.Get("act") == "delete" && in.Get(fieldSure) == "" {
		return p.askDelete(w, r, who)
	}
	if err := p.Accounts.AdmitHelp(ctx, who.ID); err != nil {
		return err
	}
	if err := what.do(); err != nil {
		return err
	}
	return p.back(w, r, Path, what.done)
}

// fieldSure says in the form that deletes an offer that it was asked.
const fieldSure = "sure"

// askDelete asks once more before an offer is deleted, and says what goes with it.
func (p *Pages) askDelete(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	lang := p.Web.Language(r)
	if _, err := p.Offers.Own(r.Context(), who.ID); problem.KindOf(err) == problem.NotFound {
		return p.back(w, r, Path, "offering.done.deleted") // it was pressed twice
	} else if err != nil {
		return err
	}
	proposals, err := p.Offers.Proposals(r.Context(), who.ID)
	if err != nil {
		return err
	}
	clubs, err := p.Offers.ShownTo(r.Context(), who.ID)
	if err != nil {
		return err
	}
	f := page.NewForm(p.Web, r, &page.Input{Values: url.Values{}}, nil)
	f.Hide("act", "delete")
	f.Hide(fieldSure, "1")
	view := sureView{
		Crumbs: []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "offering.title", Href: Path}},
		Clubs:  len(clubs),
		Form:   f.Show(Path, component.Button{Key: "offering.delete.sure.do", Danger: true, Icon: "x"}, component.Button{Key: "offering.delete.sure.not", Href: Path}),
	}
	for _, one := range proposals {
		if one.State != offer.Withdrawn {
			view.Proposals++
		}
	}
	return p.render(w, r, http.StatusOK, "sure", p.Web.T(lang, "offering.delete.sure"), view)
}

// sureView asks once more ("agency/sure").
type sureView struct {
	Crumbs []component.Crumb
	// Proposals and Clubs are how many proposals and yeses to clubs go too.
	Proposals, Clubs int
	Form             component.Form
}

// showTo shows the offer to a club of ours.
func (p *Pages) showTo(r *http.Request, who *page.Person, clubID string) error {
	clubs, err := p.clubs(r.Context(), nil)
	if err != nil {
		return err
	}
	for _, c := range clubs {
		if c.ID == clubID {
			return p.Offers.Show(r.Context(), who.ID, clubID, true)
		}
	}
	return problem.NotFoundf("there is no club %s", clubID)
}

type publicView struct {
	Crumbs []component.Crumb
	Offers []offerRow
	Empty  component.Empty
	Own    string
}

// mostPublic is how many offers the public list has.
const mostPublic = 200

// public lists what everybody may read, without names.
func (p *Pages) public(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Offers.Public(r.Context(), mostPublic)
	if err != nil {
		return err
	}
	lang := p.Web.Language(r)
	view := publicView{
		Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: "/ehrenamt"}, {Key: "offering.public.title"}}, Own: Path,
		Empty: component.Empty{Key: "offering.public.none", TextKey: "offering.public.none.text", Href: Path, ActionKey: "offering.title"},
	}
	for _, o := range list {
		view.Offers = append(view.Offers, p.offerRow(lang, o))
	}
	return p.Web.Render(w, r, http.StatusOK, "agency/public", web.Page{Title: p.Web.T(lang, "offering.public.title"), NoIndex: true, View: view})
}
