package activity

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/problem"
)

// lacks tells whether a says too little and another server must be asked before
// it can be applied. Nobody whom we do not follow can make us fetch what he
// announces.
func (s *Activities) lacks(ctx context.Context, db bun.IDB, a *as.Activity) (bool, error) {
	id := a.Object.Ref()
	switch a.Type {
	case Move:
		return true, nil
	case Create, Update:
		return a.Object.Type() == "" && as.SameOrigin(id, a.Actor), nil
	case Announce:
		if s.site.Owns(id) {
			return false, nil
		}
		return s.actors.Followed(ctx, db, a.Actor)
	}
	return false, nil
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
		if _, err := s.actors.Resolve(ctx, o.AttributedTo); err != nil {
			return fmt.Errorf("find author of %s: %w", id, err)
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
