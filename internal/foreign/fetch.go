package foreign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/problem"
)

// What is fetched at once, and how often.
const (
	// atOnce is how many pictures are fetched at the same time, and fromOne how
	// many of one host: those that do not answer leave room for the others.
	atOnce  = 4
	fromOne = 2
	// maxWaiting is how many are wanted at the same time, and maxWaitingHost how
	// many of one host; the others get letters until later.
	maxWaiting     = 64
	maxWaitingHost = 32
	// perMinute is how many of one host are fetched in a minute: nobody makes us
	// flood it with answers that name its pictures.
	perMinute = 60
	// fetching is how long one may take, with its turn.
	fetching = 10 * time.Second
	// maxRemembered is how many failures and hosts are remembered at most.
	maxRemembered = 4096
)

// How long what failed is not tried again: what is no picture, what cannot be
// had just now, and everything of a host that does not answer.
const (
	never    = 6 * time.Hour
	notNow   = 10 * time.Minute
	hostRest = 2 * time.Minute
)

// accept is what we ask for.
const accept = "image/webp, image/png, image/jpeg"

// flights are the pictures that are on their way.
type flights struct {
	done  sync.WaitGroup
	slots chan struct{}
	now   func() time.Time

	mu      sync.Mutex
	pending map[string]chan struct{} // by name of the copy, closed at the end
	hosts   map[string]*host
	// refused says until when a copy, by its name, or a host is not tried again.
	refused map[string]time.Time
}

// host is one from which pictures come.
type host struct {
	slots chan struct{}
	// waiting counts what is on its way, asked what was asked for since.
	waiting, asked int
	since          time.Time
}

func newFlights() *flights {
	return &flights{
		slots: make(chan struct{}, atOnce), now: time.Now,
		pending: map[string]chan struct{}{}, hosts: map[string]*host{}, refused: map[string]time.Time{},
	}
}

// fetch begins to make a copy, or joins who did; nil when it is not the time
// for it. The channel is closed at the end, however it ends.
func (p *Pictures) fetch(s *source) <-chan struct{} {
	f, name, from := p.flights, s.name(), as.Host(s.url)
	f.mu.Lock()
	defer f.mu.Unlock()
	if from == "" || p.until.Err() != nil {
		return nil
	}
	if landed := f.pending[name]; landed != nil {
		return landed
	}
	h := f.admit(name, from)
	if h == nil || !p.cache.room() {
		return nil
	}
	h.waiting++
	h.asked++
	landed := make(chan struct{})
	f.pending[name] = landed
	f.done.Go(func() {
		defer close(landed)
		err := p.bring(s, h)
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.pending, name)
		h.waiting--
		f.refuse(name, from, err)
	})
	return landed
}

// admit gives the host if one more may be asked for, nil if not.
func (f *flights) admit(name, from string) *host {
	now := f.now()
	if now.Before(f.refused[name]) || now.Before(f.refused[from]) || len(f.pending) >= maxWaiting {
		return nil
	}
	h := f.hosts[from]
	if h == nil {
		for known, other := range f.hosts {
			if len(f.hosts) < maxRemembered {
				break
			}
			if other.waiting == 0 {
				delete(f.hosts, known)
			}
		}
		h = &host{slots: make(chan struct{}, fromOne), since: now}
		f.hosts[from] = h
	}
	if now.Sub(h.since) >= time.Minute {
		h.since, h.asked = now, 0
	}
	if h.waiting >= maxWaitingHost || h.asked >= perMinute {
		return nil
	}
	return h
}

// refuse remembers what failed.
func (f *flights) refuse(name, from string, err error) {
	delete(f.refused, name)
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	for known := range f.refused {
		if len(f.refused) < maxRemembered {
			break
		}
		delete(f.refused, known)
	}
	now := f.now()
	var status *transport.StatusError
	switch {
	case problem.KindOf(err) == problem.Invalid, errors.As(err, &status) && status.Code < 500 && status.Code != 429:
		f.refused[name] = now.Add(never)
	case errors.As(err, &status), errors.Is(err, transport.ErrBlocked), errors.Is(err, errTurn):
		f.refused[name] = now.Add(notNow)
	default:
		f.refused[name], f.refused[from] = now.Add(notNow), now.Add(hostRest)
	}
}

// errTurn says that a picture did not get its turn.
var errTurn = errors.New("others came first")

// bring fetches a picture, makes it anew and keeps the copy.
func (p *Pictures) bring(s *source, h *host) error {
	ctx, cancel := context.WithTimeout(p.until, fetching)
	defer cancel()
	for _, slots := range []chan struct{}{h.slots, p.flights.slots} {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			return errors.Join(errTurn, p.until.Err())
		}
	}
	body, err := p.Get(ctx, s.url, accept, media.MaxBytes)
	if err != nil {
		return fmt.Errorf("fetch picture: %w", err)
	}
	picture, err := media.Decode(ctx, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("read picture: %w", err)
	}
	small, err := picture.Within(s.side)
	if err != nil {
		return fmt.Errorf("copy picture: %w", err)
	}
	return p.cache.put(s.name(), s.of, small.MediaType, small.Bytes)
}
