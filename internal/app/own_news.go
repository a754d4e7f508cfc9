package app

import (
	"context"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/agency"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/offer"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/pledge"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/timeline"
	"codeberg.org/aushang/aushang/internal/volunteer"
)

// ownNews gives what is new for a person who helps, or offers to: what clubs here
// and elsewhere said and did, what was proposed, and when the offer runs out. In a
// town without mail nothing else tells of it.
func (t *Town) ownNews(ctx context.Context, accountID string) ([]timeline.Help, error) {
	here, err := t.Applications.OwnNews(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var news []timeline.Help
	for _, n := range here {
		news = append(news, timeline.Help{Kind: ownKind(n.Kind, n.Content), Club: n.Club, Title: n.Title, Href: volunteer.OwnPath + "/" + n.HelperID, At: n.Created})
	}
	far, err := t.Pledges.Mine(ctx, accountID)
	if err != nil {
		return nil, err
	}
	for _, p := range far {
		news = append(news, farNews(p)...)
	}
	offered, err := t.offerNews(ctx, accountID)
	return append(news, offered...), err
}

// ownKind tells an end that is due to the time from one that is due to the club.
func ownKind(kind, content string) string {
	if kind == application.DidEnd && content == application.IsExpired {
		return "expired"
	}
	return kind
}

// farNews gives what a club of another town said and did. One that only says yes
// or no, and no more, has no lines.
func farNews(p *pledge.Pledge) []timeline.Help {
	one := timeline.Help{Club: p.Club + " (" + as.Host(p.OpportunityID) + ")", Title: p.Title, Href: volunteer.OwnPath + "/" + p.ID}
	var news []timeline.Help
	said := p.Said().Said
	for _, m := range said {
		if !application.Tells(m.Kind) {
			continue
		}
		one.Kind, one.At = ownKind(m.Kind, m.Content), m.Published
		if one.At.After(p.Changed) {
			one.At = p.Changed // the other town's clock is fast
		}
		news = append(news, one)
	}
	if len(said) == 0 && (p.State == application.Accepted || p.State == application.Declined) {
		one.Kind, one.At = p.State, p.Changed
		news = append(news, one)
	}
	return news
}

// offerNews gives what was proposed to a person and waits for an answer, and that
// the offer runs out.
func (t *Town) offerNews(ctx context.Context, accountID string) ([]timeline.Help, error) {
	list, err := t.openProposals(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var news []timeline.Help
	for _, p := range list {
		one := timeline.Help{Kind: "proposal", Title: p.Title, Href: agency.ProposalHref(p.ID), At: p.Created}
		switch {
		case p.ByClub:
			one.Kind = "invite"
		case p.OpportunityID == "":
			one.Kind = "consent"
		}
		news = append(news, one)
	}
	o, err := t.Offers.Own(ctx, accountID)
	if problem.KindOf(err) == problem.NotFound {
		return news, nil
	}
	if err != nil {
		return nil, err
	}
	switch {
	case o.State == offer.Expired:
		news = append(news, timeline.Help{Kind: "over", Href: agency.Path, At: o.Ended})
	case !o.Asked.IsZero():
		news = append(news, timeline.Help{Kind: "renew", Href: agency.Path, At: o.Asked})
	}
	return news, nil
}

// openProposals gives what was proposed to a person and waits for an answer.
func (t *Town) openProposals(ctx context.Context, accountID string) ([]*offer.Proposal, error) {
	list, err := t.Offers.Proposals(ctx, accountID)
	var open []*offer.Proposal
	for _, p := range list {
		if p.State == offer.Proposed {
			open = append(open, p)
		}
	}
	return open, err
}

// waitingRooms counts what waits for a person in the rooms about helping: what is
// unread of the own applications, and what was proposed and has no answer.
func (t *Town) waitingRooms(ctx context.Context, who *page.Person) (map[string]int, error) {
	proposals, err := t.openProposals(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	waiting := map[string]int{agency.Path: len(proposals)}
	here, err := t.Applications.OwnNews(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	far, err := t.Pledges.Mine(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, n := range here {
		if n.Created.After(who.NewsRead) {
			waiting[volunteer.OwnPath]++
		}
	}
	for _, p := range far {
		for _, n := range farNews(p) {
			if n.At.After(who.NewsRead) {
				waiting[volunteer.OwnPath]++
			}
		}
	}
	return waiting, nil
}
