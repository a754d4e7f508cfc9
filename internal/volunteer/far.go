package volunteer

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/pledge"
	"codeberg.org/aushang/aushang/internal/problem"
)

// farPath is where one applies for an opportunity of another town, and
// receiptPath follows the page of an application.
const (
	elsewherePath = Path + "anderswo"
	farPath       = elsewherePath + applyPath
	receiptPath   = "/quittung/"
)

// FarHref leads to where one applies for an opportunity of another town.
func FarHref(id string) string { return farPath + "?" + url.Values{"id": {id}}.Encode() }

// desk is where a person's buttons are answered: here, or by another town.
type desk interface {
	Confirm(ctx context.Context, id string) error
	Withdraw(ctx context.Context, id string) error
	Reply(ctx context.Context, id, text string) error
	Take(ctx context.Context, id, shiftID string) error
	GiveBack(ctx context.Context, id, shiftID string) error
	Offer(ctx context.Context, id, shiftID string, on bool) error
	Hours(ctx context.Context, id string, minutes int) error
}

func (p *Pages) change(ctx context.Context, s *seen, d application.Draft) error {
	if s.far == nil {
		return p.Applications.Change(ctx, s.ID, d)
	}
	email := ""
	if d.Shows {
		email = s.email
	}
	return p.Pledges.Change(ctx, s.ID, d, email)
}

// far gives the host of the other town of an opportunity, "" for one of here.
func (p *Pages) far(n *application.Need) string {
	if p.Actors.Site().Owns(n.ID) {
		return ""
	}
	return as.Host(n.ID)
}

// farClub names a club of another town.
func farClub(name, id string) string { return name + " (" + as.Host(id) + ")" }

// farNeed gives an opportunity of another town with the addresses under which
// people see it here.
func (p *Pages) farNeed(ctx context.Context, id string) (*application.Need, error) {
	n, err := p.Applications.FarNeed(ctx, p.Applications.Reader(), id)
	if err == nil && n.Hidden {
		err = problem.NotFoundf("%s is hidden", id)
	}
	if err != nil {
		return nil, err
	}
	n.URL, n.Club = elsewherePath+"?"+url.Values{"id": {id}}.Encode(), farClub(n.Club, id)
	return n, nil
}

