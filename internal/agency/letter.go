package agency

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

func day(lang string, t time.Time) string { return locale.Date(lang, t) }

// Token lets who has it renew the offer with this id, and do nothing else. key is
// the town's secret for it.
func Token(key []byte, id string) string { return id + "." + seal(key, id) }

func seal(key []byte, id string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("renew offer " + id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// readToken reads what Token gave; ok is false for anything else.
func readToken(key []byte, token string) (id string, ok bool) {
	id, sealed, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(seal(key, id)), []byte(sealed)) {
		return "", false
	}
	_, err := uuid.Parse(id)
	return id, err == nil
}

// A Teller tells people by mail what becomes of their offers.
type Teller struct {
	Letters  *page.Letters
	Accounts *account.Accounts
	Actors   *actor.Actors
	// Secret seals the links that renew.
	Secret func(ctx context.Context) ([]byte, error)
	Zone   *time.Location
	// Open tells whether the town uses the pages of offers.
	Open func() bool
}

// Tell writes the letter of a notice. It makes the Teller an offer.Offers.Tell.
func (t *Teller) Tell(ctx context.Context, tx bun.Tx, n offer.Notice) error {
	if !t.Letters.Ready() || !t.Open() {
		return nil
	}
	a, err := t.Accounts.Find(ctx, n.Offer.AccountID)
	if problem.KindOf(err) == problem.NotFound {
		return nil // somebody leaves in this moment
	}
	if err != nil {
		return err
	}
	lang, err := t.Letters.Language(ctx, a.ID)
	if err != nil {
		return err
	}
	m := page.Message{Cause: n.Cause, Person: a, Key: "letter.offer." + n.Kind}
	if p := n.Proposal; p != nil {
		m.Path = offerPath + p.ID
		data := map[string]any{"Title": p.Title, "Text": p.Message, "Club": ""}
		switch {
		case p.ByClub:
			m.Key += ".club"
		case p.OpportunityID == "":
			m.Key += ".show"
		}
		if c, err := t.Actors.Find(ctx, tx, p.ClubID); err == nil {
			data["Club"] = c.DisplayName()
		} else if problem.KindOf(err) != problem.NotFound {
			return err
		}
		m.Data = data
		return t.Letters.Send(ctx, tx, m)
	}
	key, err := t.Secret(ctx)
	if err != nil {
		return err
	}
	m.Data, m.Path = map[string]any{"Until": day(lang, n.Offer.Until.In(t.Zone))}, renewPath+Token(key, n.Offer.ID)
	return t.Letters.Send(ctx, tx, m)
}

// linked gives the offer to which the link of a letter belongs.
func (p *Pages) linked(r *http.Request) (*offer.Offer, error) {
	key, err := p.Secret(r.Context())
	if err != nil {
		return nil, err
	}
	id, ok := readToken(key, chi.URLParam(r, "token"))
	if !ok {
		return nil, problem.Gonef("the link is none of ours")
	}
	return p.Offers.ByID(r.Context(), id)
}

type renewView struct {
	Until, Next string
	// Form is the button, nil once it was pressed.
	Form *component.Form
	Own  string
}

// renewForm shows the one button of the link of a letter. Programs that look at
// letters open links too, so opening it changes nothing.
func (p *Pages) renewForm(w http.ResponseWriter, r *http.Request) error {
	o, err := p.linked(r)
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	form := p.button(r, r.URL.Path, component.Button{Key: "offering.renew", Icon: "repeat"})
	return p.showRenew(w, r, renewView{Until: day(p.Web.Language(r), o.Until.In(p.Zone)), Form: &form, Own: Path})
}

func (p *Pages) showRenew(w http.ResponseWriter, r *http.Request, view renewView) error {
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address of a link is the key to it
	return p.Web.Render(w, r, http.StatusOK, "agency/renew", web.Page{Title: p.Web.T(p.Web.Language(r), "offering.renew.title"), Narrow: true, NoIndex: true, View: view})
}

func (p *Pages) over(w http.ResponseWriter, r *http.Request) error {
	return p.Web.Render(w, r, http.StatusGone, "failure", web.Page{
		Title: p.Web.T(p.Web.Language(r), "offering.gone"), NoIndex: true,
		View: component.Failure{Status: http.StatusGone, Key: "offering.gone", Href: Path, ActionKey: "offering.title"},
	})
}

// renew renews the offer of a link.
func (p *Pages) renew(w http.ResponseWriter, r *http.Request) error {
	if _, err := page.Read(w, r); err != nil {
		return err
	}
	o, err := p.linked(r)
	if err == nil {
		err = p.Accounts.AdmitHelp(r.Context(), o.AccountID)
	}
	if err == nil {
		err = p.Offers.RenewByID(r.Context(), o.ID)
	}
	if err == nil {
		o, err = p.Offers.ByID(r.Context(), o.ID)
	}
	if problem.KindOf(err) == problem.Gone {
		return p.over(w, r)
	}
	if err != nil {
		return err
	}
	return p.showRenew(w, r, renewView{Next: day(p.Web.Language(r), o.Until.In(p.Zone)), Own: Path})
}

// preset gives what stands in a form before anybody typed.
func preset(pairs ...string) *page.Input {
	v := url.Values{}
	for i := 1; i < len(pairs); i += 2 {
		v.Set(pairs[i-1], pairs[i])
	}
	return &page.Input{Values: v}
}
