package outbox

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"codeberg.org/aushang/aushang/federation/transport"
)

// judge says what an answer means (docs/federation.md, delivery).
func (r *Result) judge(a *transport.Answer, now time.Time) {
	r.Status, r.Error, r.Next = a.Status, "", time.Time{}
	switch {
	case a.Status >= 200 && a.Status <= 299:
		r.Outcome = Done
		return
	case a.Status == http.StatusGone:
		r.Outcome = Forget
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooManyRequests:
		r.Outcome = Failed
	case a.Status >= 300 && a.Status <= 499, a.Status == http.StatusNotImplemented:
		r.Outcome = Final
	default:
		r.Outcome = Failed
	}
	r.Error = "the server answers with status " + strconv.Itoa(a.Status)
	if a.RetryAfter > 0 {
		r.Next = now.Add(a.RetryAfter)
	}
}

// then gives r with a function that is called once it is written.
func (r Result) then(written func()) Result {
	r.written = written
	return r
}

// write writes results, many at a time, until the channel is closed.
func (d *Dispatcher) write(ctx context.Context) {
	for first := range d.results {
		results := []Result{first}
		full := time.NewTimer(gathering)
	gather:
		for len(results) < claimed {
			select {
			case r, ok := <-d.results:
				if !ok {
					break gather
				}
				results = append(results, r)
			case <-full.C:
				break gather
			}
		}
		full.Stop()
		d.finish(ctx, results)
	}
}

func (d *Dispatcher) finish(ctx context.Context, results []Result) {
	// An error here costs a second delivery: the attempt and its next time
	// were committed before.
	if err := d.Store.Finish(ctx, results); err != nil {
		d.Log.Error("outbox: write results", "error", err)
	}
	for _, r := range results {
		if r.written != nil {
			r.written()
		}
	}
}
