package activity

import (
	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/internal/problem"
)

// authorise asks the only place that decides it whether the sender of a, who is
// proven, may do what a says; owner is whose the stored thing is that a is
// about, "" when nothing is stored.
func authorise(a *as.Activity, owner string) error {
	if err := inbox.Authorise(a, owner); err != nil {
		return problem.Discard(problem.Forbiddenf("%w", err))
	}
	return nil
}

func forbidden(a *as.Activity, why string) error {
	return problem.Discard(problem.Forbiddenf("%s by %s is refused: %s", a.Type, a.Actor, why))
}
