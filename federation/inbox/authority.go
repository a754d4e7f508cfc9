package inbox

import (
	"errors"
	"fmt"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// ErrForbidden says that a sender may not do what an activity says.
var ErrForbidden = errors.New("it is refused")

// Authorise decides whether the sender of a, who is proven, may do what a says,
// and strikes out what a says in the name of others. The right to change
// something comes from its stored owner (owner, "" when nothing is stored) and
// from the origin of ids, never from a claim inside the document. Errors wrap
// ErrForbidden.
//
// FEP-fe34.
func Authorise(a *as.Activity, owner string) error {
	if owner != "" && owner != a.Actor && changes(a.Type) {
		return forbidden(a, "what it changes belongs to someone else")
	}
	id := a.Object.Ref()
	switch a.Type {
	case as.Create, as.Update:
		return authoriseContent(a)
	case as.Announce:
		// What it embeds of others is their word only where they were asked.
		if o := a.Object.Object; o != nil && !as.SameOrigin(a.Object.Fetched, o.ID) {
			a.Object = as.Item{ID: o.ID}
		}
	case as.Delete:
		if owner == "" && id != a.Actor && !as.SameOrigin(id, a.Actor) {
			return forbidden(a, "what it deletes is on another server")
		}
	case as.Undo:
		inner := a.Object.Activity
		if inner != nil && inner.Actor != a.Actor || !as.SameOrigin(id, a.Actor) {
			return forbidden(a, "what it takes back was done by someone else")
		}
	case as.Move:
		if id != a.Actor {
			return forbidden(a, "it moves someone else")
		}
	case as.QuoteRequest:
		if !as.SameOrigin(a.Instrument.Ref(), a.Actor) {
			return forbidden(a, "the quoting object is on another server")
		}
	}
	return nil
}

// changes tells whether an activity of this type changes what its object id
// names.
func changes(kind string) bool { return kind == as.Create || kind == as.Update || kind == as.Delete }

func authoriseContent(a *as.Activity) error {
	switch {
	case a.Object.Actor != nil:
		if a.Object.Actor.ID != a.Actor {
			return forbidden(a, "it describes another actor")
		}
	case a.Object.Object != nil:
		if o := a.Object.Object; !as.SameOrigin(o.ID, a.Actor) || o.AttributedTo != a.Actor {
			return forbidden(a, "its object was written by someone else")
		}
	}
	return nil
}

func forbidden(a *as.Activity, why string) error {
	return fmt.Errorf("%s by %s: %w: %s", a.Type, a.Actor, ErrForbidden, why)
}
