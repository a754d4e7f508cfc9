package activity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/federation/proof"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The types of activities that this server sends or understands.
const (
	Create       = as.Create
	Update       = as.Update
	Delete       = as.Delete
	Follow       = as.Follow
	Accept       = as.Accept
	Reject       = as.Reject
	Like         = as.Like
	EmojiReact   = as.EmojiReact
	Announce     = as.Announce
	Undo         = as.Undo
	Block        = as.Block
	Flag         = as.Flag
	Offer        = as.Offer
	Move         = as.Move
	Add          = as.Add
	Remove       = as.Remove
	QuoteRequest = as.QuoteRequest
)

// Activities publishes and applies activities. Make one with New.
type Activities struct {
	db      *database.DB
	actors  *actor.Actors
	objects *object.Objects
	site    actor.Site
	now     func() time.Time
	decoded decoded
	// Look is asked about each thing from elsewhere that was just stored, with its
	// author; nil looks at none.
	Look func(ctx context.Context, tx bun.Tx, id string, author *actor.Actor) error
	// LookFirst is asked about each thing of ours of which others are to be told, and
	// tells whether nobody is, since the town hall wants to see it first; nil tells of
	// all.
	LookFirst func(ctx context.Context, tx bun.Tx, by, kind string, o *object.Object) (bool, error)
	// Region is asked about all that joins the town with other towns; nil joins it
	// with none.
	Region Region
	// Gone is told in the same transaction that something of ours was deleted; nil
	// tells nobody.
	Gone func(ctx context.Context, tx bun.Tx, o *object.Object) error
	// Hears is who deals with what people elsewhere say to one of ours about
	// something; nil lets all of it be stored as what it is.
	Hears Hearer
	// Deleted is told of each thing that an actor elsewhere deletes, also of what is
	// stored nowhere here, and with the id of the actor when it leaves; nil tells
	// nobody.
	Deleted func(ctx context.Context, tx bun.Tx, a *as.Activity) error
	// woken are the hosts whose lanes are woken when a Write ends.
	woken *database.Gathering
}

// New gives the activities over db.
func New(db *database.DB, actors *actor.Actors, objects *object.Objects) *Activities {
	s := &Activities{db: db, actors: actors, objects: objects, site: actors.Site(), now: func() time.Time {
		return time.Now().UTC().Truncate(time.Second)
	}}
	s.woken = database.NewGathering(s.wake)
	return s
}

// sent is an activity of one of our actors, with the bytes that travel.
type sent struct {
	bun.BaseModel `bun:"table:activities,alias:activity"`

	ID        string `bun:"id,pk"`
	Type      string
	ActorID   string
	ObjectID  string
	Public    bool
	Body      []byte
	Published time.Time

	// withdraws is true for a Delete that deletes nothing here.
	withdraws bool
}

// Publish stores a as done by the local actor from and puts its delivery to
// everybody it is addressed to on their lanes, all in tx. An id and a time are
// given to it when it has none. also are further recipients that a does not
// name, such as those who answered what is now deleted.
//
// ActivityPub 6, 7.1.
func (s *Activities) Publish(ctx context.Context, tx bun.Tx, from *actor.Actor, a *as.Activity, also ...string) error {
	if s.Region != nil && from.Type == actor.Group && (a.Object.Actor != nil || a.Type == Delete && a.Object.Ref() == from.ID) {
		towns, err := s.Region.Directories(ctx, tx)
		if err != nil {
			return err
		}
		also = append(also, towns...)
	}
	return s.PublishTo(ctx, tx, from, a, slices.Concat(a.To, a.Cc, also))
}

// PublishTo does so for these recipients alone, whatever a names.
func (s *Activities) PublishTo(ctx context.Context, tx bun.Tx, from *actor.Actor, a *as.Activity, recipients []string) error {
	if a.ID == "" {
		a.ID = s.site.NewActivityID()
	}
	if a.Published.IsZero() {
		a.Published = s.now()
	}
	a.Context, a.Actor = append(slices.Clip(contextOf(a)), proof.Context), from.ID
	body, err := s.prove(ctx, tx, a)
	if err != nil {
		return fmt.Errorf("publish %s: %w", a.Type, err)
	}
	row := &sent{
		ID: a.ID, Type: a.Type, ActorID: from.ID, ObjectID: a.Object.Ref(), Body: body, Published: a.Published,
		Public: slices.ContainsFunc(a.To, as.IsPublic), withdraws: a.Agreement != nil,
	}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("publish %s: %w", a.Type, err)
	}
	inboxes, err := s.actors.Inboxes(ctx, tx, from, recipients)
	if err != nil {
		return fmt.Errorf("publish %s: %w", a.Type, err)
	}
	return s.enqueue(ctx, tx, row, inboxes)
}

// prove gives the bytes of a with a proof by its actor, so that they count
// whoever passes them on.
func (s *Activities) prove(ctx context.Context, tx bun.Tx, a *as.Activity) ([]byte, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	signer, err := s.actors.ProofSigner(ctx, tx, a.Actor)
	if err != nil {
		return nil, err
	}
	return proof.Sign(body, signer, s.now())
}

