package actor

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// abroad is another server, which shows documents and counts who asks for what.
type abroad struct {
	t    *testing.T
	host *httptest.Server

	mu     sync.Mutex
	shows  map[string]string // path -> document
	status int               // of every answer; 0 means what shows says
	modern bool              // whether only RFC 9421 is taken
	hold   chan struct{}     // when set, answers wait for it
	asked  map[string]int
}

func newAbroad(t *testing.T) *abroad {
	a := &abroad{t: t, shows: map[string]string{}, asked: map[string]int{}}
	a.host = httptest.NewTLSServer(a)
	t.Cleanup(a.host.Close)
	return a
}

// ServeHTTP implements http.Handler.
func (a *abroad) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.asked[r.URL.Path]++
	doc, ok := a.shows[r.URL.Path]
	status, hold, modern := a.status, a.hold, a.modern
	a.mu.Unlock()
	if hold != nil {
		<-hold
	}
	switch {
	case r.Header.Get("Signature") == "" || modern && r.Header.Get("Signature-Input") == "":
		w.WriteHeader(http.StatusUnauthorized) // we sign whatever we fetch
	case status != 0:
		w.WriteHeader(status)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case strings.HasPrefix(doc, "to "):
		w.Header().Set("Location", strings.TrimPrefix(doc, "to "))
		w.WriteHeader(http.StatusFound)
	default:
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write([]byte(doc))
	}
}

func (a *abroad) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *abroad) count(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[path]
}

func (a *abroad) id(path string) string { return a.host.URL + path }

