package proof

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// within is the promise: every follower has the event within a minute of the next start.
const within = time.Minute

// fifty is a town whose club has fifty followers on fifty hosts.
type fifty struct {
	*town
	*neighbours
	running *process
}

func TestProofKill(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		f := gather(t, database)
		f.writesWhileDown(t)
		f.killedAtTheTwentyFifth(t)
		f.killedWhileHeld(t)
	})
}

func gather(t *testing.T, database string) *fifty {
	t.Helper()
	port := connected(t).freePort(t)
	f := &fifty{town: found(t, "dorf.test", port, database), neighbours: settle(t, villages, port)}
	club := f.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
	f.running = f.serve(t)
	inbox, ok := f.town.document(t, club.ID)["inbox"].(string)
	if !ok {
		t.Fatalf("%s has no inbox", club.ID)
	}
	f.allFollow(t, villages, club.ID, inbox)
	act(t, "%d followers on %d hosts follow the club", villages, villages)
	return f
}

// announce publishes an event with the command line and gives its id.
func (f *fifty) announce(t *testing.T, name string) string {
	t.Helper()
	return f.make(t, "event", "add", "--club", "tsv", "--name", name, "--start", start, "--end", end).ID
}

// restart starts the server again and waits until everybody has the event.
func (f *fifty) restart(t *testing.T, event, what string) {
	t.Helper()
	started := time.Now()
	f.running = f.start(t, f.address())
	until(t, within, what, func() (int, string) {
		hosts, _ := f.reached("Create", event)
		if hosts < villages {
			return hosts, fmt.Sprintf("%d of %d followers have it", hosts, villages)
		}
		return hosts, ""
	})
	took := time.Since(started)
	f.ready(t, f.town.reader, f.running)
	_, doubles := f.reached("Create", event)
	act(t, "%s: %d of %d followers have the event %.1f s after the start, %d got it twice", what, villages, villages, took.Seconds(), doubles)
}

// writesWhileDown publishes while nothing serves.
func (f *fifty) writesWhileDown(t *testing.T) {
	f.running.stop(t)
	f.restart(t, f.announce(t, "Sommerfest"), "event add while serve is down")
}

// killedAtTheTwentyFifth kills the server at the moment the event arrives at the 25th host.
func (f *fifty) killedAtTheTwentyFifth(t *testing.T) {
	arrived, dead := 0, make(chan struct{})
	victim := f.running
	var mu sync.Mutex
	f.onArrival(func(a arrival, r *http.Request) {
		if a.kind != "Create" {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if arrived++; arrived == villages/2 {
			victim.kill()
			<-r.Context().Done()
			close(dead)
		}
	})
	event := f.announce(t, "Herbstfest")
	f.await(t, dead, "the 25th arrival kills serve")
	f.onArrival(nil)
	hosts, _ := f.reached("Create", event)
	f.restart(t, event, fmt.Sprintf("kill -9 at the 25th arrival, %d had it", hosts))
}

// killedWhileHeld kills the server while one host has taken the event and does not answer.
func (f *fifty) killedWhileHeld(t *testing.T) {
	held := make(chan struct{})
	var once sync.Once
	f.onArrival(func(a arrival, r *http.Request) {
		if a.kind != "Create" || a.host != f.neighbours.host(6) {
			return
		}
		once.Do(func() {
			close(held)
			<-r.Context().Done() // the server is dead
		})
	})
	event := f.announce(t, "Winterfest")
	f.await(t, held, "a host holds the connection")
	until(t, patience, "only the held delivery is left", func() (int, string) {
		waiting := decode[[]json.RawMessage](t, f.verb(t, "deliveries", "--json"))
		if len(waiting) != 1 {
			return len(waiting), fmt.Sprintf("%d deliveries wait: %s", len(waiting), waiting)
		}
		return 1, ""
	})
	f.running.kill()
	f.onArrival(nil)
	f.restart(t, event, "kill -9 while a host holds the connection")
}

func (f *fifty) await(t *testing.T, c chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("%s: not within %v", what, patience)
	}
}
