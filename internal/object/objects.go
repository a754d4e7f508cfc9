package object

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/erasure"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// Objects is the store of all objects. Make one with New.
type Objects struct {
	db   *database.DB
	site actor.Site
	// kinds is set once, by Serve, before anything is read or received.
	kinds Kinds
	now   func() time.Time
}

// ErrStale says that a change was made from a version that is not the present
// one any more. Wrapped, it is a problem.Conflict.
var ErrStale = problem.Conflictf("it was changed in the meantime")

// Version is the time of the present version, to the second.
func (o *Object) Version() time.Time {
	if o.Updated.After(o.Published) {
		return o.Updated
	}
	return o.Published
}

// Next gives the time of a version made now, or the second after the present
// one: two versions of the same second could not be told apart by others.
func (o *Object) Next(now time.Time) time.Time {
	if last := o.Version(); !now.After(last) {
		return last.Add(time.Second)
	}
	return now
}

// Check gives ErrStale unless version is the present one or zero.
func (o *Object) Check(version time.Time) error {
	if !version.IsZero() && !version.Equal(o.Version()) {
		return ErrStale
	}
	return nil
}

// New gives the store over db.
func New(db *database.DB, site actor.Site) *Objects {
	return &Objects{db: db, site: site, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) }}
}

// Know hands in the kinds; the application calls it once, while it builds.
func (s *Objects) Know(kinds Kinds) { s.kinds = kinds }

// Reader gives what reads without a transaction.
func (s *Objects) Reader() bun.IDB { return s.db.Read() }

// Put stores o with its attachments and its audience, or changes what is
// stored. It reports whether something changed: an older version than the
// stored one changes nothing, and what was deleted stays deleted. The
// author of a stored object never changes.
func (s *Objects) Put(ctx context.Context, tx bun.Tx, o *Object) (bool, error) {
	fresh, err := s.insert(ctx, tx, o)
	if err != nil {
		return false, err
	}
	if !fresh {
		if changed, err := s.update(ctx, tx, o); err != nil || !changed {
			return false, err
		}
	}
	if err := s.putParts(ctx, tx, o, fresh); err != nil {
		return false, err
	}
	database.Ring(ctx)
	return true, nil
}

var insertObject = database.NewStatement("INSERT INTO objects (id, type, local, attributed_to, name, summary, content, source, language, url, " +
	"in_reply_to, visibility, sensitive, hidden, published, updated, received) " +
	"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING")

// insert stores an object that is new; fresh is false for one that is not.
func (s *Objects) insert(ctx context.Context, tx bun.Tx, o *Object) (fresh bool, err error) {
	received := s.now()
	res, err := insertObject.Exec(ctx, tx, o.ID, o.Type, o.Local, o.AttributedTo, o.Name, o.Summary, o.Content, o.Source, o.Language, o.URL,
		o.InReplyTo, o.Visibility, o.Sensitive, o.Hidden, o.Published, o.Updated, received)
	if err != nil {
		return false, fmt.Errorf("store object %s: %w", o.ID, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("store object %s: %w", o.ID, err)
	}
	if n > 0 {
		o.Received = received
	}
	return n > 0, nil
}

func (s *Objects) update(ctx context.Context, tx bun.Tx, o *Object) (changed bool, err error) {
	old, err := s.find(ctx, tx, o.ID)
	if err != nil {
		return false, err
	}
	if old.Tombstone() || old.AttributedTo != o.AttributedTo || !newer(o, old) {
		return false, nil
	}
	_, err = tx.NewUpdate().Model(o).WherePK().
		Column("name", "summary", "content", "source", "language", "url", "sensitive", "updated").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("change object %s: %w", o.ID, err)
	}
	return true, nil
}

// Backdate makes an object from elsewhere that was published before the time
// given count as received then: it is no news to anybody.
func (s *Objects) Backdate(ctx context.Context, tx bun.Tx, id string, before time.Time) error {
	_, err := tx.NewUpdate().Model((*Object)(nil)).Set("received = published").
		Where("id = ?", id).Where("published < ?", before).Where("NOT local").Exec(ctx)
	if err != nil {
		return fmt.Errorf("date object %s: %w", id, err)
	}
	return nil
}

// newer tells whether o is a later version than old.
func newer(o, old *Object) bool {
	return !o.Updated.IsZero() && o.Updated.After(old.Updated)
}

var insertAudience = database.NewStatement("INSERT INTO audience (object_id, recipient) VALUES (?, ?) ON CONFLICT DO NOTHING")

