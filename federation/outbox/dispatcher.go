package outbox

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"codeberg.org/aushang/aushang/federation/transport"
)

const (
	// claimed is how many lanes are taken at once.
	claimed = 256
	// most is how many lanes are in work at once, the slow ones included.
	most = 2048
	// lease is how long a lane is ours without renewal.
	lease = 30 * time.Second
	// renewal is how often leases are renewed.
	renewal = 10 * time.Second
	// batch is how many deliveries of a lane are begun at once.
	batch = 50
	// unwrittenAnswers is how many answers may wait to be written down until
	// nothing more is signed.
	unwrittenAnswers = 8
	// slow is how long a lane may take before it is counted no more among
	// those that its standing allows: it only waits.
	slow = time.Second
	// parting is how long requests in flight may take after the end.
	parting = 5 * time.Second
)

// slots is how many lanes of each standing are in work at once. Failing hosts
// may be slow within theirs.
var slots = [Standings]int{Proven: 256, Unknown: 128, Failing: 32}

// Dispatcher sends what is due. All fields but Ed25519 and Now must be set.
type Dispatcher struct {
	Store   Store
	Client  *transport.Client
	Signers Signers
	// Ed25519 gives the Ed25519 keys of the actors; nil means that they have
	// none.
	Ed25519 Signers
	// Wake receives when something may be due.
	Wake <-chan struct{}
	// Owner names this process, the same after a restart.
	Owner string
	Log   *slog.Logger
	// Now gives the time; nil means time.Now.
	Now func() time.Time

	reports chan Report
	// again receives when lanes are due that nobody rang for, or when there are
	// slots again for lanes that wait.
	again chan struct{}
	// signing takes what is to be signed. Only as many sign at once as there are
	// cores: the rest of the program, answers that come in above all, must not
	// queue behind them.
	signing chan func()
	// unwritten counts answers that are not written down yet; relief receives
	// when they become fewer.
	unwritten atomic.Int64
	relief    chan struct{}
	// stalled is true while results cannot be written: then nothing is claimed.
	stalled atomic.Bool

	mu      sync.Mutex
	held    map[string]int // how often hosts are in work or their end is being written
	busy    [Standings]int
	waiting [Standings]bool // whether a claim found more than there were slots
}

// Run sends until ctx ends; then it waits for what is in flight and writes its
// results. It returns nil.
func (d *Dispatcher) Run(ctx context.Context) error {
	d.reports, d.held = make(chan Report, claimed), map[string]int{}
	d.again, d.signing = make(chan struct{}, 1), make(chan func())
	cores := runtime.GOMAXPROCS(0)
	d.relief = make(chan struct{}, cores)
	if err := d.Store.Free(ctx, d.Owner); err != nil {
		d.Log.Error("outbox: free lanes", "error", err)
	}
	// What is in flight outlives ctx for a while, its results in any case.
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var writer, lanes, signers sync.WaitGroup
	for range cores {
		signers.Go(func() {
			for sign := range d.signing {
				d.hesitate()
				sign()
			}
		})
	}
	writer.Go(func() { d.write(ctx) })
	writer.Go(func() { d.renew(ctx) })
	d.loop(ctx, func(l Lane) { lanes.Go(func() { d.work(ctx, sending, l) }) })
	late := time.AfterFunc(parting, stop)
	lanes.Wait()
	late.Stop()
	close(d.signing)
	close(d.reports)
	signers.Wait()
	writer.Wait()
	return nil
}

func (d *Dispatcher) loop(ctx context.Context, start func(Lane)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		for _, l := range d.claim(ctx) {
			start(l)
		}
		select {
		case <-ctx.Done():
		case <-d.Wake:
		case <-d.again:
		case <-tick.C:
		}
	}
}

// claim takes as many due lanes as there are slots.
func (d *Dispatcher) claim(ctx context.Context) []Lane {
	limits, free := d.free()
	if free == 0 {
		return nil
	}
	now := d.now()
	lanes, err := d.Store.Claim(ctx, Claim{
		Owner: d.Owner, Now: now, Lease: lease, Limits: limits, Batch: batch,
		Next: func(attempts int) time.Time { return now.Add(Backoff(attempts, nil)) },
		Held: d.holds,
	})
	if err != nil && ctx.Err() == nil {
		d.Log.Error("outbox: claim lanes", "error", err)
	}
	d.hold(lanes, limits)
	return lanes
}

// free counts the slots that may be claimed for now.
func (d *Dispatcher) free() (limits [Standings]int, all int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stalled.Load() {
		return limits, 0
	}
	for s := range slots {
		limits[s] = max(0, min(slots[s]-d.busy[s], claimed, most-len(d.held)-all))
		all += limits[s]
	}
	return limits, all
}

// hold counts claimed lanes, and notes where more may be due than were claimed.
func (d *Dispatcher) hold(lanes []Lane, limits [Standings]int) {
	var count [Standings]int
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range lanes {
		d.held[l.Host]++
		count[l.Health.Standing()]++
	}
	for s := range slots {
		d.busy[s] += count[s]
		d.waiting[s] = count[s] == limits[s]
		if limits[s] > 0 && d.waiting[s] && d.busy[s] <= slots[s]/2 {
			d.look()
		}
	}
}

// holds tells whether a host is in work.
func (d *Dispatcher) holds(host string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held[host] > 0
}

// release lets go of the lanes that ended, when that is written down. One that
// was claimed again since then is held still.
func (d *Dispatcher) release(reports []Report) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range reports {
		if !r.Ended {
			continue
		}
		if d.held[r.Host]--; d.held[r.Host] <= 0 {
			delete(d.held, r.Host)
		}
	}
}

// leave gives back the slot of a lane; lanes that wait are claimed when half of
// the slots are free, many at once.
func (d *Dispatcher) leave(s Standing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy[s]--
	if d.waiting[s] && d.busy[s] <= slots[s]/2 {
		d.look()
	}
}

// look lets the loop claim again.
func (d *Dispatcher) look() {
	select {
	case d.again <- struct{}{}:
	default: // it has not looked yet: once is enough
	}
}

// renew keeps the leases of the lanes in work until ctx ends.
func (d *Dispatcher) renew(ctx context.Context) {
	tick := time.NewTicker(renewal)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		d.mu.Lock()
		hosts := make([]string, 0, len(d.held))
		for host := range d.held {
			hosts = append(hosts, host)
		}
		d.mu.Unlock()
		if err := d.Store.Renew(ctx, d.Owner, hosts, d.now().Add(lease)); err != nil && ctx.Err() == nil {
			d.Log.Error("outbox: renew leases", "error", err)
		}
	}
}

// hesitate waits while too many answers are not written down: what a crash
// would double. A store that is slow slows sending down. It waits at most a
// second, since the attempts are begun and their leases run.
func (d *Dispatcher) hesitate() {
	if d.unwritten.Load() < unwrittenAnswers {
		return
	}
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	for d.unwritten.Load() >= unwrittenAnswers {
		select {
		case <-d.relief:
		case <-patience.C:
			return
		}
	}
}

// relieve lets those that hesitate look again.
func (d *Dispatcher) relieve() {
	for range cap(d.relief) {
		select {
		case d.relief <- struct{}{}:
		default: // enough for all that hesitate
			return
		}
	}
}

func (d *Dispatcher) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now().UTC()
}
