package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How much is measured.
const (
	starts     = 5
	reads      = 3000
	readers    = 8
	authors    = 20
	activities = 1000
	senders    = 16
)

func measureStart(_ context.Context, t *town, out *table) error {
	var times []time.Duration
	for range starts {
		took, err := t.serve()
		if err != nil {
			return err
		}
		times = append(times, took)
		t.kill()
	}
	slices.Sort(times)
	out.add("start to the first 200, sample village (median of 5)", times[starts/2], 0)
	if _, err := t.serve(); err != nil {
		return err
	}
	t.quiet()
	out.add("resident memory, idle", megabytes(t.resident()), 0)
	return nil
}

func measureReads(ctx context.Context, t *town, out *table) error {
	var jrd struct {
		Links []struct{ Rel, Href string }
	}
	if err := t.get(ctx, "/.well-known/webfinger?resource=acct:tsv@dorf.test:"+t.world.port, "", &jrd); err != nil {
		return err
	}
	club := jrd.Links[0].Href[len(t.origin):]
	var page struct{ OrderedItems []string }
	if err := t.get(ctx, club+"/events?page=true", activityJSON, &page); err != nil {
		return err
	}
	object := page.OrderedItems[0][len(t.origin):]
	for _, what := range []struct{ name, path, accept string }{
		{"actor, unsigned", club, activityJSON},
		{"object (Event), unsigned", object, activityJSON},
		{"WebFinger", "/.well-known/webfinger?resource=acct:tsv@dorf.test:" + t.world.port, ""},
		{"NodeInfo", "/nodeinfo/2.1", ""},
		{"start page", "/", "text/html"},
		{"event list", "/veranstaltungen", "text/html"},
	} {
		before, start := t.quiet(), time.Now()
		if err := t.many(ctx, what.path, what.accept); err != nil {
			return err
		}
		took := time.Since(start)
		used := t.quiet().cpu - before.cpu
		out.add(what.name+", requests per second", perSecond(reads/took.Seconds()), 0)
		out.add(what.name+", CPU per request", used/reads, 0)
	}
	return nil
}

const activityJSON = "application/activity+json"

