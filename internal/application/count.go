package application

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
)

// A Standing counts who has applied to an opportunity and is not done with it.
type Standing struct {
	// Waiting is how many wait for an answer of the club, Accepted how many have its
	// yes.
	Waiting, Accepted int
	// Shifts is how many are on a shift or its waiting list, by its id; nobody is
	// left out.
	Shifts map[string]int
}

// All is how many there are.
func (s Standing) All() int { return s.Waiting + s.Accepted }

// Standing counts who has applied to an opportunity.
func (s *Applications) Standing(ctx context.Context, db bun.IDB, opportunityID string) (Standing, error) {
	n := Standing{Shifts: map[string]int{}}
	var rows []struct {
		State string
		N     int
	}
	err := db.NewSelect().TableExpr("helpers").ColumnExpr("state, COUNT(*) AS n").Where("opportunity_id = ?", opportunityID).Where("state IN (?)", bun.List(live)).Group("state").Scan(ctx, &rows)
	if err != nil {
		return n, fmt.Errorf("count who applied: %w", err)
	}
	for _, row := range rows {
		if row.State == Accepted {
			n.Accepted += row.N
		} else {
			n.Waiting += row.N
		}
	}
	var shifts []struct {
		ShiftID string
		N       int
	}
	err = db.NewSelect().TableExpr("commitments AS c").Join("JOIN helpers AS h ON h.id = c.helper_id").ColumnExpr("c.shift_id, COUNT(*) AS n").Where("c.opportunity_id = ?", opportunityID).
		Where("c.shift_id <> ''").Where("h.state IN (?)", bun.List(live)).Group("c.shift_id").Scan(ctx, &shifts)
	if err != nil {
		return n, fmt.Errorf("count who is on which shift: %w", err)
	}
	for _, row := range shifts {
		n.Shifts[row.ShiftID] = row.N
	}
	return n, nil
}

// CountOf counts the applications to a club and its parts that have not ended.
func (s *Applications) CountOf(ctx context.Context, clubID string) (int, error) {
	n, err := s.db.Read().NewSelect().TableExpr("helpers").Where("club_id IN "+actor.AndParts, clubID, clubID).Where("state IN (?)", bun.List(live)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count who applied to a club: %w", err)
	}
	return int(n), nil
}

// A Desk is an opportunity with how many have applied to it.
type Desk struct {
	OpportunityID, ClubID, Title string
	// Waiting is how many wait for an answer, Accepted how many have a yes; both 0
	// when all have ended.
	Waiting, Accepted int
}

// mostDesks is how many are listed.
const mostDesks = 200

// Desks lists the opportunities of these clubs to which somebody has applied: those
// first where somebody waits for an answer, and the newest first.
func (s *Applications) Desks(ctx context.Context, clubs []string) ([]Desk, error) {
	if len(clubs) == 0 {
		return nil, nil
	}
	var list []Desk
	err := s.db.Read().NewSelect().TableExpr("helpers AS h").
		ColumnExpr("h.opportunity_id, MAX(h.club_id) AS club_id, MAX(h.title) AS title").
		ColumnExpr("SUM(CASE WHEN h.state IN ('asked', 'talking') THEN 1 ELSE 0 END) AS waiting, SUM(CASE WHEN h.state = 'accepted' THEN 1 ELSE 0 END) AS accepted").
		Where("h.state <> ?", Unconfirmed).
		Where("h.club_id IN (SELECT id FROM actors WHERE id IN (?) UNION ALL SELECT id FROM actors WHERE moved_to IN (?) AND merged IS NOT NULL)", bun.List(clubs), bun.List(clubs)).
		Group("h.opportunity_id").OrderExpr("CASE WHEN SUM(CASE WHEN h.state IN ('asked', 'talking') THEN 1 ELSE 0 END) > 0 THEN 0 ELSE 1 END, MAX(h.created) DESC, h.opportunity_id").
		Limit(mostDesks).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list to what people applied: %w", err)
	}
	return list, nil
}
