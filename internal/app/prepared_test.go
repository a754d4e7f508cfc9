package app

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/post"
)

// reader asks a village that answers from memory.
type reader struct {
	*village
	h http.Handler
}

// read lets the village answer from memory as a serving process does.
func (v *village) read() *reader {
	v.t.Helper()
	h, err := v.routes(v.queue)
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	go func() { v.watch(ctx, v.prepared); ended <- struct{}{} }()
	go func() { v.db.Listen(ctx); ended <- struct{}{} }()
	v.t.Cleanup(func() {
		stop()
		<-ended
		<-ended
	})
	return &reader{v, h}
}

func (r *reader) get(address, accept string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, path(address), nil)
	req.Header.Set("Accept", accept)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.h.ServeHTTP(w, req)
	return w
}

// remembers waits until the address is answered from memory. A machine that is
// busy for a second forgets everything.
func (r *reader) remembers(address, accept string) {
	r.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		r.get(address, accept)
		r.prepared.Report(func(string, int64, int64) {})
		r.get(address, accept)
		found := false
		r.prepared.Report(func(string, int64, int64) { found = true })
		if found {
			return
		}
	}
	r.t.Errorf("%s is never answered from memory", address)
}

// becomes waits until the address is answered with a status and, when says
// begins with "!", without the rest of it, otherwise with it.
func (r *reader) becomes(what, address, accept string, status int, says string) {
	r.t.Helper()
	var w *httptest.ResponseRecorder
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		w = r.get(address, accept)
		missing, not := strings.CutPrefix(says, "!")
		if w.Code == status && strings.Contains(spaced(w.Body.String()), spaced(missing)) != not {
			return
		}
	}
	r.t.Errorf("%s: %s (%s) is still answered with %d, want %d and %q:\n%s", what, address, accept, w.Code, status, says, w.Body)
}

// change is something that happens in a village, and where it must be seen.
type change struct {
	what string
	do   func(ctx context.Context, t *Town) error
	seen []sight
}

type sight struct {
	address, accept string
	status          int
	says            string
}

// changes lists what can change for a reader, in the order in which it happens.
func changes(v *village, e *event.Event, p *object.Object) []change {
	return slices.Concat(published(v, e), arrivals(v, e), retired(v, e, p))
}

// published is what the town publishes.
func published(v *village, e *event.Event) []change {
	return []change{
		{"an event is added", func(ctx context.Context, t *Town) error {
			_, err := t.Events.Create(ctx, actor.Operator, event.Draft{AttributedTo: v.club.ID, Name: "Maifest", Start: "2027-05-01T12:00"})
			return err
		}, []sight{
			{"/", html, 200, "Maifest"},
			{"/veranstaltungen", html, 200, "Maifest"},
			{"/vereine/tsv", html, 200, "Maifest"},
			{"/kalender.ics", "", 200, "Maifest"},
			{"/veranstaltungen/feed.atom", "", 200, "Maifest"},
			{"/sitemap-veranstaltungen.xml", "", 200, "urlset"},
			{v.club.ID + "/events", as2, 200, `"totalItems":2`},
			{v.club.ID + "/outbox", as2, 200, `"totalItems":3`},
			{v.club.ID + "/outbox?page=true", as2, 200, "Maifest"},
		}},
		{"an event is changed", func(ctx context.Context, t *Town) error {
			_, err := t.Events.Change(ctx, actor.Operator, e.ID, event.Change{Name: new("Herbstfest")})
			return err
		}, []sight{
			{"/", html, 200, "Herbstfest"},
			{"/veranstaltungen", html, 200, "Herbstfest"},
			{e.URL, html, 200, "Herbstfest"},
			{e.ID, as2, 200, "Herbstfest"},
			{e.URL + "/kalender.ics", "", 200, "Herbstfest"},
			{e.URL + "/aushang", html, 200, "Herbstfest"},
			{"/veranstaltungen/feed.json?verein=tsv", "", 200, "Herbstfest"},
		}},
		{"a post is added", func(ctx context.Context, t *Town) error {
			_, err := t.Posts.Create(ctx, actor.Operator, post.Draft{AttributedTo: v.club.ID, Text: "Neuer Trainer"})
			return err
		}, []sight{{"/", html, 200, "Trainer"}, {"/pinnwand", html, 200, "Trainer"}, {"/pinnwand/feed.rss", "", 200, "Trainer"}, {"/vereine/tsv/feed.rss", "", 200, "Trainer"}}},
	}
}

