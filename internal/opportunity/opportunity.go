package opportunity

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/gazetteer"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
)

// Type is how objects call an opportunity here; to others it is a Note.
const Type = "Opportunity"

// The states of an opportunity. Lists show what is open.
const (
	Open = "open"
	// Filled has found enough people.
	Filled = "filled"
	// Expired is at the end of its running time, until its club renews it.
	Expired   = "expired"
	Cancelled = "cancelled"
)

// When help is wanted.
const (
	Once      = "once"
	Recurring = "recurring"
	Flexible  = "flexible"
	OnCall    = "oncall"
)

// Whom the contact of an opportunity is shown.
const (
	// ByClub shows none of its own: the page of the club has one.
	ByClub = "club"
	// ForAll shows it to every reader, here and elsewhere.
	ForAll = "public"
	// ForApplicants shows it to those whom the club has accepted.
	ForApplicants = "applicants"
)

// An Opportunity is something for which a club looks for volunteers.
type Opportunity struct {
	object.Object
	Details
	// Shifts are the times in which help is wanted, in order; none when it does not
	// go by shifts.
	Shifts []*Shift
}

// Details is what an opportunity has beyond an Object, of which the name is its
// heading and the text says what is to be done.
type Details struct {
	bun.BaseModel `bun:"table:opportunities,alias:opportunity"`

	ObjectID string `bun:"object_id,pk"`
	// Listed is when the object was published, for the order of the lists.
	Listed time.Time `bun:"published"`
	// State is Open, Filled, Expired or Cancelled; Reason says why it was
	// cancelled.
	State  string `bun:"status"`
	Reason string
	// Why says what it is good for, plain text.
	Why string
	// Field is the cause: one of Fields, or "".
	Field string
	// Times is Once, Recurring, Flexible or OnCall, TimeNote says it in words.
	Times string
	// Weekdays has a bit for each day: 1 is Monday, 64 Sunday; 0 is not said.
	Weekdays int
	TimeNote string
	// StartTime and EndTime are of what happens once, zero when not known; with
	// shifts they are those of the first and the last.
	StartTime time.Time `bun:",nullzero"`
	EndTime   time.Time `bun:",nullzero"`
	// Timezone is the IANA name of the zone of its place.
	Timezone string
	// EffortMinutes is how long it takes, 0 when not said, EffortPer how often:
	// one of Rhythms, or "".
	EffortMinutes int
	EffortPer     string
	// Place is plain text; Latitude and Longitude are nil when not known.
	Place     string
	Latitude  *float64
	Longitude *float64
	// Remote is true when it can be done from anywhere, Emergency when it is help in
	// a flood, a storm or a crisis.
	Remote    bool
	Emergency bool
	// Places is how many are wanted, 0 for any number, and Taken how many of them
	// are found.
	Places int
	Taken  int
	// MinimumAge and MaximumAge are in years, 0 for none.
	MinimumAge int
	MaximumAge int
	ForYoung   bool
	ForGroups  bool
	// Skills and Learn say what one should bring and what one learns.
	Skills string
	Learn  string
	// Languages are BCP 47 tags, Requirements some of Demands and Rewards some of
	// Thanks, each between commas: ",de,en,".
	Languages    string
	Requirements string
	// Requirement says more of them, and Payer who pays: one of Payers, or "".
	Requirement string
	Payer       string
	Expenses    string
	Rewards     string
	// Trial, Insurance and Accessibility are plain text.
	Trial         string
	Insurance     string
	Accessibility string
	// Contact is ByClub, ForAll or ForApplicants.
	Contact      string
	ContactName  string
	ContactEmail string
	ContactPhone string
	// ApplyLink is the page elsewhere on which one applies, or "".
	ApplyLink string
	// Context is the id of the event that it helps, or "".
	Context string
	// Until is the end of its running time, zero for none, and Asked when its club
	// was asked to renew it.
	Until time.Time `bun:",nullzero"`
	Asked time.Time `bun:",nullzero"`
	// Edited is when its words were changed last, where only its places have changed
	// since; else it is zero. Untold is since when places have changed of which other
	// servers were not told, zero for none.
	Edited time.Time `bun:",nullzero"`
	Untold time.Time `bun:",nullzero"`
}

