package application

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Need is what somebody can apply for, with its places as they are now.
type Need struct {
	ID     string
	ClubID string
	// Club is the name of the club, ClubURL its page.
	Club    string
	ClubURL string `bun:"club_url"`
	Name    string
	URL     string `bun:"url"`
	Place   string
	// Status is that of the opportunity: open, filled, expired or cancelled.
	Status string
	Reason string
	Hidden bool
	// Shut is true while its club is archived or shut out.
	Shut bool
	// Gone is true for one that was deleted.
	Gone bool
	// MinimumAge is 0 for none.
	MinimumAge int
	// Requirements are keys between commas, Requirement more of them in words, Payer
	// who pays for them.
	Requirements string
	Requirement  string
	Payer        string
	// ApplyLink is a page of the club where it wants to be asked, "" for none.
	ApplyLink string
	// ContactName, ContactEmail and ContactPhone are whom those may ask whom the club
	// has accepted; "" for nobody but the club.
	ContactName, ContactEmail, ContactPhone string
	// Until is the end of its running time, zero for none.
	Until  time.Time
	Places int
	Taken  int
	// Shifts are in the order of their times.
	Shifts []*Shift `bun:"-"`
}

// A Shift is a time with places.
type Shift struct {
	bun.BaseModel `bun:"table:shifts,alias:shift"`

	ID            string `bun:"id,pk"`
	OpportunityID string
	StartsAt      time.Time
	EndsAt        time.Time
	// Places is how many there are, 0 for any number.
	Places int
	Taken  int
	Note   string

	// Waiting is how many wait for a place, Offered how many would give theirs.
	Waiting int `bun:"-"`
	Offered int `bun:"-"`
}

// Free is how many places nobody has, -1 for any number.
func (x *Shift) Free() int {
	if x.Places == 0 {
		return -1
	}
	return max(0, x.Places-x.Taken)
}

// Wants gives the keys of what is asked of people.
func (n *Need) Wants() []string {
	return strings.FieldsFunc(n.Requirements, func(r rune) bool { return r == ',' })
}

// Asks tells whether something is asked of people besides their age.
func (n *Need) Asks() bool { return len(n.Wants()) > 0 || n.Requirement != "" }

// Takes tells whether somebody can apply now.
func (n *Need) Takes(now time.Time) bool {
	if n.Gone || n.Hidden || n.Status != "open" && n.Status != "filled" || !n.Until.IsZero() && n.Until.Before(now) {
		return false
	}
	return len(n.Shifts) == 0 || len(n.Ahead(now)) > 0
}

// Ahead are the shifts that have not begun.
func (n *Need) Ahead(now time.Time) []*Shift {
	var list []*Shift
	for _, x := range n.Shifts {
		if x.StartsAt.After(now) {
			list = append(list, x)
		}
	}
	return list
}

// Shift gives the shift with this id; "" is the whole of an opportunity without
// shifts. nil for none.
func (n *Need) Shift(id string) *Shift {
	for _, x := range n.Shifts {
		if x.ID == id {
			return x
		}
	}
	if id == "" {
		return &Shift{OpportunityID: n.ID, Places: n.Places, Taken: n.Taken}
	}
	return nil
}

// FarNeed gives one of another town, as that town says.
func (s *Applications) FarNeed(ctx context.Context, db bun.IDB, id string) (*Need, error) {
	n, err := s.need(ctx, db, id, false)
	if err == nil && n.Gone {
		return nil, problem.Gonef("%s was deleted", id)
	}
	return n, err
}

// strays tells whether a person has a place of a shift that is gone, or that is at
// another time than the person knows.
func (n *Need) strays(h *Helper, now time.Time) bool {
	for _, c := range h.Commitments {
		if c.ShiftID == "" || !c.EndsAt.After(now) {
			continue
		}
		if x := n.Shift(c.ShiftID); x == nil || !x.StartsAt.Equal(c.StartsAt) || !x.EndsAt.Equal(c.EndsAt) {
			return true
		}
	}
	return false
}

