package application

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The states of an application. Who asks by mail begins unconfirmed: nobody but
// the person sees it.
const (
	Unconfirmed = "unconfirmed"
	Asked       = "asked"
	Talking     = "talking"
	Accepted    = "accepted"
	Declined    = "declined"
	Withdrawn   = "withdrawn"
	Done        = "done"
)

// live are the states that hold places or wait for them.
var live = []string{Asked, Talking, Accepted}

// Why an application ended.
const (
	ByClub      = "club"      // the club said no
	ByHelper    = "helper"    // the person took it back
	IsCancelled = "cancelled" // the club needs no help any more
	IsDeleted   = "deleted"   // the opportunity is gone
	IsExpired   = "expired"   // its running time was over
	IsOver      = "over"      // it was done
	IsShut      = "shut"      // its club is archived or shut out
	IsSilent    = "silent"    // another town gave no answer
	HasLeft     = "left"      // the person has no account any more; nothing is known of him or her
)

// The states of a commitment.
const (
	// Wanted is what a person chose who has not confirmed yet; it counts nowhere.
	Wanted = "wanted"
	// Waiting is a place on the waiting list.
	Waiting = "waiting"
	// Taken is a place.
	Taken = "taken"
)

// A Helper is one person's application to one opportunity.
type Helper struct {
	bun.BaseModel `bun:"table:helpers,alias:helper"`

	// ID is the key of the form that made it.
	ID            string `bun:"id,pk"`
	OpportunityID string
	ClubID        string
	// Title is that of the opportunity.
	Title string
	// AccountID is "" for who has no account, Email for who has one. Both are "" for
	// an actor elsewhere, who came in by Door with OriginID: the id of the agreement
	// that was offered, or of the message.
	AccountID string
	Email     string
	ActorID   string
	Door      string
	OriginID  string
	// Contact is the mail address that an actor elsewhere gives; nobody has
	// confirmed it.
	Contact string
	Name    string
	Phone   string
	// Message is what the person wrote with it, plain text.
	Message string
	// Shows tells whether the club sees the mail address.
	Shows bool
	// Language is that in which the person is written to.
	Language string
	State    string
	// Cause is why it ended, and Reason the club's words for it.
	Cause  string
	Reason string
	// Minutes is how long the person helped, as MinutesBy (Club or Person) said;
	// Agreed is when the other side said the same, zero before.
	Minutes   int
	MinutesBy string
	Agreed    time.Time `bun:",nullzero"`
	// Version rises when the state or the shifts change.
	Version int
	Created time.Time
	Changed time.Time
	Ended   time.Time `bun:",nullzero"`
	// Told is a hash of what the other town was told last, ToldSeq how often that
	// was.
	Told    string
	ToldSeq int

	// Commitments are in the order of their times.
	Commitments []*Commitment `bun:"-"`
}

// The doors by which an actor elsewhere comes in; an account and a mail address
// come in by none.
const (
	// ByTown is an Offer of another town (FEP-0837).
	ByTown = "town"
	// ByMessage is a direct message.
	ByMessage = "message"
)

// The two sides of an application.
const (
	Club   = "club"
	Person = "helper"
)

// Live tells whether it holds places or waits for them.
func (h *Helper) Live() bool { return slices.Contains(live, h.State) }

// Open tells whether the club has to say something to it.
func (h *Helper) Open() bool { return h.State == Asked || h.State == Talking }

// Begun tells whether the person can have helped by now: a shift of his or hers has
// begun, or there are none.
func (h *Helper) Begun(now time.Time) bool {
	for _, c := range h.Commitments {
		if c.State == Taken && !c.StartsAt.After(now) {
			return true
		}
	}
	return h.State == Done
}

// Commitment gives what the person takes of a shift, nil for nothing.
func (h *Helper) Commitment(shiftID string) *Commitment {
	for _, c := range h.Commitments {
		if c.ShiftID == shiftID {
			return c
		}
	}
	return nil
}

