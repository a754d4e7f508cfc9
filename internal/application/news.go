package application

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// News is what one side of an application said or did, for the other side. Who a
// helper is does not stand in it: news of clubs are mailed.
type News struct {
	HelperID, OpportunityID, ClubID, Title string
	// Club is the name of the club, Content what goes with the kind; both are in
	// the news of a person alone.
	Club, Content string
	// Kind is one of those of a Message.
	Kind    string
	Created time.Time
}

// newsKinds are those of which editors are told.
var newsKinds = []string{DidAsk, Said, DidWithdraw, DidGive, DidOffer, DidTake, DidHours}

// ownKinds are those of which the person is told when the club does it, or the
// time.
var ownKinds = []string{Said, DidAccept, DidDecline, DidEnd, DidGive, DidMove, DidLose, DidChange, DidHours, DidAgree, DidFinish}

// Tells tells whether a person is told that a club did this.
func Tells(kind string) bool { return slices.Contains(ownKinds, kind) }

// The time and the number of the news that are given.
const (
	newsLife = 60 * 24 * time.Hour
	mostNews = 100
)

// news begins a query on the latest news, the newest first.
func (s *Applications) news() *bun.SelectQuery {
	return s.db.Read().NewSelect().TableExpr("helper_messages AS m").Join("JOIN helpers AS h ON h.id = m.helper_id").
		ColumnExpr("h.id AS helper_id, h.opportunity_id, h.club_id, h.title, m.kind, m.created").
		Where("m.created > ?", s.now().Add(-newsLife)).OrderExpr("m.created DESC, m.id DESC").Limit(mostNews)
}

// News gives what people said and did who want to help these clubs, the newest
// first.
func (s *Applications) News(ctx context.Context, clubs []string) ([]News, error) {
	if len(clubs) == 0 {
		return nil, nil
	}
	var list []News
	err := s.news().Where("h.club_id IN (?)", bun.List(clubs)).Where("NOT m.by_club").Where("m.kind IN (?)", bun.List(newsKinds)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list news of who wants to help: %w", err)
	}
	return list, nil
}

// OwnNews gives what clubs said and did about the applications of a person with an
// account, and what the time brought, the newest first.
func (s *Applications) OwnNews(ctx context.Context, accountID string) ([]News, error) {
	if accountID == "" {
		return nil, nil
	}
	var list []News
	err := s.news().Join("LEFT JOIN actors AS c ON c.id = h.club_id").ColumnExpr("COALESCE(NULLIF(c.name, ''), c.preferred_username, '') AS club, m.content").
		Where("h.account_id = ?", accountID).Where("h.account_id <> ''").Where("m.by_club").Where("m.kind IN (?)", bun.List(ownKinds)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list news of own applications: %w", err)
	}
	return list, nil
}
