package proof

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// verdict is what `aushang check --json` prints.
type verdict struct {
	OK       bool
	Findings []struct{ What, State, Says, Mend string }
}

// state gives how a look ended, "" when nobody looked.
func (v verdict) state(what string) string {
	for _, f := range v.Findings {
		if f.What == what {
			return f.State
		}
	}
	return ""
}

// check runs `aushang check` and holds its exit code against what it says.
func (w *town) check(t *testing.T) verdict {
	t.Helper()
	c := exec.Command(w.program, "check", "--json")
	c.Dir, c.Env = w.dir, w.environment(w.address())
	printed, err := c.Output()
	var v verdict
	if decoding := json.Unmarshal(printed, &v); decoding != nil {
		t.Fatalf("check: %v, %v: %s", err, decoding, printed)
	}
	var exit *exec.ExitError
	if code := errors.As(err, &exit) && exit.ExitCode() == 1; code == v.OK {
		t.Errorf("check says ok: %v, and ends with %v", v.OK, err)
	}
	for _, f := range v.Findings {
		if (f.State == "FAULT") != (f.Mend != "") {
			t.Errorf("a fault and a way out belong together: %+v", f)
		}
	}
	return v
}

func (v verdict) are(t *testing.T, when string, want map[string]string) {
	t.Helper()
	for what, state := range want {
		if got := v.state(what); got != state {
			t.Errorf("%s: %s is %q, want %q: %+v", when, what, got, state, v.Findings)
		}
	}
}

// TestProofCheck lets the operator's look find what is right and what is not, with real processes.
func TestProofCheck(t *testing.T) {
	port := connected(t).freePort(t)
	w := found(t, "dorf.test", port, databasetest.SQLite(t))
	w.check(t).are(t, "before anything", map[string]string{"database": "FAULT", "configuration": "ok"})
	w.verb(t, "migrate")
	w.check(t).are(t, "before the town says who it is", map[string]string{"legal pages": "FAULT"})
	w.lawful(t)
	down := w.check(t)
	down.are(t, "while nothing serves", map[string]string{
		"database": "ok", "schema": "ok", "rows": "ok", "durability": "ok", "serve": "ok", "public address": "skipped", "note": "ok", "federation": "ok", "legal pages": "ok", "secrets": "ok",
	})
	if !down.OK {
		t.Errorf("a fault where there is none: %+v", down.Findings)
	}
	serve := w.serve(t)
	up := w.check(t)
	up.are(t, "while it serves", map[string]string{
		"public address": "ok", "host header": "ok", "certificate": "ok", "WebFinger": "ok", "clock of the public address": "ok",
	})
	if !up.OK {
		t.Errorf("a fault where there is none: %+v", up.Findings)
	}
	act(t, "check finds %d things in order while the town serves", len(up.Findings))
	serve.stop(t)

	t.Run("a proxy that changes the host", func(t *testing.T) { w.behind(t, port) })
	t.Run("a configuration that cannot be", func(t *testing.T) {
		w.extra = []string{"AUSHANG_TIMEZONE=Mars"}
		w.check(t).are(t, "a wrong key", map[string]string{"configuration": "FAULT"})
	})
	t.Run("PostgreSQL that may lose what it said", func(t *testing.T) {
		p := found(t, "nachbar.test", port, databasetest.PostgreSQL(t)) // the tests' server runs with fsync off
		p.verb(t, "migrate")
		p.check(t).are(t, "PostgreSQL", map[string]string{"database": "ok", "schema": "ok", "rows": "ok", "durability": "FAULT", "clock of the database": "ok"})
	})
}

// behind puts a proxy with its own idea of the host before the town.
func (w *town) behind(t *testing.T, port string) {
	inner := net.JoinHostPort("127.0.0.1", w.net.freePort(t))
	w.extra = []string{"AUSHANG_LISTEN=" + inner, "AUSHANG_TLS_CERT=", "AUSHANG_TLS_KEY="}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(&url.URL{Scheme: "http", Host: inner}) // its host is now that of the town's own listener
			p.SetXForwarded()
		},
		ErrorLog: log.New(io.Discard, "", 0), // the town is not there yet
	}
	server := &http.Server{Addr: net.JoinHostPort(w.address(), port), Handler: proxy, ReadHeaderTimeout: patience}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServeTLS(w.net.cert, w.net.key) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-ended); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	w.serve(t)
	w.check(t).are(t, "behind such a proxy", map[string]string{"public address": "ok", "host header": "FAULT", "trusted_proxies": "FAULT"})
	act(t, "check finds a proxy that changes the host, and that nobody named it")
}
