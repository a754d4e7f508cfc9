package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

const (
	senders     = 16 // requests on their way at once
	writers     = 50 // who write answers
	writerHosts = 10
)

// letter is an activity on its way to the inbox.
type letter struct {
	id      string
	request *http.Request
	body    []byte
}

// flood sends activities to the inbox and kills the program meanwhile.
type flood struct {
	*town
	post    string
	letters []letter
	replies int
	follows []string // their ids
	// addresses are where the processes of the town listen.
	addresses []string

	mu      sync.Mutex
	taken   map[string]bool // ids of what was answered with 2xx
	refused []error
	repeats int // how often something was sent again
	mark    int // at so many answers the program is struck
	first   int // at so many it is struck first; 0 is drawn by lot
	strike  func()
	patient time.Duration // how long a letter is sent again
	struck  int
	wanted  int
}

// received is what became of the activities.
type received struct {
	kills, answered, repeats, lost, twice int
	took                                  time.Duration
}

// newFlood makes a town and n activities for it: eight of ten are answers to a
// post, one is a Follow and one a Like by somebody who was never seen before.
func newFlood(t *testing.T, url, tags, prefix string, n int) *flood {
	t.Helper()
	f := &flood{town: found(t, url, tags), taken: map[string]bool{}, patient: patience}
	f.addresses = []string{f.address}
	f.strike = func() {
		f.kill()
		f.start()
	}
	list, err := f.world.Add(prefix, writerHosts)
	if err != nil {
		t.Fatal(err)
	}
	f.serve()
	f.post = f.town.post("Wer hilft mit?")
	for i := range n {
		h := list[i%writerHosts]
		name, fan := fmt.Sprintf("writer%d", i%writers), fmt.Sprintf("fan%d", i/10)
		switch i % 10 {
		case 3:
			f.add(h, fan, "Follow", i, f.club)
			f.follows = append(f.follows, f.letters[i].id)
		case 7:
			f.add(h, fan, "Like", i, f.post)
		default:
			id := fmt.Sprintf("%s/notes/%d", h.Actor(name), i)
			f.add(h, name, "Create", i, map[string]any{
				"id": id, "type": "Note", "attributedTo": h.Actor(name), "inReplyTo": f.post, "to": []string{public}, "cc": []string{f.club},
				"published": time.Now().UTC().Format(time.RFC3339), "content": "<p>Ich mache mit, und ich bringe noch jemanden mit.</p>",
			})
			f.replies++
		}
	}
	return f
}

// known leaves only the answers, of which the drain gets none: an activity for
// which something must be fetched waits a minute after a fault.
func (f *flood) known() {
	f.follows = nil
	f.letters = slices.DeleteFunc(f.letters, func(l letter) bool { return !strings.Contains(l.id, "/create/") })
}

const public = "https://www.w3.org/ns/activitystreams#Public"

func (f *flood) add(h *federationtest.Host, name, kind string, n int, object any) {
	f.t.Helper()
	id := fmt.Sprintf("%s/%s/%d", h.Actor(name), strings.ToLower(kind), n)
	body, err := json.Marshal(map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": id, "type": kind, "actor": h.Actor(name),
		"to": []string{public}, "cc": []string{f.club}, "object": object,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "https://"+townName+"/ap/inbox", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Content-Type", activityJSON)
	if err := h.Signer(name).Cavage(r, body, time.Now()); err != nil {
		f.t.Fatal(err)
	}
	r.Host, r.URL.Scheme = townName, "http"
	f.letters = append(f.letters, letter{id, r, body})
}

// torture sends everything until it is answered with 2xx, and strikes the
// program n times meanwhile: it kills it, unless strike says otherwise.
func (f *flood) torture(n int) received {
	f.t.Helper()
	begin := time.Now()
	f.world.Take()
	f.wanted = n
	f.next()
	queue := make(chan letter)
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for l := range queue {
				f.insist(l)
			}
		})
	}
	for _, l := range f.letters {
		queue <- l
	}
	close(queue)
	group.Wait()
	for _, err := range f.refused {
		f.t.Error(err)
	}
	r := received{kills: f.struck, answered: len(f.taken), repeats: f.repeats}
	f.judge(&r)
	r.took = time.Since(begin)
	return r
}

// next draws the moment of the next strike by lot, so that all have room.
func (f *flood) next() {
	f.mark = len(f.letters) + 1
	if left := f.wanted - f.struck; left > 0 {
		f.mark = len(f.taken) + 1 + rand.N(max(1, 2*(len(f.letters)-len(f.taken))/(left+1)))
	}
	if f.struck == 0 && f.first > 0 {
		f.mark = f.first
	}
}

