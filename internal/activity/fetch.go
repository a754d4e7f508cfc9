package activity

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// asks gives the host that must be asked before a can be applied, because a says
// too little; "" when nothing is missing. Nobody whom we do not follow can make
// us fetch what he announces.
func (s *Activities) asks(ctx context.Context, db bun.IDB, a *as.Activity) (host string, err error) {
	id := a.Object.Ref()
	switch a.Type {
	case Move:
		if a.Target == "" {
			return as.Host(a.Actor), nil // to be refused when it is prepared
		}
		if s.site.Owns(a.Target) {
			return "", nil // somebody moves here
		}
		return as.Host(a.Target), nil
	case Create, Update:
		if a.Object.Type() == "" && as.SameOrigin(id, a.Actor) {
			return as.Host(id), nil
		}
	case Announce:
		if s.site.Owns(id) {
			return "", nil
		}
		if over, err := s.overreaches(ctx, db, a); err != nil || over {
			return "", err // to be refused when it is applied
		}
		if followed, err := s.actors.Followed(ctx, db, a.Actor); err != nil || !followed {
			return "", err
		}
		return as.Host(id), nil
	}
	return "", nil
}

// fetchObject reads the object that a names by its id only from the object's
// own server, and its author, and puts it into a.
func (s *Activities) fetchObject(ctx context.Context, a *as.Activity) error {
	id := a.Object.Ref()
	doc, err := s.actors.Fetch(ctx, id)
	if err != nil {
		return fetchError(id, err)
	}
	item, err := as.DecodeItem(doc.Body)
	if err != nil {
		return problem.Discard(fmt.Errorf("read %s: %w", id, err))
	}
	if item.Ref() != id || !as.SameOrigin(doc.URL, id) {
		return problem.Discard(problem.Invalidf("%s answers with %s", id, item.Ref()))
	}
	if o := item.Object; o != nil {
		if !as.SameOrigin(o.AttributedTo, o.ID) {
			return problem.Discard(problem.Invalidf("%s is attributed to another server", id))
		}
		author, err := s.actors.Resolve(ctx, o.AttributedTo)
		if err != nil {
			return fmt.Errorf("find author of %s: %w", id, err)
		}
		if author.State == actor.Suspended {
			return problem.Discard(problem.Forbiddenf("the author of %s is shut out", id))
		}
	}
	item.Fetched = doc.URL
	a.Object = item
	return nil
}

// fetchError tells what will never be had from what may be had later.
func fetchError(id string, err error) error {
	var status *transport.StatusError
	if errors.Is(err, transport.ErrBlocked) || errors.As(err, &status) && status.Code < http.StatusInternalServerError &&
		status.Code != http.StatusTooManyRequests && status.Code != http.StatusRequestTimeout {
		err = problem.Discard(err)
	}
	return fmt.Errorf("fetch %s: %w", id, err)
}
