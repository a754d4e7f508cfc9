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
	// Receive stores such a thing that author created or updated elsewhere.
	Receive func(ctx context.Context, tx bun.Tx, doc *as.Object, author *actor.Actor) error
	// Extend adds to doc, the document of o, what only this kind has.
	Extend func(ctx context.Context, db bun.IDB, o *Object, doc *as.Object) error
	// Over gives those of ids, which may be of other kinds, that are over; nil for
	// a kind that never is.
	Over func(ctx context.Context, db bun.IDB, ids []string) ([]string, error)
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