// arrivals is what comes from elsewhere.
func arrivals(v *village, e *event.Event) []change {
	them, host := v.meet("https://there.test/users/eva"), "there.test"
	reply := &object.Object{
		ID: "https://there.test/notes/1", Type: "Note", AttributedTo: them, Content: "Ich komme!", Visibility: object.Public,
		InReplyTo: e.ID, URL: "https://there.test/notes/1", Published: time.Now().UTC(),
	}
	nested := *reply
	nested.ID, nested.Content, nested.InReplyTo = "https://there.test/notes/2", "Ich doch nicht.", reply.ID
	write := func(fn func(ctx context.Context, t *Town, tx bun.Tx) error) func(context.Context, *Town) error {
		return func(ctx context.Context, t *Town) error {
			return t.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return fn(ctx, t, tx) })
		}
	}
	likes := e.ID + "/likes"
	return []change{
		{"an answer comes", write(func(ctx context.Context, t *Town, tx bun.Tx) error { return put(ctx, t, tx, reply) }), []sight{
			{e.URL, html, 200, "Ich komme!"}, {e.ID + "/replies", as2, 200, `"totalItems":1`},
		}},
		{"it is answered", write(func(ctx context.Context, t *Town, tx bun.Tx) error { return put(ctx, t, tx, &nested) }), []sight{{e.URL, html, 200, "Ich doch nicht."}}},
		{"who wrote it has another name", write(func(ctx context.Context, _ *Town, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE actors SET name = 'Eva Neu' WHERE id = ?", them)
			return err
		}), []sight{{e.URL, html, 200, "Eva Neu"}}},
		{"an answer is hidden", write(func(ctx context.Context, t *Town, tx bun.Tx) error {
			return t.Objects.SetHidden(ctx, tx, reply.ID, true)
		}), []sight{
			{e.URL, html, 200, "!Ich komme!"}, {e.ID + "/replies", as2, 200, `"totalItems":0`},
		}},
		{"it is shown again", write(func(ctx context.Context, t *Town, tx bun.Tx) error {
			return t.Objects.SetHidden(ctx, tx, reply.ID, false)
		}), []sight{{e.URL, html, 200, "Ich doch nicht."}}},
		{"somebody likes", write(func(ctx context.Context, t *Town, tx bun.Tx) error {
			return t.Objects.PutReaction(ctx, tx, &object.Reaction{Type: object.Like, ObjectID: e.ID, ActorID: them, ID: "https://there.test/likes/1"})
		}), []sight{{likes, as2, 200, `"totalItems":1`}, {e.ID, as2, 200, `"totalItems":1`}}},
		{"somebody follows", write(func(ctx context.Context, t *Town, tx bun.Tx) error {
			return t.Actors.PutFollow(ctx, tx, &actor.Follow{ID: "https://there.test/follows/1", ActorID: them, ObjectID: v.club.ID, State: actor.FollowAccepted})
		}), []sight{{v.club.ID + "/followers", as2, 200, `"totalItems":1`}}},
		{"a host is blocked", write(func(ctx context.Context, t *Town, tx bun.Tx) error { return t.Actors.PutBlock(ctx, tx, host) }), []sight{
			{e.URL, html, 200, "!Ich komme!"}, {likes, as2, 200, `"totalItems":0`}, {v.club.ID + "/followers", as2, 200, `"totalItems":0`},
		}},
		{"a host is let in again", write(func(ctx context.Context, t *Town, tx bun.Tx) error {
			_, err := t.Actors.RemoveBlock(ctx, tx, host)
			return err
		}), []sight{{e.URL, html, 200, "Ich komme!"}, {likes, as2, 200, `"totalItems":1`}, {v.club.ID + "/followers", as2, 200, `"totalItems":1`}}},
		{"a like is taken back", write(func(ctx context.Context, t *Town, tx bun.Tx) error {
			return t.Objects.RemoveReaction(ctx, tx, them, "https://there.test/likes/1", object.Like, e.ID)
		}), []sight{{likes, as2, 200, `"totalItems":0`}}},
		{"somebody leaves", write(func(ctx context.Context, t *Town, tx bun.Tx) error { return t.Objects.RemoveAll(ctx, tx, them) }), []sight{
			{e.URL, html, 200, "!Ich komme!"}, {e.ID + "/replies", as2, 200, `"totalItems":0`},
		}},
	}
}