// A Shift is a time in which help is wanted.
type Shift struct {
	bun.BaseModel `bun:"table:shifts,alias:shift"`

	// ID is a UUID; of those from elsewhere it is what their server calls it.
	ID            string `bun:"id,pk"`
	OpportunityID string
	StartsAt      time.Time
	EndsAt        time.Time
	// Places is how many are wanted, 0 for any number, and Taken how many of them
	// are found.
	Places int
	Taken  int
	Note   string
}

// Free is how many places of the shift are free; any is true when there is no
// end to them.
func (s *Shift) Free() (n int, any bool) { return max(0, s.Places-s.Taken), s.Places == 0 }

// Location gives the zone of the place; UTC when it is not known.
func (d *Details) Location() *time.Location {
	if zone, ok := zones.Load(d.Timezone); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(d.Timezone)
	if err != nil {
		return time.UTC
	}
	zones.Store(d.Timezone, zone)
	return zone
}

// zones holds what was loaded, by name: each time it would be read from a file.
var zones sync.Map // of *time.Location

// Wanted gives how many places there are and how many are free, over all
// shifts; any is true when there is no end to them.
func (o *Opportunity) Wanted() (places, free int, any bool) {
	places, taken := o.Places, o.Taken
	if len(o.Shifts) > 0 {
		places, taken = 0, 0
		for _, s := range o.Shifts {
			if s.Places == 0 {
				return 0, 0, true
			}
			places, taken = places+s.Places, taken+min(s.Taken, s.Places)
		}
	}
	return places, max(0, places-taken), places == 0
}

// Ends is when nobody can help any more: the end of what happens once. Zero is
// never.
func (o *Opportunity) Ends() time.Time {
	if o.Times != Once {
		return time.Time{}
	}
	if o.EndTime.IsZero() && !o.StartTime.IsZero() {
		y, m, d := o.StartTime.Date()
		return time.Date(y, m, d+1, 0, 0, 0, 0, o.StartTime.Location())
	}
	return o.EndTime
}

// An Apply leads to where one applies for an opportunity.
type Apply struct {
	// Href is the path of the page.
	Href string
	// Free gives by the ids of the shifts how many places are free; a shift that it
	// does not name is as the opportunity says. All is that of the whole, nil the
	// same.
	Free map[string]int
	All  *int
}

// Opportunities publishes and shows opportunities. Make one with New.
type Opportunities struct {
	db         *database.DB
	actors     *actor.Actors
	objects    *object.Objects
	activities *activity.Activities
	pictures   *object.Pictures
	drafts     *draft.Drafts
	zone       *time.Location
	language   string
	now        func() time.Time
	// Apply gives where one applies, nil where that is not possible; it is nil
	// itself while nobody can apply here. Then the page shows the contact.
	Apply func(ctx context.Context, o *Opportunity) (*Apply, error)
	// Terms gives the town's words for causes; nil for those of the program. It is set
	// once, too.
	Terms func() term.Book
	// Places knows where places are. It is set once, before anything is asked.
	Places *gazetteer.Gazetteer
	// Event finds an event that asks for help; see Helped. It is set once, before
	// anything is asked.
	Event func(ctx context.Context, id string) (*Helped, error)
	// Changed is told in the same transaction that one of ours was changed or
	// cancelled, for those who have applied; nil tells nobody.
	Changed func(ctx context.Context, tx bun.Tx, id string) error
	// Standing gives how many people are on each shift of one of ours or on its
	// waiting list, by its id; nil for nobody ever.
	Standing func(ctx context.Context, db bun.IDB, id string) (map[string]int, error)
	// Applied counts who has applied to one of ours and is not done with it: who waits
	// for an answer, and who has a yes; nil for nobody ever.
	Applied func(ctx context.Context, id string) (waiting, accepted int, err error)
	// Closed is why what a club offers is cancelled when the club is archived or shut
	// out.
	Closed func() string
}

// A Helped is the event for which an opportunity looks for helpers.
type Helped struct {
	ID, Name, Href, AttributedTo string
	Start, End                   time.Time
	// AllDay is true when only the days count.
	AllDay bool
	Place  string
}

