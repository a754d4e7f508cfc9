package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/federationtest"
	"codeberg.org/aushang/aushang/internal/database"
)

const (
	townName     = "dorf.test"
	origin       = "https://" + townName
	activityJSON = "application/activity+json"
)

// town is an instance of the program: a database, a folder and an address. On
// plain HTTP, as behind a proxy.
type town struct {
	t        *testing.T
	world    *federationtest.Fediverse
	program  string
	dir      string
	database string
	address  string
	client   *http.Client
	env      []string
	process  *exec.Cmd
	club     string // the id of its club
	keys     federationtest.Keys
}

// found makes a town with one club. Nothing runs yet.
func found(t *testing.T, url, tags string) *town {
	t.Helper()
	w := &town{t: t, world: fediverse(t), program: program(t, tags), database: url, dir: t.TempDir(), keys: federationtest.Keys{}}
	w.client = client(w.world)
	w.settle()
	w.make("club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--active")
	w.lawful()
	return w
}

// lawful writes the pages without which no public town federates.
func (w *town) lawful() {
	w.t.Helper()
	file := filepath.Join(w.dir, "text.md")
	if err := os.WriteFile(file, []byte("Rathaus Dorf\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	for _, page := range []string{"impressum", "datenschutz", "barrierefreiheit"} {
		w.make("site", "set", page, file)
	}
}

// settle gives the town an address of its own.
func (w *town) settle() {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.address = l.Addr().String()
	if err := l.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.env = append(os.Environ(),
		"AUSHANG_ORIGIN="+origin, "AUSHANG_LISTEN="+w.address, "AUSHANG_DATABASE="+w.database, "AUSHANG_DATA="+filepath.Join(w.dir, "data"),
		"AUSHANG_FEDERATION_ALLOW_ADDRESSES=127.0.0.0/8:"+w.world.Port, "SSL_CERT_FILE="+w.world.Authority)
	w.t.Cleanup(func() {
		w.kill()
		if w.t.Failed() {
			said, _ := os.ReadFile(w.log())
			w.t.Logf("what the town said in the end:\n%s", said[max(0, len(said)-4000):])
		}
		w.client.CloseIdleConnections()
	})
}

// second gives another process of the same town, which does not run yet.
func (w *town) second() *town {
	w.t.Helper()
	other := *w
	other.process, other.dir = nil, w.t.TempDir()
	other.settle()
	return &other
}

func (w *town) log() string { return filepath.Join(w.dir, "log") }

// start starts the server and does not wait for it.
func (w *town) start() {
	file, err := os.OpenFile(w.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer file.Close() //nolint:errcheck // the process has it
	c := exec.Command(w.program, "serve")
	c.Env, c.Stdout, c.Stderr = w.env, file, file
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it never outlives the test
	if err := c.Start(); err != nil {
		panic(err)
	}
	w.process = c
}

// kill is kill -9; it returns when the process is gone.
func (w *town) kill() {
	if w.process != nil {
		_ = w.process.Process.Kill()
		_ = w.process.Wait()
		w.process = nil
	}
}

// serve starts the server and waits until it is ready, and knows its club.
func (w *town) serve() {
	w.t.Helper()
	w.start()
	until(w.t, "the town is ready", func() error {
		status, body, err := w.get("/readyz", "*/*")
		if err == nil && status.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d: %s", status.StatusCode, body)
		}
		return err
	})
	if w.club == "" {
		w.learn()
	}
}

// learn finds out the club's id and keys.
func (w *town) learn() {
	w.t.Helper()
	var jrd struct {
		Links []struct{ Rel, Href string }
	}
	w.read("/.well-known/webfinger?resource=acct:tsv@"+townName, "application/jrd+json", &jrd)
	for _, l := range jrd.Links {
		if l.Rel == "self" {
			w.club = l.Href
		}
	}
	var document json.RawMessage
	w.read(strings.TrimPrefix(w.club, origin), activityJSON, &document)
	if err := w.keys.Learn(document); err != nil {
		w.t.Fatal(err)
	}
}

// get asks the town for a path.
func (w *town) get(path, accept string) (*http.Response, []byte, error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+w.address+path, nil)
	if err != nil {
		return nil, nil, err
	}
	r.Host = townName
	r.Header.Set("Accept", accept)
	res, err := w.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

// read asks for a document, which must be there.
func (w *town) read(path, accept string, into any) {
	w.t.Helper()
	res, body, err := w.get(path, accept)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		w.t.Fatalf("GET %s: %v", path, err)
	}
}

// total gives how many items a collection has.
func (w *town) total(id string) int {
	w.t.Helper()
	var c struct{ TotalItems int }
	w.read(strings.TrimPrefix(id, origin), activityJSON, &c)
	return c.TotalItems
}

// make runs a verb that makes something and gives its id.
func (w *town) make(args ...string) string {
	w.t.Helper()
	var made struct{ ID string }
	if err := json.Unmarshal(verb(w.t, w.program, w.env, append(args, "--json")...), &made); err != nil {
		w.t.Fatal(err)
	}
	return made.ID
}

// post lets the club write something and gives its id.
func (w *town) post(text string) string {
	w.t.Helper()
	return w.make("post", "add", "--club", "tsv", "--text", text)
}

// look opens the database for a moment. While the server is down it looks at a
// copy of a SQLite file: what a crash left is for the server itself to mend.
func (w *town) look(do func(ctx context.Context, db bun.IDB) error) error {
	url := w.database
	if path, lite := strings.CutPrefix(url, "sqlite:"); lite && w.process == nil {
		copied := filepath.Join(w.t.TempDir(), "copy.db")
		for _, end := range []string{"", "-wal"} {
			data, err := os.ReadFile(path + end)
			if err != nil {
				return err
			}
			if err := os.WriteFile(copied+end, data, 0o600); err != nil {
				return err
			}
		}
		url = "sqlite:" + copied
	}
	db, err := database.Open(w.t.Context(), url)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // read only
	return do(w.t.Context(), db.Read())
}

// count waits until a query gives n rows.
func (w *town) count(n int, what, query string) {
	w.t.Helper()
	err := w.look(func(ctx context.Context, db bun.IDB) error {
		until(w.t, what, func() error {
			var got int
			if err := db.QueryRowContext(ctx, query).Scan(&got); err != nil {
				return err
			}
			return missing(got, n, "rows")
		})
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// idle waits until nothing is left to send or to apply.
func (w *town) idle() {
	w.t.Helper()
	w.count(0, "everything received is applied", "SELECT count(*) FROM inbox WHERE state = 'pending'")
	w.count(0, "everything is sent", "SELECT count(*) FROM deliveries")
}
