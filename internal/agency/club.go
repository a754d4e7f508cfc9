package agency

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// clubRow is an offer that a club may see.
type clubRow struct {
	offerRow
	// State is the key of what became of asking, "" for who was not asked, and Invite
	// asks.
	State  string
	Invite *component.Form
}

// clubView is what the club of an opportunity sees ("agency/club").
type clubView struct {
	Crumbs       []component.Crumb
	Done         string
	Fits, Others []clubRow
	Empty        component.Empty
}

// clubNeed gives the opportunity of the address to who speaks for its club. The
// rights are asked before it is looked whether it still looks for anybody.
func (p *Pages) clubNeed(r *http.Request, who *page.Person) (*offer.Need, error) {
	n, err := p.Applications.Need(r.Context(), p.Applications.Reader(), p.Actors.Site().ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return nil, err
	}
	if !who.Speaks(n.ClubID) {
		return nil, problem.Forbiddenf("%s does not speak for %s", who.ID, n.ClubID)
	}
	return p.Offers.Need(r.Context(), n.ID)
}

// forClub shows a club the offers of people who said yes to it.
func (p *Pages) forClub(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	return p.showForClub(w, r, who, &page.Input{Values: url.Values{}}, nil)
}

// showForClub is forClub with what was typed to one person, and what is wrong
// with it.
func (p *Pages) showForClub(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input, wrong error) error {
	n, err := p.clubNeed(r, who)
	if err != nil {
		return err
	}
	fits, others, err := p.Offers.ShownToClub(r.Context(), who.ID, n)
	if err != nil {
		return err
	}
	asked, err := p.Offers.Invited(r.Context(), n)
	if err != nil {
		return err
	}
	lang, href := p.Web.Language(r), p.Href(n.ID, true)
	view := clubView{
		Crumbs: []component.Crumb{{Key: "nav.opportunities", Href: "/ehrenamt"}, {Text: n.Name, Href: href}, {Key: "offering.fits"}}, Done: p.Flashed(r),
		Empty: component.Empty{Key: "offering.fits.none", TextKey: "offering.fits.none.text", Href: href, ActionKey: "offering.fits.back"},
	}
	row := func(o *offer.Offer, because string) clubRow {
		c := clubRow{offerRow: p.offerRow(lang, o)}
		c.Because = because
		if state := asked[o.AccountID]; state != "" {
			c.State = "offering.asked." + state
			return c
		}
		typed, fault := &page.Input{Values: url.Values{}}, error(nil)
		if in.Get("offer") == o.ID {
			typed, fault = in, wrong
		}
		f := page.NewForm(p.Web, r, typed, fault)
		f.Prefix = o.ID
		f.Hide("offer", o.ID)
		f.Hide("key", page.NewKey())
		f.Group("", component.Field{Kind: "textarea", Rows: 3, Name: "message", Key: "offering.invite.message"})
		form := f.Show(r.URL.Path, component.Button{Key: "offering.invite", Plain: true, Icon: "mail"})
		form.Still = true
		c.Invite = &form
		return c
	}
	for _, f := range fits {
		view.Fits = append(view.Fits, row(f.Offer, p.because(lang, f)))
	}
	for _, o := range others {
		view.Others = append(view.Others, row(o, ""))
	}
	status := http.StatusOK
	if wrong != nil {
		status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, status, "club", p.Web.T(lang, "offering.fits"), view)
}

// invite asks a person in the name of the club.
func (p *Pages) invite(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	n, err := p.clubNeed(r, who)
	if err != nil {
		return err
	}
	key, err := in.Key()
	if err == nil {
		err = p.Accounts.AdmitHelp(r.Context(), who.ID)
	}
	if err == nil {
		err = p.Offers.Invite(r.Context(), who.ID, in.Get("offer"), key, n, in.Get("message"))
	}
	if len(problem.FieldsOf(err)) > 0 {
		return p.showForClub(w, r, who, in, err)
	}
	return p.asked(w, r, r.URL.Path, err)
}

// asked leads back and says whether the person was asked.
func (p *Pages) asked(w http.ResponseWriter, r *http.Request, path string, err error) error {
	switch {
	case errors.Is(err, offer.ErrAsked):
		return p.back(w, r, path, "offering.done.asked.before")
	case errors.Is(err, offer.ErrEnough):
		return p.back(w, r, path, "offering.done.asked.enough")
	case err != nil:
		return err
	}
	return p.back(w, r, path, "offering.done.asked")
}
