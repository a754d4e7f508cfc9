package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/web/prepared"
)

func (v *village) block(domain string) {
	v.t.Helper()
	if _, err := v.Moderation.Block(v.t.Context(), actor.Operator, domain); err != nil {
		v.t.Fatal(err)
	}
}

// follows makes the club a follower of the actor id.
func (v *village) follows(id string) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		return v.Actors.PutFollow(ctx, tx, &actor.Follow{ID: v.club.ID + "/f/" + actor.Key(id), ActorID: v.club.ID, ObjectID: id, State: actor.FollowAccepted})
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// TestSharedByOthers: what a blocked author wrote does not come back by way of
// others.
func TestSharedByOthers(t *testing.T) {
	shows(t, "T-MOD-01 a third party shares what a blocked author wrote", func(t *testing.T, v *village) {
		v.meet(lena)
		v.meet(mala)
		v.follows(lena)
		e := v.event("Sommerfest")
		const old, fresh = "https://evil.test/n/1", "https://evil.test/n/2"
		v.receive("%s", create(old+"/create", mala, note(old, mala, public, e.ID, "Reklame", "")))
		v.block("evil.test")
		objects := v.count("objects")
		for i, id := range []string{old, fresh} {
			for j, shared := range []string{`"` + id + `"`, note(id, mala, public, e.ID, "Reklame", `,"updated":"2026-07-02T10:00:00Z"`)} {
				v.receive(`{"id":"https://b.test/a/%d%d","type":"Announce","actor":"%s",%s,"object":%s}`, i, j, lena, public, shared)
			}
			v.receive("%s", fmt.Sprintf(`{"id":"https://evil.test/u/%d","type":"Update","actor":"%s","object":%s}`, i, mala, note(id, mala, public, e.ID, "Reklame 2", `,"updated":"2026-07-03T10:00:00Z"`)))
			v.receive(`{"id":"https://evil.test/a/%d","type":"Announce","actor":"%s",%s,"object":"%s"}`, i, mala, public, e.ID)
		}
		if n := v.count("objects"); n != objects {
			t.Errorf("%d objects more", n-objects)
		}
		if c := v.counts(e.ID); c != (object.Counts{}) || len(v.texts(object.Viewer{Actors: []string{v.club.ID}}, e.ID)) != 0 {
			t.Errorf("shown are %+v", c)
		}
		if body := v.get(strings.TrimPrefix(e.URL, "https://here.test"), html).Body.String(); strings.Contains(body, "Reklame") {
			t.Error("the page shows it")
		}
	})
}

// TestBlockedInEverySpelling: a block holds for every spelling of the domain
// and for all below it, for what comes, what is fetched and what is sent.
func TestBlockedInEverySpelling(t *testing.T) {
	shows(t, "T-MOD-02 spellings of a blocked domain", func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		near := v.meet("https://evil.test.example/anna") // only looks like it
		v.block("Evil。TEST.")
		for _, host := range []string{
			"evil.test", "EVIL.test", "evil.test.", "evil.test:443", "evil.test:8443", "sub.evil.test", "a.b.EVIL.test:8443", "evil。test", "ｅｖｉｌ.test",
		} {
			if blocked, err := v.Actors.Blocked(t.Context(), host); err != nil || !blocked {
				t.Errorf("%s is let in: %v", host, err)
			}
			id := "https://" + host + "/users/mala"
			if _, err := v.Actors.Resolve(t.Context(), id); err == nil {
				t.Errorf("%s was fetched", id)
			}
			r := httptest.NewRequest(http.MethodPost, "/ap/inbox", strings.NewReader(`{"@context":"`+as.Namespace+`","id":"`+id+`/l","type":"Like","actor":"`+id+`","object":"`+e.ID+`"}`))
			r.Header.Set("Content-Type", as.MediaType)
			r.Header.Set("Signature", `keyId="`+id+`#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="eA=="`)
			w := httptest.NewRecorder()
			v.handler().ServeHTTP(w, r)
			if w.Code != http.StatusForbidden {
				t.Errorf("a delivery by %s is answered with %d", id, w.Code)
			}
		}
		for _, host := range []string{"test", "notevil.test", "evil.test.example", "evil.tes"} {
			if blocked, err := v.Actors.Blocked(t.Context(), host); err != nil || blocked {
				t.Errorf("%s is kept out: %v", host, err)
			}
		}
		follower := v.meet("https://sub.evil.test/mala") // stored before the block, as if
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for _, id := range []string{follower, near} {
				if err := v.Actors.PutFollow(ctx, tx, &actor.Follow{ID: id + "/f", ActorID: id, ObjectID: v.club.ID, State: actor.FollowAccepted}); err != nil {
					return err
				}
			}
			return v.Actors.PutBlock(ctx, tx, "evil.test")
		})
		if err != nil {
			t.Fatal(err)
		}
		v.post("an alle")
		waiting, err := v.Activities.Deliveries(t.Context(), "")
		if err != nil || len(waiting) != 1 || waiting[0].Host != "evil.test.example" {
			t.Errorf("it is sent to %+v, %v", waiting, err)
		}
		if n := v.followers(); n != 1 {
			t.Errorf("%d followers", n)
		}
	})
}