// retired is what the town changes and takes back.
func retired(v *village, e *event.Event, p *object.Object) []change {
	return []change{
		{"a club has another name", func(ctx context.Context, t *Town) error {
			_, err := t.Clubs.Change(ctx, actor.Operator, "tsv", club.Change{Name: new("TSV 1901")})
			return err
		}, []sight{
			{"/vereine", html, 200, "TSV 1901"},
			{"/vereine/tsv", html, 200, "TSV 1901"},
			{v.club.ID, as2, 200, "TSV 1901"},
			{e.URL, html, 200, "TSV 1901"},
			{"/veranstaltungen", html, 200, "TSV 1901"},
		}},
		{"a post is deleted", func(ctx context.Context, t *Town) error { return t.Activities.DeleteObject(ctx, actor.Operator, p.ID) }, []sight{
			{p.URL, html, 410, ""}, {p.ID, as2, 410, "Tombstone"}, {"/pinnwand", html, 200, "!Schlüssel"}, {"/", html, 200, "!Schlüssel"},
		}},
		{"a club is archived", func(ctx context.Context, t *Town) error {
			_, err := t.Clubs.SetState(ctx, actor.Operator, "tsv", actor.Archived)
			return err
		}, []sight{
			{"/vereine/tsv", html, 410, ""},
			{v.club.ID, as2, 200, "nicht mehr aktiv"},
			{e.URL, html, 404, ""},
			{"/.well-known/webfinger?resource=acct:tsv@here.test", "", 200, "tsv@here.test"},
		}},
	}
}

func put(ctx context.Context, t *Town, tx bun.Tx, o *object.Object) error {
	_, err := t.Objects.Put(ctx, tx, o)
	return err
}

// TestChangesAreSeen: whatever changes, by this process or by another one on the
// same database, is soon read as it is now, though it had been answered from
// memory.
func TestChangesAreSeen(t *testing.T) {
	for _, who := range []string{"by this process", "by another process"} {
		t.Run(who, func(t *testing.T) {
			each(t, func(t *testing.T, v *village) {
				e, p := v.event("Sommerfest"), v.post("Schlüssel gefunden")
				r, by := v.read(), v.Town
				if who == "by another process" {
					other, err := Open(t.Context(), v.Config, slog.New(slog.DiscardHandler))
					if err != nil {
						t.Fatal(err)
					}
					defer other.Close() //nolint:errcheck // the test is over
					by = other
				}
				for _, c := range changes(v, e, p) {
					for _, s := range c.seen {
						r.remembers(s.address, s.accept)
					}
					if err := c.do(t.Context(), by); err != nil {
						t.Fatalf("%s: %v", c.what, err)
					}
					for _, s := range c.seen {
						r.becomes(c.what, s.address, s.accept, s.status, s.says)
					}
				}
			})
		})
	}
}

// TestOwnWritesAreSeenAtOnce: who has published here finds it, without waiting
// for any bell.
func TestOwnWritesAreSeenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		r := v.read()
		for _, name := range []string{"Erstes", "Zweites", "Drittes"} {
			v.event(name)
			if w := r.get("/veranstaltungen", html); !strings.Contains(w.Body.String(), name) {
				t.Errorf("%s is not there yet", name)
			}
			r.remembers("/veranstaltungen", html)
		}
	})
}