// contextOf picks the smallest context that explains what a carries.
func contextOf(a *as.Activity) as.Context {
	switch {
	case a.Agreement != nil:
		return as.ContextPeering
	case a.Object.Actor != nil:
		return as.ContextActor
	case a.Object.Object != nil:
		return as.ContextOf(a.Object.Object)
	case a.Result.Object != nil:
		return as.ContextOf(a.Result.Object)
	case a.Object.Activity != nil && a.Object.Activity.Type == QuoteRequest:
		return as.ContextQuote
	}
	return as.ContextActivity
}

// enqueue inserts one delivery for each inbox. Its lane is woken when the Write
// ends, with those of all else that it publishes: one Write may apply many
// received activities, and lanes must be touched in the order of their hosts.
func (s *Activities) enqueue(ctx context.Context, tx bun.Tx, row *sent, inboxes []string) error {
	var rows []*delivery
	var hosts []string
	for _, inbox := range inboxes {
		host := as.Host(inbox)
		if host == "" {
			continue // a follower with a broken inbox must not stop the others
		}
		hosts = append(hosts, host)
		rows = append(rows, &delivery{
			ActivityID: row.ID, ObjectID: row.ObjectID, Host: host, Inbox: inbox,
			State: waiting, DueAt: s.now(), Created: s.now(),
		})
	}
	if row.Type == Delete && !row.withdraws {
		if err := s.noteDeletion(ctx, tx, row, rows); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		database.Ring(ctx)
		return nil
	}
	for chunk := range slices.Chunk(rows, 500) {
		if _, err := tx.NewInsert().Model(&chunk).On("CONFLICT (activity_id, inbox) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("enqueue deliveries: %w", err)
		}
	}
	database.Ring(ctx)
	return s.woken.Add(ctx, hosts...)
}

// wake makes the lanes of hosts, which are in the order of their names, due.
func (s *Activities) wake(ctx context.Context, tx bun.Tx, hosts []string) error {
	lanes := make([]*lane, len(hosts))
	for i, host := range hosts {
		lanes[i] = &lane{Host: host, DueAt: s.now(), Wakes: 1, Standing: outbox.Unknown}
	}
	for chunk := range slices.Chunk(lanes, 500) {
		_, err := tx.NewInsert().Model(&chunk).On("CONFLICT (host) DO UPDATE").
			Set("due_at = CASE WHEN host.not_before > EXCLUDED.due_at THEN host.not_before " +
				"WHEN host.due_at IS NULL OR host.due_at > EXCLUDED.due_at THEN EXCLUDED.due_at ELSE host.due_at END").
			Set("wakes = host.wakes + 1").Exec(ctx)
		if err != nil {
			return fmt.Errorf("wake lanes: %w", err)
		}
	}
	return nil
}

