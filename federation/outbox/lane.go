package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
)

// together is how many requests go to a host at once over HTTP/2, when it has
// several inboxes.
const together = 16

// run is a claimed lane in work.
type run struct {
	*Dispatcher
	lane   Lane
	client *transport.Client

	mu       sync.Mutex
	health   Health
	returned bool
	// tired is set when the host should get nothing more this time.
	tired bool
	rest  time.Time
}

// work sends what was begun on a lane, and gives the lane back.
func (d *Dispatcher) work(ctx, sending context.Context, l Lane) {
	standing := l.Health.Standing()
	leave := sync.OnceFunc(func() { d.leave(standing) })
	if standing != Failing {
		defer time.AfterFunc(slow, leave).Stop()
	}
	defer leave()
	r := &run{Dispatcher: d, lane: l, client: d.Client, health: l.Health}
	last := r.send(ctx, sending)
	report := r.report(last...)
	report.Ended, report.Wakes, report.Rest = true, l.Wakes, r.rest
	d.reports <- report
}

// send makes the attempts. It reports each result when it is there, but for
// those that it gives: they go with the end of the lane.
func (r *run) send(ctx, sending context.Context) (last []Result) {
	list := r.lane.Deliveries
	if several(list) {
		// HTTP/2 is dearer for a single request, and spares waiting for many.
		r.client = r.client.Multiplexed()
		return r.sendTogether(ctx, sending, list)
	}
	for i, one := range list {
		result := r.attempt(ctx, sending, one)
		if i < len(list)-1 && result.Outcome != Held {
			r.reports <- r.report(result)
			continue
		}
		last = append(last, result)
	}
	return last
}

func several(list []Delivery) bool {
	for _, one := range list {
		if one.Inbox != list[0].Inbox {
			return true
		}
	}
	return false
}

// sendTogether sends to several inboxes at once: no object stands twice in the
// list for the same inbox, so that its order holds.
func (r *run) sendTogether(ctx, sending context.Context, list []Delivery) (last []Result) {
	next := make(chan Delivery)
	var senders sync.WaitGroup
	var mu sync.Mutex
	for range min(together, len(list)) {
		senders.Go(func() {
			for one := range next {
				if result := r.attempt(ctx, sending, one); result.Outcome != Held {
					r.reports <- r.report(result)
				} else {
					mu.Lock()
					last = append(last, result)
					mu.Unlock()
				}
			}
		})
	}
	for _, one := range list {
		next <- one
	}
	close(next)
	senders.Wait()
	return last
}

// report tells what is known of the lane, with results.
func (r *run) report(results ...Result) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := Report{Host: r.lane.Host, Results: results, Health: r.health, Returned: r.returned}
	r.returned = false
	return report
}

// attempt sends one delivery, unless the host is tired or we are, and notes
// what the answer says of the host.
func (r *run) attempt(ctx, sending context.Context, one Delivery) Result {
	r.mu.Lock()
	held := r.tired || ctx.Err() != nil
	known := r.health
	r.mu.Unlock()
	if held {
		return Result{Delivery: one, Outcome: Held}
	}
	result, a := r.knock(sending, known, one)
	if result.Status != 0 {
		r.unwritten.Add(1)
	}
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if sending.Err() != nil && a.status == 0 {
		// It was us who broke off; whether it arrived nobody knows.
		result.Outcome, result.Next = Failed, now
		r.tired = true
		return result
	}
	r.learn(a, now)
	if result.Outcome == Failed {
		if result.Next.IsZero() {
			result.Next = now.Add(Backoff(one.Attempts, rand.Float64))
		}
		if now.Sub(one.Queued) >= patience && !one.Queued.IsZero() {
			result.Outcome = Final
		}
	}
	return result
}

// learn notes what an answer, or none, says of the host.
func (r *run) learn(a answer, now time.Time) {
	if a.local || r.tired && a.status == 0 {
		return // requests that were in flight together fail together
	}
	if a.knock != "" {
		r.health.learn(a.knock, a.refused)
	}
	if a.fault() {
		r.health.fail(now)
		r.tired = r.tired || a.status == 0 || a.wait > 0 || r.health.Open()
		r.rest = r.health.rest(now)
	} else {
		r.returned = r.returned || r.health.Failures > 0
		r.health.answer(a.status <= 299, now)
		r.rest = time.Time{}
	}
	wait := a.wait
	if a.status == http.StatusTooManyRequests {
		r.tired = true
		if wait == 0 { // it does not say how long, and means it all the same
			wait = Backoff(1, rand.Float64)
		}
	}
	if wait > 0 {
		r.health.ask(now.Add(wait))
		r.rest = later(r.rest, now.Add(wait))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// knock makes one attempt: first with the knock that the host is known to take,
// and after a 400 or 401 with the others.
func (r *run) knock(ctx context.Context, known Health, one Delivery) (Result, answer) {
	result := Result{Delivery: one}
	if r.Ed25519 == nil {
		known.Ed25519 = Untold
	}
	var a answer
	var refused []Knock
	for _, k := range known.order(one.Inbox) {
		signer, err := r.signer(ctx, k, one.ActorID)
		if err != nil {
			result.Outcome, result.Error = Failed, err.Error()
			return result, answer{local: true}
		}
		got, err := r.client.Post(ctx, one.Inbox, one.Body, func(q *http.Request) error {
			signed := make(chan error, 1)
			r.signing <- func() { signed <- k.sign(signer, q, one.Body, r.now()) }
			return <-signed
		})
		if err != nil {
			result.Outcome, result.Error = Failed, err.Error()
			return result, answer{local: errors.Is(err, transport.ErrUnsigned) || errors.Is(err, transport.ErrBlocked)}
		}
		a = answer{status: got.Status, wait: got.RetryAfter, refused: refused}
		if a.status != http.StatusBadRequest && a.status != http.StatusUnauthorized {
			if len(refused) > 0 || a.status <= 299 {
				a.knock = k
			}
			break
		}
		refused = append(refused, k)
	}
	a.judge(&result, r.now())
	return result, a
}

// signer gives the key of an actor that makes a knock.
func (r *run) signer(ctx context.Context, k Knock, actorID string) (signature.Signer, error) {
	if k == Ed25519 {
		return r.Ed25519.Signer(ctx, actorID)
	}
	return r.Signers.Signer(ctx, actorID)
}

// hasQuery tells whether an inbox has a query, which some peers sign and
// others do not.
func hasQuery(inbox string) bool {
	u, err := url.Parse(inbox)
	return err == nil && u.RawQuery != ""
}