func (p *Pages) farForm(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	n, err := p.farNeed(r.Context(), r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	mine, err := p.Pledges.Mine(r.Context(), who.ID)
	if err != nil {
		return err
	}
	for _, one := range mine {
		if one.OpportunityID == n.ID && one.Helper().Live() {
			http.Redirect(w, r, OwnPath+"/"+one.ID, http.StatusSeeOther)
			return nil
		}
	}
	in := &page.Input{Values: url.Values{"key": {page.NewKey()}, "name": {who.Name}}}
	return p.show(w, r, who, n, in, http.StatusOK, "", nil)
}

// farApply takes the form. What goes to whom is shown once more before anything
// is sent.
func (p *Pages) farApply(w http.ResponseWriter, r *http.Request, who *page.Person, in *page.Input) error {
	n, err := p.farNeed(r.Context(), in.Get("id"))
	if err != nil {
		return err
	}
	key, err := in.Key()
	if err != nil { // it lay for a month, or is of a program
		key = ""
		in.Set("key", page.NewKey())
	}
	d := p.draft(r, who, n, in)
	if err := p.Applications.Check(n, d); err != nil || !n.Takes(p.Applications.Now()) || in.Get(fieldChange) != "" {
		return p.show(w, r, who, n, in, http.StatusOK, "", err)
	}
	if in.Get(fieldSure) == "" || key == "" {
		return p.preview(w, r, who, n, in, d)
	}
	if err := p.admit(r, who, d); problem.KindOf(err) == problem.TooMany {
		return p.show(w, r, who, n, in, http.StatusTooManyRequests, "volunteer.toomany", nil)
	} else if err != nil {
		return err
	}
	email := ""
	if d.Shows {
		email = who.Email
	}
	one, twice, err := p.Pledges.Apply(r.Context(), n, d, email)
	if len(problem.FieldsOf(err)) > 0 || problem.KindOf(err) == problem.Conflict {
		return p.show(w, r, who, n, in, http.StatusOK, "", err)
	}
	if err != nil {
		return err
	}
	if twice && one.ID != d.Key {
		return back(w, r, OwnPath+"/"+one.ID, "schon")
	}
	http.Redirect(w, r, OwnPath+"/"+one.ID, http.StatusSeeOther) // where it says that it is on its way
	return nil
}

// farMine gives what a person asked for in other towns.
func (p *Pages) farMine(ctx context.Context, accountID string) ([]*seen, error) {
	list, err := p.Pledges.Mine(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var all []*seen
	for _, one := range list {
		s, err := p.farSeen(ctx, one, "")
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (p *Pages) farOne(ctx context.Context, who *page.Person, id string) (*seen, error) {
	one, err := p.Pledges.Find(ctx, who.ID, id)
	if err != nil {
		return nil, err
	}
	return p.farSeen(ctx, one, who.Email)
}

func (p *Pages) farSeen(ctx context.Context, one *pledge.Pledge, email string) (*seen, error) {
	n, err := p.farNeed(ctx, one.OpportunityID)
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone { // it is forgotten here, and the application is not
		n, err = &application.Need{ID: one.OpportunityID, ClubID: one.ClubID, Club: farClub(one.Club, one.OpportunityID), Gone: true}, nil
	}
	if err != nil {
		return nil, err
	}
	if c := one.Said().Contact; c != nil {
		n.ContactName, n.ContactEmail, n.ContactPhone = c.Name, c.Email, c.Telephone
	}
	return &seen{Helper: one.Helper(), n: n, path: OwnPath + "/" + one.ID, email: email, account: true, far: one}, nil
}

// ownHistory gives what was said and done, for the person.
func (p *Pages) ownHistory(ctx context.Context, lang string, s *seen) ([]said, error) {
	if s.far == nil {
		history, err := p.Applications.Messages(ctx, s.ID)
		return p.history(lang, s.Helper, s.n, history, false), err
	}
	acts, err := p.Pledges.Acts(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	var all []said
	for _, a := range acts {
		line := p.history(lang, s.Helper, s.n, []*application.Message{{ID: a.ID, Kind: a.Kind, Content: a.Content, Created: a.Created}}, false)[0]
		line.Mark = "volunteer.act." + a.State
		if len(a.Receipt) > 0 {
			line.Receipt = s.path + receiptPath + a.Key()
		}
		all = append(all, line)
	}
	for _, m := range s.far.Said().Said {
		all = append(all, p.history(lang, s.Helper, s.n, []*application.Message{{ID: m.ID, Kind: known(m.Kind), ByClub: true, Content: m.Content, Created: m.Published}}, false)...)
	}
	slices.SortStableFunc(all, func(a, b said) int { return a.At.Compare(b.At) })
	return all, nil
}

// byClub are the kinds of lines that a club writes into a history.
var byClub = []string{
	application.Said, application.DidAccept, application.DidDecline, application.DidEnd, application.DidGive, application.DidMove, application.DidLose,
	application.DidChange, application.DidHours, application.DidAgree, application.DidFinish,
}

// known gives a kind for which there are words.
func known(kind string) string {
	if slices.Contains(byClub, kind) {
		return kind
	}
	return application.DidChange
}

// townOf gives the host of the other town of a person, "" for who did not come
// from one.
func townOf(h *application.Helper) string {
	if h.Door != application.ByTown {
		return ""
	}
	return as.Host(h.ActorID)
}

// receipt is a signed answer, on the page of the club.
type receipt struct {
	Key, Href string
	Accepted  bool
	At        time.Time
}

func (p *Pages) receipts(ctx context.Context, h *application.Helper, path string) ([]receipt, error) {
	if h.Door != application.ByTown {
		return nil, nil
	}
	list, err := p.Pledges.Receipts(ctx, h.ID)
	var all []receipt
	for _, one := range list {
		all = append(all, receipt{"volunteer.did." + one.Kind, path + receiptPath + one.Key(), one.Accepted, one.Created.In(p.Zone)})
	}
	return all, err
}

// ownReceipt gives a person the signed answer to what he or she did.
func (p *Pages) ownReceipt(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	s, err := p.mine(r, who)
	if err != nil {
		return err
	}
	acts, err := p.Pledges.Acts(r.Context(), s.ID)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if a.Key() == chi.URLParam(r, "receipt") && len(a.Receipt) > 0 {
			return writeReceipt(w, a.Receipt)
		}
	}
	return problem.NotFoundf("there is no such receipt")
}

// clubReceipt gives the club the same bytes.
func (p *Pages) clubReceipt(w http.ResponseWriter, r *http.Request, who *page.Person) error {
	_, h, err := p.helper(r, who)
	if err != nil {
		return err
	}
	list, err := p.Pledges.Receipts(r.Context(), h.ID)
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.Key() == chi.URLParam(r, "receipt") {
			return writeReceipt(w, one.Body)
		}
	}
	return problem.NotFoundf("there is no such receipt")
}

func writeReceipt(w http.ResponseWriter, body []byte) error {
	w.Header().Set("Content-Type", as.MediaType)
	w.Header().Set("Content-Disposition", `attachment; filename="quittung.json"`)
	w.Header().Set("Cache-Control", "private, no-store")
	if _, err := w.Write(body); err != nil {
		return nil //nolint:nilerr // who asked has gone
	}
	return nil
}
