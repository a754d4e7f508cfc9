package peer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Terms are what the town hall of this town agrees to.
type Terms struct {
	// Asks and Gives are some of Scopes.
	Asks, Gives []string
	// AsksNear and GivesNear narrow what of that lies somewhere.
	AsksNear, GivesNear Near
	Trusted             bool
	Purpose             string

	asks, gives Area
}

// check brings terms into the form that is kept.
func (s *Peers) check(ctx context.Context, t *Terms, errs *problem.Fields) error {
	var err error
	if t.asks, err = s.area(ctx, errs, "asks", t.AsksNear); err != nil {
		return err
	}
	if t.gives, err = s.area(ctx, errs, "gives", t.GivesNear); err != nil {
		return err
	}
	if t.Purpose = line(markup.Typed(t.Purpose)); len([]rune(t.Purpose)) == maxPurpose {
		errs.Add("purpose", "This is longer than %d characters; please shorten it.", maxPurpose)
	}
	if known(t.Asks) == "" && known(t.Gives) == "" {
		errs.Add("asks", "Please choose at least one thing that is shared.")
	}
	return nil
}

// into notes the terms in p.
func (t *Terms) into(p *Peer) {
	p.Asks, p.Gives, p.Trusted, p.Purpose = known(t.Asks), known(t.Gives), t.Trusted, t.Purpose
	p.AsksNear, p.GivesNear = t.asks, t.gives
}

// Host gives the canonical host that somebody typed.
func (s *Peers) host(domain string) (string, error) {
	var errs problem.Fields
	name := strings.TrimSpace(domain)
	host := as.Host("https://" + name)
	name, _, _ = strings.Cut(name, ":")
	switch {
	case !strings.Contains(host, ".") || strings.ContainsAny(name, "/@?#"):
		errs.Add("domain", "%q is no domain; write it like example.org, without https://.", domain)
	case host == s.actors.Site().Host() || host == s.actors.Site().HandleDomain:
		errs.Add("domain", "This is our own domain.")
	}
	return host, errs.Err()
}

// Propose asks the town of a domain to share with ours. It gives the host.
func (s *Peers) Propose(ctx context.Context, by, domain string, t Terms) (string, error) {
	var errs problem.Fields
	host, err := s.host(domain)
	errs.Merge(err)
	if err := s.check(ctx, &t, &errs); err != nil {
		return "", err
	}
	if err := errs.Err(); err != nil {
		return "", err
	}
	if out, err := s.actors.Blocked(ctx, host); err != nil {
		return "", err
	} else if out {
		errs.Add("domain", "This platform is kept out; please let it in first.")
		return "", errs.Err()
	}
	relay, err := s.actors.Lookup(ctx, "@relay@"+host)
	if err != nil || !isRelay(relay.ID) || relay.Type != actor.Application {
		errs.Add("domain", "Under this domain no platform answers that shares with others; please check the spelling.")
		return "", errs.Err()
	}
	if out, err := s.actors.Blocked(ctx, relay.Host); err != nil { // the domain may lead elsewhere
		return "", err
	} else if out {
		errs.Add("domain", "This platform is kept out; please let it in first.")
		return "", errs.Err()
	}
	return relay.Host, s.write(ctx, by, relay.Host, "peer.ask", func(ctx context.Context, tx bun.Tx, before *Peer) (*Peer, error) {
		p := &Peer{Host: relay.Host, ActorID: relay.ID, State: Asked, Terms: true, Created: s.now()}
		if before != nil && before.State != Declined && before.State != Ended {
			return nil, problem.Conflictf("there is an agreement with %s", relay.Host)
		}
		t.into(p)
		return p, s.follow(ctx, tx, p)
	})
}

// Accept agrees to what another town asks for, as far as the terms go.
func (s *Peers) Accept(ctx context.Context, by, host string, t Terms) error {
	var errs problem.Fields
	if err := s.check(ctx, &t, &errs); err != nil || errs.Err() != nil {
		return errors.Join(err, errs.Err())
	}
	return s.write(ctx, by, host, "peer.accept", func(ctx context.Context, tx bun.Tx, before *Peer) (*Peer, error) {
		if before == nil || before.State != Asking {
			return nil, problem.Conflictf("%s does not ask for anything", host)
		}
		p := *before
		t.into(&p)
		p.State = Live
		if p.Terms {
			if err := s.answer(ctx, tx, activity.Accept, &p); err != nil {
				return nil, err
			}
		}
		return &p, s.follow(ctx, tx, &p)
	})
}

// Decline refuses what another town asks for. It may ask again.
func (s *Peers) Decline(ctx context.Context, by, host string) error {
	return s.write(ctx, by, host, "peer.decline", func(ctx context.Context, tx bun.Tx, before *Peer) (*Peer, error) {
		if before == nil || before.State != Asking {
			return nil, problem.Conflictf("%s does not ask for anything", host)
		}
		if before.Terms { // of others it was accepted already that they read what is public
			if err := s.answer(ctx, tx, activity.Reject, before); err != nil {
				return nil, err
			}
		}
		return nil, s.drop(ctx, tx, host)
	})
}