// show lets path be an actor with this key.
func (a *abroad) show(path string, key crypto.PublicKey, more string) {
	a.t.Helper()
	pem, err := signature.EncodePublic(key)
	if err != nil {
		a.t.Fatal(err)
	}
	id := a.id(path)
	a.set(func() {
		a.shows[path] = fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s","type":"Person","preferredUsername":"p",
			"inbox":"%s/inbox","publicKey":{"id":"%s#main-key","owner":"%s","publicKeyPem":%q}%s}`, id, id, id, id, pem, more)
	})
}

// station is a process of this town with its clock.
type station struct {
	*Actors
	t   *testing.T
	now time.Time
}

// stations gives n processes on one database that trust the other server.
func stations(t *testing.T, dsn string, a *abroad, n int) []*station {
	t.Helper()
	u, err := url.Parse(a.host.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.host.Certificate())
	var list []*station
	for range n {
		db, err := database.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		client := transport.New(transport.Options{
			Allow: []transport.AllowedAddress{{Prefix: netip.MustParsePrefix("127.0.0.0/8"), Port: uint16(port)}}, Roots: roots,
		})
		t.Cleanup(client.CloseIdle)
		s := &station{Actors: New(db, Site{Origin: "https://here.test", HandleDomain: "here.test"}, client), t: t, now: time.Now()}
		s.keys.now = func() time.Time { return s.now }
		if err := s.EnsureInstance(t.Context()); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// later lets time pass, so that the ring looks at the database again at least.
func (s *station) later(d time.Duration) { s.now = s.now.Add(max(d, glance)) }

// want asks for a key and compares.
func (s *station) want(keyID string, fresh bool, key crypto.PublicKey, want error) {
	s.t.Helper()
	got, err := s.Key(s.t.Context(), keyID, fresh)
	if want != nil || err != nil {
		if !errors.Is(err, want) || want == nil {
			s.t.Errorf("Key(%s, %v) = %v, want %v", keyID, fresh, err, want)
		}
		return
	}
	if !key.(interface{ Equal(crypto.PublicKey) bool }).Equal(got.Public) {
		s.t.Errorf("Key(%s, %v) is another key", keyID, fresh)
	}
}

func (s *station) change(set string, args ...any) {
	s.t.Helper()
	err := s.db.Write(s.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*Actor)(nil)).Set(set, args...).Where("NOT local").Exec(ctx)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

var keys = sync.OnceValue(func() []crypto.PublicKey {
	var list []crypto.PublicKey
	for range 2 {
		key, err := signature.NewKey()
		if err != nil {
			panic(err)
		}
		list = append(list, key.Public())
	}
	return list
})

// keyTests play with one other server and one process, on both databases.
var keyTests = map[string]func(t *testing.T, a *abroad, s *station){
	"a key is fetched once": func(t *testing.T, a *abroad, s *station) {
		for range 3 {
			s.want(a.id("/p#main-key"), false, keys()[0], nil)
			s.later(0)
		}
		if n := a.count("/p"); n != 1 {
			t.Errorf("fetched %d times", n)
		}
	},
	"T-SIG-19 a rotated key is fetched again": func(t *testing.T, a *abroad, s *station) {
		s.want(a.id("/p#main-key"), false, keys()[0], nil)
		a.show("/p", keys()[1], "")
		s.want(a.id("/p#main-key"), false, keys()[0], nil)
		s.want(a.id("/p#main-key"), true, keys()[1], nil)
		s.want(a.id("/p#main-key"), false, keys()[1], nil)
	},
	"T-SIG-16 a known key is fetched again once in five minutes": func(t *testing.T, a *abroad, s *station) {
		s.want(a.id("/p#main-key"), false, keys()[0], nil)
		for range 3 {
			s.want(a.id("/p#main-key"), true, keys()[0], nil)
			s.want(a.id("/p#other"), false, nil, signature.ErrInvalid)
			s.later(time.Minute)
		}
		if n := a.count("/p"); n != 2 {
			t.Errorf("fetched %d times", n)
		}
		s.later(5 * time.Minute)
		s.want(a.id("/p#main-key"), true, keys()[0], nil)
		if n := a.count("/p"); n != 3 {
			t.Errorf("fetched %d times", n)
		}
	},
	"T-SIG-14 a key whose server fails can be had later": func(t *testing.T, a *abroad, s *station) {
		a.set(func() { a.status = http.StatusBadGateway })
		for range 3 {
			s.want(a.id("/p#main-key"), false, nil, signature.ErrUnavailable)
		}
		if n := a.count("/p"); n != 1 {
			t.Errorf("fetched %d times", n)
		}
		a.set(func() { a.status = 0 })
		s.later(silentFor)
		s.want(a.id("/p#main-key"), false, keys()[0], nil)
		a.set(func() { a.status = http.StatusBadGateway })
		for range 3 { // rotated meanwhile: nobody knows
			s.want(a.id("/p#main-key"), true, nil, signature.ErrUnavailable)
			s.later(silentFor)
		}
	},
	"a silent host is asked for one key": func(t *testing.T, a *abroad, s *station) {
		a.host.Close()
		s.want(a.id("/p#main-key"), false, nil, signature.ErrUnavailable)
		s.want(a.id("/q#main-key"), false, nil, signature.ErrUnavailable)
		if len(s.keys.refused) != 1 {
			t.Errorf("%d refusals are remembered, want that of the host", len(s.keys.refused))
		}
	},
	"what cannot be had is remembered": func(t *testing.T, a *abroad, s *station) {
		a.set(func() { a.shows["/none"] = strings.Replace(a.shows["/p"], "publicKey", "public", 1) })
		for status, want := range map[int]error{404: signature.ErrInvalid, 403: signature.ErrInvalid, 410: signature.ErrGone} {
			a.set(func() { a.status = status })
			path := fmt.Sprintf("/%d", status)
			for range 2 {
				s.want(a.id(path+"#main-key"), false, nil, want)
			}
			if n := a.count(path); n != 1 {
				t.Errorf("%d: fetched %d times", status, n)
			}
		}
		a.set(func() { a.status = 0 })
		for range 2 {
			s.want(a.id("/none#main-key"), false, nil, signature.ErrInvalid)
		}
		if n := a.count("/none"); n != 1 {
			t.Errorf("no key: fetched %d times", n)
		}
	},
	"T-SIG-13 a key of who has left or is kept out counts for nothing": func(t *testing.T, a *abroad, s *station) {
		s.want(a.id("/p#main-key"), false, keys()[0], nil)
		s.change("blocked = ?", true)
		s.later(0)
		s.want(a.id("/p#main-key"), false, nil, signature.ErrInvalid)
		s.change("blocked = ?", false)
		s.change("state = ?", Gone)
		s.later(0)
		s.want(a.id("/p#main-key"), false, nil, signature.ErrGone)
		if n := a.count("/p"); n != 1 {
			t.Errorf("fetched %d times", n)
		}
	},
	"requests at the same time share a fetch": func(t *testing.T, a *abroad, s *station) {
		hold := make(chan struct{})
		a.set(func() { a.hold = hold })
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { s.want(a.id("/p#main-key"), false, keys()[0], nil) })
		}
		for a.count("/p") == 0 {
			time.Sleep(time.Millisecond)
		}
		close(hold)
		all.Wait()
		if n := a.count("/p"); n != 1 {
			t.Errorf("fetched %d times", n)
		}
	},
	"GoToSocial shows a key without a fragment in a stub of its owner": func(t *testing.T, a *abroad, s *station) {
		a.set(func() {
			full := strings.ReplaceAll(a.shows["/p"], "#main-key", "/main-key")
			a.shows["/p"] = full
			a.shows["/p/main-key"] = full[:strings.Index(full, `"inbox"`)] + full[strings.Index(full, `"publicKey"`):]
		})
		for range 2 {
			s.want(a.id("/p/main-key"), false, keys()[0], nil)
		}
		if a.count("/p") != 1 || a.count("/p/main-key") != 1 {
			t.Errorf("fetched %v", a.asked)
		}
		if p, err := s.Find(t.Context(), s.db.Read(), a.id("/p")); err != nil || p.Inbox == "" {
			t.Errorf("the owner is stored as %+v, %v", p, err)
		}
		if known, err := s.Known(t.Context(), a.id("/p/main-key")); known || err != nil {
			t.Errorf("the stub is stored as an actor, %v", err)
		}
	},
	"a server that takes RFC 9421 only": func(t *testing.T, a *abroad, s *station) {
		a.set(func() { a.modern = true })
		s.want(a.id("/p#main-key"), false, keys()[0], nil)
		if n := a.count("/p"); n != 2 {
			t.Errorf("asked %d times", n)
		}
		a.show("/q", keys()[1], "")
		s.want(a.id("/q#main-key"), false, keys()[1], nil)
		if n := a.count("/q"); n != 1 {
			t.Errorf("asked %d times when it is known", n)
		}
	},
	"a key costs three requests at most": func(t *testing.T, a *abroad, s *station) {
		a.set(func() {
			for n := range 4 {
				a.shows[fmt.Sprintf("/k%d", n)] = fmt.Sprintf("to /k%d", n+1)
			}
			a.shows["/k4"] = a.shows["/p"]
		})
		s.want(a.id("/k0"), false, nil, signature.ErrUnavailable)
		if a.count("/k2") != 1 || a.count("/k3") != 0 {
			t.Errorf("asked %v", a.asked)
		}
	},
	"forged requests keep no real actor away for long": func(t *testing.T, a *abroad, s *station) {
		for n := range 100 {
			s.want(a.id(fmt.Sprintf("/nobody/%d#main-key", n)), false, nil, map[bool]error{true: signature.ErrInvalid, false: signature.ErrUnavailable}[n < mostInVain])
		}
		s.want(a.id("/p#main-key"), false, nil, signature.ErrUnavailable)
		s.later(nowAndAgain)
		s.want(a.id("/p#main-key"), false, keys()[0], nil)
	},
	"keys that are there count for nothing": func(t *testing.T, a *abroad, s *station) {
		for n := range mostAtOnce + mostInVain {
			path := fmt.Sprintf("/real/%d", n)
			a.show(path, keys()[0], "")
			s.want(a.id(path+"#main-key"), false, keys()[0], nil)
		}
	},
	"PeerTube names the actor in place of its key": func(t *testing.T, a *abroad, s *station) {
		for range 2 {
			s.want(a.id("/p"), false, keys()[0], nil)
		}
	},
	"an Ed25519 key is listed in assertionMethod": func(t *testing.T, a *abroad, s *station) {
		key, err := signature.NewEd25519Key()
		if err != nil {
			t.Fatal(err)
		}
		public := key.Public().(ed25519.PublicKey)
		multikey := `{"id":"%s","type":"Multikey","controller":"%s","publicKeyMultibase":"` + signature.EncodeMultikey(public) + `"}`
		id := a.id("/p")
		a.show("/p", keys()[0], `,"assertionMethod":[`+fmt.Sprintf(multikey, id+"#ed", id)+`,`+
			fmt.Sprintf(multikey, id+"#foreign", a.id("/q"))+`,`+fmt.Sprintf(multikey, "https://c.test/p#ed", id)+`]`)
		s.want(id+"#ed", false, public, nil)
		s.want(id+"#main-key", false, keys()[0], nil)
		s.want(id+"#foreign", false, nil, signature.ErrInvalid)
		if p, err := s.Find(t.Context(), s.db.Read(), id); err != nil || len(p.AssertionMethod) != 1 {
			t.Errorf("stored: %+v, %v", p.AssertionMethod, err)
		}
		told := func(want outbox.Support) {
			t.Helper()
			var got outbox.Support
			err := s.db.Read().NewSelect().TableExpr("hosts").Column("ed25519").Where("host = ?", strings.TrimPrefix(a.host.URL, "https://")).Scan(t.Context(), &got)
			if err != nil || got != want {
				t.Errorf("of the host it is known %d, want %d, %v", got, want, err)
			}
		}
		told(outbox.Verifies)
		err = s.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("UPDATE hosts SET ed25519 = ?", outbox.Refuses).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s.want(id+"#ed", true, public, nil)
		told(outbox.Refuses)
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		told(outbox.Untold)
	},
	"nobody claims the key of someone else": func(t *testing.T, a *abroad, s *station) {
		id := a.id("/p")
		a.set(func() {
			a.shows["/q"] = strings.ReplaceAll(a.shows["/p"], id, a.id("/q"))
			a.shows["/q"] = strings.Replace(a.shows["/q"], a.id("/q#main-key"), id+"#main-key", 1)
			a.shows["/r"] = strings.ReplaceAll(a.shows["/p"], id, a.id("/r"))
			a.shows["/r"] = strings.Replace(a.shows["/r"], a.id("/r#main-key"), "https://c.test/r#main-key", 1)
		})
		a.show("/p", keys()[1], "")
		if _, err := s.Refresh(t.Context(), a.id("/q")); err != nil {
			t.Fatal(err)
		}
		s.want(id+"#main-key", false, keys()[1], nil)
		if _, err := s.Refresh(t.Context(), a.id("/r")); err == nil {
			t.Error("an actor whose key is on another server is stored")
		}
	},
	"what is no key of another server is not asked for": func(t *testing.T, a *abroad, s *station) {
		for _, id := range []string{"", "#main-key", "acct:p@b.test", "data:,key", "https://here.test/ap/instance#main-key", "/p#main-key"} {
			s.want(id, false, nil, signature.ErrInvalid)
		}
	},
}

func TestKey(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, dsn string) {
		for name, test := range keyTests {
			t.Run(name, func(t *testing.T) {
				a := newAbroad(t)
				a.show("/p", keys()[0], "")
				test(t, a, stations(t, dsn, a, 1)[0])
			})
		}
	})
}

// TestKeyElsewhere: what another process learns about a key counts here too.
func TestKeyElsewhere(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, dsn string) {
		a := newAbroad(t)
		a.show("/p", keys()[0], "")
		both := stations(t, dsn, a, 2)
		for _, s := range both {
			s.want(a.id("/p#main-key"), false, keys()[0], nil)
		}
		a.show("/p", keys()[1], "")
		both[0].want(a.id("/p#main-key"), true, keys()[1], nil)
		both[1].later(0)
		both[1].want(a.id("/p#main-key"), false, keys()[1], nil)
		if n := a.count("/p"); n != 2 {
			t.Errorf("fetched %d times by both", n)
		}
	})
}

func TestEnsureKeys(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, dsn string) {
		s := stations(t, dsn, newAbroad(t), 1)[0]
		id := s.site.InstanceID()
		err := s.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewUpdate().Model((*privateKey)(nil)).Set("ed25519_key_pem = ''").Where("TRUE").Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.EnsureKeys(t.Context()); err != nil {
				t.Fatal(err)
			}
			a, err := s.Find(t.Context(), s.db.Read(), id)
			if err != nil {
				t.Fatal(err)
			}
			signer, err := s.Ed25519Signer(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.AssertionMethod) != 1 || signer.KeyID != a.AssertionMethod[0].ID {
				t.Fatalf("%s and %+v", signer.KeyID, a.AssertionMethod)
			}
			public, err := signature.ParseMultikey(a.AssertionMethod[0].PublicKeyMultibase)
			if err != nil || !public.Equal(signer.Private.Public()) {
				t.Errorf("the document shows another key than the one that signs, %v", err)
			}
		}
	})
}

// TestKeysOfAThirdHost: whoever names keys of a third host cannot make us flood
// it, and no other host has to wait for that.
func TestKeysOfAThirdHost(t *testing.T) {
	t.Run("T-SSRF-19 a thousand keys of one host", func(t *testing.T) {
		databasetest.Each(t, func(t *testing.T, dsn string) {
			victim := newAbroad(t)
			s := stations(t, dsn, victim, 1)[0]
			ask := func(n int) error {
				_, err := s.Key(t.Context(), victim.id(fmt.Sprintf("/nobody/%d#main-key", n)), false)
				return err
			}
			total := func() int {
				victim.mu.Lock()
				defer victim.mu.Unlock()
				return len(victim.asked)
			}
			for n := range 1000 {
				if ask(n) == nil {
					t.Fatal("a key that is not there")
				}
			}
			if n := total(); n > 30 {
				t.Errorf("%d requests", n)
			}
			if err := ask(2000); !errors.Is(err, signature.ErrUnavailable) {
				t.Errorf("the sender is not asked to come back: %v", err)
			}
			if !s.keys.mayAsk("other.test") {
				t.Error("another host must not be asked either")
			}
			s.now = s.now.Add(2 * time.Minute)
			before := total()
			if _ = ask(3000); total() != before+1 {
				t.Error("it is never asked again")
			}
		})
	})
}
