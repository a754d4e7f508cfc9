package draft

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// The limits of what is kept: the size of the fields of one form in bytes, and
// how many drafts and templates a club has.
const (
	maxForm      = 128 << 10
	maxDrafts    = 200
	maxTemplates = 50
)

// Why a draft was not published when it was due.
const (
	// WrongForm means that something in the form is wrong or missing.
	WrongForm = "form"
	// NoRight means that who planned it may not publish for the club any more.
	NoRight = "right"
	// ClubAway means that the club is not active.
	ClubAway = "club"
	// Unused means that the town does not use this kind of thing any more.
	Unused = "off"
)

// A Draft is a form that is not published yet.
type Draft struct {
	bun.BaseModel `bun:"table:drafts,alias:draft"`

	// ID is the key of what it will make.
	ID string `bun:"id,pk"`
	// ActorID is the club in whose name it will be published.
	ActorID string
	// AccountID is who saved it last, "" when that person left.
	AccountID string
	Kind      string
	// Title is how it is listed, "" when there is none yet.
	Title string
	// Form is what stands in the fields, as JSON; see Fields.
	Form string
	// Held names its picture among those that are held for forms, or is "".
	Held string
	// Version counts how often it was saved.
	Version int
	// DueAt is when it will be published, zero when nobody has said so.
	DueAt time.Time `bun:",nullzero"`
	// Failed says why it was not published when it was due, or is "".
	Failed  string
	Changed time.Time
}

// Fields gives what stands in the fields of the form.
func (d *Draft) Fields() map[string]string { return fields(d.Form) }

func fields(form string) map[string]string {
	v := map[string]string{}
	_ = json.Unmarshal([]byte(form), &v) // it was written by SetFields
	return v
}

// SetFields keeps what stands in the fields of the form.
func (d *Draft) SetFields(v map[string]string) { d.Form = packed(v) }

func packed(v map[string]string) string {
	form, err := json.Marshal(v)
	if err != nil {
		return "{}" // strings always can be written
	}
	return string(form)
}

// Publish publishes what a draft holds in the name of by, as its form would.
type Publish func(ctx context.Context, by string, d *Draft) error

// Drafts keeps drafts and templates. Make one with New.
type Drafts struct {
	db     *database.DB
	actors *actor.Actors
	kinds  map[string]Publish
	tell   Tell
	now    func() time.Time
}

// New gives the drafts in db.
func New(db *database.DB, actors *actor.Actors) *Drafts {
	return &Drafts{db: db, actors: actors, kinds: map[string]Publish{}, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) }}
}

// Know says how drafts of a kind are published.
func (s *Drafts) Know(kind string, publish Publish) { s.kinds[kind] = publish }

// List gives the drafts of the clubs: those that are planned in the order of
// their time, then the others, the latest first.
func (s *Drafts) List(ctx context.Context, clubs []string) ([]*Draft, error) {
	var list []*Draft
	if len(clubs) == 0 {
		return nil, nil
	}
	err := s.db.Read().NewSelect().Model(&list).Where("actor_id IN (?)", bun.List(clubs)).
		OrderExpr("CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, due_at, changed DESC, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	return list, nil
}

// Any tells whether a club has drafts.
func (s *Drafts) Any(ctx context.Context, db bun.IDB, clubID string) (bool, error) {
	some, err := db.NewSelect().Model((*Draft)(nil)).Where("actor_id = ?", clubID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for drafts: %w", err)
	}
	return some, nil
}

// Failed gives the drafts of the clubs that were not published when they were
// due, the latest first.
func (s *Drafts) Failed(ctx context.Context, clubs []string) ([]*Draft, error) {
	var list []*Draft
	if len(clubs) == 0 {
		return nil, nil
	}
	err := s.db.Read().NewSelect().Model(&list).Where("actor_id IN (?)", bun.List(clubs)).Where("failed <> ''").OrderExpr("changed DESC, id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list drafts that failed: %w", err)
	}
	return list, nil
}

// Find gives the draft with this id if it is one of the clubs'.
func (s *Drafts) Find(ctx context.Context, clubs []string, id string) (*Draft, error) {
	d, err := s.find(ctx, s.db.Read(), id)
	if err == nil && !slices.Contains(clubs, d.ActorID) {
		err = problem.NotFoundf("there is no draft %s", id) // not even that it exists
	}
	return d, err
}

func (s *Drafts) find(ctx context.Context, db bun.IDB, id string) (*Draft, error) {
	d := new(Draft)
	err := db.NewSelect().Model(d).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no draft %s", id)
	}
	if err != nil {
		return nil, fmt.Errorf("find draft: %w", err)
	}
	return d, nil
}

