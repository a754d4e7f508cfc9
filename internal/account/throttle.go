package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// A limit says how often something may be tried within a time.
type limit struct {
	// key is kept as a hash: it holds addresses of people.
	key   string
	tries int
	per   time.Duration
}

// signInTries are the limits of signing in: for one person from one network
// address, from one network address, and for one person from everywhere. The
// last one is high, so that nobody can keep others out.
func signInTries(email, address string) []limit {
	return []limit{
		{"sign in " + email + " " + address, 10, 15 * time.Minute},
		{"sign in from " + address, 30, 15 * time.Minute},
		{"sign in " + email, 100, time.Hour},
	}
}

// uploadTries is how many pictures may be handed in from one network address
// by who is not signed in any more.
func uploadTries(address string) limit { return limit{"upload from " + address, 20, time.Hour} }

// AdmitUpload gives a problem.TooMany when too many pictures came from address.
func (s *Accounts) AdmitUpload(ctx context.Context, address string) error {
	return s.admit(ctx, uploadTries(address))
}

// questionTries is how often browsers at one network address may be asked for a
// passkey, or be sent to the sign-in service.
func questionTries(address string) limit { return limit{"questions to " + address, 300, time.Hour} }

// reportTries are how many reports may come from one network address, and from
// everywhere, by people without an account.
func reportTries(address string) []limit {
	return []limit{{"report from " + address, 5, time.Hour}, {"reports", 300, 24 * time.Hour}}
}

// AdmitReport gives a problem.TooMany when too many reports came from address,
// or at all.
func (s *Accounts) AdmitReport(ctx context.Context, address string) error {
	return s.admit(ctx, reportTries(address)...)
}

// throttle counts tries until it expires.
type throttle struct {
	bun.BaseModel `bun:"table:throttles"`
	Key           string `bun:"key,pk"`
	Tries         int
	Expires       time.Time
}

func (l limit) hash() string {
	sum := sha256.Sum256([]byte(l.key))
	return hex.EncodeToString(sum[:])
}

// admit counts one try against each limit and gives a problem.TooMany when one
// is exceeded. Counting and comparing are one statement, so that tries at the
// same time cannot slip through.
func (s *Accounts) admit(ctx context.Context, limits ...limit) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, l := range limits {
			row := &throttle{Key: l.hash(), Tries: 1, Expires: s.now().Add(l.per)}
			_, err := tx.NewInsert().Model(row).On("CONFLICT (key) DO UPDATE").
				Set("tries = CASE WHEN throttle.expires <= ? THEN 1 ELSE throttle.tries + 1 END", s.now()).
				Set("expires = CASE WHEN throttle.expires <= ? THEN EXCLUDED.expires ELSE throttle.expires END", s.now()).
				Returning("tries").Exec(ctx)
			if err != nil {
				return fmt.Errorf("count tries: %w", err)
			}
			if row.Tries > l.tries {
				return problem.TooManyf("too many tries; wait %s", l.per)
			}
		}
		return nil
	})
}

// forget starts a limit anew.
func (s *Accounts) forget(ctx context.Context, l limit) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*throttle)(nil)).Where("key = ?", l.hash()).Exec(ctx)
		return err
	})
}

// Sweep drops what has expired: sessions, limits, links and forms' pictures.
func (s *Accounts) Sweep(ctx context.Context) error {
	errs := []error{s.db.Prune(ctx, "sessions", "token", "seen < ?", s.now().Add(-SessionIdle))}
	for table, key := range map[string]string{"sessions": "token", "throttles": "key", "sign_in_links": "token_hash", "ceremonies": "token_hash"} {
		errs = append(errs, s.db.Prune(ctx, table, key, "expires < ?", s.now()))
	}
	return errors.Join(errs...)
}
