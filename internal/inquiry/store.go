package inquiry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Enter stores a request, with whom it is about as far as that is known here.
func (s *Requests) Enter(ctx context.Context, by string, d Draft) (*Request, error) {
	now := s.now()
	errs := d.check(now)
	r := &Request{
		ID: d.Key, Wanted: d.Wanted, Channel: d.Channel, Contact: d.Contact, Words: d.Words, ByAccount: account.Decider(by),
		Received: d.Received.UTC().Truncate(time.Second), Due: d.Received.AddDate(0, 1, 0).UTC().Truncate(time.Second),
	}
	if r.ID == "" {
		r.ID = uuid.Must(uuid.NewV7()).String()
	}
	if d.Handle != "" {
		a, err := s.Actors.FindHandle(ctx, d.Handle)
		switch {
		case problem.KindOf(err) == problem.NotFound:
			errs.Add("handle", "Nothing is kept of this address. Please check how it is written, or leave the field empty.")
		case problem.KindOf(err) == problem.Invalid:
			errs.Add("handle", "Please give the address of a person on another platform, such as @anna@example.org.")
		case err != nil:
			return nil, err
		default:
			r.ActorID = a.ID
		}
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	if r.Contact != "" {
		a, err := s.Accounts.FindEmail(ctx, r.Contact)
		if err == nil {
			r.AccountID, err = a.ID, s.mayAnswer(ctx, by, a.ID)
		}
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return nil, err
		}
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := affected(tx.NewInsert().Model(r).On("CONFLICT (id) DO NOTHING").Exec(ctx))
		if err != nil || n == 0 { // the form was sent twice
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "request.enter", Target: r.ID, Detail: r.Wanted})
	})
	if err != nil {
		return nil, fmt.Errorf("enter a request: %w", err)
	}
	return r, nil
}

// mayAnswer lets the town hall answer for those whom it may also let go; only the
// administration looks at what is kept about people of the town hall.
func (s *Requests) mayAnswer(ctx context.Context, by, accountID string) error {
	err := s.Accounts.MayLeave(ctx, by, accountID)
	if errors.Is(err, account.ErrLastAdmin) || by == accountID {
		return nil
	}
	return err
}

// Find gives a request; whom it is about must be somebody whom by may answer for.
func (s *Requests) Find(ctx context.Context, by, id string) (*Request, error) {
	r, err := one(ctx, s.DB.Read(), "id = ?", id)
	if err != nil || r.AccountID == "" {
		return r, err
	}
	if err := s.mayAnswer(ctx, by, r.AccountID); err != nil && problem.KindOf(err) != problem.NotFound {
		return nil, err
	}
	return r, nil
}

func one(ctx context.Context, db bun.IDB, where string, arg any) (*Request, error) {
	r := new(Request)
	err := db.NewSelect().Model(r).Where(where, arg).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no such request")
	}
	if err != nil {
		return nil, fmt.Errorf("find a request: %w", err)
	}
	return r, nil
}

// Waiting lists what waits, the first that is due first.
func (s *Requests) Waiting(ctx context.Context) ([]*Request, error) {
	return s.list(ctx, s.DB.Read().NewSelect().Where("outcome = ''").Order("due", "id"))
}

// Closed lists what was answered, the latest first.
func (s *Requests) Closed(ctx context.Context, limit int) ([]*Request, error) {
	return s.list(ctx, s.DB.Read().NewSelect().Where("outcome <> ''").OrderExpr("answered DESC, id DESC").Limit(int64(limit)))
}

func (s *Requests) list(ctx context.Context, q *bun.SelectQuery) ([]*Request, error) {
	var list []*Request
	if err := q.Model(&list).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return list, nil
}

// ByToken gives the request to whose answer a link leads; a problem.Gone when it
// does not work any more.
func (s *Requests) ByToken(ctx context.Context, token string) (*Request, error) {
	r, err := one(ctx, s.DB.Read(), "token_hash = ?", digest(token))
	if problem.KindOf(err) == problem.NotFound || err == nil && !r.Expires.After(s.now()) {
		return nil, problem.Gonef("this link is too old")
	}
	return r, err
}

// digest is what is kept of a token.
func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// work changes a request that waits and notes who did it.
func (s *Requests) work(ctx context.Context, by, id, act string, change func(ctx context.Context, tx bun.Tx, r *Request) error) (*Request, error) {
	if _, err := s.Find(ctx, by, id); err != nil {
		return nil, err
	}
	var r *Request
	err := s.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		if r, err = s.toWork(ctx, tx, id); err != nil {
			return err
		}
		if err := change(ctx, tx, r); err != nil {
			return err
		}
		return s.worked(ctx, tx, by, r, act)
	})
	if err != nil {
		return nil, fmt.Errorf("work on a request: %w", err)
	}
	return r, nil
}

// toWork gives a request that waits, to who takes his turn at it.
func (s *Requests) toWork(ctx context.Context, tx bun.Tx, id string) (*Request, error) {
	if err := database.Turn(ctx, tx, "request "+id); err != nil {
		return nil, err
	}
	r, err := one(ctx, tx, "id = ?", id)
	if err == nil && !r.Open() {
		err = problem.Conflictf("this request was answered already")
	}
	return r, err
}

// worked keeps what was done with a request, and who did it.
func (s *Requests) worked(ctx context.Context, tx bun.Tx, by string, r *Request, act string) error {
	r.ByAccount = account.Decider(by)
	if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
		return err
	}
	return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "request." + act, Target: r.ID})
}

