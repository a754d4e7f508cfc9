package activity

import (
	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/problem"
)

// authorise decides whether the sender of a, whose signature was verified, may
// do what a says, and strikes out what a says in the name of others. It is the
// only place that decides it. The right to change
// something comes from its stored owner (owner, "" when nothing is stored) and
// from the origin of ids, never from a claim inside the document.
//
// FEP-fe34.
func authorise(a *as.Activity, owner string) error {
	if owner != "" && owner != a.Actor && changes(a.Type) {
		return forbidden(a, "what it changes belongs to someone else")
	}
	switch a.Type {
	case Create, Update:
		return authoriseContent(a)
	case Announce:
		// What it embeds of others is their word only where they were asked.
		if o := a.Object.Object; o != nil && !as.SameOrigin(a.Object.Fetched, o.ID) {
			a.Object = as.Item{ID: o.ID}
		}
	case Delete:
		if id := about(a.Object); owner == "" && id != a.Actor && !as.SameOrigin(id, a.Actor) {
			return forbidden(a, "what it deletes is on another server")
		}
	case Undo:
		inner := a.Object.Activity
		if inner != nil && inner.Actor != a.Actor || !as.SameOrigin(about(a.Object), a.Actor) {
			return forbidden(a, "what it takes back was done by someone else")
		}
	case Move:
		if about(a.Object) != a.Actor {
			return forbidden(a, "it moves someone else")
		}
	case QuoteRequest:
		if !as.SameOrigin(about(a.Instrument), a.Actor) {
			return forbidden(a, "the quoting object is on another server")
		}
	}
	return nil
}

// changes tells whether an activity of this type changes what its object id
// names.
func changes(kind string) bool { return kind == Create || kind == Update || kind == Delete }

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
	return problem.Discard(problem.Forbiddenf("%s by %s is refused: %s", a.Type, a.Actor, why))
}
