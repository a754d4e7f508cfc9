package outbox

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"codeberg.org/aushang/aushang/federation/transport"
)

const (
	// claimed is how many lanes are taken at once.
	claimed = 256
	// lease is how long a lane is ours without renewal.
	lease = 30 * time.Second
	// renewal is how often leases are renewed.
	renewal = 10 * time.Second
	// batch is how many deliveries of a lane are begun at once.
	batch = 50
	// proven and unproven are how many hosts are worked on at once: those that
	// answered lately, and those that have not, which may only be silent.
	proven   = 64
	unproven = 32
	// parting is how long requests in flight may take after the end.
	parting = 5 * time.Second
	// gathering is how long a result waits for others to be written with it.
	gathering = 10 * time.Millisecond
)

// Dispatcher sends what is due. All fields but Now must be set.
type Dispatcher struct {
	Store   Store
	Client  *transport.Client
	Signers Signers
	// Wake receives when something may be due.
	Wake <-chan struct{}
	// Owner names this process, the same after a restart.
	Owner string
	Log   *slog.Logger
	// Now gives the time; nil means time.Now.
	Now func() time.Time

	results chan Result
	mu      sync.Mutex
	held    map[string]bool // hosts in work
}

// Run sends until ctx ends; then it waits for what is in flight and writes its
// results. It returns nil.
func (d *Dispatcher) Run(ctx context.Context) error {
	d.results, d.held = make(chan Result, claimed), map[string]bool{}
	if err := d.Store.Free(ctx, d.Owner); err != nil {
		d.Log.Error("outbox: free lanes", "error", err)
	}
	// What is in flight outlives ctx for a while, its results in any case.
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var writer, lanes sync.WaitGroup
	writer.Go(func() { d.write(context.WithoutCancel(ctx)) })
	writer.Go(func() { d.renew(ctx) })
	slots := map[bool]chan struct{}{true: make(chan struct{}, proven), false: make(chan struct{}, unproven)}
	d.loop(ctx, func(l Lane) {
		slot := slots[!l.LastSuccess.IsZero() && l.Failures == 0]
		lanes.Go(func() {
			slot <- struct{}{}
			defer func() { <-slot }()
			d.work(ctx, sending, l)
		})
	})
	late := time.AfterFunc(parting, stop)
	lanes.Wait()
	late.Stop()
	close(d.results)
	writer.Wait()
	return nil
}

func (d *Dispatcher) loop(ctx context.Context, start func(Lane)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		lanes, err := d.Store.Claim(ctx, d.Owner, d.now(), lease, claimed)
		if err != nil && ctx.Err() == nil {
			d.Log.Error("outbox: claim lanes", "error", err)
		}
		for _, l := range lanes {
			d.hold(l.Host, true)
			start(l)
		}
		if len(lanes) == claimed {
			continue
		}
		select {
		case <-ctx.Done():
		case <-d.Wake:
		case <-tick.C:
		}
	}
}

// work sends what is due on a lane, and gives it back.
func (d *Dispatcher) work(ctx, sending context.Context, l Lane) {
	defer d.hold(l.Host, false)
	failing := false
	for ctx.Err() == nil && !failing {
		next := func(attempts int) time.Time { return d.now().Add(Backoff(attempts, chance)) }
		list, err := d.Store.Begin(ctx, l.Host, d.Owner, d.now(), next, batch)
		if err != nil {
			if ctx.Err() == nil {
				d.Log.Error("outbox: begin", "host", l.Host, "error", err)
			}
			break
		}
		if len(list) == 0 {
			break
		}
		failing = d.deliver(sending, l, list)
	}
	if err := d.Store.Sleep(context.WithoutCancel(ctx), d.Owner, l, failing); err != nil {
		d.Log.Error("outbox: put lane to sleep", "host", l.Host, "error", err)
	}
}

// deliver sends the list in order and waits until its results are written: the
// next look at the lane must see them. After a failure the rest is not tried,
// since it would fail too.
func (d *Dispatcher) deliver(ctx context.Context, l Lane, list []Delivery) (failing bool) {
	var written sync.WaitGroup
	for _, one := range list {
		r := Result{Delivery: one, Host: l.Host, Outcome: Failed, Error: "the host failed just before"}
		if !failing {
			r = d.attempt(ctx, l, one)
			if r.Knock != "" {
				l.Knock = r.Knock
			}
		}
		if r.Outcome == Failed {
			failing = true
			if r.Next.IsZero() {
				r.Next = d.now().Add(Backoff(one.Attempts, chance))
			}
			if one.Attempts >= giveUp {
				r.Outcome = Final
			}
		}
		written.Add(1)
		d.results <- r.then(written.Done)
	}
	written.Wait()
	return failing
}

// attempt makes one attempt: first the knock that the host took before, or
// draft-cavage, and after a 400 or 401 another one.
func (d *Dispatcher) attempt(ctx context.Context, l Lane, one Delivery) Result {
	r := Result{Delivery: one, Host: l.Host}
	signer, err := d.Signers.Signer(ctx, one.ActorID)
	if err != nil {
		r.Outcome, r.Error = Failed, err.Error()
		return r
	}
	first := l.Knock.first()
	for _, k := range []Knock{first, first.second()} {
		answer, err := d.Client.Post(ctx, one.Inbox, one.Body, func(q *http.Request) error { return k.sign(signer, q, one.Body, d.now()) })
		if err != nil {
			r.Outcome, r.Error = Failed, err.Error()
			return r
		}
		r.judge(answer, d.now())
		d.Log.Debug("delivery", "host", l.Host, "status", answer.Status, "activity", one.ActivityID)
		if answer.Status != http.StatusBadRequest && answer.Status != http.StatusUnauthorized {
			if k != first || r.Outcome == Done {
				r.Knock = k
			}
			break
		}
	}
	return r
}

func (d *Dispatcher) hold(host string, held bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if held {
		d.held[host] = true
	} else {
		delete(d.held, host)
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

func (d *Dispatcher) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now().UTC()
}