// close ends a request.
func (s *Requests) close(r *Request, outcome string) { r.Outcome, r.Answered = outcome, s.now() }

// tell writes to who asked; without a mail address, or in a town that sends no
// mail, nothing is written.
func (s *Requests) tell(ctx context.Context, tx bun.Tx, r *Request, to, lang, key, path string) error {
	if to == "" {
		return nil
	}
	if lang == "" {
		lang = s.Language
	}
	data := map[string]any{"Reason": r.Reason, "Days": int(LinkLife.Hours() / 24), "Due": r.Due.Format("2.1.2006"), "Received": r.Received.Format("2.1.2006")}
	return s.Letters.Send(ctx, tx, page.Message{Cause: "data request " + rand.Text(), To: to, Lang: lang, Key: "letter.inquiry." + key, Data: data, Path: path})
}

// spoken gives the language of somebody with an account, "" for others.
func (s *Requests) spoken(ctx context.Context, r *Request) (string, error) {
	if r.AccountID == "" {
		return "", nil
	}
	lang, err := s.Accounts.Language(ctx, r.AccountID)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	return lang, err
}

// Check says how the town hall made sure who somebody is.
func (s *Requests) Check(ctx context.Context, by, id, how string) error {
	if !slices.Contains(checks, how) {
		var errs problem.Fields
		errs.Add("how", "Please choose how you made sure who it is.")
		return errs.Err()
	}
	_, err := s.work(ctx, by, id, "check", func(_ context.Context, _ bun.Tx, r *Request) error {
		r.Checked = how
		return nil
	})
	return err
}

// errUnchecked says that nothing is done for somebody who may be somebody else.
var errUnchecked = problem.Forbiddenf("nobody has made sure yet who this is")

// Answer makes a link to all that is kept, which ends after LinkLife, and sends it
// to who asked. It gives the path, and whether a letter carries it.
func (s *Requests) Answer(ctx context.Context, by, id string) (path string, mailed bool, err error) {
	token := rand.Text()
	path = LinkPath + token
	_, err = s.work(ctx, by, id, "answer", func(ctx context.Context, tx bun.Tx, r *Request) error {
		if r.Checked == "" {
			return errUnchecked
		}
		lang, err := s.spoken(ctx, r)
		if err != nil {
			return err
		}
		s.close(r, Answered)
		r.TokenHash, r.Expires = digest(token), s.now().Add(LinkLife)
		mailed = r.Contact != "" && s.Letters.Ready()
		return s.tell(ctx, tx, r, r.Contact, lang, "answer", path)
	})
	return path, mailed, err
}

// Refuse ends a request with a reason, and tells who asked.
func (s *Requests) Refuse(ctx context.Context, by, id, reason string) error {
	return s.explained(ctx, by, id, reason, "refuse", func(r *Request) { s.close(r, Refused) })
}

// Extend gives the town hall two more months, and tells who asked why (GDPR,
// Article 12(3)). It can be done once.
func (s *Requests) Extend(ctx context.Context, by, id, reason string) error {
	return s.explained(ctx, by, id, reason, "extend", func(r *Request) { r.Due = r.Received.AddDate(0, 3, 0) })
}

// Extended tells whether that was done.
func (r *Request) Extended() bool { return !r.Due.Before(r.Received.AddDate(0, 3, 0)) }

const maxReason = 2000

func (s *Requests) explained(ctx context.Context, by, id, reason, act string, change func(*Request)) error {
	var errs problem.Fields
	if n := len([]rune(reason)); n == 0 || n > maxReason {
		errs.Add("reason", "Please give a reason of at most %d characters.", maxReason)
		return errs.Err()
	}
	_, err := s.work(ctx, by, id, act, func(ctx context.Context, tx bun.Tx, r *Request) error {
		if act == "extend" && r.Extended() {
			return problem.Conflictf("this request was extended already")
		}
		lang, err := s.spoken(ctx, r)
		if err != nil {
			return err
		}
		r.Reason = reason
		change(r)
		return s.tell(ctx, tx, r, r.Contact, lang, act, "")
	})
	return err
}

// Sweep forgets who asked when the link of the answer has ended, and at last that
// somebody asked; and lets data be used again whose time has come.
func (s *Requests) Sweep(ctx context.Context) error {
	if err := s.release(ctx); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*Request)(nil)).
			Set("contact = ''").Set("account_id = ''").Set("actor_id = ''").Set("words = ''").Set("token_hash = ''").Set("reason = ''").
			Where("outcome <> ''").Where("answered < ?", s.now().Add(-LinkLife)).
			Where("contact <> '' OR account_id <> '' OR actor_id <> '' OR words <> '' OR token_hash <> '' OR reason <> ''").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget who asked: %w", err)
	}
	return s.DB.Prune(ctx, "data_requests", "id", "outcome <> '' AND answered < ?", s.now().Add(-kept))
}

// NoteFile gives a request of which somebody of the town hall takes the answer as
// a file, and notes that.
func (s *Requests) NoteFile(ctx context.Context, by, id string) (*Request, error) {
	return s.work(ctx, by, id, "file", func(_ context.Context, _ bun.Tx, r *Request) error {
		if r.Checked == "" {
			return errUnchecked
		}
		return nil
	})
}
