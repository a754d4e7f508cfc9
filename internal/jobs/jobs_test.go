package jobs_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/problem"
)

// patience is how long we wait for what must come; nothing is said about how
// soon it comes.
const patience = 30 * time.Second

type ring struct{ Bell string }

func (ring) Kind() string { return "ring" }

type sweep struct{ Yard string }

func (sweep) Kind() string { return "sweep" }

// open gives the database at url with the tables of the queue.
func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	// Twice: the second time there is nothing to do.
	for range 2 {
		if err := jobs.Migrate(t.Context(), db.Pool(), db.Dialect()); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// queue gives a queue on db in which work does the ring jobs.
func queue(t *testing.T, db *database.DB, log *slog.Logger, work func(context.Context, ring) error) *jobs.Queue {
	t.Helper()
	w := jobs.NewWorkers()
	jobs.Register(w, work)
	q, err := jobs.New(db, w, log)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// start works the jobs of q until the test ends.
func start(t *testing.T, q *jobs.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
}

func stop(t *testing.T, q *jobs.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func insert(t *testing.T, db *database.DB, q *jobs.Queue, args jobs.Args) {
	t.Helper()
	if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return q.Insert(ctx, tx, args) }); err != nil {
		t.Fatal(err)
	}
}

func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// states gives the state of every job in order of insertion.
func states(t *testing.T, db *database.DB) []string {
	t.Helper()
	var all []string
	if err := db.Read().NewRaw("SELECT state FROM river_job ORDER BY id").Scan(t.Context(), &all); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	return all
}

// settled waits until the jobs have these states.
func settled(t *testing.T, db *database.DB, want ...string) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got := states(t, db)
		if cmp.Equal(got, want) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("states = %v, want %v", got, want)
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestAJobLivesAndDiesWithItsTransaction(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		rung := make(chan string, 10)
		// The command line inserts with a queue that is never started ...
		verb := queue(t, db, quiet(), func(context.Context, ring) error { return nil })
		// ... and another process works what was committed.
		start(t, queue(t, db, quiet(), func(_ context.Context, a ring) error {
			rung <- a.Bell
			return nil
		}))
		undone := errors.New("the fact was refused")
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if err := verb.Insert(ctx, tx, ring{"never"}); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatalf("error = %v, want %v", err, undone)
		}
		insert(t, db, verb, ring{"noon"})
		if got := next(t, rung); got != "noon" {
			t.Errorf("worked %q, want noon alone", got)
		}
		settled(t, db, "completed")
		if len(rung) != 0 {
			t.Errorf("worked %q as well", <-rung)
		}
	})
}

func TestAJobIsWorkedOnceByTwoProcesses(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		const many = 40
		worked := make(chan string, 2*many)
		work := func(_ context.Context, a ring) error {
			worked <- a.Bell
			return nil
		}
		first, second := open(t, url), open(t, url)
		one, two := queue(t, first, quiet(), work), queue(t, second, quiet(), work)
		start(t, one)
		start(t, two)
		var want []string
		for i := range many {
			insert(t, first, one, ring{string(rune('A' + i))})
			want = append(want, "completed")
		}
		seen := map[string]bool{}
		for range many {
			bell := next(t, worked)
			if seen[bell] {
				t.Errorf("%s was worked twice", bell)
			}
			seen[bell] = true
		}
		settled(t, first, want...)
		if len(worked) != 0 {
			t.Errorf("%d jobs were worked twice", len(worked))
		}
	})
}

func TestAFailedJobIsTriedAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		var tries atomic.Int32
		done := make(chan bool, 1)
		q := queue(t, db, quiet(), func(context.Context, ring) error {
			switch tries.Add(1) {
			case 1:
				return errors.New("the rope broke")
			default:
				done <- true
				return nil
			}
		})
		start(t, q)
		insert(t, db, q, ring{"noon"})
		next(t, done)
		settled(t, db, "completed")
	})
}

func TestADiscardedJobIsNeverTriedAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		var said lines
		q := queue(t, db, slog.New(slog.NewTextHandler(&said, nil)), func(context.Context, ring) error {
			return problem.Discard(errors.New("there is no such bell"))
		})
		start(t, q)
		insert(t, db, q, ring{"noon"})
		settled(t, db, "cancelled")
		stop(t, q)
		for _, want := range []string{"msg=job", "kind=ring", "attempt=1", "outcome=discarded", `error="there is no such bell"`} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("the log %q does not say %s", said.String(), want)
			}
		}
		if n := strings.Count(said.String(), "\n"); n != 1 {
			t.Errorf("the log has %d lines, want one a job:\n%s", n, said.String())
		}
	})
}

func TestAPanicIsLoggedAndTriedAgain(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		var said lines
		var tries atomic.Int32
		q := queue(t, db, slog.New(slog.NewTextHandler(&said, nil)), func(context.Context, ring) error {
			if tries.Add(1) == 1 {
				panic("the tower fell")
			}
			return nil
		})
		start(t, q)
		insert(t, db, q, ring{"noon"})
		settled(t, db, "completed")
		stop(t, q)
		for _, want := range []string{"level=ERROR msg=job kind=ring", "outcome=panicked", `error="the tower fell"`, "jobs_test.go", "outcome=done"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("the log %q does not say %s", said.String(), want)
			}
		}
	})
}

func TestAJobOfADeadProcessIsRescued(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		done := make(chan bool, 1)
		q := queue(t, db, quiet(), func(context.Context, ring) error {
			done <- true
			return nil
		})
		insert(t, db, q, ring{"noon"})
		// A process took the job ten minutes ago and was killed.
		long := time.Now().UTC().Add(-10 * time.Minute)
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			stamp := any(long)
			if db.Dialect() == database.SQLite {
				stamp = long.Format("2006-01-02 15:04:05.000")
			}
			_, err := tx.ExecContext(ctx, "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = ?", stamp)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		start(t, q)
		next(t, done)
		settled(t, db, "completed")
	})
}

func TestPeriodicWorkIsDoneOnceInItsPeriod(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		swept := make(chan string, 10)
		w := jobs.NewWorkers()
		jobs.Register(w, func(_ context.Context, a sweep) error {
			swept <- a.Yard
			return nil
		})
		jobs.Register(w, func(context.Context, ring) error { return nil })
		for range 2 { // the process is started anew
			q, err := jobs.New(db, w, quiet())
			if err != nil {
				t.Fatal(err)
			}
			q.Every(24*365*time.Hour, sweep{"school"})
			if err := q.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			settled(t, db, "completed")
			stop(t, q)
		}
		if got := next(t, swept); got != "school" || len(swept) != 0 {
			t.Errorf("swept %q and %d more, want school once", got, len(swept))
		}
	})
}

func TestStopWaitsForTheRunningJob(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		begun, release := make(chan bool), make(chan bool)
		q := queue(t, db, quiet(), func(ctx context.Context, a ring) error {
			begun <- true
			if a.Bell == "endless" {
				<-ctx.Done()
				return ctx.Err()
			}
			<-release
			return nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		insert(t, db, q, ring{"noon"})
		next(t, begun)
		cancel() // SIGTERM: the job goes on
		stopped := make(chan bool)
		go func() {
			stop(t, q)
			close(stopped)
		}()
		close(release)
		next(t, stopped)
		settled(t, db, "completed")

		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		insert(t, db, q, ring{"endless"})
		next(t, begun)
		over, end := context.WithCancel(t.Context())
		end() // no time is granted
		if err := q.Stop(over); err != nil {
			t.Error(err)
		}
		settled(t, db, "completed", "available")
	})
}

func TestAKindThatNobodyDoesIsRefused(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		q := queue(t, db, quiet(), func(context.Context, ring) error { return nil })
		err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return q.Insert(ctx, tx, sweep{}) })
		if err == nil || !strings.Contains(err.Error(), "insert job sweep") {
			t.Errorf("error = %v", err)
		}
	})
}

func TestAStoppedQueueLeavesNothingBehind(t *testing.T) {
	url := databasetest.SQLite(t)
	before := goleak.IgnoreCurrent()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := jobs.Migrate(t.Context(), db.Pool(), db.Dialect()); err != nil {
		t.Fatal(err)
	}
	q := queue(t, db, quiet(), func(context.Context, ring) error { return nil })
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop(t, q)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}
