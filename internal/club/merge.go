package club

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
)

// FieldInto is the field of what can be wrong with the club that stays.
const FieldInto = "into"

// CheckMerge gives the club that another one becomes a part of, or says what is
// wrong with that. Nothing is changed.
func (s *Clubs) CheckMerge(ctx context.Context, by, handle, into string) (from, stays *Club, err error) {
	return s.mergeable(ctx, s.db.Read(), by, handle, into)
}

func (s *Clubs) mergeable(ctx context.Context, db bun.IDB, by, handle, into string) (from, stays *Club, err error) {
	if from, err = s.find(ctx, db, handle, actor.Active); err != nil {
		return nil, nil, err
	}
	if err := s.actors.May(ctx, db, by, from.ID, actor.Moderate); err != nil {
		return nil, nil, err
	}
	var errs problem.Fields
	stays, err = s.find(ctx, db, into, actor.Active)
	if problem.KindOf(err) == problem.NotFound || err == nil && stays.Type != actor.Group {
		errs.Add(FieldInto, "Please choose an active club of this town.")
		return nil, nil, errs.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	if err := s.actors.May(ctx, db, by, stays.ID, actor.Moderate); err != nil {
		return nil, nil, err
	}
	official, err := s.official(ctx, db, from.ID, stays.ID)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case from.Type != actor.Group:
		return nil, nil, problem.NotFoundf("%s is no club", handle)
	case from.ID == stays.ID:
		errs.Add(FieldInto, "A club cannot become a part of itself; please choose another one.")
	case official:
		// Whoever writes for the other one would speak for the town hall at once.
		errs.Add(FieldInto, "The town hall speaks in the name of one of the two clubs; please let it end that first, under announcements.")
	case from.Part():
		errs.Add(FieldInto, "The club is a part of another one already; nothing is left to do.")
	case stays.Part():
		errs.Add(FieldInto, "This club is a part of another one by now; please choose that one.")
	case from.MovedTo != "":
		errs.Add(FieldInto, "The club that shall become a part lives on another server; please let it take that move back first.")
	case stays.MovedTo != "":
		errs.Add(FieldInto, "This club lives on another server and publishes nothing here; please choose another one.")
	}
	return from, stays, errs.Err()
}

// official tells whether the town hall speaks in the name of one of these.
func (s *Clubs) official(ctx context.Context, db bun.IDB, ids ...string) (bool, error) {
	if s.Official == nil {
		return false, nil
	}
	for _, id := range ids {
		if yes, err := s.Official(ctx, db, id); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

// Merge makes the club handle a part of the club into, for good; the town hall
// does it. Other servers are told that it moves there. What it has published
// stays, under its own ids and in its own name, and stands on the page of into,
// too. Its people write for into from then on, its drafts, templates and open
// invitations are those of into (docs/adr/0036). Pressed twice it is done once.
func (s *Clubs) Merge(ctx context.Context, by, handle, into string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ids, err := s.both(ctx, tx, handle, into)
		if err != nil || ids == nil {
			return err
		}
		if err := s.actors.Lock(ctx, tx, ids...); err != nil {
			return err
		}
		from, stays, err := s.mergeable(ctx, tx, by, handle, into)
		if err != nil {
			return err
		}
		if err := s.activities.Merge(ctx, tx, from.Actor, stays.Actor); err != nil {
			return err
		}
		people, err := s.actors.HandEditors(ctx, tx, from.ID, stays.ID)
		if err != nil {
			return err
		}
		if err := s.Accounts.HandInvitations(ctx, tx, from.ID, stays.ID); err != nil {
			return err
		}
		if err := s.Handed(ctx, tx, from.Actor, stays.Actor); err != nil {
			return err
		}
		if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "club.merge", Target: from.PreferredUsername, Detail: from.PreferredUsername + " > " + stays.PreferredUsername}); err != nil {
			return err
		}
		return s.tellMerged(ctx, tx, from, stays, people)
	})
	if err != nil {
		return fmt.Errorf("merge clubs: %w", err)
	}
	return nil
}

// both gives the ids of the two clubs; none when the first is a part of the other
// already.
func (s *Clubs) both(ctx context.Context, tx bun.Tx, handle, into string) ([]string, error) {
	from, err := s.actors.FindUsername(ctx, tx, handle, actor.Active)
	if err != nil {
		return nil, err
	}
	stays, err := s.actors.FindUsername(ctx, tx, into, actor.Active)
	if problem.KindOf(err) == problem.NotFound {
		return []string{from.ID}, nil // what is wrong is said later
	}
	if err == nil && from.Part() && from.MovedTo == stays.ID {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []string{from.ID, stays.ID}, nil
}

// tellMerged writes to who spoke for the one club, and to who speaks for the
// other one.
func (s *Clubs) tellMerged(ctx context.Context, tx bun.Tx, from, stays *Club, people map[string]string) error {
	roles, err := s.actors.EditorsIn(ctx, tx, stays.ID)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		key := "letter.club.joined"
		if people[id] != "" {
			key = "letter.club.merged"
		}
		to, err := s.Accounts.FindIn(ctx, tx, id)
		if err != nil {
			return err
		}
		err = s.Letters.Send(ctx, tx, page.Message{
			Cause: "merged " + actor.Key(from.ID) + " " + id, Person: to, Key: key, Path: Path + stays.PreferredUsername,
			Data: map[string]string{"Club": from.DisplayName(), "Into": stays.DisplayName(), "Handle": stays.Handle()},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Present gives the active club with this handle or, when that is a part of
// another one by now, the other one.
func (s *Clubs) Present(ctx context.Context, handle string) (*Club, error) {
	a, err := s.actors.Present(ctx, handle)
	if err != nil {
		return nil, err
	}
	return s.find(ctx, s.db.Read(), a.PreferredUsername, actor.Active)
}

// whole gives the club that the club with this handle is a part of, and the part
// itself; nil when it is a part of none.
func (p *Pages) whole(ctx context.Context, handle string) (into, part *actor.Actor, err error) {
	part, err = p.actors.FindUsername(ctx, p.db.Read(), handle, actor.Active, actor.Archived)
	if problem.KindOf(err) == problem.NotFound || err == nil && !part.Part() {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	into, err = p.actors.Find(ctx, p.db.Read(), part.MovedTo)
	return into, part, err
}

// toWhole leads who asks for the page of a club that is a part of another one by
// now: people to the page of that, other servers to the actor, which says so.
func (p *Pages) toWhole(w http.ResponseWriter, r *http.Request) (bool, error) {
	into, part, err := p.whole(r.Context(), chi.URLParam(r, "handle"))
	if err != nil || into == nil {
		return false, err
	}
	if !page.Redirected(w, r, part.ID) {
		http.Redirect(w, r, Path+into.PreferredUsername, http.StatusMovedPermanently)
	}
	return true, nil
}

// onward leads who asks for another page of such a club to the same page of the
// club that it is a part of, and lets all others pass.
func (p *Pages) onward(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		handle := chi.URLParam(r, "handle")
		into, _, err := p.whole(r.Context(), handle)
		if err != nil {
			return err
		}
		if into == nil {
			return h(w, r)
		}
		to := Path + into.PreferredUsername + strings.TrimPrefix(r.URL.Path, Path+handle)
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, to, http.StatusMovedPermanently)
		return nil
	}
}
