package event

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
	"codeberg.org/aushang/aushang/web/component"
)

// Type is the ActivityStreams type of an event.
const Type = "Event"

// The states of an event (iCalendar STATUS, RFC 5545 3.8.1.11).
const (
	Confirmed = "CONFIRMED"
	Cancelled = "CANCELLED"
)

// The lengths of what an event says, in characters.
const (
	maxName   = 200
	maxPlace  = 200
	maxText   = 20_000
	maxReason = 500
)

// An Event is something that happens at a place and time, organised by a club.
type Event struct {
	object.Object
	Details
}

// Details is what an event has beyond an Object.
type Details struct {
	bun.BaseModel `bun:"table:events,alias:event"`

	ObjectID  string `bun:"object_id,pk"`
	StartTime time.Time
	// EndTime is zero for an event whose end is open. Of an all-day event it is
	// the last second of its last day.
	EndTime time.Time `bun:",nullzero"`
	// Timezone is the IANA name of the zone of its place.
	Timezone string
	// AllDay is true when only the days count.
	AllDay bool
	// Place is plain text, "" when not known yet.
	Place string
	// OnlineURL is where it takes place on the web, "" when it does not.
	OnlineURL string `bun:"online_url"`
	// Status is Confirmed or Cancelled.
	Status string
	// Reason says why it was cancelled.
	Reason string
	// Category is the Key of a Category, "" when none was chosen.
	Category string
	// PreviousStart and PreviousEnd are when it was to be before its time was
	// changed last; zero when it never was.
	PreviousStart time.Time `bun:",nullzero"`
	PreviousEnd   time.Time `bun:",nullzero"`
}

// Location gives the zone of the event's place; UTC when it is not known.
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

// Events publishes and shows events. Make one with New.
type Events struct {
	db         *database.DB
	actors     *actor.Actors
	objects    *object.Objects
	activities *activity.Activities
	pictures   *object.Pictures
	drafts     *draft.Drafts
	zone       *time.Location
	language   string
	now        func() time.Time
	// Terms gives the town's words for categories; nil for those of the program. It
	// is set once, before anything is asked of it.
	Terms func() term.Book
	// TermsIn gives them as a transaction sees them; nil with Terms.
	TermsIn func(ctx context.Context, db bun.IDB) (term.Book, error)
	// Jobs gives what helpers are looked for at an event, as lists show it; nil for
	// nothing. It is set once, before anything is asked.
	Jobs func(ctx context.Context, id, lang string) ([]component.Job, error)
}

// New gives the events over db. zone is the town's, language that of its
// events (BCP 47).
func New(db *database.DB, actors *actor.Actors, objects *object.Objects, activities *activity.Activities, pictures *object.Pictures, drafts *draft.Drafts, zone *time.Location, language string) *Events {
	return &Events{
		db: db, actors: actors, objects: objects, activities: activities, pictures: pictures, drafts: drafts, zone: zone, language: language,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
}

// A Draft is what a new event starts from. Times are as people type them; see
// ParseTime.
type Draft struct {
	// Key is the last segment of the id, chosen when a form was shown, so that
	// a form which is sent twice publishes once; "" makes one.
	Key string
	// Version is that of the kept draft from which it was made; 0 is none.
	Version int
	// AttributedTo is the id of the club in whose name it is published.
	AttributedTo string
	Name         string
	Start, End   string
	Place        string
	// OnlineURL is a web address.
	OnlineURL string
	// Category is the Key of a Category, or "".
	Category string
	// Text is Markdown.
	Text string
	// Picture is nil for an event without one.
	Picture *object.Upload
}

// Create publishes a new event. With the Key of one that is there already
// nothing is published: the same draft gives that event, and another one gives
// it together with object.ErrStale.
func (s *Events) Create(ctx context.Context, by string, d Draft) (*Event, error) {
	e, err := s.Draft(d)
	if err != nil {
		return nil, err
	}
	picture, err := s.pictures.Keep(ctx, d.Picture)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// The same form may be sent twice at the same moment.
		if err := s.db.TakeTurn(ctx, tx, e.ID); err != nil {
			return err
		}
		if err := s.drafts.Settle(ctx, tx, by, e.ID, d.Version); err != nil {
			return err
		}
		there, err := s.repeated(ctx, tx, by, e, picture)
		if there != nil {
			e = there
		}
		if there != nil || err != nil {
			return err
		}
		return s.publish(ctx, tx, by, activity.Create, e, picture)
	})
	if err != nil {
		return e, fmt.Errorf("create event: %w", err)
	}
	return e, nil
}

