package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	gomail "github.com/wneessen/go-mail"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/metrics"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/locale"
)

// Options is what the post must know.
type Options struct {
	SMTP config.SMTP
	// Origin is the address of the town, Domain the domain of its message ids.
	Origin, Domain string
	// Town gives who writes, as it is when a letter goes out.
	Town func(ctx context.Context) (Town, error)
	// Held tells that nothing may go out now: a restored town is perhaps not the
	// only one. nil is never.
	Held func() bool
}

// Post sends letters. Make one with New.
type Post struct {
	db      *database.DB
	options Options
	queue   *jobs.Queue
	client  *gomail.Client // nil when the town sends no mail
	words   *locale.Catalogue
	// Restricted tells that only what must come may be written to an address; nil
	// is never.
	Restricted func(ctx context.Context, db bun.IDB, to string) (bool, error)
	now        func() time.Time
}

// New gives the post of the town in db, and enters into workers who sends its
// letters. Enqueue must follow.
func New(db *database.DB, workers *jobs.Workers, o Options) (*Post, error) {
	p := &Post{db: db, options: o, now: func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }}
	var err error
	if p.words, err = words(); err != nil {
		return nil, err
	}
	if o.SMTP.Host != "" {
		if p.client, err = dialler(o.SMTP, o.Domain); err != nil {
			return nil, err
		}
	}
	jobs.Register(workers, p.deliver)
	jobs.Register(workers, func(ctx context.Context, _ Round) error { return p.round(ctx) })
	return p, nil
}

// Enqueue hands in the queue of the jobs.
func (p *Post) Enqueue(queue *jobs.Queue) { p.queue = queue }

// Speak says what stands around every letter in another manner from now on.
func (p *Post) Speak(m locale.Manner) error { return p.words.Speak(m) }

// Ready tells whether the town can send mail. Without it, forms that need mail
// say so and whom to ask, and what only tells people something is left out.
func (p *Post) Ready() bool { return p.client != nil }

// The states of a letter.
const (
	waiting = "waiting"
	sent    = "sent"
	refused = "refused"
	settled = "settled" // refused, and the town hall knows
)

// row is what is kept of a letter. What it says is forgotten when it is sent or
// refused; to whom it went is forgotten when it is sent.
type row struct {
	bun.BaseModel `bun:"table:mails,alias:mail"`

	ID        string `bun:"id,pk"`
	Cause     string
	Recipient string
	Letter    string
	State     string
	Attempts  int
	Created   time.Time
	// Leased is until when somebody is sending it.
	Leased time.Time `bun:",nullzero"`
	Ended  time.Time `bun:",nullzero"`
	Error  string
}

var outcomes = metrics.NewCounter("aushang_mails_total", "Letters that were handed to the mail server, by what it said: sent, failed (tried again later) or refused.",
	metrics.Label{Name: "outcome", Values: []string{"sent", "failed", "refused"}})

// Send writes a letter down in the transaction of its cause: it is sent, within
// seconds, when that commits, and never existed otherwise. When there was a
// letter with the same cause, nothing happens; nor when the letter is one that can
// be ended and nothing of that kind may go to the address. Without Ready it is a
// problem.Unavailable.
func (p *Post) Send(ctx context.Context, tx bun.Tx, l Letter) error {
	if !p.Ready() {
		return problem.Unavailablef("this town sends no mail")
	}
	if err := l.clean(); err != nil {
		return err
	}
	if p.Restricted != nil && l.Unsubscribe != "" {
		if no, err := p.Restricted(ctx, tx, l.To); no || err != nil {
			return err
		}
	}
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	r := &row{ID: uuid.Must(uuid.NewV7()).String(), Cause: l.Cause, Recipient: l.To, Letter: string(text), State: waiting, Created: p.now()}
	res, err := tx.NewInsert().Model(r).On("CONFLICT (cause) DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("write letter: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return p.queue.InsertOnce(ctx, tx, deliver{r.ID})
}

// Withdraw takes back what waits for a mail address, and forgets the address
// where a letter to it was refused: who it belongs to is leaving.
func (p *Post) Withdraw(ctx context.Context, tx bun.Tx, to string) error {
	_, err := tx.NewDelete().Model((*row)(nil)).Where("recipient = ?", to).Exec(ctx)
	if err != nil {
		return fmt.Errorf("withdraw letters: %w", err)
	}
	return nil
}

// Gauges are the numbers of the post.
func (p *Post) Gauges() []metrics.Gauge {
	count := func(state string) func(ctx context.Context) (map[string]float64, error) {
		return metrics.Single(func(ctx context.Context) (float64, error) {
			n, err := p.db.Read().NewSelect().Model((*row)(nil)).Where("state = ?", state).Count(ctx)
			return float64(n), err
		})
	}
	return []metrics.Gauge{
		{Name: "aushang_mails_waiting", Help: "Letters that wait to be sent.", Read: count(waiting)},
		{Name: "aushang_mails_refused", Help: "Letters that were refused and that the town hall has not looked at.", Read: count(refused)},
	}
}