// A Commitment is a place that a person takes or waits for.
type Commitment struct {
	bun.BaseModel `bun:"table:commitments,alias:commitment"`

	HelperID string `bun:"helper_id,pk"`
	// ShiftID is "" for an opportunity without shifts.
	ShiftID       string `bun:"shift_id,pk"`
	OpportunityID string
	State         string
	// Seq is the order of those who wait.
	Seq int
	// Offered is since when somebody else may take it over, zero for never.
	Offered time.Time `bun:",nullzero"`
	// StartsAt and EndsAt are as the person was told; zero without a shift.
	StartsAt time.Time `bun:",nullzero"`
	EndsAt   time.Time `bun:",nullzero"`
	TakenAt  time.Time `bun:",nullzero"`
	Reminded time.Time `bun:",nullzero"`

	// Position is the place on the waiting list from 1, filled by the queries that
	// say so; 0 for none.
	Position int `bun:"-"`
}

// A Message is what one side said or did.
type Message struct {
	bun.BaseModel `bun:"table:helper_messages,alias:message"`

	ID       string `bun:"id,pk"`
	HelperID string
	// Kind is Said, or what was done.
	Kind    string
	ByClub  bool
	Content string
	Created time.Time
}

// What stands in the history of an application. Said is a message.
const (
	Said        = "message"
	DidAsk      = "asked"
	DidAccept   = "accepted"
	DidDecline  = "declined"
	DidEnd      = "ended"
	DidWithdraw = "withdrawn"
	DidGive     = "given"
	DidOffer    = "offered"
	DidKeep     = "kept"
	DidTake     = "taken"
	DidMove     = "moved"
	DidLose     = "lost"
	DidChange   = "changed"
	DidHours    = "hours"
	DidAgree    = "agreed"
	DidFinish   = "done"
)

// A Notice is what a person is told.
type Notice struct {
	// Kind is one of those below.
	Kind   string
	Helper *Helper
	// Commitment is which place it is about, nil for all.
	Commitment *Commitment
	// Text is what the club wrote, or "".
	Text string
	// Cause names it: the same is told once.
	Cause string
}

// The kinds of notices.
const (
	TellConfirm  = "confirm"  // a link that confirms
	TellAgain    = "again"    // there is an application with this address already
	TellReceived = "received" // it is with the club
	TellAccepted = "accepted"
	TellDeclined = "declined"
	TellMessage  = "message"
	TellMoved    = "moved"   // from the waiting list to a place
	TellChanged  = "changed" // the time of a shift
	TellLost     = "lost"    // a shift is gone
	TellGiven    = "given"   // somebody took an offered shift over
	TellEnded    = "ended"   // cancelled, deleted or expired: see Cause of the Helper
	TellRemind   = "remind"
	TellThanks   = "thanks"
	TellHours    = "hours" // the club said how long the person helped
)

// Applications keeps them. Make one with New, and set Tell before the first.
type Applications struct {
	db     *database.DB
	actors *actor.Actors
	now    func() time.Time
	// Zone is the town's.
	Zone *time.Location
	// Keep gives for how long an application is kept after its end.
	Keep func(ctx context.Context, db bun.IDB) (time.Duration, error)
	// Tell tells a person something, in the transaction of its cause.
	Tell func(ctx context.Context, tx bun.Tx, n Notice) error
	// Settled, if there is one, is called when all places of an opportunity have been
	// handed on, in the same transaction.
	Settled func(ctx context.Context, tx bun.Tx, n *Need) error
	// Count stores how many people have a place: in all, and by shift.
	Count func(ctx context.Context, tx bun.Tx, opportunityID string, total int, byShift map[string]int) error
}

// New gives the applications in db.
func New(db *database.DB, actors *actor.Actors, zone *time.Location) *Applications {
	s := &Applications{
		db: db, actors: actors, Zone: zone, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
		Keep: func(context.Context, bun.IDB) (time.Duration, error) { return usualLife, nil },
		Tell: func(context.Context, bun.Tx, Notice) error { return nil },
	}
	s.Count = s.count
	return s
}

// Reader reads the database.
func (s *Applications) Reader() bun.IDB { return s.db.Read() }

// Now gives the time by which all is judged.
func (s *Applications) Now() time.Time { return s.now() }

// SetClock lets tests move the time.
func (s *Applications) SetClock(now func() time.Time) { s.now = now }

// Find gives an application with its commitments; nobody has asked whether who
// wants it may see it.
func (s *Applications) Find(ctx context.Context, db bun.IDB, id string) (*Helper, error) {
	var list []*Helper
	if err := db.NewSelect().Model(&list).Where("helper.id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find application: %w", err)
	}
	if len(list) == 0 {
		return nil, problem.NotFoundf("there is no application %s", id)
	}
	return list[0], s.withCommitments(ctx, db, list)
}