func (s *Objects) putParts(ctx context.Context, tx bun.Tx, o *Object, fresh bool) error {
	if fresh {
		named, err := s.named(ctx, tx, o)
		if err != nil {
			return err
		}
		for _, id := range named {
			if _, err := insertAudience.Exec(ctx, tx, o.ID, id); err != nil {
				return fmt.Errorf("store audience of %s: %w", o.ID, err)
			}
		}
	}
	if !fresh {
		if _, err := tx.NewDelete().Model((*Attachment)(nil)).Where("object_id = ?", o.ID).Exec(ctx); err != nil {
			return fmt.Errorf("store attachments of %s: %w", o.ID, err)
		}
	}
	for i, a := range o.Attachment {
		a.ObjectID, a.Position = o.ID, i
	}
	if len(o.Attachment) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&o.Attachment).Exec(ctx); err != nil {
		return fmt.Errorf("store attachments of %s: %w", o.ID, err)
	}
	return nil
}

var authorOf = database.NewStatement("SELECT attributed_to FROM objects WHERE id = ?")

// named gives whom an object names that it matters to know: of a public one
// those of ours, but not whom it answers, who hears of it for that.
func (s *Objects) named(ctx context.Context, tx bun.Tx, o *Object) ([]string, error) {
	if o.Visibility != Public {
		return o.Audience, nil
	}
	ours := slices.DeleteFunc(slices.Clone(o.Audience), func(id string) bool { return !s.site.Owns(id) })
	if len(ours) == 0 || o.InReplyTo == "" {
		return ours, nil
	}
	answered := ""
	err := authorOf.Scan(ctx, tx, []any{o.InReplyTo}, &answered)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("find whom %s answers: %w", o.ID, err)
	}
	return slices.DeleteFunc(ours, func(id string) bool { return id == answered }), nil
}

// audience says whom an object names, see named.
type audience struct {
	bun.BaseModel `bun:"table:audience"`
	ObjectID      string `bun:"object_id,pk"`
	Recipient     string `bun:"recipient,pk"`
}

// Remove makes a Tombstone of the object: its words and pictures are gone, its
// id is never used again. An unknown id of owner is remembered as removed, so
// that a Create that arrives late changes nothing.
func (s *Objects) Remove(ctx context.Context, tx bun.Tx, id, owner string) error {
	now := s.now()
	res, err := tx.NewUpdate().Model((*Object)(nil)).
		Set("deleted = ?", now).Set("name = ''").Set("summary = ''").Set("content = ''").Set("source = ''").
		Where("id = ?", id).Where("attributed_to = ?", owner).Where("deleted IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("delete object %s: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return fmt.Errorf("delete object %s: %w", id, err)
		}
		grave := &Object{ID: id, Type: "Tombstone", AttributedTo: owner, Visibility: Direct, Published: now, Deleted: now}
		if _, err := tx.NewInsert().Model(grave).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("remember deletion of %s: %w", id, err)
		}
	}
	if n, err := res.RowsAffected(); err == nil && n > 0 {
		if err := erasure.Note(ctx, tx, erasure.Thing, id); err != nil {
			return err
		}
	}
	for _, part := range []any{(*Attachment)(nil), (*audience)(nil), (*Reaction)(nil), (*pin)(nil)} {
		if _, err := tx.NewDelete().Model(part).Where("object_id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("delete parts of %s: %w", id, err)
		}
	}
	database.Ring(ctx)
	return nil
}

// Forget drops the graves of what others deleted before the time given: nobody
// sends it again. Our own stay, since their ids answer 410 for ever.
func (s *Objects) Forget(ctx context.Context, before time.Time) error {
	return s.db.Prune(ctx, "objects", "id", "NOT local AND deleted < ?", before)
}

// ForgetForeign drops what came from elsewhere before the time given and nobody
// here has dealt with: it is no answer to anything that is kept, nobody of us
// answered, liked or shared it, and nothing was decided about it. It is as if it
// had never come; an event stays until it is over, and what somebody needs help
// with as long as it runs.
func (s *Objects) ForgetForeign(ctx context.Context, before time.Time) error {
	return s.db.Prune(ctx, "objects", "id", "NOT local AND deleted IS NULL AND NOT hidden AND COALESCE(received, published) < ? "+
		"AND NOT EXISTS (SELECT 1 FROM objects p WHERE p.id = objects.in_reply_to AND p.deleted IS NULL) "+
		"AND NOT EXISTS (SELECT 1 FROM objects c WHERE c.in_reply_to = objects.id AND c.deleted IS NULL) "+
		"AND NOT EXISTS (SELECT 1 FROM reactions r JOIN actors a ON a.id = r.actor_id WHERE r.object_id = objects.id AND a.local) "+
		"AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.target = objects.id) AND NOT EXISTS (SELECT 1 FROM looks l WHERE l.object_id = objects.id AND l.decided IS NULL) "+
		"AND NOT EXISTS (SELECT 1 FROM events e WHERE e.object_id = objects.id AND e.start_time >= ?) "+
		"AND NOT EXISTS (SELECT 1 FROM opportunities o WHERE o.object_id = objects.id AND o.status IN ('open', 'filled') AND (o.until IS NULL OR o.until >= ?)) "+
		"AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.closed IS NULL AND r.objects LIKE '%' || objects.id || '%') AND "+retention.Used("", "", "objects.attributed_to"), before, s.now(), s.now())
}

