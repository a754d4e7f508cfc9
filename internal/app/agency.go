package app

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/agency"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/opportunity"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/retention"
)

// renewing is the purpose of the secret that seals the links that renew offers.
const renewing = "links that renew offers to help"

// offers makes what people offer to do, and what the volunteer agency does with it.
func (t *Town) offers() {
	kept := func(name string) func(context.Context, bun.IDB) (time.Duration, error) {
		return func(ctx context.Context, db bun.IDB) (time.Duration, error) { return retention.Of(ctx, db, name) }
	}
	words := offer.Words{Fields: opportunity.Fields, Times: opportunity.TimesKinds, Languages: opportunity.Tongues}
	t.Offers = offer.New(t.db, t.Actors, words, t.Config.Location())
	t.Offers.Term, t.Offers.Keep, t.Offers.Located = kept(retention.Offer), kept(retention.OldOffer), t.Opportunities.Locate
}

func (t *Town) renewingSecret(ctx context.Context) ([]byte, error) {
	return t.Actors.Secret(ctx, renewing)
}

// offerTeller gives what tells people what becomes of their offers.
func (t *Town) offerTeller() *agency.Teller {
	return &agency.Teller{
		Letters: t.Clubs.Letters, Accounts: t.Accounts, Actors: t.Actors, Secret: t.renewingSecret, Zone: t.Config.Location(),
		Open: func() bool { return t.open == nil || t.open(agency.Path) },
	}
}

// agencyPages gives the pages of offers and of the agency.
func (t *Town) agencyPages(guard *page.Guard) *agency.Pages {
	return &agency.Pages{
		Guard: guard, Offers: t.Offers, Applications: t.Applications, Accounts: t.Accounts, Actors: t.Actors, Places: t.Places, Letters: t.Clubs.Letters, Secret: t.renewingSecret,
		Href: func(id string, local bool) string {
			return (&opportunity.Opportunity{Object: object.Object{ID: id, Local: local}}).Href()
		},
	}
}