// Change sets other terms of ours. The other side learns of it at once.
func (s *Peers) Change(ctx context.Context, by, host string, t Terms) error {
	var errs problem.Fields
	if err := s.check(ctx, &t, &errs); err != nil || errs.Err() != nil {
		return errors.Join(err, errs.Err())
	}
	return s.change(ctx, by, host, "peer.change", func(p *Peer) { t.into(p) })
}

// Pause stops at once that anything goes or shows; with on false all goes on, and
// what was missed meanwhile is sent and shown.
func (s *Peers) Pause(ctx context.Context, by, host string, on bool) error {
	act := "peer.resume"
	if on {
		act = "peer.pause"
	}
	return s.change(ctx, by, host, act, func(p *Peer) {
		switch {
		case !on:
			p.Paused = time.Time{}
		case p.Paused.IsZero():
			p.Paused = s.now()
		}
	})
}

// change changes an agreement that is proposed or in force, and tells the terms.
func (s *Peers) change(ctx context.Context, by, host, act string, do func(p *Peer)) error {
	return s.write(ctx, by, host, act, func(ctx context.Context, tx bun.Tx, before *Peer) (*Peer, error) {
		if before == nil || before.State != Live && before.State != Asked {
			return nil, problem.Conflictf("there is no agreement with %s that could be changed", host)
		}
		p := *before
		do(&p)
		return &p, s.follow(ctx, tx, &p)
	})
}

// End ends an agreement or takes back a proposal; what came by it is removed.
// One that the other side has ended is taken off the list.
func (s *Peers) End(ctx context.Context, by, host string) error {
	return s.write(ctx, by, host, "peer.end", func(ctx context.Context, tx bun.Tx, before *Peer) (*Peer, error) {
		if before == nil || before.State == Asking {
			return nil, problem.Conflictf("there is no agreement with %s that could be ended", host)
		}
		if err := s.part(ctx, tx, before); err != nil {
			return nil, err
		}
		return nil, s.drop(ctx, tx, host)
	})
}

// part tells the other side that it is over.
func (s *Peers) part(ctx context.Context, tx bun.Tx, p *Peer) error {
	relay, err := s.relay(ctx, tx)
	if err != nil {
		return err
	}
	target, err := s.actors.Find(ctx, tx, p.ActorID)
	if err != nil {
		return err
	}
	err = s.activities.Unfollow(ctx, tx, relay, target)
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return err
	}
	if p.FollowID == "" {
		return nil
	}
	if err := s.actors.RemoveFollow(ctx, tx, p.ActorID, relay.ID); err != nil {
		return err
	}
	return s.answer(ctx, tx, activity.Reject, p)
}

// write does something to the agreement with a host in the name of the town hall.
// do gives how it is from now on, nil when it has dealt with that.
func (s *Peers) write(ctx context.Context, by, host, act string, do func(ctx context.Context, tx bun.Tx, before *Peer) (*Peer, error)) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		before, err := s.latest(ctx, tx, host)
		if err != nil {
			return err
		}
		p, err := do(ctx, tx, before)
		if err != nil {
			return err
		}
		detail := ""
		if p != nil {
			if err := s.put(ctx, tx, before, p); err != nil {
				return err
			}
			detail = p.Asks + " / " + p.Gives
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: act, Target: host, Detail: detail})
	})
}

// drop removes an agreement and what came by it.
func (s *Peers) drop(ctx context.Context, tx bun.Tx, host string) error {
	if err := s.clear(ctx, tx, host, all, ""); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model((*Peer)(nil)).Where("host = ?", host).Exec(ctx); err != nil {
		return fmt.Errorf("remove the agreement with %s: %w", host, err)
	}
	database.Ring(ctx)
	return nil
}

func (s *Peers) relay(ctx context.Context, db bun.IDB) (*actor.Actor, error) {
	return s.actors.Find(ctx, db, s.actors.Site().RelayID())
}

// follow tells another town our terms as they are now.
func (s *Peers) follow(ctx context.Context, tx bun.Tx, p *Peer) error {
	relay, err := s.relay(ctx, tx)
	if err != nil {
		return err
	}
	target, err := s.actors.Find(ctx, tx, p.ActorID)
	if err != nil {
		return err
	}
	if p.Home, err = s.home(ctx); err != nil {
		return err
	}
	return s.activities.FollowUnder(ctx, tx, relay, target, p.terms())
}

// answer answers the Follow of another town.
func (s *Peers) answer(ctx context.Context, tx bun.Tx, kind string, p *Peer) error {
	relay, err := s.relay(ctx, tx)
	if err != nil {
		return err
	}
	var terms *as.Peering
	if kind == activity.Accept {
		if p.Home, err = s.home(ctx); err != nil {
			return err
		}
		terms = p.terms()
	}
	return s.activities.Answer(ctx, tx, kind, relay, p.ActorID, p.FollowID, relay.ID, terms)
}