// Save keeps a draft. d.Version is the one that the form was made from, 0 for a
// new one: when somebody has saved it in between, it is object.ErrStale, unless
// the same stands in it. A draft whose ID is that of something published gets
// another one.
func (s *Drafts) Save(ctx context.Context, by string, d *Draft) error {
	if len(d.Form) > maxForm {
		return tooMuch()
	}
	d.AccountID, d.Failed, d.Changed = by, "", s.now()
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		club, err := s.actors.Find(ctx, tx, d.ActorID)
		if err == nil && club.Part() { // its form was open while it became a part of another club
			if club, err = s.actors.Find(ctx, tx, club.MovedTo); err == nil {
				d.handed(club)
			}
		}
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, d.ActorID, actor.Publish); err != nil {
			return err
		}
		if err := s.takeTurn(ctx, tx, d.ID); err != nil {
			return err
		}
		there, err := s.find(ctx, tx, d.ID)
		if problem.KindOf(err) == problem.NotFound {
			return s.insert(ctx, tx, d)
		}
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, there.ActorID, actor.Publish); err != nil {
			return err
		}
		same := there.ActorID == d.ActorID && there.Form == d.Form && there.Held == d.Held && there.DueAt.Equal(d.DueAt)
		if there.Version != d.Version && !same {
			return object.ErrStale
		}
		d.Version = there.Version + 1
		_, err = tx.NewUpdate().Model(d).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// takeTurn lets nobody else save, plan or publish the draft meanwhile.
func (s *Drafts) takeTurn(ctx context.Context, tx bun.Tx, id string) error {
	return s.db.TakeTurn(ctx, tx, "draft "+id)
}

func tooMuch() error {
	var errs problem.Fields
	errs.Add("text", "This is too much to be kept; please shorten the text.")
	return errs.Err()
}

func (s *Drafts) insert(ctx context.Context, tx bun.Tx, d *Draft) error {
	n, err := tx.NewSelect().Model((*Draft)(nil)).Where("actor_id = ?", d.ActorID).Count(ctx)
	if err != nil {
		return err
	}
	if n >= maxDrafts {
		var errs problem.Fields
		errs.Add("club", "This club has %d drafts; please delete some of them first.", int(n))
		return errs.Err()
	}
	published, err := tx.NewSelect().TableExpr("objects").Where("id = ?", s.actors.Site().ObjectID(d.ID)).Exists(ctx)
	if err != nil {
		return err
	}
	if published {
		d.ID = uuid.Must(uuid.NewV7()).String()
	}
	d.Version = 1
	_, err = tx.NewInsert().Model(d).Exec(ctx)
	return err
}

// Forget drops drafts that nobody has touched for long; those that are planned
// stay.
func (s *Drafts) Forget(ctx context.Context) error {
	kept, err := retention.Of(ctx, s.db.Read(), retention.Draft)
	if err != nil {
		return err
	}
	return s.db.Prune(ctx, "drafts", "id", "due_at IS NULL AND changed < ? AND "+retention.Used("drafts.account_id", "", ""), s.now().Add(-kept))
}

// Delete removes a draft; one that is not there is none already.
func (s *Drafts) Delete(ctx context.Context, by, id string) error {
	return s.change(ctx, by, id, func(ctx context.Context, tx bun.Tx, d *Draft) error {
		_, err := tx.NewDelete().Model(d).WherePK().Exec(ctx)
		return err
	})
}

// Unplan leaves a draft that was planned a draft.
func (s *Drafts) Unplan(ctx context.Context, by, id string) error {
	return s.change(ctx, by, id, func(ctx context.Context, tx bun.Tx, d *Draft) error {
		d.DueAt, d.AccountID, d.Changed = time.Time{}, by, s.now()
		d.Version++
		_, err := tx.NewUpdate().Model(d).Column("due_at", "account_id", "changed", "version").WherePK().Exec(ctx)
		return err
	})
}

func (s *Drafts) change(ctx context.Context, by, id string, do func(ctx context.Context, tx bun.Tx, d *Draft) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.takeTurn(ctx, tx, id); err != nil {
			return err
		}
		d, err := s.find(ctx, tx, id)
		if problem.KindOf(err) == problem.NotFound {
			return nil // sent twice
		}
		if err != nil {
			return err
		}
		if err := s.actors.May(ctx, tx, by, d.ActorID, actor.Publish); err != nil {
			return err
		}
		return do(ctx, tx, d)
	})
	if err != nil {
		return fmt.Errorf("change draft: %w", err)
	}
	return nil
}

// ErrStale says that the draft of what shall be published was saved, planned or
// left unplanned since it was read. It is an object.ErrStale too.
var ErrStale = fmt.Errorf("the draft: %w", object.ErrStale)

// Settle removes, in the transaction that publishes what by made of it, the
// draft of the object id. version is the one that was read, 0 where there was
// none: when another one is there now, it is ErrStale. Call it before asking
// whether that is published already: of several who publish the same draft, all
// but one wait here until it is.
func (s *Drafts) Settle(ctx context.Context, tx bun.Tx, by, id string, version int) error {
	mine, args := "id = ?", []any{actor.Key(id)}
	if by != actor.Operator {
		mine, args = mine+" AND actor_id IN (SELECT actor_id FROM editors WHERE account_id = ?)", append(args, by)
	}
	if _, err := tx.NewDelete().Model((*Draft)(nil)).Where(mine, args...).Where("version = ?", version).Exec(ctx); err != nil {
		return fmt.Errorf("settle draft: %w", err)
	}
	other, err := tx.NewSelect().Model((*Draft)(nil)).Where(mine, args...).Exists(ctx)
	if err == nil && other {
		err = ErrStale
	}
	if err != nil {
		return fmt.Errorf("settle draft: %w", err)
	}
	return nil
}