func (t *town) get(ctx context.Context, path, accept string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.origin+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", accept)
	res, err := t.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d: %s", path, res.StatusCode, body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// many reads a path many times, several at once.
func (t *town) many(ctx context.Context, path, accept string) error {
	var left atomic.Int64
	left.Store(reads)
	errs := make(chan error, readers)
	for range readers {
		go func() {
			for left.Add(-1) >= 0 {
				if err := t.get(ctx, path, accept, nil); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range readers {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// post sends an activity of actor i that is signed already.
func (t *town) sign(i int, body []byte) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, t.origin+"/ap/inbox", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", activityJSON)
	return r, t.world.signer(i).Cavage(r, body, time.Now())
}

func (t *town) send(r *http.Request) (time.Duration, error) {
	start := time.Now()
	res, err := t.client.Do(r)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		return 0, fmt.Errorf("inbox: status %d", res.StatusCode)
	}
	return time.Since(start), nil
}

func measureInbox(ctx context.Context, t *town, out *table) error {
	var post struct{ ID string }
	if err := t.verb(&post, "post", "add", "--club", "chor", "--text", "Wer singt mit?"); err != nil {
		return err
	}
	if err := t.acquaint(authors, "chor"); err != nil {
		return err
	}
	requests := make([]*http.Request, activities)
	for n := range requests {
		i := n % authors
		r, err := t.sign(i, reply(t.world.actor(i), post.ID, n))
		if err != nil {
			return err
		}
		requests[n] = r
	}
	before, start := t.quiet(), time.Now()
	times, err := t.sendAll(requests)
	if err != nil {
		return err
	}
	answered := time.Since(start)
	if err := t.processed(ctx, post.ID); err != nil {
		return err
	}
	processed := time.Since(start)
	after := t.quiet()
	slices.Sort(times)
	out.add("inbox, answered per second", perSecond(activities/answered.Seconds()), 0)
	out.add("inbox, processed per second", perSecond(activities/processed.Seconds()), 0)
	out.add("inbox, durable answer p50", times[len(times)/2], 0)
	out.add("inbox, durable answer p99", times[len(times)*99/100], 0)
	out.add("inbox, CPU per processed activity", (after.cpu-before.cpu)/activities, inboxFloor)
	out.add("inbox, written to disk per activity", kilobytes(float64(after.written-before.written)/activities/1024), 0)
	return nil
}

// reply is a public answer with a mention, of the size that Mastodon sends.
func reply(by, to string, n int) []byte {
	id := fmt.Sprintf("%s/notes/%d", by, n)
	note := map[string]any{
		"id": id, "type": "Note", "attributedTo": by, "inReplyTo": to, "to": []string{"https://www.w3.org/ns/activitystreams#Public"},
		"cc": []string{by + "/followers"}, "published": time.Now().UTC().Format(time.RFC3339), "url": id, "sensitive": false,
		"content": "<p>Ich singe mit, und ich bringe noch jemanden mit. Wann ist die nächste Probe, und wo?</p>",
		"tag":     []any{map[string]string{"type": "Mention", "name": "@chor", "href": to}}, "attachment": []any{},
	}
	body, err := json.Marshal(map[string]any{
		"@context": []any{"https://www.w3.org/ns/activitystreams", map[string]string{"sensitive": "as:sensitive"}},
		"id":       id + "/activity", "type": "Create", "actor": by, "to": note["to"], "cc": note["cc"], "published": note["published"], "object": note,
	})
	if err != nil {
		panic(err) // strings only
	}
	return body
}

// acquaint lets the first n actors follow a club, so that their keys are known.
func (t *town) acquaint(n int, handle string) error {
	var jrd struct {
		Links []struct{ Href string }
	}
	err := t.get(context.Background(), "/.well-known/webfinger?resource=acct:"+handle+"@dorf.test:"+t.world.port, "", &jrd)
	if err != nil {
		return err
	}
	t.world.arrived.Store(0)
	var requests []*http.Request
	for i := range n {
		id := fmt.Sprintf("%s/follows/%s", t.world.actor(i), handle)
		r, err := t.sign(i, []byte(`{"@context":"https://www.w3.org/ns/activitystreams","id":"`+id+`","type":"Follow","actor":"`+t.world.actor(i)+`","object":"`+jrd.Links[0].Href+`"}`))
		if err != nil {
			return err
		}
		requests = append(requests, r)
	}
	if _, err := t.sendAll(requests); err != nil {
		return err
	}
	return t.world.wait(int64(n), time.Minute) // the Accepts
}

func (t *town) sendAll(requests []*http.Request) ([]time.Duration, error) {
	var mu sync.Mutex
	var times []time.Duration
	var failed error
	var next atomic.Int64
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for n := next.Add(1) - 1; int(n) < len(requests); n = next.Add(1) - 1 {
				took, err := t.send(requests[n])
				mu.Lock()
				times = append(times, took)
				if err != nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return times, failed
}

// processed waits until all replies are counted.
func (t *town) processed(ctx context.Context, id string) error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var c struct{ TotalItems int }
		if err := t.get(ctx, id[len(t.origin):]+"/replies", activityJSON, &c); err != nil {
			return err
		}
		if c.TotalItems >= activities {
			return nil
		}
	}
	return fmt.Errorf("not all replies are there after a minute")
}

func measureFanOut(_ context.Context, t *town, out *table) error {
	if err := t.acquaint(hosts, "tsv"); err != nil {
		return err
	}
	for _, how := range []string{"first post", "second post, connections warm"} {
		before := t.quiet()
		t.world.arrived.Store(0)
		start := time.Now()
		if err := t.verb(nil, "post", "add", "--club", "tsv", "--text", "Training fällt aus."); err != nil {
			return err
		}
		if err := t.world.wait(hosts, time.Minute); err != nil {
			return err
		}
		took := time.Since(start)
		used := t.quiet().cpu - before.cpu
		out.add("fan-out to 200 hosts, "+how+": deliveries per second, the verb included", perSecond(hosts/took.Seconds()), 0)
		out.add("fan-out, "+how+": CPU per delivery", used/hosts, out.signature+deliveryRest)
	}
	out.add("resident memory, 200 warm hosts", megabytes(t.resident()), 0)
	return nil
}
