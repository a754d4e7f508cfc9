package application

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// change runs do in a transaction in which nobody else changes the places of
// the opportunity, hands those that are free to who waits, and counts anew.
func (s *Applications) change(ctx context.Context, opportunityID string, do func(ctx context.Context, tx bun.Tx, n *Need) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.changeIn(ctx, tx, opportunityID, do) })
}

// changeIn is change in a transaction that runs already.
func (s *Applications) changeIn(ctx context.Context, tx bun.Tx, opportunityID string, do func(ctx context.Context, tx bun.Tx, n *Need) error) error {
	if err := database.LockRow(ctx, tx, "objects", "id", opportunityID); err != nil {
		return err
	}
	n, err := s.Need(ctx, tx, opportunityID)
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, noticesKey{}, &[]Notice{})
	if err := do(ctx, tx, n); err != nil {
		return err
	}
	if err := s.settle(ctx, tx, n); err != nil {
		return err
	}
	if s.Settled != nil {
		if err := s.Settled(ctx, tx, n); err != nil {
			return err
		}
	}
	database.Ring(ctx)
	return nil
}

// noticesKey holds in a context what Collect has put aside.
type noticesKey struct{}

// Collect puts a notice aside until all places of its opportunity are settled,
// for a Tell that has to say all at once.
func Collect(ctx context.Context, n Notice) {
	if list, ok := ctx.Value(noticesKey{}).(*[]Notice); ok {
		*list = append(*list, n)
	}
}

// Collected gives what was put aside, for Settled.
func Collected(ctx context.Context) []Notice {
	if list, ok := ctx.Value(noticesKey{}).(*[]Notice); ok {
		return *list
	}
	return nil
}

// queue puts a person at the end of who waits for a place. settle hands it over
// when one is free.
func (s *Applications) queue(ctx context.Context, tx bun.Tx, h *Helper, x *Shift, state string) error {
	var last int
	err := tx.NewSelect().TableExpr("commitments").ColumnExpr("COALESCE(MAX(seq), 0)").Where("opportunity_id = ?", h.OpportunityID).Where("shift_id = ?", x.ID).Scan(ctx, &last)
	if err != nil {
		return fmt.Errorf("find the end of the waiting list: %w", err)
	}
	c := &Commitment{HelperID: h.ID, ShiftID: x.ID, OpportunityID: h.OpportunityID, State: state, Seq: last + 1, StartsAt: x.StartsAt.UTC(), EndsAt: x.EndsAt.UTC()}
	if _, err := tx.NewInsert().Model(c).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("keep a place: %w", err)
	}
	return nil
}

// settle hands every free place to who waits longest, every offered one to who
// waits longest among those the club has accepted, and counts what is taken. Of
// what nobody sees, and of what is cancelled, nothing is handed on.
func (s *Applications) settle(ctx context.Context, tx bun.Tx, n *Need) error {
	queues, helpers, err := s.standing(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	byShift := map[string]int{}
	for _, x := range n.Shifts {
		byShift[x.ID] = 0
	}
	people := map[string]bool{}
	for id, q := range queues {
		x := n.Shift(id)
		if x != nil && (x.ID == "" || x.StartsAt.After(s.now())) && !n.Gone && !n.Hidden && n.Status != "cancelled" {
			if err := s.hand(ctx, tx, x, q, helpers); err != nil {
				return err
			}
		}
		for _, c := range q {
			if c.State != Taken {
				continue
			}
			people[c.HelperID] = true
			if x != nil && id != "" {
				byShift[id]++
			}
		}
	}
	if n.Gone {
		return nil
	}
	return s.Count(ctx, tx, n.ID, len(people), byShift)
}

// standing gives who takes or waits, by shift and in their order, and who they
// are.
func (s *Applications) standing(ctx context.Context, tx bun.Tx, opportunityID string) (map[string][]*Commitment, map[string]*Helper, error) {
	var list []*Helper
	err := tx.NewSelect().Model(&list).Where("helper.opportunity_id = ?", opportunityID).Where("helper.state IN (?)", bun.List(append([]string{Done}, live...))).Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("find who helps: %w", err)
	}
	helpers := map[string]*Helper{}
	for _, h := range list {
		helpers[h.ID] = h
	}
	var rows []*Commitment
	err = tx.NewSelect().Model(&rows).Where("commitment.opportunity_id = ?", opportunityID).Where("commitment.state IN (?)", bun.List([]string{Waiting, Taken})).OrderExpr("commitment.seq").Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("find who takes which place: %w", err)
	}
	queues := map[string][]*Commitment{}
	for _, c := range rows {
		if helpers[c.HelperID] != nil {
			queues[c.ShiftID] = append(queues[c.ShiftID], c)
		}
	}
	return queues, helpers, nil
}