// insist sends l until it is answered with 2xx. A server that is dead or busy
// is asked again; any other answer is an error.
func (f *flood) insist(l letter) {
	for end := time.Now().Add(f.patient); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		res, err := f.send(l)
		switch {
		case err != nil || res.StatusCode == http.StatusServiceUnavailable:
			f.mu.Lock()
			f.repeats++
			f.mu.Unlock()
		case res.StatusCode >= 200 && res.StatusCode < 300:
			f.answered(l)
			return
		default:
			f.refuse(fmt.Errorf("%s is answered with %d", l.id, res.StatusCode))
			return
		}
	}
	f.refuse(fmt.Errorf("%s is not taken within %v", l.id, f.patient))
}

func (f *flood) refuse(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = append(f.refused, err)
}

// send sends l once, and gives the answer without its body.
func (f *flood) send(l letter) (*http.Response, error) {
	r := l.request.Clone(f.t.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(l.body)), int64(len(l.body))
	r.URL.Host = f.addresses[rand.N(len(f.addresses))]
	res, err := f.client.Do(r)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return res, errors.Join(err, res.Body.Close())
}

// answered notes that l was answered, and strikes the program at this very moment
// when it is time, or a little later.
func (f *flood) answered(l letter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken[l.id] = true
	if len(f.taken) < f.mark {
		return
	}
	if f.struck%2 == 1 {
		time.Sleep(rand.N(10 * time.Millisecond))
	}
	f.strike()
	f.struck++
	f.next()
}

// judge counts what was applied.
func (f *flood) judge(r *received) {
	f.t.Helper()
	f.serveAgain()
	f.idle()
	states := map[string]string{}
	err := f.look(func(ctx context.Context, db bun.IDB) error {
		var rows []struct{ ActivityID, State string }
		if err := db.NewSelect().TableExpr("inbox").Column("activity_id", "state").Scan(ctx, &rows); err != nil {
			return err
		}
		for _, row := range rows {
			if states[row.ActivityID] != "" {
				r.twice++
			}
			states[row.ActivityID] = row.State
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	for id := range f.taken {
		if states[id] != "applied" {
			r.lost++
		}
	}
	f.visible(r, "replies", f.replies, f.total(f.post+"/replies"))
	f.visible(r, "likes", len(f.follows), f.total(f.post+"/likes"))
	f.accepted(r)
}

// visible compares what the town shows with what was sent; what is lost has
// been counted by its id when there is any.
func (f *flood) visible(r *received, what string, want, got int) {
	f.t.Helper()
	switch {
	case got > want:
		r.twice += got - want
	case got < want && r.lost == 0:
		f.t.Errorf("the post has %d %s, %d were applied", got, what, want)
	}
}

// accepted counts the answers to each Follow: one that is applied twice is
// answered with two different Accepts.
func (f *flood) accepted(r *received) {
	f.t.Helper()
	accepts := map[string]map[string]bool{}
	for _, d := range f.world.Take() {
		var a struct {
			ID, Type string
			Object   json.RawMessage
		}
		if err := json.Unmarshal(d.Body, &a); err != nil || a.Type != "Accept" {
			f.t.Errorf("%s got %s: %v", d.Inbox(), d.Body, err)
			continue
		}
		var follow struct{ ID string }
		if json.Unmarshal(a.Object, &follow) != nil {
			_ = json.Unmarshal(a.Object, &follow.ID) // by its id only
		}
		if accepts[follow.ID] == nil {
			accepts[follow.ID] = map[string]bool{}
		}
		accepts[follow.ID][a.ID] = true
	}
	for _, id := range f.follows {
		switch n := len(accepts[id]); {
		case n > 1:
			r.twice += n - 1
		case n == 0 && r.lost == 0:
			f.t.Errorf("the Follow %s is not answered", id)
		}
	}
}

// serveAgain waits until the program that was started last is ready.
func (f *flood) serveAgain() {
	f.t.Helper()
	until(f.t, "the town is ready again", func() error {
		res, _, err := f.get("/readyz", "*/*")
		if err != nil {
			return err
		}
		return missing(res.StatusCode, http.StatusOK, "is the status")
	})
}

// err says what is wrong.
func (r received) err() error {
	switch {
	case r.lost > 0:
		return fmt.Errorf("%d activities that were answered with 2xx are lost", r.lost)
	case r.twice > 0:
		return fmt.Errorf("%d activities were applied twice", r.twice)
	}
	return nil
}