// Draft gives the event that d would make, without its picture; nothing is
// stored.
func (s *Events) Draft(d Draft) (*Event, error) {
	id := s.actors.Site().NewObjectID()
	if d.Key != "" {
		id = s.actors.Site().ObjectID(d.Key)
	}
	e := &Event{Object: object.Object{
		ID: id, Type: Type, Local: true, AttributedTo: d.AttributedTo,
		Visibility: object.Public, Language: s.language, Published: s.now(),
	}}
	e.URL = s.actors.Site().Origin + Path + e.Key()
	e.ObjectID, e.Timezone, e.Status = e.ID, s.zone.String(), Confirmed
	ch := Change{Name: &d.Name, Start: &d.Start, End: &d.End, Place: &d.Place, OnlineURL: &d.OnlineURL, Category: &d.Category, Text: &d.Text}
	return e, e.apply(ch, s.zone, s.categories())
}

// repeated gives the event that was made before with the key of e, nil when
// there is none.
func (s *Events) repeated(ctx context.Context, tx bun.Tx, by string, e *Event, picture *object.Attachment) (*Event, error) {
	there, err := s.find(ctx, tx, e.ID)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.actors.May(ctx, tx, by, there.AttributedTo, actor.Publish); err != nil {
		return nil, err
	}
	same := there.AttributedTo == e.AttributedTo && there.Name == e.Name && there.Source == e.Source && there.Place == e.Place &&
		there.OnlineURL == e.OnlineURL && there.Category == e.Category && there.StartTime.Equal(e.StartTime) && there.EndTime.Equal(e.EndTime) && object.SamePicture(there.Attachment, picture)
	if !same {
		return there, object.ErrStale
	}
	return there, nil
}

// publish stores e, with picture in place of the one it had unless that is
// nil, and tells everybody.
func (s *Events) publish(ctx context.Context, tx bun.Tx, by, kind string, e *Event, picture *object.Attachment) error {
	if err := s.actors.May(ctx, tx, by, e.AttributedTo, actor.Publish); err != nil {
		return err
	}
	return s.release(ctx, tx, by, kind, e, picture)
}

// release is publish for those of whom is known that they may.
func (s *Events) release(ctx context.Context, tx bun.Tx, by, kind string, e *Event, picture *object.Attachment) error {
	if picture != nil {
		e.Attachment = []*object.Attachment{picture}
		if err := s.pictures.Shrink(ctx, tx, picture); err != nil {
			return err
		}
	}
	if err := s.put(ctx, tx, e); err != nil {
		return err
	}
	return s.activities.PublishObject(ctx, tx, by, kind, &e.Object)
}

// A Change says what shall be different; nil leaves a field as it is.
type Change struct {
	Name, Start, End, Place, OnlineURL, Category, Text *string
	Picture                                            object.PictureChange
	// Version is the one that the change was made from: when it is not the
	// present one any more, the change gives object.ErrStale. Zero does not
	// matter.
	Version time.Time
}

// Change changes an event and tells everybody who has it (ActivityPub 7.3).
// When time or place move, followers get a notice of their own too: an Update
// does not come up again on Mastodon.
func (s *Events) Change(ctx context.Context, by, id string, ch Change) (*Event, error) {
	picture, err := s.pictures.Keep(ctx, ch.Picture.New)
	if err != nil {
		return nil, err
	}
	return s.revise(ctx, by, id, picture, func(e *Event) error {
		if err := e.Check(ch.Version); err != nil {
			return err
		}
		var err error
		if e.Attachment, err = ch.Picture.Of(e.Attachment, picture); err != nil {
			return err
		}
		return e.apply(ch, s.zone, s.categories())
	})
}