// handler is the whole server, without its network: the same one each time,
// since to read all templates takes longer than most tests.
func (v *village) handler() http.Handler {
	v.t.Helper()
	if v.served == nil {
		h, err := v.routes(v.queue)
		if err != nil {
			v.t.Fatal(err)
		}
		v.prepared.Admit = func(*http.Request) bool { return false } // pages are made anew each time
		a := &attentive{door: h.(door), store: v.prepared, changes: v.db.Watch()}
		v.db.OnRing(a.look)
		v.served = a
	}
	return v.served
}

// attentive looks at what has changed after each write that rings, as a serving
// process does, and before each request, since tests write past the bell: how the
// town looks, which every page needs, is not read anew for each, and is never old.
type attentive struct {
	door
	store   *prepared.Store
	mu      sync.Mutex
	changes *database.Watch
}

// ServeHTTP implements http.Handler.
func (a *attentive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.look()
	a.door.ServeHTTP(w, r)
}

func (a *attentive) look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	began := time.Now()
	if changed, err := a.changes.Look(context.Background()); err == nil {
		a.store.Renew(began, changed...)
	}
}

// TestBlockedReaders: a server that is kept out reads nothing in its own name.
func TestBlockedReaders(t *testing.T) {
	shows(t, "T-MOD-04 a blocked server fetches with its signature", func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		v.block("evil.test")
		h := v.handler()
		for _, signed := range []func(r *http.Request, key string){
			func(r *http.Request, key string) {
				r.Header.Set("Signature", `keyId="`+key+`",algorithm="rsa-sha256",headers="(request-target) host date",signature="eA=="`)
			},
			func(r *http.Request, key string) {
				r.Header.Set("Signature-Input", `sig1=("@method" "@target-uri");created=1;keyid="`+key+`"`)
				r.Header.Set("Signature", "sig1=:eA==:")
			},
		} {
			for key, want := range map[string]int{
				"https://evil.test/u#main-key": 403, "https://sub.EVIL.test./u#main-key": 403, "https://evil.test:8443/u": 403, "https://good.test/u#main-key": 200,
			} {
				for _, id := range []string{e.ID, e.ID + "/replies", v.club.ID, v.club.ID + "/outbox?page=true", v.club.ID + "/followers", "https://here.test/ap/instance"} {
					r := httptest.NewRequest(http.MethodGet, strings.TrimPrefix(id, "https://here.test"), nil)
					r.Header.Set("Accept", as2)
					signed(r, key)
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					if w.Code != want || want == 403 && strings.Contains(w.Body.String(), "Sommerfest") {
						t.Errorf("%s asks for %s: %d, want %d", key, id, w.Code, want)
					}
				}
			}
		}
		if w := v.get(strings.TrimPrefix(e.ID, "https://here.test"), as2); w.Code != 200 {
			t.Errorf("without a signature: %d", w.Code)
		}
	})
}

// TestBlockedNobodyKnows: a database that does not answer in time keeps nobody
// out, or what was accepted would be refused for ever.
func TestBlockedNobodyKnows(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := v.client.Get(ctx, "https://b.test/lena", nil); errors.Is(err, transport.ErrBlocked) || !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
	})
}
