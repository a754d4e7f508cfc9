package object

import (
	"context"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/actor"
)

// A Kind is what the common kernel has to know of one kind of thing.
type Kind struct {
	// Type is the ActivityStreams type, such as "Event".
	Type string
	// Wire is the type as which others read it, "" for Type itself.
	Wire string
	// Claims tells whether a document of another type is one of this kind; nil for
	// a kind that goes by its type alone.
	Claims func(doc *as.Object) bool
	// Receive stores such a thing that author created or updated elsewhere.
	Receive func(ctx context.Context, tx bun.Tx, doc *as.Object, author *actor.Actor) error
	// Extend adds to doc, the document of o, what only this kind has.
	Extend func(ctx context.Context, db bun.IDB, o *Object, doc *as.Object) error
	// Over gives those of ids, which may be of other kinds, that are over; nil for
	// a kind that never is.
	Over func(ctx context.Context, db bun.IDB, ids []string) ([]string, error)
}

// wire gives the type as which others read a thing of type t.
func (k Kinds) wire(t string) string {
	if kind, ok := k[t]; ok && kind.Wire != "" {
		return kind.Wire
	}
	return t
}

// of gives the kind of a document that comes from elsewhere. Who has a type of
// its own here only is claimed by what it says.
func (k Kinds) of(doc *as.Object) (Kind, bool) {
	for _, kind := range k {
		if kind.Claims != nil && kind.Claims(doc) {
			return kind, true
		}
	}
	kind, ok := k[doc.Type]
	return kind, ok && kind.Wire == ""
}

// Kinds lists every kind by its ActivityStreams type.
type Kinds map[string]Kind

// NewKinds makes the list.
func NewKinds(kinds ...Kind) Kinds {
	list := Kinds{}
	for _, k := range kinds {
		list[k.Type] = k
	}
	return list
}