// Edition is the version of what people have typed, for forms: a place that
// somebody takes makes no other one.
func (o *Opportunity) Edition() time.Time {
	if !o.Edited.IsZero() {
		return o.Edited
	}
	return o.Version()
}

// check gives object.ErrStale for a change that was made from another edition;
// zero does not matter.
func (o *Opportunity) check(edition time.Time) error {
	if !edition.IsZero() && !edition.Equal(o.Edition()) {
		return object.ErrStale
	}
	return nil
}

// New gives the opportunities over db. zone is the town's, language that in
// which they are written (BCP 47).
func New(db *database.DB, actors *actor.Actors, objects *object.Objects, activities *activity.Activities, pictures *object.Pictures, drafts *draft.Drafts, zone *time.Location, language string) *Opportunities {
	return &Opportunities{
		db: db, actors: actors, objects: objects, activities: activities, pictures: pictures, drafts: drafts, zone: zone, language: language,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
}

// SetClock lets tests say what time it is.
func (s *Opportunities) SetClock(now func() time.Time) { s.now = now }

// Create publishes a new opportunity. With the Key of one that is there already
// nothing is published: the same draft gives that one, and another one gives it
// together with object.ErrStale.
func (s *Opportunities) Create(ctx context.Context, by string, d Draft) (*Opportunity, error) {
	o, err := s.Draft(d)
	if err != nil {
		return nil, err
	}
	if err := s.helps(ctx, o); err != nil {
		return nil, err
	}
	picture, err := s.pictures.Keep(ctx, d.Picture)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// The same form may be sent twice at the same moment.
		if err := s.db.TakeTurn(ctx, tx, o.ID); err != nil {
			return err
		}
		if err := s.drafts.Settle(ctx, tx, by, o.ID, d.Version); err != nil {
			return err
		}
		there, err := s.repeated(ctx, tx, by, o, picture)
		if there != nil {
			o = there
		}
		if there != nil || err != nil {
			return err
		}
		return s.publish(ctx, tx, by, activity.Create, o, picture)
	})
	if err != nil {
		return o, fmt.Errorf("create opportunity: %w", err)
	}
	return o, nil
}

// helps checks that the event for which help is wanted is one of the same club.
func (s *Opportunities) helps(ctx context.Context, o *Opportunity) error {
	if o.Context == "" {
		return nil
	}
	e, err := s.helped(ctx, o.Context)
	if err == nil && e.AttributedTo != o.AttributedTo {
		err = problem.Forbiddenf("%s is an event of another club", o.Context)
	}
	return err
}

// helped gives the event id.
func (s *Opportunities) helped(ctx context.Context, id string) (*Helped, error) {
	if s.Event == nil {
		return nil, problem.NotFoundf("there is no event %s", id)
	}
	return s.Event(ctx, id)
}

// repeated gives the opportunity that was made before with the key of o, nil
// when there is none.
func (s *Opportunities) repeated(ctx context.Context, tx bun.Tx, by string, o *Opportunity, picture *object.Attachment) (*Opportunity, error) {
	there, err := s.find(ctx, tx, o.ID)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.actors.May(ctx, tx, by, there.AttributedTo, actor.Publish); err != nil {
		return nil, err
	}
	if there.AttributedTo != o.AttributedTo || !there.same(o) || !object.SamePicture(there.Attachment, picture) {
		return there, object.ErrStale
	}
	return there, nil
}

// publish stores o, with picture in place of the one it had unless that is nil,
// and tells everybody.
func (s *Opportunities) publish(ctx context.Context, tx bun.Tx, by, kind string, o *Opportunity, picture *object.Attachment) error {
	if err := s.actors.May(ctx, tx, by, o.AttributedTo, actor.Publish); err != nil {
		return err
	}
	return s.release(ctx, tx, by, kind, o, picture)
}

// release is publish for those of whom is known that they may.
func (s *Opportunities) release(ctx context.Context, tx bun.Tx, by, kind string, o *Opportunity, picture *object.Attachment) error {
	if picture != nil {
		o.Attachment = []*object.Attachment{picture}
		if err := s.pictures.Shrink(ctx, tx, picture); err != nil {
			return err
		}
	}
	if err := s.put(ctx, tx, o); err != nil {
		return err
	}
	return s.activities.PublishObject(ctx, tx, by, kind, &o.Object)
}

