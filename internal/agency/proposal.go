package agency

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// proposalView is what was proposed to a person ("agency/proposal").
type proposalView struct {
	Crumbs   []component.Crumb
	Proposal *offer.Proposal
	// By is the key of who proposes it, Club the name of the club.
	By, Club string
	// Title leads to Href, "" for what is not shown any more.
	Title, Href, Because string
	// State is the key of what became of it, "" while it waits.
	State string
	// Closed is true for an opportunity that takes nobody any more.
	Closed bool
	// Wants is what is asked of people, as for any application.
	Wants        []string
	Want         string
	Age          int
	Apply, Show  *component.Form
	ApplyTo, Own string
	Decline      *component.Form
}

// proposal shows a person what was proposed.
func (p *Pages) proposal(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	one, err := p.Offers.Proposal(r.Context(), who.ID, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	return p.showProposal(w, r, who, one, &page.Input{Values: url.Values{"name": {who.Name}}}, nil)
}

func (p *Pages) showProposal(w http.ResponseWriter, r *http.Request, who *page.Person, one *offer.Proposal, in *page.Input, wrong error) error {
	lang := p.Web.Language(r)
	view := proposalView{
		Crumbs:   []component.Crumb{{Key: "nav.self", Href: "/konto"}, {Key: "offering.title", Href: Path}, {Text: one.Title}},
		Proposal: one, By: "offering.by.agency", Title: one.Title, Own: Path,
	}
	if one.ByClub {
		view.By = "offering.by.club"
	}
	var err error
	if view.Club, err = p.clubName(r.Context(), one.ClubID); err != nil {
		return err
	}
	status := http.StatusOK
	if one.State != offer.Proposed {
		view.State = "offering.proposal." + one.State
	} else if status, err = p.choices(r, who, one, &view, in, wrong); err != nil {
		return err
	}
	return p.render(w, r, status, "proposal", p.Web.T(lang, "offering.proposal"), view)
}

// choices adds what the person can answer.
func (p *Pages) choices(r *http.Request, who *page.Person, one *offer.Proposal, view *proposalView, in *page.Input, wrong error) (status int, err error) {
	ctx, path := r.Context(), offerPath+one.ID
	decline := p.button(r, path, component.Button{Key: "offering.no", Plain: true, Icon: "x"}, "act", "decline")
	view.Decline = &decline
	status = http.StatusOK
	if one.OpportunityID != "" {
		n, err := p.Applications.Need(ctx, p.Applications.Reader(), one.OpportunityID)
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return 0, err
		}
		if view.Closed = err != nil || !n.Takes(p.Applications.Now()); view.Closed {
			return status, nil
		}
		if status, err = p.applyForm(r, who, n, view, in, wrong, path); err != nil {
			return 0, err
		}
	}
	ids, err := p.Offers.ShownTo(ctx, who.ID)
	if err != nil {
		return 0, err
	}
	if !one.ByClub && view.Club != "" && !slices.Contains(ids, one.ClubID) {
		show := p.button(r, path, component.Button{Key: "offering.yes.show", Plain: one.OpportunityID != "", Icon: "people"}, "act", "show")
		view.Show = &show
	}
	return status, nil
}