// RemoveAll removes everything that a remote actor wrote or did here.
func (s *Objects) RemoveAll(ctx context.Context, tx bun.Tx, actorID string) error {
	var ids []string
	err := tx.NewSelect().Model((*Object)(nil)).Column("id").
		Where("attributed_to = ?", actorID).Where("deleted IS NULL").Where("NOT local").Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("find objects of %s: %w", actorID, err)
	}
	for _, id := range ids {
		if err := s.Remove(ctx, tx, id, actorID); err != nil {
			return err
		}
	}
	if _, err := tx.NewDelete().Model((*Reaction)(nil)).Where("actor_id = ?", actorID).Exec(ctx); err != nil {
		return fmt.Errorf("remove reactions of %s: %w", actorID, err)
	}
	return nil
}

// SetHidden takes an object out of every page, or puts it back. What other
// servers have of one of ours stays there. What came by an agreement that pauses
// is put back when the pause is over.
func (s *Objects) SetHidden(ctx context.Context, tx bun.Tx, id string, hidden bool) error {
	if _, err := s.find(ctx, tx, id); err != nil {
		return err
	}
	held, err := s.held(ctx, tx, id, !hidden)
	if err != nil || held {
		return err
	}
	if _, err := tx.NewUpdate().Model((*Object)(nil)).Set("hidden = ?", hidden).Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("hide %s: %w", id, err)
	}
	database.Ring(ctx)
	return nil
}

// SetWarning puts a sentence before an object, or takes it away with "".
func (s *Objects) SetWarning(ctx context.Context, tx bun.Tx, id, warning string) error {
	if _, err := tx.NewUpdate().Model((*Object)(nil)).Set("warning = ?", warning).
		Set("updated = CASE WHEN local THEN ? ELSE updated END", s.now()).Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("put a warning before %s: %w", id, err)
	}
	database.Ring(ctx)
	return nil
}

// Stored gives the object whatever its state and whoever may see it; it is for
// deciding who may change it, never for showing.
func (s *Objects) Stored(ctx context.Context, db bun.IDB, id string) (*Object, error) {
	return s.find(ctx, db, id)
}

// Notices lists what an actor of ours said of its own o in passing: what stands
// on the page of o and has none of its own. It goes when o goes.
func (s *Objects) Notices(ctx context.Context, tx bun.Tx, o *Object) ([]*Object, error) {
	var list []*Object
	err := tx.NewSelect().Model(&list).Where("object.in_reply_to = ?", o.ID).Where(isReply).Where("object.local").
		Where("object.attributed_to = ?", o.AttributedTo).Where("object.deleted IS NULL").
		Where("object.url LIKE ?", o.URL+"#%").Order("object.published", "object.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list notices of %s: %w", o.ID, err)
	}
	return list, nil
}

// Own gives one of our own objects, with its attachments, for changing it.
func (s *Objects) Own(ctx context.Context, tx bun.Tx, id string) (*Object, error) {
	o := new(Object)
	err := tx.NewSelect().Model(o).Relation("Attachment", inOrder).Where("object.id = ?", id).Where("object.local").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no object %s of ours", id)
	}
	if err != nil {
		return nil, fmt.Errorf("find object %s: %w", id, err)
	}
	if o.Tombstone() {
		return nil, problem.Gonef("%s was deleted", id)
	}
	return o, nil
}

var findObject = database.NewStatement("SELECT " + database.Columns((*Object)(nil)) + " FROM objects WHERE id = ?")

func (s *Objects) find(ctx context.Context, db bun.IDB, id string) (*Object, error) {
	o := new(Object)
	err := findObject.Model(ctx, db, o, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no object %s", id)
	}
	if err != nil {
		return nil, fmt.Errorf("find object %s: %w", id, err)
	}
	return o, nil
}

// TypeOf gives as what type an object is stored, "" when it is not.
func (s *Objects) TypeOf(ctx context.Context, db bun.IDB, id string) (string, error) {
	o, err := s.find(ctx, db, id)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return o.Type, nil
}
