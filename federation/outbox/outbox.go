package outbox

import (
	"context"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// Lane is a host that was claimed, with what is due towards it.
type Lane struct {
	Host string
	// Wakes counts how often something was put on the lane. Only a lane whose
	// count is still the same may fall asleep.
	Wakes  int64
	Health Health
	// Deliveries have been begun, in the order in which they are sent: at most
	// one for each object and inbox.
	Deliveries []Delivery
}

// Delivery is one activity for one inbox.
type Delivery struct {
	ID         int64
	ActivityID string
	// ActorID signs.
	ActorID  string
	ObjectID string
	Inbox    string
	// Body is exactly what is sent. All deliveries of an activity share it.
	Body []byte
	// Attempts counts this attempt too.
	Attempts int
	// Queued is when the delivery was put on its lane. Fourteen days later it is
	// given up.
	Queued time.Time
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
	// Held means that it was not tried, since the host failed just before it:
	// the attempt that was begun does not count, and it is due again at once.
	Held
)

// Result is what became of a delivery.
type Result struct {
	Delivery Delivery
	Outcome  Outcome
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	Error  string
	// Next is when a failed delivery is due again.
	Next time.Time
}

// Claim says which lanes a dispatcher takes, and how.
type Claim struct {
	Owner string
	Now   time.Time
	// Lease is how long the lanes are the owner's without renewal.
	Lease time.Duration
	// Limits says for each standing how many lanes are taken at most.
	Limits [Standings]int
	// Batch is how many deliveries are begun on each lane at most. On a lane
	// whose breaker is open it is one, the probe, whether due or not.
	Batch int
	// Next gives when a delivery is due again of which no result is ever
	// written.
	Next func(attempts int) time.Time
	// Held tells whether the owner is still at work on the lane of a host. When
	// the lease of such a lane has run out, as after a step of the clock, it is
	// renewed, and the lane is not taken again. nil means that there is none.
	Held func(host string) bool
}

// Report is what a dispatcher tells about a lane that it has claimed.
type Report struct {
	Host    string
	Results []Result
	// Health is what is known of the host after these results.
	Health Health
	// Returned means that the host had failed and answers again: all that waits
	// for it is due at once.
	Returned bool
	// Ended gives the lane back. Wakes is its count when it was claimed.
	Ended bool
	Wakes int64
	// Rest is until when a lane that ended sleeps at least, unless it is woken.
	// Zero means until its next delivery is due.
	Rest time.Time
}

// A Store keeps lanes and deliveries. All its functions commit before they
// return.
type Store interface {
	// Free gives back the leases that an earlier life of owner still holds.
	Free(ctx context.Context, owner string) error
	// Claim takes due lanes that nobody works on, and begins their first
	// deliveries: it counts the attempt and sets the next time. Those with the
	// fewest attempts come first, so that one that always fails stops no other.
	Claim(ctx context.Context, c Claim) ([]Lane, error)
	// Renew holds the leases until until.
	Renew(ctx context.Context, owner string, hosts []string, until time.Time) error
	// Finish writes down many reports at once. A lane that ended sleeps until
	// its next delivery is due; at once it is due when it was woken since the
	// claim, but never before its Health.NotBefore. due tells whether any is.
	Finish(ctx context.Context, owner string, reports []Report) (due bool, err error)
}

// Signers gives the key of an actor. It is asked for each delivery, so it
// should keep what it has read.
type Signers interface {
	Signer(ctx context.Context, actorID string) (signature.Signer, error)
}

// SignerFunc is a function as Signers.
type SignerFunc func(ctx context.Context, actorID string) (signature.Signer, error)

// Signer implements Signers.
func (f SignerFunc) Signer(ctx context.Context, actorID string) (signature.Signer, error) {
	return f(ctx, actorID)
}
