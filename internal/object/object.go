package object

import (
	"html"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
)

// Who may see an object. The zero Visibility is none of them.
const (
	// Public is addressed to everybody and shown everywhere.
	Public = "public"
	// Unlisted is for everybody, but not for lists (Public in cc).
	Unlisted = "unlisted"
	// Followers is for the followers of its author and those it names.
	Followers = "followers"
	// Direct is for those it names.
	Direct = "direct"
)

// An Object is one thing that an actor published (ActivityStreams
// vocabulary 3.3).
type Object struct {
	bun.BaseModel `bun:"table:objects,alias:object"`

	// ID is the ActivityPub id, an absolute URL.
	ID   string `bun:"id,pk"`
	Type string
	// Local is true for what our own actors published.
	Local bool
	// AttributedTo is the id of the author; all right to change comes from it.
	AttributedTo string
	// Name and Summary are plain text, Content is clean HTML.
	Name    string
	Summary string
	Content string
	// Source is the Markdown that Content was made from, "" for remote ones.
	Source string
	// Language is a BCP 47 tag, "" when unknown.
	Language   string
	URL        string `bun:"url"`
	InReplyTo  string
	Visibility string
	Sensitive  bool
	// Hidden is true for what was taken out of every page here. Of what is ours
	// its editors still see it.
	Hidden bool
	// Warning is what the town hall put before it, "" for nothing.
	Warning string
	// Stale is greater than 0 for what nobody has confirmed for long: lists show it
	// greyed with 1, and leave it out with 2 (internal/care).
	Stale     int
	Published time.Time
	// Updated is zero for what was never changed.
	Updated time.Time `bun:",nullzero"`
	// Received is when we stored it.
	Received time.Time `bun:",nullzero"`
	// Deleted is zero for what still exists; otherwise a Tombstone is left.
	Deleted time.Time `bun:",nullzero"`

	// Author is filled by the queries that say so.
	Author *actor.Actor `bun:"rel:belongs-to,join:attributed_to=id"`
	// Attachment is filled by the queries that say so, in order.
	Attachment []*Attachment `bun:"rel:has-many,join:id=object_id"`
	// Audience lists the recipients by id when Put stores what is not public.
	Audience []string `bun:"-"`
}

// An Attachment is a picture of an object.
type Attachment struct {
	bun.BaseModel `bun:"table:attachments,alias:attachment"`

	ObjectID  string `bun:"object_id,pk"`
	Position  int    `bun:"position,pk"`
	Type      string
	MediaType string
	URL       string `bun:"url"`
	// Name is the alternative text.
	Name string
	// Width and Height are in pixels, 0 when unknown.
	Width    int
	Height   int
	Blurhash string
	// FocalX and FocalY say what to keep when the picture is cropped: -1 to 1
	// from left to right and from bottom to top.
	FocalX float64 `bun:"focal_x"`
	FocalY float64 `bun:"focal_y"`
}

// Tombstone tells whether the object was deleted (ActivityStreams vocabulary
// 3.3, Tombstone).
func (o *Object) Tombstone() bool { return !o.Deleted.IsZero() }

// Before is what stands before an object: the warning of the town hall or, of
// what comes from elsewhere, that of who wrote it; "" for nothing.
func (o *Object) Before() string {
	if o.Warning == "" && !o.Local && o.Sensitive {
		return o.Summary
	}
	return o.Warning
}

// Teaser is the clean HTML that lists and feeds show of an object: its content,
// or what stands before it.
func (o *Object) Teaser() string {
	if o.Warning != "" {
		return "<p>" + html.EscapeString(o.Warning) + "</p>"
	}
	return o.Content
}

// Open tells whether everybody may see the object.
func (o *Object) Open() bool { return o.Visibility == Public || o.Visibility == Unlisted }

// Key is the last segment of the id, which pages use.
func (o *Object) Key() string { return actor.Key(o.ID) }
