package mail

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

const (
	// lease is how long a letter is somebody's who sends it: longer than a job
	// may run, shorter than it takes until a job of a dead process is given to
	// another.
	lease = 90 * time.Second
	// life is how long a letter is tried.
	life = 3 * 24 * time.Hour
	// recording is how long the end of a letter may take to be written down,
	// also when the process is ending.
	recording = 10 * time.Second
	// atOnce is how many letters a round looks after.
	atOnce = 1000
)

// deliver is the job that sends a letter.
type deliver struct {
	Mail string `json:"mail"`
}

// Kind names the job.
func (deliver) Kind() string { return "deliver_mail" }

// deliver sends a letter. It is sent once, but for this: when the mail server
// has taken it and the process dies before that is written down, it is sent
// again, under the same Message-ID.
func (p *Post) deliver(ctx context.Context, job deliver) error {
	if !p.Ready() || p.options.Held != nil && p.options.Held() {
		return nil // a round finds it when that is over
	}
	r, err := p.claim(ctx, job.Mail)
	if err != nil || r == nil {
		return err
	}
	var l Letter
	if err := json.Unmarshal([]byte(r.Letter), &l); err != nil {
		return problem.Discard(fmt.Errorf("read letter: %w", err))
	}
	m, err := p.write(ctx, r.ID, r.Created, l)
	if err != nil {
		return errors.Join(err, p.end(ctx, r, waiting, line(err.Error())))
	}
	final, err := hand(ctx, p.client, m)
	switch {
	case err == nil:
		outcomes.Inc("sent")
		return p.end(ctx, r, sent, "")
	case final || r.Created.Before(p.now().Add(-life)):
		outcomes.Inc("refused")
		said := reason(err, r.Recipient)
		return problem.Discard(errors.Join(fmt.Errorf("deliver mail: %s", said), p.end(ctx, r, refused, said)))
	}
	outcomes.Inc("failed")
	said := reason(err, r.Recipient)
	return errors.Join(fmt.Errorf("deliver mail: %s", said), p.end(ctx, r, waiting, said))
}

// claim takes a letter to send it; nil when it is sent, or somebody else's.
func (p *Post) claim(ctx context.Context, id string) (*row, error) {
	r := &row{ID: id}
	err := p.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewUpdate().Model(r).WherePK().Where("state = ?", waiting).Where("leased IS NULL OR leased < ?", p.now()).
			Set("leased = ?", p.now().Add(lease)).Set("attempts = attempts + 1").Returning("*").Scan(ctx)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("claim letter: %w", err)
	}
	return r, nil
}

// end writes down how an attempt ended.
func (p *Post) end(ctx context.Context, r *row, state, said string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recording)
	defer cancel()
	err := p.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewUpdate().Model(r).WherePK().Set("state = ?", state).Set("error = ?", said).Set("leased = NULL")
		if state != waiting {
			q = q.Set("ended = ?", p.now()).Set("letter = ''")
		}
		if state == sent {
			q = q.Set("recipient = ''")
		}
		_, err := q.Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("write down what became of a letter: %w", err)
	}
	return nil
}

// Round is the job that finds letters which nobody sends any more: those of a
// restored backup, and those of which all attempts of a job failed.
type Round struct{}

// Kind names the job.
func (Round) Kind() string { return "mail_round" }

// RoundEvery is how often a Round is made.
const RoundEvery = 10 * time.Minute

func (p *Post) round(ctx context.Context) error {
	if !p.Ready() || p.options.Held != nil && p.options.Held() {
		return nil
	}
	return p.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var ids []string
		err := tx.NewSelect().Model((*row)(nil)).Column("id").Where("state = ?", waiting).Where("leased IS NULL OR leased < ?", p.now()).
			Order("created").Limit(atOnce).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("list letters that wait: %w", err)
		}
		for _, id := range ids {
			if err := p.queue.InsertOnce(ctx, tx, deliver{id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forget drops what is remembered of letters that ended long ago, and those
// that were never sent because the town stopped sending mail.
func (p *Post) Forget(ctx context.Context) error {
	kept, err := retention.Of(ctx, p.db.Read(), retention.Letter)
	if err != nil {
		return err
	}
	return p.db.Prune(ctx, "mails", "id", "created < ?", p.now().Add(-kept))
}