// A Change says what shall be different: all that the form of the opportunity
// says.
type Change struct {
	Draft
	Picture object.PictureChange
	// Version is the Edition that the change was made from: when it is not the
	// present one any more, the change gives object.ErrStale. Zero does not matter.
	Version time.Time
	// Sure says that shifts may go or move for which people have applied.
	Sure bool
}

// Change changes an opportunity and tells everybody who has it (ActivityPub
// 7.3). One that has expired is open again when its new running time is ahead. A
// shift with people on it goes or moves only when Change.Sure says so.
func (s *Opportunities) Change(ctx context.Context, by, id string, ch Change) (*Opportunity, error) {
	picture, err := s.pictures.Keep(ctx, ch.Picture.New)
	if err != nil {
		return nil, err
	}
	return s.revise(ctx, by, id, picture, func(ctx context.Context, tx bun.Tx, o *Opportunity) error {
		if err := o.check(ch.Version); err != nil {
			return err
		}
		before := o.Shifts
		var err error
		if o.Attachment, err = ch.Picture.Of(o.Attachment, picture); err != nil {
			return err
		}
		if err := s.apply(o, ch.Draft); err != nil {
			return err
		}
		if !ch.Sure {
			if err := s.checkPeople(ctx, tx, before, o); err != nil {
				return err
			}
		}
		if o.State == Expired && o.Until.After(s.now()) {
			o.State = Open
		}
		return nil
	})
}

// Cancel calls an opportunity off: it stays, with its reason, so that everybody
// learns of it. It cannot be taken back.
func (s *Opportunities) Cancel(ctx context.Context, by, id, reason string) (*Opportunity, error) {
	var errs problem.Fields
	if reason = line(&errs, "reason", reason, maxReason); reason == "" && errs.Err() == nil {
		errs.Add("reason", "Please say in at most %d characters why no help is needed any more.", maxReason)
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return s.revise(ctx, by, id, nil, func(_ context.Context, _ bun.Tx, o *Opportunity) error {
		o.State, o.Reason = Cancelled, reason
		return nil
	})
}

// SetFilled says that enough people are found, or that some are wanted again.
func (s *Opportunities) SetFilled(ctx context.Context, by, id string, filled bool) (*Opportunity, error) {
	return s.revise(ctx, by, id, nil, func(_ context.Context, _ bun.Tx, o *Opportunity) error {
		o.State = Open
		if filled {
			o.State = Filled
		}
		return nil
	})
}

// Renew gives the opportunity a whole running time from now on.
func (s *Opportunities) Renew(ctx context.Context, by, id string) (*Opportunity, error) {
	return s.revise(ctx, by, id, nil, func(_ context.Context, _ bun.Tx, o *Opportunity) error {
		if ends := o.Ends(); !ends.IsZero() && !ends.After(s.now()) {
			return problem.Conflictf("the last day of %s is over; please change its days first", o.Name)
		}
		o.Until, o.Asked = s.running(o), time.Time{}
		if o.State == Expired {
			o.State = Open
		}
		return nil
	})
}

func (s *Opportunities) revise(ctx context.Context, by, id string, picture *object.Attachment, change func(ctx context.Context, tx bun.Tx, o *Opportunity) error) (*Opportunity, error) {
	var o *Opportunity
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if o, err = s.find(ctx, tx, id); err != nil {
			return err
		}
		if o.State == Cancelled {
			return problem.Conflictf("%s is cancelled and stays so", o.Name)
		}
		if err := change(ctx, tx, o); err != nil {
			return err
		}
		o.Updated, o.Edited, o.Untold = o.Next(s.now()), time.Time{}, time.Time{}
		if err := s.publish(ctx, tx, by, activity.Update, o, picture); err != nil {
			return err
		}
		return s.changed(ctx, tx, id)
	})
	if err != nil {
		return nil, fmt.Errorf("change opportunity: %w", err)
	}
	return o, nil
}

// Find gives the opportunity with this id if viewer may see it.
func (s *Opportunities) Find(ctx context.Context, viewer object.Viewer, id string) (*Opportunity, error) {
	o, err := s.objects.Find(ctx, viewer, id)
	if err != nil {
		return nil, err
	}
	return s.with(ctx, s.db.Read(), o)
}
