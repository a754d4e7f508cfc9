package outbox

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Memory is a Store for one process that forgets everything when it ends: for
// tests, and to begin with. The zero Memory is ready.
type Memory struct {
	mu      sync.Mutex
	lanes   map[string]*memoryLane
	last    int64
	changed chan struct{}
}

type memoryLane struct {
	Lane
	leased  bool
	due     time.Time
	waiting []*memoryDelivery
}

type memoryDelivery struct {
	Delivery
	due time.Time
}

// Enqueue puts an activity of actorID about objectID on the lanes of inboxes.
// An inbox that is no address is left out.
func (m *Memory) Enqueue(actorID, activityID, objectID string, body []byte, inboxes ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, inbox := range inboxes {
		u, err := url.Parse(inbox)
		if err != nil || u.Host == "" {
			continue
		}
		if m.lanes == nil {
			m.lanes = map[string]*memoryLane{}
		}
		l := m.lanes[u.Host]
		if l == nil {
			l = &memoryLane{Lane: Lane{Host: u.Host}}
			m.lanes[u.Host] = l
		}
		m.last++
		l.waiting = append(l.waiting, &memoryDelivery{Delivery: Delivery{
			ID: m.last, ActivityID: activityID, ActorID: actorID, ObjectID: objectID, Inbox: inbox, Body: body, Queued: time.Now(),
		}})
		l.Wakes++
		l.due = l.Health.NotBefore
	}
	select {
	case m.rings() <- struct{}{}:
	default:
	}
}

// Wake receives after each Enqueue.
func (m *Memory) Wake() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rings()
}

func (m *Memory) rings() chan struct{} {
	if m.changed == nil {
		m.changed = make(chan struct{}, 1)
	}
	return m.changed
}

// Free implements Store.
func (m *Memory) Free(context.Context, string) error { return nil }

// Renew implements Store. Nobody else can take a lane.
func (m *Memory) Renew(context.Context, string, []string, time.Time) error { return nil }

// Claim implements Store.
func (m *Memory) Claim(_ context.Context, c Claim) ([]Lane, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var lanes []Lane
	for _, l := range m.lanes {
		s := l.Health.Standing()
		if l.leased || len(l.waiting) == 0 || l.due.After(c.Now) || c.Limits[s] == 0 {
			continue
		}
		c.Limits[s]--
		l.leased = true
		claimed := l.Lane
		claimed.Deliveries = l.begin(c)
		lanes = append(lanes, claimed)
	}
	return lanes, nil
}

func (l *memoryLane) begin(c Claim) []Delivery {
	var heads []*memoryDelivery
	earlier := map[[2]string]bool{}
	for _, d := range l.waiting {
		key := [2]string{d.ObjectID, d.Inbox}
		if !earlier[key] && (l.Health.Open() || !d.due.After(c.Now)) {
			heads = append(heads, d)
		}
		earlier[key] = true
	}
	slices.SortStableFunc(heads, func(a, b *memoryDelivery) int { return cmp.Compare(a.Attempts, b.Attempts) })
	if l.Health.Open() {
		c.Batch = 1
	}
	var list []Delivery
	for _, d := range heads[:min(c.Batch, len(heads))] {
		d.Attempts++
		d.due = c.Next(d.Attempts)
		list = append(list, d.Delivery)
	}
	return list
}

// Finish implements Store.
func (m *Memory) Finish(_ context.Context, _ string, reports []Report) (due bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range reports {
		l := m.lanes[r.Host]
		l.Health = r.Health
		for _, one := range r.Results {
			l.finish(one)
		}
		if r.Returned {
			for _, d := range l.waiting {
				d.due = time.Time{}
			}
		}
		if r.Ended {
			l.leased = false
			l.sleep(r)
			due = true // a claim is cheap here
			if len(l.waiting) == 0 && l.nothingToRemember() {
				delete(m.lanes, r.Host)
			}
		}
	}
	return due, nil
}

// nothingToRemember tells whether a lane that is dropped is made again as it
// was, but for when its host last answered.
func (l *memoryLane) nothingToRemember() bool {
	h := l.Health
	h.LastSuccess, h.LastFailure = time.Time{}, time.Time{}
	if h.Knock == Cavage { // it is tried first anyway
		h.Knock = ""
	}
	return h == Health{}
}

func (l *memoryLane) finish(r Result) {
	i := slices.IndexFunc(l.waiting, func(d *memoryDelivery) bool { return d.ID == r.Delivery.ID })
	switch r.Outcome {
	case Failed:
		l.waiting[i].due = r.Next
	case Held:
		l.waiting[i].Attempts--
		l.waiting[i].due = time.Time{}
	default:
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

func (l *memoryLane) sleep(r Report) {
	l.due = time.Time{}
	if l.Wakes == r.Wakes && !l.Health.Open() {
		for i, d := range l.waiting {
			if i == 0 || d.due.Before(l.due) {
				l.due = d.due
			}
		}
		l.due = later(l.due, r.Rest)
	}
	l.due = later(l.due, l.Health.NotBefore)
}
