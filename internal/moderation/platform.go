package moderation

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxComment is how long a comment on a platform may be, in characters.
const maxComment = 500

// Enter notes what holds for a domain and all below it, in place of what held
// before. It gives the domain in canonical form.
func (s *Moderation) Enter(ctx context.Context, by string, entry actor.Block) (string, error) {
	if err := s.check(&entry); err != nil {
		return "", err
	}
	entry.ByAccount = person(by)
	return entry.Domain, s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		if err := s.actors.PutBlocks(ctx, tx, &entry); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: acts[entry.Severity], Target: entry.Domain})
	})
}

// acts are the words of the log for an entry.
var acts = map[actor.Severity]string{actor.Blocked: "block.put", actor.Limited: "block.limit", actor.Noop: "block.noop", actor.Allowed: "block.allow"}

// check brings an entry into the form that is kept.
func (s *Moderation) check(entry *actor.Block) error {
	var errs problem.Fields
	canonical, err := s.domain(entry.Domain)
	errs.Merge(err)
	entry.Domain = canonical
	switch entry.Severity {
	case actor.Limited, actor.Blocked, actor.Allowed:
	case actor.Noop:
		if !entry.RejectMedia && !entry.RejectReports {
			errs.Add("severity", "This entry would do nothing; please choose what it does.")
		}
	default:
		errs.Add("severity", "Please choose one of the answers.")
	}
	for field, comment := range map[string]*string{"public_comment": &entry.PublicComment, "private_comment": &entry.PrivateComment} {
		if *comment = strings.TrimSpace(markup.Typed(*comment)); len([]rune(*comment)) > maxComment {
			errs.Add(field, "The comment is longer than %d characters; please shorten it.", maxComment)
		}
	}
	if entry.Unlisted && entry.PrivateComment == "" {
		errs.Add("private_comment", "Please say for the town hall why readers do not see this entry.")
	}
	return errs.Err()
}

// person gives the id of who acts as it is kept: the operator has none.
func person(by string) string {
	if by == actor.Operator {
		return ""
	}
	return by
}

// OnlyAllowed keeps out whoever no entry lets in, in both directions; without on
// all others are let in again.
func (s *Moderation) OnlyAllowed(ctx context.Context, by string, on bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		act := "block.only"
		if on {
			if err := s.actors.PutBlocks(ctx, tx, &actor.Block{Domain: actor.Everyone, Severity: actor.Blocked, ByAccount: person(by)}); err != nil {
				return err
			}
		} else {
			act = "block.all"
			if _, err := s.actors.RemoveBlock(ctx, tx, actor.Everyone); err != nil {
				return err
			}
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: act})
	})
}

// Ties are what joins us to a domain and all below it.
type Ties struct {
	// Followers are profiles there that follow ours, Follows those there that
	// ours follow.
	Followers, Follows int
}

// Any tells whether there are any.
func (t Ties) Any() bool { return t.Followers+t.Follows > 0 }

// Ties gives for each domain what joins us to it and all below it. Under
// actor.Everyone stands what joins us to all that no entry lets in.
func (s *Moderation) Ties(ctx context.Context, db bun.IDB) (map[string]Ties, error) {
	var rows []struct {
		Host               string
		Followers, Follows int
	}
	err := db.NewRaw("SELECT a.host AS host, SUM(CASE WHEN f.actor_id = a.id THEN 1 ELSE 0 END) AS followers, SUM(CASE WHEN f.object_id = a.id THEN 1 ELSE 0 END) AS follows "+
		"FROM follows f JOIN actors a ON a.id IN (f.actor_id, f.object_id) WHERE NOT a.local AND f.state = ? GROUP BY a.host", actor.FollowAccepted).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count what joins us to others: %w", err)
	}
	var entries []*actor.Block
	if err := db.NewSelect().Model(&entries).Where("domain <> ?", actor.Everyone).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	now, then := actor.Rules{}, actor.Rules{actor.Everyone: &actor.Block{Severity: actor.Blocked}}
	for _, b := range entries {
		now[b.Domain], then[b.Domain] = b, b
	}
	all := map[string]Ties{}
	add := func(domain string, followers, follows int) {
		t := all[domain]
		all[domain] = Ties{t.Followers + followers, t.Follows + follows}
	}
	for _, r := range rows {
		for _, domain := range actor.Domains(r.Host) {
			add(domain, r.Followers, r.Follows)
		}
		if then.Of(r.Host).Blocked && !now.Of(r.Host).Blocked {
			add(actor.Everyone, r.Followers, r.Follows)
		}
	}
	return all, nil
}

// A Standing is what we know of a domain and all below it.
type Standing struct {
	Ties
	// Entry is what holds for the domain itself, nil for nothing.
	Entry *actor.Block
	// Actors are the profiles from there that we know, Answers what they wrote
	// under our things, Reactions their likes and what they shared.
	Actors, Answers, Reactions int
	// Rule is what holds for the domain, by itself or with one above it.
	Rule actor.Rule
}

// Standing tells what we know of a domain, so that somebody can decide.
func (s *Moderation) Standing(ctx context.Context, domain string) (string, *Standing, error) {
	canonical, err := s.domain(domain)
	if err != nil {
		return canonical, nil, err
	}
	db, st := s.db.Read(), &Standing{}
	ties, err := s.Ties(ctx, db)
	if err != nil {
		return canonical, nil, err
	}
	st.Ties = ties[canonical]
	if st.Rule, err = s.actors.RuleOf(ctx, db, canonical); err != nil {
		return canonical, nil, err
	}
	var entries []*actor.Block
	if err := db.NewSelect().Model(&entries).Where("domain = ?", canonical).Scan(ctx); err != nil {
		return canonical, nil, fmt.Errorf("find what holds for %s: %w", canonical, err)
	}
	if len(entries) > 0 {
		st.Entry = entries[0]
	}
	there, args := actor.Under(canonical)
	who := "IN (SELECT id FROM actors WHERE " + there + ")"
	for query, into := range map[string]*int{
		"SELECT COUNT(*) FROM actors WHERE " + there: &st.Actors,
		"SELECT COUNT(*) FROM objects WHERE in_reply_to <> '' AND deleted IS NULL AND NOT hidden AND attributed_to " + who: &st.Answers,
		"SELECT COUNT(*) FROM reactions WHERE actor_id " + who:                                                             &st.Reactions,
	} {
		if err := db.NewRaw(query, args...).Scan(ctx, into); err != nil {
			return canonical, nil, fmt.Errorf("count what comes from %s: %w", canonical, err)
		}
	}
	return canonical, st, nil
}
