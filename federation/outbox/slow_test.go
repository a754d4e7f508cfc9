package outbox

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// slowStore is a Store that writes results only when it may.
type slowStore struct {
	*journal
	may chan struct{}
}

func (s slowStore) Finish(ctx context.Context, owner string, reports []Report) (bool, error) {
	<-s.may
	return s.journal.Finish(ctx, owner, reports)
}

// TestSlowStoreSlowsSending: while results cannot be written little more is
// sent than may be unwritten, so that a crash doubles little; then all goes out.
func TestSlowStoreSlowsSending(t *testing.T) {
	p := listen(t, accepted)
	m := newJournal()
	for n := range batch {
		m.put(p.URL+"/inbox", fmt.Sprint(n))
	}
	s := slowStore{m, make(chan struct{})}
	dispatchStore(t, s, m.Wake(), nil, p)
	for end := time.Now().Add(30 * time.Second); len(p.came()) < unwrittenAnswers && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond) // what more would come comes now
	if n := len(p.came()); n < unwrittenAnswers || n >= batch {
		t.Errorf("%d of %d arrived while nothing is written", n, batch)
	}
	close(s.may)
	if got := m.await(t, batch); len(got) != batch || len(p.came()) != batch {
		t.Errorf("%d results, %d arrivals of %d", len(got), len(p.came()), batch)
	}
}