// FindOwn gives that of a person with an account.
func (s *Applications) FindOwn(ctx context.Context, accountID, id string) (*Helper, error) {
	h, err := s.Find(ctx, s.db.Read(), id)
	if err == nil && (h.AccountID != accountID || accountID == "") {
		return nil, problem.NotFoundf("there is no application %s of this person", id)
	}
	return h, err
}

// FindFor gives that of an opportunity whose club by may speak for.
func (s *Applications) FindFor(ctx context.Context, by, opportunityID, id string) (*Helper, error) {
	h, err := s.Find(ctx, s.db.Read(), id)
	if err != nil {
		return nil, err
	}
	if h.OpportunityID != opportunityID || h.State == Unconfirmed {
		return nil, problem.NotFoundf("there is no application %s to %s", id, opportunityID)
	}
	return h, s.actors.May(ctx, s.db.Read(), by, h.ClubID, actor.Publish)
}

// withCommitments fills in the commitments with their positions.
func (s *Applications) withCommitments(ctx context.Context, db bun.IDB, list []*Helper) error {
	byID, ids := map[string]*Helper{}, []string{}
	for _, h := range list {
		byID[h.ID], ids = h, append(ids, h.ID)
		h.Commitments = nil
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []*Commitment
	err := db.NewSelect().Model(&rows).Where("commitment.helper_id IN (?)", bun.List(ids)).OrderExpr("commitment.starts_at, commitment.shift_id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("find commitments: %w", err)
	}
	positions, err := s.positions(ctx, db, list)
	if err != nil {
		return err
	}
	for _, c := range rows {
		c.Position = positions[c.HelperID+" "+c.ShiftID]
		h := byID[c.HelperID]
		h.Commitments = append(h.Commitments, c)
	}
	return nil
}

// positions gives who waits on which place of the waiting lists at which these
// people wait, by helper and shift.
func (s *Applications) positions(ctx context.Context, db bun.IDB, list []*Helper) (map[string]int, error) {
	var needs []string
	for _, h := range list {
		if h.Live() && !slices.Contains(needs, h.OpportunityID) {
			needs = append(needs, h.OpportunityID)
		}
	}
	if len(needs) == 0 {
		return nil, nil
	}
	var rows []struct {
		HelperID, ShiftID string
		Position          int
	}
	err := db.NewSelect().TableExpr("commitments").ColumnExpr("helper_id, shift_id, ROW_NUMBER() OVER (PARTITION BY opportunity_id, shift_id ORDER BY seq) AS position").
		Where("opportunity_id IN (?)", bun.List(needs)).Where("state = ?", Waiting).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count who waits: %w", err)
	}
	all := map[string]int{}
	for _, row := range rows {
		all[row.HelperID+" "+row.ShiftID] = row.Position
	}
	return all, nil
}

// Messages gives the history of an application, the oldest first.
func (s *Applications) Messages(ctx context.Context, id string) ([]*Message, error) {
	var list []*Message
	if err := s.db.Read().NewSelect().Model(&list).Where("message.helper_id = ?", id).OrderExpr("message.created, message.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list messages of an application: %w", err)
	}
	return list, nil
}

// Mine lists the applications of a person with an account, the latest first.
func (s *Applications) Mine(ctx context.Context, accountID string) ([]*Helper, error) {
	var list []*Helper
	err := s.db.Read().NewSelect().Model(&list).Where("helper.account_id = ?", accountID).Where("helper.account_id <> ''").OrderExpr("helper.created DESC, helper.id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list applications of a person: %w", err)
	}
	return list, s.withCommitments(ctx, s.db.Read(), list)
}

// List gives the applications to an opportunity in the order in which they came,
// to who may speak for its club. Those that are not confirmed are left out.
func (s *Applications) List(ctx context.Context, by string, n *Need) ([]*Helper, error) {
	if err := s.actors.May(ctx, s.db.Read(), by, n.ClubID, actor.Publish); err != nil {
		return nil, err
	}
	var list []*Helper
	err := s.db.Read().NewSelect().Model(&list).Where("helper.opportunity_id = ?", n.ID).Where("helper.state <> ?", Unconfirmed).OrderExpr("helper.created, helper.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list applications: %w", err)
	}
	return list, s.withCommitments(ctx, s.db.Read(), list)
}
