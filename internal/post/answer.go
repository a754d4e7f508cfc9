package post

import (
	"context"
	"fmt"
	"html"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// address gives an answer the visibility of what it answers, and greets who
// wrote that by name, as other servers do: an answer to what was for the club
// alone is for its author alone.
func (s *Posts) address(ctx context.Context, tx bun.Tx, o *object.Object) error {
	if o.InReplyTo == "" {
		return nil
	}
	parent, author, err := s.parent(ctx, tx, o)
	if err != nil || parent == nil {
		return err
	}
	if parent.Tombstone() {
		return problem.Gonef("%s was deleted", parent.ID)
	}
	if !parent.Open() {
		o.Visibility, o.Audience = object.Direct, []string{author.ID}
	}
	if !author.Local {
		o.Content = fmt.Sprintf(`<p><a href="%s" class="u-url mention">%s</a></p>`, html.EscapeString(address(author)), html.EscapeString(author.Handle())) + o.Content
	}
	return nil
}

func address(a *actor.Actor) string {
	if a.URL != "" {
		return a.URL
	}
	return a.ID
}

// parent gives what an answer answers, with its author; nil when it is not
// stored any more.
func (s *Posts) parent(ctx context.Context, db bun.IDB, o *object.Object) (*object.Object, *actor.Actor, error) {
	parent, err := s.objects.Stored(ctx, db, o.InReplyTo)
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	author, err := s.actors.Find(ctx, db, parent.AttributedTo)
	return parent, author, err
}

// extend says what kind of notice a post of ours is, as a Hashtag, by which
// others find and filter it. In an answer of ours it names whom it answers: a
// Mention, without which the other server would tell nobody (ActivityStreams
// vocabulary, Mention).
func (s *Posts) extend(ctx context.Context, db bun.IDB, o *object.Object, doc *as.Object) error {
	if o.InReplyTo == "" {
		kind, err := s.KindOf(ctx, db, o.ID)
		if tag := looks[kind].hashtag; err == nil && tag != "" {
			doc.Tag = append(doc.Tag, as.Tag{Type: "Hashtag", Href: s.actors.Site().Origin + kindHref(kind), Name: "#" + tag})
		}
		return err
	}
	parent, author, err := s.parent(ctx, db, o)
	if err != nil || parent == nil || author.Local {
		return err
	}
	doc.Tag = append(doc.Tag, as.Tag{Type: "Mention", Href: author.ID, Name: author.Handle()})
	if o.Visibility == object.Direct {
		doc.To, doc.Cc = []string{author.ID}, nil
	} else {
		doc.Cc = append(doc.Cc, author.ID)
	}
	return nil
}