// hand gives the places of one shift to those in q who wait for them.
func (s *Applications) hand(ctx context.Context, tx bun.Tx, x *Shift, q []*Commitment, helpers map[string]*Helper) error {
	taken := 0
	for _, c := range q {
		if c.State == Taken {
			taken++
		}
	}
	for _, c := range q {
		if c.State != Waiting {
			continue
		}
		h := helpers[c.HelperID]
		if x.Places == 0 || taken < x.Places {
			taken++
			if err := s.move(ctx, tx, h, c); err != nil {
				return err
			}
			continue
		}
		if h.State != Accepted {
			continue
		}
		if from := firstOffered(q); from != nil {
			if err := s.give(ctx, tx, helpers[from.HelperID], from); err != nil {
				return err
			}
			if err := s.move(ctx, tx, h, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// firstOffered gives the place that is offered for longest, nil for none.
func firstOffered(q []*Commitment) *Commitment {
	var first *Commitment
	for _, c := range q {
		if c.State == Taken && !c.Offered.IsZero() && (first == nil || c.Offered.Before(first.Offered)) {
			first = c
		}
	}
	return first
}

// move gives a place to who waited for it. Who waited for longer than this
// transaction is told.
func (s *Applications) move(ctx context.Context, tx bun.Tx, h *Helper, c *Commitment) error {
	c.State, c.TakenAt = Taken, s.now()
	_, err := tx.NewUpdate().Model(c).Column("state", "taken_at").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("give a place: %w", err)
	}
	if fresh(ctx, h.ID, c.ShiftID) {
		return nil
	}
	if err := s.note(ctx, tx, h, DidMove, true, told(c)); err != nil {
		return err
	}
	return s.Tell(ctx, tx, Notice{Kind: TellMoved, Helper: h, Commitment: c, Cause: s.cause(TellMoved, h, c)})
}

// give takes an offered place from who somebody else takes it over from.
func (s *Applications) give(ctx context.Context, tx bun.Tx, h *Helper, c *Commitment) error {
	c.State = "given" // it counts no more
	if _, err := tx.NewDelete().Model(c).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("take a place over: %w", err)
	}
	if err := s.note(ctx, tx, h, DidGive, true, told(c)); err != nil {
		return err
	}
	return s.Tell(ctx, tx, Notice{Kind: TellGiven, Helper: h, Commitment: c, Cause: s.cause(TellGiven, h, c)})
}

// freshKey holds in a context which places are asked for in this moment.
type freshKey struct{}

// asking says which places are asked for in this transaction: who gets one at
// once never waited.
func asking(ctx context.Context, helperID string, shifts []string) context.Context {
	asked := map[string]bool{}
	for _, id := range shifts {
		asked[helperID+" "+id] = true
	}
	return context.WithValue(ctx, freshKey{}, asked)
}

func fresh(ctx context.Context, helperID, shiftID string) bool {
	asked, _ := ctx.Value(freshKey{}).(map[string]bool)
	return asked[helperID+" "+shiftID]
}

// count stores how many places are taken, and since when others have not been told
// of them (opportunity.Announce does it).
func (s *Applications) count(ctx context.Context, tx bun.Tx, opportunityID string, total int, byShift map[string]int) error {
	changed := false
	set := func(table, key, id string, n int) error {
		res, err := tx.NewUpdate().Table(table).Set("taken = ?", n).Where("? = ?", bun.Ident(key), id).Where("taken <> ?", n).Exec(ctx)
		if err != nil {
			return fmt.Errorf("count places: %w", err)
		}
		rows, err := res.RowsAffected()
		changed = changed || rows > 0
		return err
	}
	if err := set("opportunities", "object_id", opportunityID, total); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(byShift)) {
		if err := set("shifts", "id", id, byShift[id]); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	if _, err := tx.NewUpdate().Table("opportunities").Set("untold = ?", s.now()).Where("object_id = ?", opportunityID).Where("untold IS NULL").Exec(ctx); err != nil {
		return fmt.Errorf("note that places have changed: %w", err)
	}
	return nil
}

// note writes into the history of an application.
func (s *Applications) note(ctx context.Context, tx bun.Tx, h *Helper, kind string, byClub bool, content string) error {
	_, err := s.noteID(ctx, tx, h, kind, byClub, content)
	return err
}

func (s *Applications) noteID(ctx context.Context, tx bun.Tx, h *Helper, kind string, byClub bool, content string) (string, error) {
	m := &Message{ID: uuid.Must(uuid.NewV7()).String(), HelperID: h.ID, Kind: kind, ByClub: byClub, Content: content, Created: s.now()}
	if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
		return "", fmt.Errorf("write the history of an application: %w", err)
	}
	return m.ID, nil
}

// cause names what is told, so that it is told once: about a place, or about the
// version of the whole application.
func (s *Applications) cause(kind string, h *Helper, c *Commitment) string {
	if c == nil {
		return fmt.Sprintf("help %s %s %d", kind, h.ID, h.Version)
	}
	shift := c.ShiftID
	if len(shift) > 60 {
		shift = shift[len(shift)-60:]
	}
	return fmt.Sprintf("help %s %s %s %s", kind, h.ID, shift, s.now().Format(time.RFC3339))
}
