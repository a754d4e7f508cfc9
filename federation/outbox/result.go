package outbox

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// gathering is how long a report waits for others to be written with it.
const gathering = 10 * time.Millisecond

// stubborn is how long writing reports is tried.
const stubborn = 5 * time.Minute

// answer is what a host said to an attempt.
type answer struct {
	// status is 0 when there was no answer.
	status int
	// wait is how long the host asks us to leave it alone.
	wait time.Duration
	// knock is the one that it took, when that is news, after it had refused
	// others.
	knock   Knock
	refused []Knock
	// local means that the host was never asked.
	local bool
}

// fault tells whether the host is silent or broken, so that what else waits for
// it would fail too.
func (a answer) fault() bool {
	return a.status == 0 || a.status == http.StatusRequestTimeout || a.status >= 500 && a.status != http.StatusNotImplemented
}

// judge says what an answer means for the delivery (docs/federation.md,
// Delivery).
func (a answer) judge(r *Result, now time.Time) {
	r.Status = a.status
	switch {
	case a.status >= 200 && a.status <= 299:
		r.Outcome = Done
		return
	case a.status == http.StatusGone:
		r.Outcome = Forget
	case a.fault(), a.status == http.StatusUnauthorized, a.status == http.StatusTooManyRequests:
		r.Outcome = Failed
	default:
		r.Outcome = Final
	}
	r.Error = "the server answers with status " + strconv.Itoa(a.status)
	if a.wait > 0 {
		r.Next = now.Add(a.wait)
	}
}

// write writes reports, many at a time, until the channel is closed.
func (d *Dispatcher) write(ctx context.Context) {
	for first := range d.reports {
		reports := []Report{first}
		full := time.NewTimer(gathering)
	gather:
		for len(reports) < unwrittenAnswers {
			select {
			case r, ok := <-d.reports:
				if !ok {
					break gather
				}
				reports = append(reports, r)
			case <-full.C:
				break gather
			}
		}
		full.Stop()
		d.finish(ctx, reports)
	}
}

// written counts the answers in reports as written down.
func (d *Dispatcher) written(reports []Report) {
	for _, r := range reports {
		for _, one := range r.Results {
			if one.Status != 0 {
				d.unwritten.Add(-1)
			}
		}
	}
	d.relieve()
}

// finish writes reports down. While that fails, as when the database is away,
// it tries again, and nothing more is claimed: what was sent would go out a
// second time. In the end it does, since the attempt and its next time were
// committed before.
func (d *Dispatcher) finish(ctx context.Context, reports []Report) {
	defer d.stalled.Store(false)
	defer d.written(reports)
	defer d.release(reports)
	wait := 100 * time.Millisecond
	for end := time.Now().Add(stubborn); ; wait = min(2*wait, 5*time.Second) {
		stopping := ctx.Err() != nil
		due, err := d.Store.Finish(context.WithoutCancel(ctx), d.Owner, reports)
		if err == nil {
			if due {
				d.look()
			}
			return
		}
		d.Log.Error("outbox: write results", "error", err)
		if stopping || time.Now().After(end) {
			return
		}
		d.stalled.Store(true)
		select {
		case <-ctx.Done(): // once more, and no longer
		case <-time.After(wait):
		}
	}
}
