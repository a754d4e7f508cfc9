package outbox

import (
	"context"
	"math/rand/v2"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// Lane is what is due towards one host.
type Lane struct {
	Host string
	// Wakes counts how often something was put on the lane. Only a lane whose
	// count is still the same may fall asleep.
	Wakes int64
	// Failures counts failed attempts since the last success.
	Failures    int
	LastSuccess time.Time
	// Knock is the way of signing that the host took last.
	Knock Knock
}

// Delivery is one activity for one inbox.
type Delivery struct {
	ID         int64
	ActivityID string
	// ActorID signs.
	ActorID  string
	ObjectID string
	Inbox    string
	// Body is exactly what is sent.
	Body []byte
	// Attempts counts this attempt too.
	Attempts int
}

// Outcome is what became of an attempt.
type Outcome int

// The outcomes.
const (
	// Done means that the other server has it.
	Done Outcome = iota
	// Failed means that it will be tried again at Next.
	Failed
	// Final means that it will not be tried again.
	Final
	// Forget is Final, and the inbox exists no more.
	Forget
)

// Result is what became of a delivery.
type Result struct {
	Delivery Delivery
	Host     string
	Outcome  Outcome
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	Error  string
	Next   time.Time
	// Knock is the way of signing that the host took; the zero Knock when it
	// took none.
	Knock Knock

	// written is called once the result is stored.
	written func()
}

// A Store keeps lanes and deliveries. All its functions commit before they
// return.
type Store interface {
	// Free gives back the leases that an earlier life of owner still holds.
	Free(ctx context.Context, owner string) error
	// Claim takes up to limit due lanes that nobody works on, proven hosts
	// first, for the time of a lease.
	Claim(ctx context.Context, owner string, now time.Time, lease time.Duration, limit int) ([]Lane, error)
	// Renew holds the leases until until.
	Renew(ctx context.Context, owner string, hosts []string, until time.Time) error
	// Begin counts an attempt and sets the next time of up to limit due
	// deliveries, at most one for each object and inbox, and gives them.
	Begin(ctx context.Context, host, owner string, now time.Time, next func(attempts int) time.Time, limit int) ([]Delivery, error)
	// Finish writes down many results.
	Finish(ctx context.Context, results []Result) error
	// Sleep gives a lane back until its next delivery is due; at once if it was
	// woken since it was claimed.
	Sleep(ctx context.Context, owner string, lane Lane, failing bool) error
}

// Signers gives the key of an actor.
type Signers interface {
	Signer(ctx context.Context, actorID string) (signature.Signer, error)
}

// schedule is how long the first attempts wait for the next one; after them it
// is a day.
var schedule = []time.Duration{
	30 * time.Second, 2 * time.Minute, 8 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// giveUp is how many attempts are made: the schedule and then daily, about
// fourteen days in all.
const giveUp = 21

// Backoff is how long to wait after so many attempts, with a fifth more or less
// by chance when random is given: hosts that fail together must not come back
// together. random gives a number from 0 to 1; nil means no chance.
func Backoff(attempts int, random func() float64) time.Duration {
	wait := 24 * time.Hour
	if attempts < 1 {
		return 0
	}
	if attempts <= len(schedule) {
		wait = schedule[attempts-1]
	}
	if random != nil {
		wait += time.Duration((random()*2 - 1) * 0.2 * float64(wait))
	}
	return wait
}

// chance is the random of a running dispatcher.
func chance() float64 { return rand.Float64() }