// Outbox gives the public activities of an actor, newest first, as the bytes
// that were sent: the activity's own JSON. before is the id of the last one of
// the page before, or "".
func (s *Activities) Outbox(ctx context.Context, actorID, before string, limit int) ([]json.RawMessage, string, error) {
	var rows []*sent
	q := s.outbox(actorID).Model(&rows)
	if before != "" {
		q = q.Where("(activity.published, activity.id) < (SELECT b.published, b.id FROM activities b WHERE b.id = ?)", before)
	}
	if err := q.OrderExpr("activity.published DESC, activity.id DESC").Limit(int64(limit + 1)).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("list outbox of %s: %w", actorID, err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	var list []json.RawMessage
	for _, row := range rows {
		list = append(list, row.Body)
	}
	return list, next, nil
}

// CountOutbox counts what Outbox gives in all.
func (s *Activities) CountOutbox(ctx context.Context, actorID string) (int, error) {
	n, err := s.outbox(actorID).Model((*sent)(nil)).Count(ctx)
	return int(n), err
}

// outbox narrows to the Creates whose object stands: a newcomer who reads the
// outbox must not be given what was deleted since.
func (s *Activities) outbox(actorID string) *bun.SelectQuery {
	q := s.db.Read().NewSelect()
	if actorID == s.site.RelayID() { // whoever follows the town reads what all of it published
		q = q.Where("EXISTS (SELECT 1 FROM actors WHERE actors.id = activity.actor_id AND actors.state = ? AND NOT actors.limited)", actor.Active).
			Where("EXISTS (SELECT 1 FROM objects WHERE objects.id = activity.object_id AND objects.in_reply_to = '')")
	} else {
		q = q.Where("activity.actor_id = ?", actorID)
	}
	return q.Where("activity.public").Where("activity.type = ?", Create).
		Where("EXISTS (SELECT 1 FROM objects WHERE objects.id = activity.object_id AND objects.deleted IS NULL AND NOT objects.hidden AND " + object.Offered("objects") + ")")
}

// Find gives the bytes of one of our public activities.
func (s *Activities) Find(ctx context.Context, id string) (json.RawMessage, error) {
	row := new(sent)
	err := s.db.Read().NewSelect().Model(row).Where("activity.id = ?", id).Where("activity.public").
		Where("EXISTS (SELECT 1 FROM actors WHERE actors.id = activity.actor_id AND actors.state = ?)", actor.Active).
		Where("NOT EXISTS (SELECT 1 FROM objects WHERE objects.id = activity.object_id AND (objects.deleted IS NOT NULL OR objects.hidden OR NOT " + object.Offered("objects") + "))").Scan(ctx)
	if err != nil {
		return nil, notFound(err, "there is no activity %s", id)
	}
	return row.Body, nil
}

// PublishObject publishes that one of our objects was created, updated or
// deleted, in the name of its author. Updates and deletions also reach those
// who reacted to it or answered it. by, who did it, is noted and never told.
func (s *Activities) PublishObject(ctx context.Context, tx bun.Tx, by, kind string, o *object.Object) error {
	if err := s.objects.Note(ctx, tx, o.ID, by, kind); err != nil {
		return err
	}
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	if kind == Create {
		if err := s.objects.CheckOffered(ctx, tx, o); err != nil {
			return err
		}
	}
	if author.State == actor.Suspended && kind == Create {
		return actor.ErrSuspended
	}
	if author.MovedTo != "" && kind == Create && o.InReplyTo == "" {
		return actor.ErrMoved
	}
	if s.LookFirst != nil {
		if waits, err := s.LookFirst(ctx, tx, by, kind, o); err != nil || waits {
			return err
		}
	}
	if o.Hidden && kind == Update {
		return nil // nobody is told what nobody is to see
	}
	if author.State == actor.Suspended && kind != Delete {
		return actor.ErrSuspended
	}
	a := &as.Activity{Type: kind}
	if kind == Create {
		a.Published = o.Published
		return s.publishDocument(ctx, tx, a, o, author, nil)
	}
	also, err := s.objects.Participants(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	return s.publishDocument(ctx, tx, a, o, author, also)
}

// Release tells everybody that one of our objects was published that waited until
// now: the followers get its Create.
func (s *Activities) Release(ctx context.Context, tx bun.Tx, o *object.Object) error {
	author, err := s.actors.Find(ctx, tx, o.AttributedTo)
	if err != nil {
		return err
	}
	if author.State != actor.Active {
		return problem.Conflictf("%s is not active and publishes nothing", author.ID)
	}
	return s.publishDocument(ctx, tx, &as.Activity{Type: Create, Published: o.Published}, o, author, nil)
}

func (s *Activities) publishDocument(ctx context.Context, tx bun.Tx, a *as.Activity, o *object.Object, author *actor.Actor, also []string) error {
	doc, err := s.objects.Document(ctx, tx, o, author)
	if err != nil {
		return err
	}
	a.To, a.Cc, a.Object = doc.To, doc.Cc, as.Item{Object: doc}
	if a.Type == Delete {
		a.Object = as.Item{Object: s.objects.Buried(o)}
	}
	if s.Region == nil {
		return s.Publish(ctx, tx, author, a, also...)
	}
	towns, err := s.Region.Readers(ctx, tx, a.Type, o)
	if err != nil {
		return err
	}
	if err := s.Publish(ctx, tx, author, a, append(also, towns...)...); err != nil {
		return err
	}
	return s.Region.Announce(ctx, tx, a.Type, o)
}

// DeleteObject deletes one of our objects with the notices about it, leaves a
// Tombstone and tells everybody who has it (ActivityPub 7.4).
func (s *Activities) DeleteObject(ctx context.Context, by, id string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.objects.Stored(ctx, tx, id)
		if err != nil {
			return err
		}
		if !o.Local {
			return problem.Invalidf("%s is not ours; use hide", id)
		}
		if err := s.mayDelete(ctx, tx, by, o); err != nil {
			return err
		}
		if o.Tombstone() {
			return problem.Gonef("%s was deleted already", id)
		}
		notices, err := s.objects.Notices(ctx, tx, o)
		if err != nil {
			return err
		}
		for _, one := range append(notices, o) {
			// Published first: those who answered are known only as long as it stands.
			if err := s.PublishObject(ctx, tx, by, Delete, one); err != nil {
				return err
			}
			if err := s.objects.Remove(ctx, tx, one.ID, one.AttributedTo); err != nil {
				return err
			}
		}
		if s.Gone == nil {
			return nil
		}
		return s.Gone(ctx, tx, o)
	})
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// mayDelete lets the editors of the club and the town hall delete. Of what is
// not public others do not even learn that it is there.
func (s *Activities) mayDelete(ctx context.Context, tx bun.Tx, by string, o *object.Object) error {
	err := s.actors.May(ctx, tx, by, o.AttributedTo, actor.Publish)
	if problem.KindOf(err) == problem.Forbidden {
		err = s.actors.May(ctx, tx, by, o.AttributedTo, actor.Moderate)
	}
	if problem.KindOf(err) == problem.Forbidden && !o.Open() {
		return problem.NotFoundf("there is no object %s", o.ID)
	}
	return err
}
