package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/problem"
)

const (
	// timeout is how long one job may run before its context ends.
	timeout = time.Minute
	// rescueAfter is when a job whose process died is given to another.
	rescueAfter = 2 * time.Minute
	// poll is how often an idle queue looks; neither of the two drivers listens.
	poll = time.Second
	// cooldown is the least time between two looks of a busy queue.
	cooldown = 20 * time.Millisecond
	// workers is how many jobs one process works at the same time. Most of them
	// wait for the one write connection or for one core.
	workers = 4
	// attempts is how often a failing job is tried, over about three days.
	attempts = 17
)

// Args are what a job needs to know, stored as JSON. Kind names what is to be
// done, two letters or more; it must not change while jobs of it wait.
type Args interface{ Kind() string }

// Workers says for each kind of job who does it. Use NewWorkers, then Register.
type Workers struct{ river *river.Workers }

// NewWorkers gives a table in which nobody works yet.
func NewWorkers() *Workers { return &Workers{river.NewWorkers()} }

// Register lets work do the jobs whose arguments are of type A. An error means
// again later, 1 s after the first failure and rarer with each; a
// problem.Discard means never again. ctx ends after a minute. It panics when
// the kind is taken.
func Register[A Args](w *Workers, work func(ctx context.Context, args A) error) {
	river.AddWorker(w.river, river.WorkFunc(func(ctx context.Context, job *river.Job[A]) error {
		return work(ctx, job.Args)
	}))
}

// Queue holds the jobs of the town. A Queue that is not started only inserts,
// as the verbs of the command line do.
type Queue struct {
	client *river.Client[*sql.Tx]
	db     *database.DB
}

// New gives the queue in db, whose schema Migrate has made. log gets one line
// for each job that was worked.
func New(db *database.DB, w *Workers, log *slog.Logger) (*Queue, error) {
	client, err := river.NewClient(driver(db.Pool(), db.Dialect()), &river.Config{
		ErrorHandler:         panics{log},
		FetchCooldown:        cooldown,
		FetchPollInterval:    poll,
		JobTimeout:           timeout,
		Logger:               slog.New(quiet{log.Handler()}),
		MaxAttempts:          attempts,
		Middleware:           []rivertype.Middleware{river.WorkerMiddlewareFunc(observe(log))},
		PollOnly:             true,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		RescueStuckJobsAfter: rescueAfter,
		Workers:              w.river,
	})
	if err != nil {
		return nil, fmt.Errorf("open the job queue: %w", err)
	}
	return &Queue{client, db}, nil
}

func driver(pool *sql.DB, dialect database.Dialect) riverdriver.Driver[*sql.Tx] {
	if dialect == database.Postgres {
		return riverdatabasesql.New(pool)
	}
	return riversqlite.New(pool)
}

// Insert adds a job that becomes visible when tx commits and never existed when
// it rolls back. It is worked within about a second. A kind that nobody
// registered for is an error.
func (q *Queue) Insert(ctx context.Context, tx bun.Tx, args Args) error {
	if _, err := q.client.InsertTx(ctx, tx.Tx, args, nil); err != nil {
		return fmt.Errorf("insert job %s: %w", args.Kind(), err)
	}
	return nil
}

// InsertOnce is Insert, unless the same job is there already and not done.
func (q *Queue) InsertOnce(ctx context.Context, tx bun.Tx, args Args) error {
	return q.InsertLater(ctx, tx, args, 0)
}

// InsertLater is InsertOnce, and the job is worked some seconds after pause.
func (q *Queue) InsertLater(ctx context.Context, tx bun.Tx, args Args, pause time.Duration) error {
	once := &river.InsertOpts{ScheduledAt: time.Now().Add(pause), UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
	if pause == 0 {
		once.ScheduledAt = time.Time{}
	}
	if _, err := q.client.InsertTx(ctx, tx.Tx, args, once); err != nil {
		return fmt.Errorf("insert job %s: %w", args.Kind(), err)
	}
	return nil
}

// Every inserts the job once in each period: at the first start of any process
// and then as time goes by, however many processes there are and however often
// they are started anew. period is at least a second. Call it before Start.
func (q *Queue) Every(period time.Duration, args Args) {
	q.client.PeriodicJobs().Add(river.NewPeriodicJob(
		river.PeriodicInterval(period),
		func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: period}}
		},
		// The schedule lives in memory: without a run at the start, a process that
		// is restarted every night would never do its daily work.
		&river.PeriodicJobOpts{RunOnStart: true},
	))
}

// Start works jobs until Stop. The end of ctx does not stop them: running jobs
// are given the time that Stop grants.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	return nil
}

// Stop takes no more jobs and waits for the running ones. When ctx ends first
// it ends their contexts and waits for them to give up: they are tried again.
func (q *Queue) Stop(ctx context.Context) error {
	err := q.client.Stop(ctx)
	if err != nil && ctx.Err() != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = q.client.StopAndCancel(last)
	}
	if err != nil {
		return fmt.Errorf("stop the job queue: %w", err)
	}
	return nil
}

// Migrate brings the tables of the queue up to date. Only one process may do
// so at a time: hand it to database.DB.Migrate, which holds a lock.
func Migrate(ctx context.Context, pool *sql.DB, dialect database.Dialect) error {
	m, err := rivermigrate.New(driver(pool, dialect), nil)
	if err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

// observe logs a line for each job and turns a discarded error into the end of
// the job.
func observe(log *slog.Logger) func(context.Context, *rivertype.JobRow, func(context.Context) error) error {
	return func(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
		start := time.Now()
		err := work(ctx)
		level, outcome, answer := slog.LevelInfo, "done", err
		switch {
		case err != nil && problem.IsDiscard(err):
			level, outcome, answer = slog.LevelWarn, "discarded", river.JobCancel(err)
		case err != nil && job.Attempt >= job.MaxAttempts:
			level, outcome = slog.LevelError, "given up"
		case err != nil:
			level, outcome = slog.LevelWarn, "failed"
		}
		worked.Inc(outcome)
		line := []slog.Attr{
			slog.String("kind", job.Kind), slog.Int64("job", job.ID), slog.Int("attempt", job.Attempt),
			slog.String("outcome", outcome), slog.Duration("duration", time.Since(start)),
		}
		if err != nil {
			line = append(line, slog.String("error", err.Error()))
		}
		log.LogAttrs(ctx, level, "job", line...)
		return answer
	}
}
