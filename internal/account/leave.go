package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/erasure"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// ErrLastAdmin says that nobody would be left who may do everything. It is a
// problem.Conflict.
var ErrLastAdmin = problem.Conflictf("this is the last account with all rights; give them to somebody else first (person add --role admin, or /rathaus/personen)")

// A Leaving is what others do in the transaction in which somebody leaves. Before
// it the person is there with all rights; after it nothing points to him or
// her any more.
type Leaving struct {
	Before, After func(ctx context.Context, tx bun.Tx, a *Account) error
}

// Leave forgets a person for good, all in one transaction, and gives who it was.
// People do it themselves; the town hall does it for residents and editors, an
// admin for everybody. The last admin gives ErrLastAdmin.
func (s *Accounts) Leave(ctx context.Context, by, id string, with Leaving) (a *Account, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayLeave(ctx, tx, by, id); err != nil {
			return err
		}
		if a, err = s.find(ctx, tx, id); err != nil {
			return err
		}
		if err := s.part(ctx, tx, a, with); err != nil || by == id {
			return err
		}
		// Whose account it was is forgotten with it.
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "person.leave", Detail: a.Role})
	})
	if err != nil {
		return nil, fmt.Errorf("remove account: %w", err)
	}
	return a, nil
}

// part forgets a person with all that others do about it.
func (s *Accounts) part(ctx context.Context, tx bun.Tx, a *Account, with Leaving) error {
	if with.Before != nil {
		if err := with.Before(ctx, tx, a); err != nil {
			return err
		}
	}
	if err := s.forgetPerson(ctx, tx, a); err != nil {
		return err
	}
	database.Ring(ctx)
	if with.After == nil {
		return nil
	}
	return with.After(ctx, tx, a)
}

// MayLeave gives the problem that Leave would give.
func (s *Accounts) MayLeave(ctx context.Context, by, id string) error {
	return s.mayLeave(ctx, s.db.Read(), by, id)
}

func (s *Accounts) mayLeave(ctx context.Context, db bun.IDB, by, id string) error {
	a, err := s.find(ctx, db, id)
	if err != nil {
		return err
	}
	if by != id {
		if err := s.mayGive(ctx, db, by, a.Role, ""); err != nil {
			return err
		}
	}
	if a.Role != Admin {
		return nil
	}
	var admins []string
	q := db.NewSelect().Model((*Account)(nil)).Column("id").Where("role = ?", Admin).Order("id")
	if _, writing := db.(bun.Tx); writing && s.db.Dialect() == database.Postgres {
		q = q.For("UPDATE") // two who leave at once must not both believe that the other stays
	}
	if err := q.Scan(ctx, &admins); err != nil {
		return fmt.Errorf("find admins: %w", err)
	}
	if len(admins) < 2 {
		return ErrLastAdmin
	}
	return nil
}

// forgetPerson does with each trace what it says.
func (s *Accounts) forgetPerson(ctx context.Context, tx bun.Tx, a *Account) error {
	tables, err := s.tables(ctx, tx)
	if err != nil {
		return err
	}
	for i := range s.traces {
		t := &s.traces[i]
		table := tables[t.Table]
		if table == nil {
			continue
		}
		where, args := table.Where(t.Column, t.value(a), t.Within)
		if t.Fate == Erased {
			_, err = tx.NewDelete().Table(t.Table).Where(where, args...).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Table(t.Table).Set("? = ''", bun.Ident(t.Column)).Where(where, args...).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("forget %s.%s: %w", t.Table, t.Column, err)
		}
	}
	if err := erasure.Note(ctx, tx, erasure.Person, a.ID); err != nil {
		return err
	}
	// Tries to sign in are kept by hashes. Those of this address can be found.
	return s.forgetTries(ctx, tx, signInTries(a.Email, "")[2], downloadTries(a.ID))
}

func (s *Accounts) forgetTries(ctx context.Context, tx bun.Tx, limits ...limit) error {
	for _, l := range limits {
		if _, err := tx.NewDelete().Model((*throttle)(nil)).Where("key = ?", l.hash()).Exec(ctx); err != nil {
			return fmt.Errorf("forget tries: %w", err)
		}
	}
	return nil
}

// A Left is a club of somebody who leaves.
type Left struct {
	Club *actor.Actor
	// Role is that of who leaves.
	Role string
	// Others and Owners count who else speaks for it.
	Others, Owners int
}

