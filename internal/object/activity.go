package object

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxText is how much of a plain name or summary we keep, in runes.
const maxText = 500

// maxPictures is how many pictures of a remote object we keep.
const maxPictures = 8

// Activity gives the document of one of our objects as other servers read it,
// without what only its kind has (docs/federation.md, objects).
func (o *Object) Activity(author *actor.Actor) *as.Object {
	doc := &as.Object{
		ID: o.ID, Type: o.Type, AttributedTo: o.AttributedTo,
		To: []string{as.Public}, Cc: []string{author.Followers},
		Name: o.Name, Summary: o.Summary, Content: o.Content, URL: o.URL, InReplyTo: o.InReplyTo,
		Published: o.Published, Updated: o.Updated, Sensitive: o.Sensitive,
		Replies: &as.Collection{ID: o.ID + "/replies"}, Likes: &as.Collection{ID: o.ID + "/likes"}, Shares: &as.Collection{ID: o.ID + "/shares"},
		// Everybody may quote what a club says in public (FEP-044f).
		InteractionPolicy: &as.InteractionPolicy{CanQuote: &as.CanQuote{AutomaticApproval: []string{as.Public}}},
	}
	if o.Language != "" {
		doc.ContentMap = map[string]string{o.Language: o.Content}
	}
	for _, a := range o.Attachment {
		doc.Attachment = append(doc.Attachment, a.activity())
	}
	return doc
}

func (a *Attachment) activity() as.Attachment {
	return as.Attachment{
		Type: a.Type, MediaType: a.MediaType, URL: a.URL, Name: a.Name, Summary: a.Name,
		Width: a.Width, Height: a.Height, Blurhash: a.Blurhash, FocalPoint: []float64{a.FocalX, a.FocalY},
	}
}

// Document gives the whole document of one of our objects, with what its kind
// adds. It carries no @context, so that it can be embedded.
func (s *Objects) Document(ctx context.Context, db bun.IDB, o *Object, author *actor.Actor) (*as.Object, error) {
	doc := o.Activity(author)
	doc.Type = s.kinds.wire(o.Type)
	if kind, ok := s.kinds[o.Type]; ok && kind.Extend != nil {
		if err := kind.Extend(ctx, db, o, doc); err != nil {
			return nil, fmt.Errorf("describe %s: %w", o.ID, err)
		}
	}
	if o.Warning != "" { // as Mastodon shows a content warning
		doc.Summary, doc.Sensitive = o.Warning, true
	}
	return doc, nil
}

// FromActivity reads what all kinds share from a remote document whose author
// was checked. Bad times are replaced by now; text is cleaned and cut.
func (s *Objects) FromActivity(doc *as.Object, author *actor.Actor) (*Object, error) {
	if doc.AttributedTo != author.ID {
		return nil, problem.Discard(problem.Invalidf("%s is attributed to %s, not to its sender", doc.ID, doc.AttributedTo))
	}
	o := &Object{
		ID: doc.ID, Type: doc.Type, AttributedTo: author.ID,
		Name: markup.Name(doc.Name, maxText), Summary: markup.Name(markup.Text(doc.Summary), maxText), Content: markup.Sanitize(doc.Content),
		Language: doc.Language, URL: doc.ID, InReplyTo: doc.InReplyTo, Sensitive: doc.Sensitive,
		Visibility: visibility(doc.To, doc.Cc, author.Followers), Audience: recipients(doc.To, doc.Cc),
		Published: s.plausible(doc.Published), Updated: doc.Updated,
	}
	if as.SameOrigin(doc.URL, doc.ID) {
		o.URL = doc.URL
	}
	if o.Updated.After(s.now().Add(time.Hour)) {
		o.Updated = s.now()
	}
	for _, a := range doc.Attachment {
		if a.URL != "" && len(o.Attachment) < maxPictures {
			o.Attachment = append(o.Attachment, &Attachment{
				Type: "Document", MediaType: a.MediaType, URL: a.URL, Name: markup.Name(altText(a), 1500),
			})
		}
	}
	return o, nil
}

func altText(a as.Attachment) string {
	if a.Summary != "" {
		return a.Summary
	}
	return a.Name
}

// plausible clamps a time of publication: none, one before the Fediverse or
// one in the future is now, so that nothing pins itself on top.
func (s *Objects) plausible(t time.Time) time.Time {
	now := s.now()
	if t.Year() < 2005 || t.After(now) {
		return now
	}
	return t.UTC().Truncate(time.Second)
}

// Receive stores what author created or updated elsewhere, by the kind of doc.
// A type that no kind knows is kept nowhere.
func (s *Objects) Receive(ctx context.Context, tx bun.Tx, doc *as.Object, author *actor.Actor) error {
	kind, ok := s.kinds.of(doc)
	if !ok || kind.Receive == nil {
		return nil
	}
	return kind.Receive(ctx, tx, doc, author)
}

// Buried gives the Tombstone of one of our objects (ActivityPub 6.4); the former
// type is what Gancio goes by.
func (s *Objects) Buried(o *Object) *as.Object {
	return &as.Object{ID: o.ID, Type: "Tombstone", FormerType: s.kinds.wire(o.Type), Deleted: o.Deleted}
}
