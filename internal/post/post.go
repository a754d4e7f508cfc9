package post

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/draft"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/moderation"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Type is the ActivityStreams type of a post.
const Type = "Note"

// maxText is the length of a post, in characters of Markdown.
const maxText = 5000

// Posts is the pin board. Make one with New.
type Posts struct {
	db         *database.DB
	actors     *actor.Actors
	objects    *object.Objects
	activities *activity.Activities
	pictures   *object.Pictures
	drafts     *draft.Drafts
	moderation *moderation.Moderation
	zone       *time.Location
	language   string
	now        func() time.Time

	// Official gives the id of the actor in whose name the town hall speaks, ""
	// for none; nil is none. It is set once, at the start.
	Official func(ctx context.Context) (string, error)
}

// New gives the pin board over db; zone is the town's, language that of the
// posts (BCP 47).
func New(db *database.DB, actors *actor.Actors, objects *object.Objects, activities *activity.Activities, pictures *object.Pictures, drafts *draft.Drafts, moderation *moderation.Moderation, zone *time.Location, language string) *Posts {
	return &Posts{
		db: db, actors: actors, objects: objects, activities: activities, pictures: pictures, drafts: drafts, moderation: moderation, zone: zone, language: language,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
}

// A Draft is what a new post starts from.
type Draft struct {
	// Key is the last segment of the id, chosen when a form was shown, so that
	// a form which is sent twice publishes once; "" makes one.
	Key string
	// Version is that of the kept draft from which it was made; 0 is none.
	Version int
	// AttributedTo is the id of the club in whose name it is published.
	AttributedTo string
	// Text is Markdown.
	Text string
	// Kind is one of Kinds; "" is an announcement. An answer has none.
	Kind string
	// InReplyTo is the id of what it answers, or "".
	InReplyTo string
	// Picture is nil for a post without one.
	Picture *object.Upload
}

// checked gives text and kind of a post as they are stored, or what is wrong
// with them.
func checked(text, kind string) (string, string, error) {
	var errs problem.Fields
	kind = checkKind(&errs, kind)
	text = markup.Typed(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		errs.Add("text", "The post is empty; please write something.")
	case n > maxText:
		errs.Add("text", "The post has %d characters, %d are possible; please shorten it.", n, maxText)
	}
	return text, kind, errs.Err()
}

// Create publishes a new post in the name of d.AttributedTo. With the Key of
// one that is there already nothing is published: the same draft gives that
// post, and another one gives it together with object.ErrStale.
func (s *Posts) Create(ctx context.Context, by string, d Draft) (*object.Object, error) {
	text, kind, err := checked(d.Text, d.Kind)
	if err != nil {
		return nil, err
	}
	picture, err := s.pictures.Keep(ctx, d.Picture)
	if err != nil {
		return nil, err
	}
	id := s.actors.Site().NewObjectID()
	if d.Key != "" {
		id = s.actors.Site().ObjectID(d.Key)
	}
	o := &object.Object{
		ID: id, Type: Type, Local: true, AttributedTo: d.AttributedTo, Visibility: object.Public, InReplyTo: d.InReplyTo,
		Source: text, Content: markup.Markdown(text), Language: s.language,
		URL: s.actors.Site().Origin + Path + actor.Key(id), Published: s.now(),
	}
	if picture != nil {
		o.Attachment = []*object.Attachment{picture}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, d.AttributedTo, actor.Publish); err != nil {
			return err
		}
		if err := s.address(ctx, tx, o); err != nil {
			return err
		}
		// The same form may be sent twice at the same moment.
		if err := s.db.TakeTurn(ctx, tx, o.ID); err != nil {
			return err
		}
		if err := s.drafts.Settle(ctx, tx, by, o.ID, d.Version); err != nil {
			return err
		}
		there, err := s.repeated(ctx, tx, o, kind, picture)
		if there != nil {
			o = there
		}
		if there != nil || err != nil {
			return err
		}
		return s.put(ctx, tx, by, activity.Create, o, kind, picture)
	})
	if err != nil {
		return o, fmt.Errorf("create post: %w", err)
	}
	return o, nil
}