// What becomes of a club when one of its editors leaves.
const (
	// Stays is the fate of a club that others own, or that had no owner before.
	Stays = "stays"
	// Ownerless is that of one whose other editors go on; the town hall gives one
	// of them the role of an owner.
	Ownerless = "ownerless"
	// Orphaned is that of one that nobody speaks for any more: it goes to the town
	// hall.
	Orphaned = "orphaned"
	// Dropped is that of one that was only asked for, by nobody else.
	Dropped = "dropped"
)

// Fate says which of them it is.
func (l Left) Fate() string {
	switch {
	case l.Owners > 0, l.Others > 0 && l.Role != actor.Owner:
		return Stays
	case l.Others > 0:
		return Ownerless
	case l.Club.State == actor.Requested:
		return Dropped
	}
	return Orphaned
}

// Clubs lists the clubs that a person speaks for, by name, with who else does.
// db is a transaction, or nil for none.
func (s *Accounts) Clubs(ctx context.Context, db bun.IDB, id string) ([]Left, error) {
	if db == nil {
		db = s.db.Read()
	}
	var rows []struct {
		ID, Type, Name, PreferredUsername, Acct, State, URL, Role string
		Others, Owners                                            int
	}
	err := db.NewSelect().TableExpr("editors AS e").Join("JOIN actors AS actor ON actor.id = e.actor_id").
		ColumnExpr("actor.id, actor.type, actor.name, actor.preferred_username, actor.acct, actor.state, actor.url, e.role").
		ColumnExpr("(SELECT COUNT(*) FROM editors o WHERE o.actor_id = e.actor_id AND o.account_id <> e.account_id) AS others").
		ColumnExpr("(SELECT COUNT(*) FROM editors o WHERE o.actor_id = e.actor_id AND o.account_id <> e.account_id AND o.role = ?) AS owners", actor.Owner).
		Where("e.account_id = ?", id).OrderExpr("LOWER(actor.name), actor.id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("list clubs of who leaves: %w", err)
	}
	list := make([]Left, len(rows))
	for i, r := range rows {
		list[i] = Left{&actor.Actor{
			ID: r.ID, Type: r.Type, Local: true, Name: r.Name, PreferredUsername: r.PreferredUsername, Acct: r.Acct, State: r.State, URL: r.URL,
		}, r.Role, r.Others, r.Owners}
	}
	return list, nil
}

// ForgetAgain forgets a person who came back with an older copy of the database,
// without asking who does it and without a letter.
func (s *Accounts) ForgetAgain(ctx context.Context, id string, with Leaving) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, err := s.find(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.part(ctx, tx, a, with)
	})
	if err != nil {
		return fmt.Errorf("forget a person again: %w", err)
	}
	return nil
}

// Returned gives the ids of people, and the mail addresses without an account, for
// which known is true of their marks.
func (s *Accounts) Returned(ctx context.Context, known func(kind, mark string) bool) (ids, emails []string, err error) {
	var all []string
	if err := s.db.Read().NewSelect().Model((*Account)(nil)).Column("id").Order("id").Scan(ctx, &all); err != nil {
		return nil, nil, fmt.Errorf("list accounts: %w", err)
	}
	for _, id := range all {
		if known(erasure.Person, erasure.Mark(erasure.Person, id)) {
			ids = append(ids, id)
		}
	}
	tables, err := s.tables(ctx, s.db.Read())
	if err != nil {
		return nil, nil, err
	}
	for i := range s.traces {
		t := &s.traces[i]
		if !t.Mail || t.Within || t.Table == "accounts" || tables[t.Table] == nil {
			continue
		}
		var found []string
		err := s.db.Read().NewSelect().Distinct().Table(t.Table).Column(t.Column).Where("? <> ''", bun.Ident(t.Column)).Scan(ctx, &found)
		if err != nil {
			return nil, nil, fmt.Errorf("list addresses of %s: %w", t.Table, err)
		}
		for _, email := range found {
			one, err := s.mailMark(ctx, email)
			if err != nil {
				return nil, nil, err
			}
			if known(erasure.Mail, erasure.Mark(erasure.Mail, one)) && !slices.Contains(emails, email) {
				emails = append(emails, email)
			}
		}
	}
	return ids, emails, nil
}
