package event

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
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
	// Status is Confirmed or Cancelled.
	Status string
	// Reason says why it was cancelled.
	Reason string
}

// Location gives the zone of the event's place; UTC when it is not known.
func (d *Details) Location() *time.Location {
	zone, err := time.LoadLocation(d.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Events publishes and shows events. Make one with New.
type Events struct {
	db         *database.DB
	actors     *actor.Actors
	objects    *object.Objects
	activities *activity.Activities
	pictures   *object.Pictures
	zone       *time.Location
	language   string
	now        func() time.Time
}

// New gives the events over db. zone is the town's, language that of its
// events (BCP 47).
func New(db *database.DB, actors *actor.Actors, objects *object.Objects, activities *activity.Activities, pictures *object.Pictures, zone *time.Location, language string) *Events {
	return &Events{
		db: db, actors: actors, objects: objects, activities: activities, pictures: pictures, zone: zone, language: language,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
}

// A Draft is what a new event starts from. Times are as people type them; see
// ParseTime.
type Draft struct {
	// AttributedTo is the id of the club in whose name it is published.
	AttributedTo string
	Name         string
	Start, End   string
	Place        string
	// Text is Markdown.
	Text string
	// Picture is nil for an event without one.
	Picture *object.Upload
}

// Create publishes a new event.
func (s *Events) Create(ctx context.Context, by string, d Draft) (*Event, error) {
	e := &Event{Object: object.Object{
		ID: s.actors.Site().NewObjectID(), Type: Type, Local: true, AttributedTo: d.AttributedTo,
		Visibility: object.Public, Language: s.language, Published: s.now(),
	}}
	e.URL = s.actors.Site().Origin + Path + e.Key()
	e.ObjectID, e.Timezone, e.Status = e.ID, s.zone.String(), Confirmed
	ch := Change{Name: &d.Name, Start: &d.Start, End: &d.End, Place: &d.Place, Text: &d.Text}
	if err := e.apply(ch, s.zone); err != nil {
		return nil, err
	}
	picture, err := s.keep(ctx, d.Picture)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return s.publish(ctx, tx, by, activity.Create, e, picture)
	})
	if err != nil {
		return nil, fmt.Errorf("create event: %w", err)
	}
	return e, nil
}

// keep stores the picture of a draft, if there is one.
func (s *Events) keep(ctx context.Context, u *object.Upload) (*object.Attachment, error) {
	if u == nil {
		return nil, nil
	}
	return s.pictures.Keep(ctx, *u)
}

// publish stores e, with picture in place of the one it had unless that is
// nil, and tells everybody.
func (s *Events) publish(ctx context.Context, tx bun.Tx, by, kind string, e *Event, picture *object.Attachment) error {
	if err := s.actors.May(ctx, tx, by, e.AttributedTo, actor.Publish); err != nil {
		return err
	}
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
	Name, Start, End, Place, Text *string
	// Picture takes the place of the one there is.
	Picture *object.Upload
}

// Change changes an event and tells everybody who has it (ActivityPub 7.3).
// When time or place move, followers get a notice of their own too: an Update
// does not come up again on Mastodon.
func (s *Events) Change(ctx context.Context, by, id string, ch Change) (*Event, error) {
	picture, err := s.keep(ctx, ch.Picture)
	if err != nil {
		return nil, err
	}
	return s.revise(ctx, by, id, picture, func(e *Event) error { return e.apply(ch, s.zone) })
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
		e.Updated = later(s.now(), before.Object)
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

// later gives now, or the second after the last version: two versions of the
// same second could not be told apart by others.
func later(now time.Time, o object.Object) time.Time {
	last := o.Published
	if o.Updated.After(last) {
		last = o.Updated
	}
	if !now.After(last) {
		return last.Add(time.Second)
	}
	return now
}

// apply checks ch and writes it into e.
func (e *Event) apply(ch Change, zone *time.Location) error {
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
	if ch.Text != nil {
		if utf8.RuneCountInString(*ch.Text) > maxText {
			errs.Add("text", "The text has more than %d characters; please shorten it.", maxText)
		}
		e.Source = strings.TrimSpace(*ch.Text)
		e.Content = markup.Markdown(e.Source)
	}
	e.applyTimes(&errs, ch, zone)
	return errs.Err()
}

func (e *Event) applyTimes(errs *problem.Fields, ch Change, zone *time.Location) {
	if ch.Start != nil {
		start, allDay, wrong := ParseTime(*ch.Start, zone)
		if wrong != "" {
			errs.Add("start", wrong)
			return
		}
		// A moved event keeps its length unless a new end is given.
		if ch.End == nil && !e.EndTime.IsZero() && allDay == e.AllDay {
			e.EndTime = e.EndTime.Add(start.Sub(e.StartTime))
		}
		e.StartTime, e.AllDay = start, allDay
	}
	if ch.End != nil {
		e.EndTime = time.Time{}
		if *ch.End != "" {
			end, allDay, wrong := ParseTime(*ch.End, zone)
			switch {
			case wrong != "":
				errs.Add("end", wrong)
				return
			case allDay != e.AllDay:
				errs.Add("end", "Give both the start and the end with a time of day, or both without.")
				return
			case allDay:
				end = lastSecond(end)
			}
			e.EndTime = end
		}
	}
	if e.AllDay && e.EndTime.IsZero() {
		e.EndTime = lastSecond(e.StartTime)
	}
	if !e.EndTime.IsZero() && !e.EndTime.After(e.StartTime) {
		errs.Add("end", "The end is not after the start.")
	}
}

// lastSecond gives the last second of day, in its own zone.
func lastSecond(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, day.Location()).Add(-time.Second)
}

// Find gives the event with this id if viewer may see it.
func (s *Events) Find(ctx context.Context, viewer object.Viewer, id string) (*Event, error) {
	o, err := s.objects.Find(ctx, viewer, id)
	if err != nil {
		return nil, err
	}
	return s.with(ctx, s.db.Read(), o)
}