// put stores a post, asks for the smaller copies of a new picture, and tells
// everybody.
func (s *Posts) put(ctx context.Context, tx bun.Tx, by, act string, o *object.Object, kind string, picture *object.Attachment) error {
	if picture != nil {
		if err := s.pictures.Shrink(ctx, tx, picture); err != nil {
			return err
		}
	}
	if _, err := s.objects.Put(ctx, tx, o); err != nil {
		return err
	}
	if o.InReplyTo == "" {
		if err := s.putKind(ctx, tx, o, kind); err != nil {
			return err
		}
	}
	return s.activities.PublishObject(ctx, tx, by, act, o)
}

// repeated gives the post that was made before with the id of o, nil when there
// is none.
func (s *Posts) repeated(ctx context.Context, tx bun.Tx, o *object.Object, kind string, picture *object.Attachment) (*object.Object, error) {
	there, err := s.find(ctx, tx, o.ID)
	was := kind
	if err == nil && o.InReplyTo == "" {
		was, err = s.KindOf(ctx, tx, o.ID)
	}
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case there.AttributedTo != o.AttributedTo || there.InReplyTo != o.InReplyTo:
		return nil, problem.Conflictf("%s is another club's", o.ID)
	case there.Source != o.Source || was != kind || !object.SamePicture(there.Attachment, picture):
		return there, object.ErrStale
	}
	return there, nil
}

// A Change says what shall be different.
type Change struct {
	Text string
	// Kind is one of Kinds; "" leaves it.
	Kind    string
	Picture object.PictureChange
	// Version is the one that the change was made from: when it is not the
	// present one any more, the change gives object.ErrStale.
	Version time.Time
}

// Change changes a post and tells everybody who has it (ActivityPub 7.3).
func (s *Posts) Change(ctx context.Context, by, id string, ch Change) (*object.Object, error) {
	text, kind, err := checked(ch.Text, ch.Kind)
	if err != nil {
		return nil, err
	}
	picture, err := s.pictures.Keep(ctx, ch.Picture.New)
	if err != nil {
		return nil, err
	}
	var o *object.Object
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if o, err = s.find(ctx, tx, id); err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, o.AttributedTo, actor.Publish); err != nil {
			return err
		}
		if err := o.Check(ch.Version); err != nil {
			return err
		}
		if o.Attachment, err = ch.Picture.Of(o.Attachment, picture); err != nil {
			return err
		}
		if ch.Kind == "" {
			if kind, err = s.KindOf(ctx, tx, o.ID); err != nil {
				return err
			}
		}
		o.Source, o.Content, o.Updated = text, markup.Markdown(text), o.Next(s.now())
		return s.put(ctx, tx, by, activity.Update, o, kind, picture)
	})
	if err != nil {
		return nil, fmt.Errorf("change post: %w", err)
	}
	return o, nil
}

// find gives one of our own posts for changing it.
func (s *Posts) find(ctx context.Context, tx bun.Tx, id string) (*object.Object, error) {
	o, err := s.objects.Own(ctx, tx, id)
	if err == nil && o.Type != Type {
		err = problem.NotFoundf("there is no post %s", id)
	}
	return o, err
}

// Kind tells the kernel about posts and the answers of others.
func (s *Posts) Kind() object.Kind {
	return object.Kind{Type: Type, Receive: s.receive, Extend: s.extend}
}

// receive stores a Note that another server created or updated.
//
// ActivityPub 7.2, 7.3: the sender must own the object; authorise has checked
// that. A vote in a poll is a Note without content and is not kept.
func (s *Posts) receive(ctx context.Context, tx bun.Tx, doc *as.Object, author *actor.Actor) error {
	o, err := s.objects.FromActivity(doc, author)
	if err != nil {
		return err
	}
	if o.Content == "" && len(o.Attachment) == 0 {
		return problem.Discard(problem.Invalidf("%s has no content", doc.ID))
	}
	_, err = s.objects.Put(ctx, tx, o)
	return err
}