// Need gives one of ours with its shifts and who waits for them. One that was
// deleted is Gone, and has no words.
func (s *Applications) Need(ctx context.Context, db bun.IDB, id string) (*Need, error) {
	return s.need(ctx, db, id, true)
}

var sought = database.NewStatement("SELECT 1 FROM opportunities WHERE object_id = ?")

// Sought tells whether id is that of something with which help is needed, which
// is asked of each answer that arrives, and seldom so.
func Sought(ctx context.Context, db bun.IDB, id string) (bool, error) {
	yes, err := sought.Exists(ctx, db, id)
	if err != nil {
		return false, fmt.Errorf("find opportunity: %w", err)
	}
	return yes, nil
}

func (s *Applications) need(ctx context.Context, db bun.IDB, id string, local bool) (*Need, error) {
	var list []*Need
	err := db.NewSelect().TableExpr("objects AS o").Join("LEFT JOIN opportunities AS p ON p.object_id = o.id").Join("LEFT JOIN actors AS c ON c.id = o.attributed_to").
		ColumnExpr("o.id, o.attributed_to AS club_id, COALESCE(NULLIF(c.name, ''), c.preferred_username, '') AS club, COALESCE(c.url, '') AS club_url").
		ColumnExpr("o.name, o.url, (o.hidden OR c.id IS NULL OR c.blocked OR c.state <> 'active') AS hidden, (c.id IS NULL OR c.state <> 'active') AS shut, (o.deleted IS NOT NULL OR p.object_id IS NULL) AS gone").
		ColumnExpr("COALESCE(p.place, '') AS place, COALESCE(p.status, '') AS status, COALESCE(p.reason, '') AS reason, COALESCE(p.minimum_age, 0) AS minimum_age").
		ColumnExpr("COALESCE(p.requirements, '') AS requirements, COALESCE(p.requirement, '') AS requirement, COALESCE(p.payer, '') AS payer, COALESCE(p.apply_link, '') AS apply_link").
		ColumnExpr("CASE WHEN p.contact <> 'club' THEN p.contact_name ELSE '' END AS contact_name, CASE WHEN p.contact <> 'club' THEN p.contact_email ELSE '' END AS contact_email").
		ColumnExpr("CASE WHEN p.contact <> 'club' THEN p.contact_phone ELSE '' END AS contact_phone").
		ColumnExpr("p.until, COALESCE(p.places, 0) AS places, COALESCE(p.taken, 0) AS taken").
		Where("o.id = ?", id).Where("o.local = ?", local).
		Where("(p.object_id IS NOT NULL OR EXISTS (SELECT 1 FROM helpers WHERE helpers.opportunity_id = o.id))").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("find opportunity: %w", err)
	}
	if len(list) == 0 {
		return nil, problem.NotFoundf("there is no opportunity %s", id)
	}
	n := list[0]
	if err := db.NewSelect().Model(&n.Shifts).Where("shift.opportunity_id = ?", id).OrderExpr("shift.starts_at, shift.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("find shifts: %w", err)
	}
	return n, s.queues(ctx, db, n)
}

// queues counts who waits for each shift and who would give it away.
func (s *Applications) queues(ctx context.Context, db bun.IDB, n *Need) error {
	var rows []struct {
		ShiftID          string
		Waiting, Offered int
	}
	err := db.NewSelect().TableExpr("commitments").ColumnExpr("shift_id").
		ColumnExpr("SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting").
		ColumnExpr("SUM(CASE WHEN state = 'taken' AND offered IS NOT NULL THEN 1 ELSE 0 END) AS offered").
		Where("opportunity_id = ?", n.ID).Group("shift_id").Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("count who waits: %w", err)
	}
	for _, row := range rows {
		for _, x := range n.Shifts {
			if x.ID == row.ShiftID {
				x.Waiting, x.Offered = row.Waiting, row.Offered
			}
		}
	}
	return nil
}