// TestMemoryTellsNobodyWhatIsForOthers: T-VIS-04, and what is answered to
// somebody who is signed in is answered to nobody else.
func TestMemoryTellsNobodyWhatIsForOthers(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		secret := &object.Object{
			ID: v.Actors.Site().NewObjectID(), Type: "Note", Local: true, AttributedTo: v.club.ID, Content: "Geheim",
			Visibility: object.Followers, InReplyTo: e.ID, Published: time.Now().UTC(),
		}
		if err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error { return put(ctx, v.Town, tx, secret) }); err != nil {
			t.Fatal(err)
		}
		v.person("anna@here.test", account.Editor, "tsv")
		b := v.signedIn("anna@here.test")
		r := v.read()
		b.h = r.h
		r.remembers(e.URL, html)
		for range 3 {
			b.open(path(e.URL))
			b.shows(200, "Geheim", "Abmelden")
			if w := r.get(e.URL, html); strings.Contains(w.Body.String(), "Geheim") || strings.Contains(w.Body.String(), "/abmelden") {
				t.Error("everybody sees what is for the editor")
			}
			if w := r.get(secret.ID, as2); w.Code != 404 {
				t.Errorf("a stranger gets %d for what is for followers", w.Code)
			}
		}
		if w := r.get(e.URL, html); !strings.Contains(w.Header().Get("Vary"), "Cookie") || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("headers of a page for everybody: %v", w.Header())
		}
	})
}

// TestSignedReads: who signs is admitted as before, also where everybody else is
// answered from memory: T-MOD-04, T-SIG-13.
func TestSignedReads(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		key, err := signature.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		public, err := signature.EncodePublic(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		set := func(column string, value any) {
			t.Helper()
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				_, err := tx.NewUpdate().Table("actors").Set("? = ?", bun.Ident(column), value).Where("id = ?", "https://there.test/eva").Exec(ctx)
				database.Ring(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		eva := signature.Signer{KeyID: v.meet("https://there.test/eva") + "#main-key", Private: key}
		set("key_id", eva.KeyID)
		set("public_key_pem", public)
		stranger := signature.Signer{KeyID: "https://far.test/uwe#main-key", Private: key}
		r := v.read()
		asks := func(what string, by signature.Signer, id string, at time.Time, want int) {
			t.Helper()
			var w *httptest.ResponseRecorder
			for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
				req := httptest.NewRequest(http.MethodGet, id, nil)
				req.RequestURI, req.Host = path(id), "here.test"
				req.Header.Set("Accept", as2)
				if err := by.Cavage(req, nil, at); err != nil {
					t.Fatal(err)
				}
				w = httptest.NewRecorder()
				if r.h.ServeHTTP(w, req); w.Code == want {
					break
				}
			}
			if w.Code != want || want != 200 && strings.Contains(w.Body.String(), "Sommerfest") {
				t.Errorf("%s is answered with %d, want %d: %s", what, w.Code, want, w.Body)
			}
		}
		instance := v.Actors.Site().InstanceID()
		for _, id := range []string{e.ID, v.club.ID, instance} {
			r.remembers(id, as2)
		}
		asks("a signature that holds", eva, e.ID, time.Now(), 200)
		asks("one that is too old", eva, e.ID, time.Now().Add(-3*time.Hour), 401)
		asks("one that is too old, where keys are asked for", eva, instance, time.Now().Add(-3*time.Hour), 200)
		asks("that of somebody whom we do not know", stranger, e.ID, time.Now(), 200)
		set("state", actor.Gone)
		asks("that of somebody who has left", eva, e.ID, time.Now(), 403)
		set("state", actor.Active)
		asks("that of somebody who is back", eva, v.club.ID, time.Now(), 200)
		v.block("there.test")
		asks("that of a host that is kept out", eva, v.club.ID, time.Now(), 403)
		asks("that of a host that is kept out, where keys are asked for", eva, instance, time.Now(), 403)
		v.block("far.test")
		asks("that of a stranger's host that is kept out", stranger, e.ID, time.Now(), 403)
		if w := r.get(e.ID, as2); w.Code != 200 {
			t.Errorf("without a signature: %d", w.Code)
		}
	})
}
