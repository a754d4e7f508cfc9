package torture

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestDatabaseGone: PostgreSQL dies while activities come in, and comes back,
// again and again. Meanwhile everybody is asked to come again; then all goes on
// without a restart, and nothing that was accepted is lost.
func TestDatabaseGone(t *testing.T) {
	f := newFlood(t, databasetest.PostgreSQL(t), "", "gone", max(400, *gone*100))
	f.patient = patience + *away
	f.known() // what must be fetched for waits a minute after a fault
	var outage sync.Mutex
	f.strike = func() {
		go func() {
			outage.Lock()
			defer outage.Unlock()
			start := databasetest.StopPostgreSQL(t)
			f.asksToComeAgain("/readyz", "/veranstaltungen?seite=2", "/pinnwand?seite=2")
			time.Sleep(*away)
			start()
			f.serveAgain()
		}()
	}
	r := f.torture(*gone)
	outage.Lock() // the last one is over
	defer outage.Unlock()
	if r.err() != nil || r.answered != len(f.letters) || r.kills != *gone {
		t.Errorf("%v: %+v", r.err(), r)
	}
}

// TestWriterHoldsOn: another process writes to the SQLite file for longer than
// anybody waits. Senders and forms are asked to come again, readers see nothing
// of it, and then all goes on.
func TestWriterHoldsOn(t *testing.T) {
	f := newFlood(t, databasetest.SQLite(t), "", "hold", 300)
	f.known()
	struck := make(chan struct{})
	f.strike = func() {
		go func() {
			defer close(struck)
			f.hold(func() {
				f.asksToComeAgain()
				for _, path := range []string{"/readyz", "/veranstaltungen", "/pinnwand?seite=2"} {
					if res, body, err := f.get(path, "text/html"); err != nil || res.StatusCode != http.StatusOK {
						t.Errorf("a reader gets %v, %s", err, body)
					}
				}
			})
		}()
	}
	r := f.torture(1)
	<-struck
	if r.err() != nil || r.answered != len(f.letters) {
		t.Errorf("%v: %+v", r.err(), r)
	}
}

// hold keeps the write lock of the database while do runs.
func (w *town) hold(do func()) {
	w.t.Helper()
	db, err := database.Open(w.t.Context(), w.database)
	if err != nil {
		w.t.Error(err)
		return
	}
	defer db.Close() //nolint:errcheck // nothing is written
	over := errors.New("over")
	err = db.Write(w.t.Context(), func(context.Context, bun.Tx) error {
		do()
		return over
	})
	if !errors.Is(err, over) {
		w.t.Error(err)
	}
}

// asksToComeAgain wants the inbox, and paths, to answer with 503 and to say when
// to come again.
func (f *flood) asksToComeAgain(paths ...string) {
	f.t.Helper()
	want := func(what string, res *http.Response, err error) {
		if err == nil && (res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "") {
			err = fmt.Errorf("status %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
		}
		if err != nil {
			f.t.Errorf("%s: %v", what, err)
		}
	}
	for _, path := range paths {
		res, _, err := f.get(path, "text/html")
		want(path, res, err)
	}
	var senders sync.WaitGroup
	for _, l := range f.letters[len(f.letters)-3:] {
		senders.Go(func() {
			res, err := f.send(l)
			want("the inbox", res, err)
		})
	}
	senders.Wait()
}