// Cancel cancels an event: it stays, with its reason, so that everybody learns
// of it. It cannot be taken back.
func (s *Events) Cancel(ctx context.Context, by, id, reason string) (*Event, error) {
	var errs problem.Fields
	reason = markup.Name(reason, maxReason+1)
	if n := utf8.RuneCountInString(reason); n == 0 || n > maxReason {
		errs.Add("reason", "Please say in at most %d characters why it is cancelled.", maxReason)
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return s.revise(ctx, by, id, nil, func(e *Event) error {
		e.Status, e.Reason = Cancelled, reason
		return nil
	})
}

func (s *Events) revise(ctx context.Context, by, id string, picture *object.Attachment, change func(*Event) error) (*Event, error) {
	var e *Event
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if e, err = s.find(ctx, tx, id); err != nil {
			return err
		}
		if e.Status == Cancelled {
			return problem.Conflictf("%s is cancelled and stays so", e.Name)
		}
		before := *e
		if err := change(e); err != nil {
			return err
		}
		e.Updated = e.Next(s.now())
		if e.moved(&before) {
			e.PreviousStart, e.PreviousEnd = before.StartTime, before.EndTime
		}
		if err := s.publish(ctx, tx, by, activity.Update, e, picture); err != nil {
			return err
		}
		return s.notify(ctx, tx, by, &before, e)
	})
	if err != nil {
		return nil, fmt.Errorf("change event: %w", err)
	}
	return e, nil
}

// moved tells whether the event takes place at another time than before.
func (e *Event) moved(before *Event) bool {
	return !e.StartTime.Equal(before.StartTime) || !e.EndTime.Equal(before.EndTime)
}

// Rescheduled tells whether the event begins at another time than was
// announced.
func (d *Details) Rescheduled() bool {
	return !d.PreviousStart.IsZero() && !d.PreviousStart.Equal(d.StartTime)
}

// apply checks ch and writes it into e.
func (e *Event) apply(ch Change, zone *time.Location, words term.Book) error {
	var errs problem.Fields
	if ch.Name != nil {
		e.Name = markup.Name(*ch.Name, maxName+1)
		if n := utf8.RuneCountInString(e.Name); n == 0 || n > maxName {
			errs.Add("name", "Please give the event a name of at most %d characters.", maxName)
		}
	}
	if ch.Place != nil {
		if e.Place = markup.Name(*ch.Place, maxPlace+1); utf8.RuneCountInString(e.Place) > maxPlace {
			errs.Add("place", "The place has more than %d characters; please shorten it.", maxPlace)
		}
	}
	if ch.OnlineURL != nil {
		var ok bool
		if e.OnlineURL, ok = markup.TypedLink(*ch.OnlineURL); !ok {
			errs.Add("online", "This is no web address; please write it like www.example.org or https://example.org.")
		}
	}
	if ch.Category != nil {
		c := words.Find(TermList, *ch.Category)
		switch {
		case c != nil:
			e.Category = c.Key
		case strings.TrimSpace(*ch.Category) == "":
			e.Category = ""
		default:
			errs.Add("category", "There is no such category. Please choose one of these: %s.", words.Keys(TermList))
		}
	}
	if ch.Text != nil {
		if utf8.RuneCountInString(*ch.Text) > maxText {
			errs.Add("text", "The text has more than %d characters; please shorten it.", maxText)
		}
		e.Source = markup.Typed(*ch.Text)
		e.Content = markup.Markdown(e.Source)
	}
	e.applyTimes(&errs, ch, zone)
	return errs.Err()
}

// Find gives the event with this id if viewer may see it.
func (s *Events) Find(ctx context.Context, viewer object.Viewer, id string) (*Event, error) {
	o, err := s.objects.Find(ctx, viewer, id)
	if err != nil {
		return nil, err
	}
	return s.with(ctx, s.db.Read(), o)
}
