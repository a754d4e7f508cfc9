package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// The states of an application. A draft was not sent to the town hall yet.
const (
	DraftApplication = "draft"
	Asked            = "asked"
	Refused          = "refused"
	Approved         = "approved"
)

// maxReason is how long the reason of a refusal may be, in characters.
const maxReason = 1000

// An Application is the wish of a person to join, alone or with a club.
type Application struct {
	bun.BaseModel `bun:"table:applications,alias:application"`

	ID        string `bun:"id,pk"`
	AccountID string
	// ActorID is the club, "" for a person alone.
	ActorID string `bun:",nullzero"`
	State   string
	// Contact is whom the town hall can ask in place of the person, RegisterNumber
	// that of the club in a register; "" for none.
	Contact, RegisterNumber string
	// Reason is why it was refused.
	Reason string
	// ByAccount is who decided.
	ByAccount        string
	Created, Changed time.Time
}

// Apply stores a new application, or a changed one by its id. One that waits
// already keeps its place among those that wait.
func (s *Accounts) Apply(ctx context.Context, tx bun.Tx, a *Application) error {
	a.Changed = s.now()
	if a.ID == "" {
		a.ID, a.Created = uuid.Must(uuid.NewV7()).String(), a.Changed
	}
	_, err := tx.NewInsert().Model(a).On("CONFLICT (id) DO UPDATE").Set("state = EXCLUDED.state").Set("contact = EXCLUDED.contact").
		Set("register_number = EXCLUDED.register_number").Set("reason = EXCLUDED.reason").Set("by_account = EXCLUDED.by_account").
		Set("changed = CASE WHEN application.state = ? AND EXCLUDED.state = ? THEN application.changed ELSE EXCLUDED.changed END", Asked, Asked).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store application: %w", err)
	}
	if a.State != Asked || s.Asked == nil {
		return nil
	}
	return s.Asked(ctx, tx)
}

// Applications gives those in a state, the oldest first.
func (s *Accounts) Applications(ctx context.Context, state string) ([]*Application, error) {
	var list []*Application
	if err := s.db.Read().NewSelect().Model(&list).Where("state = ?", state).Order("changed", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list applications: %w", err)
	}
	return list, nil
}

// Application gives the one with this id.
func (s *Accounts) Application(ctx context.Context, db bun.IDB, id string) (*Application, error) {
	return application(ctx, db.NewSelect().Where("id = ?", id))
}

// ApplicationOf gives that of a club; nil when nobody asked for it.
func (s *Accounts) ApplicationOf(ctx context.Context, db bun.IDB, actorID string) (*Application, error) {
	a, err := application(ctx, db.NewSelect().Where("actor_id = ?", actorID))
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	return a, err
}

// Waits tells whether the person waits for the word of the town hall: nothing
// that others see is theirs to do until then.
func (s *Accounts) Waits(ctx context.Context, accountID string) (bool, error) {
	return s.waits(ctx, s.db.Read(), accountID)
}

func (s *Accounts) waits(ctx context.Context, db bun.IDB, accountID string) (bool, error) {
	// Who was refused with many others is forgotten a little later, and may do as little until then.
	waits, err := db.NewSelect().Model((*Application)(nil)).
		Where("account_id = ?", accountID).Where("actor_id IS NULL").Where("state IN (?, ?)", Asked, Refused).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find application: %w", err)
	}
	return waits, nil
}

func application(ctx context.Context, q *bun.SelectQuery) (*Application, error) {
	a := new(Application)
	err := q.Model(a).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no such application")
	}
	if err != nil {
		return nil, fmt.Errorf("find application: %w", err)
	}
	return a, nil
}

// CheckReason gives the reason of a refusal in its one form.
func CheckReason(reason string) (string, error) {
	var errs problem.Fields
	reason = markup.Typed(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > maxReason {
		errs.Add("reason", "Please say in at most %d characters why; who asked reads it.", maxReason)
	}
	return reason, errs.Err()
}

// A Told writes to who asked, in the transaction of the decision.
type Told func(ctx context.Context, tx bun.Tx, a *Account) error

// ApprovePerson lets a person in who waits. When it was decided already it is
// ErrDecided.
func (s *Accounts) ApprovePerson(ctx context.Context, by, id string, tell Told) error {
	return s.decide(ctx, by, id, func(ctx context.Context, tx bun.Tx, p *Application, a *Account) error {
		if err := tell(ctx, tx, a); err != nil {
			return err
		}
		p.State, p.ByAccount = Approved, Decider(by)
		if err := s.Apply(ctx, tx, p); err != nil {
			return err
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "application.approve", AccountID: p.AccountID})
	})
}

// ErrDecided says that somebody else has decided on an application.
var ErrDecided = problem.Conflictf("this was decided already")

func (s *Accounts) decide(ctx context.Context, by, id string, do func(ctx context.Context, tx bun.Tx, p *Application, a *Account) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		// Whoever decides at the same moment waits here, and comes too late.
		res, err := tx.NewUpdate().Model((*Application)(nil)).Set("state = state").
			Where("id = ?", id).Where("state = ?", Asked).Where("actor_id IS NULL").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrDecided)
		}
		p, err := s.Application(ctx, tx, id)
		if err != nil {
			return err
		}
		a, err := s.find(ctx, tx, p.AccountID)
		if err != nil {
			return err
		}
		if err := s.mayGive(ctx, tx, by, a.Role, a.Role); err != nil {
			return err
		}
		return do(ctx, tx, p, a)
	})
	if err != nil {
		return fmt.Errorf("decide on an application: %w", err)
	}
	return nil
}

// Abandoned gives the clubs whose application was begun or refused, and that
// nobody has touched for long.
func (s *Accounts) Abandoned(ctx context.Context) ([]string, error) {
	var ids []string
	kept, err := retention.Of(ctx, s.db.Read(), retention.Application)
	if err != nil {
		return nil, err
	}
	err = s.db.Read().NewSelect().Model((*Application)(nil)).Column("actor_id").Where("actor_id IS NOT NULL").
		Where("state IN (?, ?)", DraftApplication, Refused).Where("changed < ?", s.now().Add(-kept)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list abandoned applications: %w", err)
	}
	return ids, nil
}

// Decider gives by for the columns that name a person: "" for who acts on the
// command line.
func Decider(by string) string {
	if by == actor.Operator {
		return ""
	}
	return by
}