// applyForm adds the form with which the person applies at once.
func (p *Pages) applyForm(r *http.Request, who *page.Person, n *application.Need, view *proposalView, in *page.Input, wrong error, path string) (status int, err error) {
	view.Href, view.Wants, view.Want, view.Age = p.Href(n.ID, true), n.Wants(), n.Requirement, n.MinimumAge
	if o, err := p.Offers.Own(r.Context(), who.ID); err == nil {
		if need, err := p.Offers.Need(r.Context(), n.ID); err == nil {
			if fit, ok := offer.Match(o, need); ok {
				view.Because = p.because(p.Web.Language(r), fit)
			}
		}
	}
	f := page.NewForm(p.Web, r, in, wrong)
	f.Hide("act", "apply")
	if ahead := n.Ahead(p.Applications.Now()); len(ahead) > 0 {
		field := component.Field{Kind: "cards", Name: "shift", Key: "volunteer.shift", Required: true}
		for _, x := range ahead {
			field.Options = append(field.Options, component.Option{Value: x.ID, Label: locale.ShortRange(f.Lang, x.StartsAt.In(p.Zone), x.EndsAt.In(p.Zone), false, time.Now()), Note: x.Note})
		}
		f.Group("", field)
	}
	fields := []component.Field{
		{Kind: "text", Name: "name", Key: "volunteer.name", Autocomplete: "name", Required: true},
		{Kind: "textarea", Name: "message", Key: "volunteer.message", Rows: 3},
		{Kind: "checkbox", Name: "shows", Key: "volunteer.shows", Hint: "volunteer.shows.hint"},
	}
	if n.MinimumAge > 0 {
		fields = append(fields, component.Field{Kind: "checkbox", Name: "old", Key: "volunteer.old", Required: true})
	}
	if n.Asks() {
		fields = append(fields, component.Field{Kind: "checkbox", Name: "able", Key: "volunteer.able", Required: true})
	}
	f.Group("", fields...)
	apply := f.Show(path, component.Button{Key: "offering.yes.apply", Icon: "heart"})
	view.Apply = &apply
	return f.Status(), nil
}

// answer takes the answer of the person.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	ctx := r.Context()
	one, err := p.Offers.Proposal(ctx, who.ID, chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if err := p.Accounts.AdmitHelp(ctx, who.ID); err != nil {
		return err
	}
	switch in.Get("act") {
	case "decline":
		if err = p.Offers.Answer(ctx, who.ID, one.ID, offer.Declined); err == nil {
			return p.back(w, r, Path, "offering.done.declined")
		}
	case "show":
		if err = p.Offers.Answer(ctx, who.ID, one.ID, offer.Shown); err == nil {
			return p.back(w, r, Path, "offering.done.shown")
		}
	case "apply":
		var id string
		if id, err = p.apply(r, who, one, in); err == nil {
			http.Redirect(w, r, "/meine-einsaetze/"+id+"?erledigt=gesendet", http.StatusSeeOther)
			return nil
		}
	default:
		err = problem.Invalidf("%q is no answer to a proposal", in.Get("act"))
	}
	if len(problem.FieldsOf(err)) > 0 || problem.KindOf(err) == problem.Conflict {
		if fresh, found := p.Offers.Proposal(ctx, who.ID, one.ID); found == nil {
			one = fresh
		}
		return p.showProposal(w, r, who, one, in, err)
	}
	return err
}

// apply makes an application of a proposal. The form of a proposal makes one: when
// the program is killed between the two, the same form ends what was begun.
func (p *Pages) apply(r *http.Request, who *page.Person, one *offer.Proposal, in *page.Input) (id string, err error) {
	ctx := r.Context()
	if one.OpportunityID == "" || one.State != offer.Proposed && one.State != offer.Applied {
		return "", problem.Conflictf("the proposal is answered, or was taken back")
	}
	n, err := p.Applications.Need(ctx, p.Applications.Reader(), one.OpportunityID)
	if err != nil {
		return "", err
	}
	d := application.Draft{
		Key: one.ID, OpportunityID: one.OpportunityID, AccountID: who.ID, Name: in.Get("name"), Message: in.Get("message"), Language: p.Web.Language(r), Shows: in.Get("shows") != "",
		Old: in.Get("old") != "", Able: in.Get("able") != "", Shifts: slices.Compact(slices.Sorted(slices.Values(in.Values["shift"]))),
	}
	if err := p.Applications.Check(n, d); err != nil {
		return "", err
	}
	h, _, err := p.Applications.Apply(ctx, d)
	if err != nil {
		return "", err
	}
	return h.ID, p.Offers.Answer(ctx, who.ID, one.ID, offer.Applied)
}
