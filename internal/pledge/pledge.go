package pledge

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/application"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Pledges keeps what people of here asked for in other towns, and answers those
// of other towns. Make one with New.
type Pledges struct {
	db           *database.DB
	actors       *actor.Actors
	activities   *activity.Activities
	applications *application.Applications
	// Tell tells a person of here something, in the transaction of its cause.
	Tell func(ctx context.Context, tx bun.Tx, n application.Notice) error
	// Admit gives a problem.TooMany when somebody elsewhere, or the server, has
	// asked too often.
	Admit func(ctx context.Context, tx bun.Tx, actorID, host string) error
	// Used tells whether the town uses opportunities.
	Used func(ctx context.Context, tx bun.Tx) (bool, error)
}

// New gives the pledges in db.
func New(db *database.DB, actors *actor.Actors, activities *activity.Activities, applications *application.Applications) *Pledges {
	return &Pledges{
		db: db, actors: actors, activities: activities, applications: applications,
		Tell:  func(context.Context, bun.Tx, application.Notice) error { return nil },
		Admit: func(context.Context, bun.Tx, string, string) error { return nil },
		Used:  func(context.Context, bun.Tx) (bool, error) { return true, nil },
	}
}

func (s *Pledges) now() time.Time { return s.applications.Now() }

// A Pledge is what somebody with an account here asked for in another town.
type Pledge struct {
	bun.BaseModel `bun:"table:pledges,alias:pledge"`

	// ID is the key of the form that made it.
	ID        string `bun:"id,pk"`
	AccountID string
	// ActorID is in whose name it was asked.
	ActorID       string
	OpportunityID string
	ClubID        string
	// Title is that of the opportunity, Club the name of the club.
	Title string
	Club  string
	Name  string
	// Email is "" when the club shall not see it.
	Email   string
	Phone   string
	Message string
	// State is that of an application.
	State string
	// Standing is what the club says of it, JSON; Number is its number, 0 while the
	// club has said nothing.
	Standing string
	Number   int
	Created  time.Time
	Changed  time.Time
	Ended    time.Time `bun:",nullzero"`
}

// Said gives what the club says of it; an empty one while it has said nothing.
func (p *Pledge) Said() *as.Helper {
	h := new(as.Helper)
	_ = json.Unmarshal([]byte(p.Standing), h) // it is of our own making, or ""
	return h
}

// Helper gives it as an application of here looks.
func (p *Pledge) Helper() *application.Helper {
	said := p.Said()
	h := &application.Helper{
		ID: p.ID, OpportunityID: p.OpportunityID, ClubID: p.ClubID, Title: p.Title, AccountID: p.AccountID, Name: p.Name, Phone: p.Phone, Message: p.Message,
		Shows: p.Email != "", State: p.State, Cause: said.Cause, Reason: said.Reason, Minutes: said.Minutes, MinutesBy: said.MinutesBy, Agreed: said.Agreed,
		Version: p.Number + 1, Created: p.Created, Changed: p.Changed, Ended: p.Ended,
	}
	if p.State == application.Withdrawn {
		return h
	}
	for _, place := range said.Places {
		h.Commitments = append(h.Commitments, &application.Commitment{
			HelperID: p.ID, ShiftID: place.Shift, OpportunityID: p.OpportunityID, State: place.State, Offered: place.Offered, StartsAt: place.StartTime,
			EndsAt: place.EndTime, Position: place.Position,
		})
	}
	return h
}

// The states of an act.
const (
	OnItsWay = "sent"
	Accepted = "accepted"
	Refused  = "refused"
)

// An Act is something that the person did.
type Act struct {
	bun.BaseModel `bun:"table:pledge_acts,alias:act"`

	// ID is that of the activity that told the club.
	ID       string `bun:"id,pk"`
	PledgeID string
	// Kind is one of those of an application.Message.
	Kind    string
	ShiftID string
	Content string
	State   string
	Created time.Time
	// Answered is when the club's answer came, and Receipt that answer as it was
	// signed.
	Answered time.Time `bun:",nullzero"`
	Receipt  []byte    `bun:",nullzero"`
}

// Key is the last segment of the id.
func (a *Act) Key() string { return actor.Key(a.ID) }

// Find gives a pledge of a person.
func (s *Pledges) Find(ctx context.Context, accountID, id string) (*Pledge, error) {
	p, err := s.find(ctx, s.db.Read(), id)
	if err == nil && (p.AccountID != accountID || accountID == "") {
		return nil, problem.NotFoundf("there is no application %s of this person", id)
	}
	return p, err
}

func (s *Pledges) find(ctx context.Context, db bun.IDB, id string) (*Pledge, error) {
	var list []*Pledge
	if err := db.NewSelect().Model(&list).Where("pledge.id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find application elsewhere: %w", err)
	}
	if len(list) == 0 {
		return nil, problem.NotFoundf("there is no application %s", id)
	}
	return list[0], nil
}

// Mine lists what a person asked for elsewhere, the latest first.
func (s *Pledges) Mine(ctx context.Context, accountID string) ([]*Pledge, error) {
	var list []*Pledge
	err := s.db.Read().NewSelect().Model(&list).Where("pledge.account_id = ?", accountID).OrderExpr("pledge.created DESC, pledge.id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list applications elsewhere: %w", err)
	}
	return list, nil
}

// Acts gives what the person did, the first one first.
func (s *Pledges) Acts(ctx context.Context, id string) ([]*Act, error) {
	return acts(ctx, s.db.Read(), id)
}

func acts(ctx context.Context, db bun.IDB, id string) ([]*Act, error) {
	var list []*Act
	if err := db.NewSelect().Model(&list).Where("act.pledge_id = ?", id).OrderExpr("act.created, act.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list what a person did elsewhere: %w", err)
	}
	return list, nil
}

// ofAgreement is how the id of an agreement ends, after that of its Offer.
const ofAgreement = "#agreement"

// agreementID is what an Offer calls that which it offers.
func agreementID(offerID string) string { return offerID + ofAgreement }

// offerID is the id of the Offer of an agreement.
func offerID(agreementID string) string { return strings.TrimSuffix(agreementID, ofAgreement) }

// agreementOf is what we call that which somebody of here offers with the pledge of
// this key, or who is elsewhere with this application.
func (s *Pledges) agreementOf(key string) string {
	return agreementID(s.actors.Site().ActivityID(key))
}

// ShiftID is what others call a shift of an opportunity; "" stays.
func shiftID(opportunityID, id string) string {
	if id == "" {
		return ""
	}
	return opportunityID + "#shift-" + id
}
