package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// A ceremony is something that was asked of a browser and waits for its answer.
// It is used once: who takes it has it alone. Only a hash of its token is kept.
type ceremony struct {
	bun.BaseModel `bun:"table:ceremonies"`
	TokenHash     string `bun:"token_hash,pk"`
	Purpose       string
	// AccountID is "" when it is not known yet who asks.
	AccountID string `bun:",nullzero"`
	Data      []byte
	Expires   time.Time
}

// The purposes of ceremonies.
const (
	addsPasskey     = "add a passkey"
	signsIn         = "sign in with a passkey"
	leaves          = "sign in elsewhere"
	connectsService = "connect an identity"
)

// errExpired says that a ceremony was taken already, or waited too long.
var errExpired = problem.Gonef("this question was answered already, or waited too long")

// begin keeps data until its answer comes, within life.
func (s *Accounts) begin(ctx context.Context, purpose, accountID string, data any, life time.Duration) (token string, err error) {
	body, err := json.Marshal(data)
	if err != nil {
		return "", fmt.Errorf("begin to %s: %w", purpose, err)
	}
	token = rand.Text()
	row := &ceremony{TokenHash: digest(token), Purpose: purpose, AccountID: accountID, Data: body, Expires: s.now().Add(life)}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(row).Exec(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("begin to %s: %w", purpose, err)
	}
	return token, nil
}

// take gives back what was kept, to one alone, and whose it is.
func (s *Accounts) take(ctx context.Context, purpose, token string, data any) (accountID string, err error) {
	row := new(ceremony)
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewDelete().Model(row).Where("token_hash = ?", digest(token)).Where("purpose = ?", purpose).Returning("*").Scan(ctx)
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && !row.Expires.After(s.now()) {
		return "", errExpired
	}
	if err == nil {
		err = row.read(data)
	}
	if err != nil {
		return "", fmt.Errorf("take up to %s: %w", purpose, err)
	}
	return row.AccountID, nil
}

// read gives back what was kept.
func (c *ceremony) read(data any) error { return json.Unmarshal(c.Data, data) }
