package post

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
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
	zone       *time.Location
	language   string
	now        func() time.Time
}

// New gives the pin board over db; zone is the town's, language that of the
// posts (BCP 47).
func New(db *database.DB, actors *actor.Actors, objects *object.Objects, activities *activity.Activities, zone *time.Location, language string) *Posts {
	return &Posts{
		db: db, actors: actors, objects: objects, activities: activities, zone: zone, language: language,
		now: func() time.Time { return time.Now().UTC().Truncate(time.Second) },
	}
}

// A Draft is what a new post starts from.
type Draft struct {
	// AttributedTo is the id of the club in whose name it is published.
	AttributedTo string
	// Text is Markdown.
	Text string
}

func (d *Draft) validate() error {
	var errs problem.Fields
	d.Text = strings.TrimSpace(d.Text)
	switch n := utf8.RuneCountInString(d.Text); {
	case n == 0:
		errs.Add("text", "The post is empty; please write something.")
	case n > maxText:
		errs.Add("text", "The post has %d characters, %d are possible; please shorten it.", n, maxText)
	}
	return errs.Err()
}

// Create publishes a new post in the name of d.AttributedTo.
func (s *Posts) Create(ctx context.Context, by string, d Draft) (*object.Object, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	id := s.actors.Site().NewObjectID()
	o := &object.Object{
		ID: id, Type: Type, Local: true, AttributedTo: d.AttributedTo, Visibility: object.Public,
		Source: d.Text, Content: markup.Markdown(d.Text), Language: s.language,
		URL: s.actors.Site().Origin + Path + actor.Key(id), Published: s.now(),
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, d.AttributedTo, actor.Publish); err != nil {
			return err
		}
		if _, err := s.objects.Put(ctx, tx, o); err != nil {
			return err
		}
		return s.activities.PublishObject(ctx, tx, by, activity.Create, o)
	})
	if err != nil {
		return nil, fmt.Errorf("create post: %w", err)
	}
	return o, nil
}

// Kind tells the kernel about posts and the answers of others.
func (s *Posts) Kind() object.Kind { return object.Kind{Type: Type, Receive: s.receive} }

// receive stores a Note that another server created or updated.
//
// ActivityPub 7.2, 7.3: the sender must own the object; authorise has checked
// that. A vote in a poll is a Note without content and is not kept.
func (s *Posts) receive(ctx context.Context, tx bun.Tx, doc *as.Object) error {
	author, err := s.actors.Find(ctx, tx, doc.AttributedTo)
	if err != nil {
		return err
	}
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
