package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestMakeRunInAFreshCopy does what a newcomer does: make run in a copy of the tree, with an empty home directory. The
// caches of Go are those of this machine, so that no test needs the network.
func TestMakeRunInAFreshCopy(t *testing.T) {
	c := checkOut(t)
	first := c.run(t)
	event := first.look(t)
	busy := exec.CommandContext(t.Context(), "make", "run", "PORT="+c.port)
	busy.Dir, busy.Env = c.dir, c.environ
	said, err := busy.CombinedOutput()
	if err == nil {
		t.Errorf("a second village on a busy port ended without an error: %s", said)
	}
	if lines := programLines(said); len(lines) != 1 || !strings.Contains(lines[0], c.port) {
		t.Errorf("a busy port is said as %q, want one sentence with the port %s", lines, c.port)
	}
	first.end(t)

	second := c.run(t)
	if again := second.look(t); again != event {
		t.Errorf("the second run shows the event %s, want %s: the data was not kept", again, event)
	}
	second.end(t)
}

// programLines gives the lines that the program itself wrote about its failure, without those of make.
func programLines(said []byte) []string {
	var lines []string
	for line := range strings.Lines(string(said)) {
		if strings.HasPrefix(line, "aushang: ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// clone is a copy of the tree, as git would lay it.
type clone struct {
	dir, port string
	environ   []string
}

func checkOut(t *testing.T) *clone {
	t.Helper()
	c := &clone{dir: filepath.Join(t.TempDir(), "aushang"), port: idlePort(t)}
	home := t.TempDir()
	left := []string{".git", "bin", "var", "node_modules"}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(c.dir, strings.TrimPrefix(path, root))
		switch {
		case d.IsDir() && slices.Contains(left, d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(to, 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		return copyFile(to, path)
	})
	if err != nil {
		t.Fatalf("copy the tree: %v", err)
	}
	caches, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	build, modules, _ := strings.Cut(strings.TrimSpace(string(caches)), "\n")
	c.environ = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + t.TempDir(), "GOCACHE=" + build, "GOMODCACHE=" + modules, "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local",
	}
	return c
}

func copyFile(to, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode().Perm())
}

// idlePort gives a port on which nobody listens.
func idlePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// sample is one make run, which serves the sample village.
type sample struct {
	command *exec.Cmd
	origin  string
	said    *whatItSaid
	ended   chan error
}

// whatItSaid keeps what make and the program say; it may be read while it is written.
type whatItSaid struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *whatItSaid) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(p)
}

func (d *whatItSaid) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// run starts make run and waits until it has printed its address and answers.
func (c *clone) run(t *testing.T) *sample {
	t.Helper()
	v := &sample{origin: "http://localhost:" + c.port, said: new(whatItSaid), ended: make(chan error, 1)}
	v.command = exec.Command("make", "run", "PORT="+c.port)
	v.command.Dir, v.command.Env = c.dir, c.environ
	v.command.Stdout, v.command.Stderr = v.said, v.said
	v.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // like a terminal: Ctrl-C reaches make and the program
	if err := v.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { v.ended <- v.command.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-v.command.Process.Pid, syscall.SIGKILL)
		if t.Failed() {
			t.Logf("make run said:\n%s", v.said)
		}
	})
	until(t, 10*patience, "make run prints its address and answers", func() (bool, string) {
		select {
		case err := <-v.ended:
			v.ended <- err
			t.Fatalf("make run ended: %v", err)
		default:
		}
		if !strings.Contains(v.said.String(), v.origin) {
			return false, "it has not printed " + v.origin
		}
		if _, err := v.get(t.Context(), "/", ""); err != nil {
			return false, err.Error()
		}
		return true, ""
	})
	return v
}

// get reads a page or, with a media type, a document.
func (v *sample) get(ctx context.Context, path, accept string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.origin+path, nil)
	if err != nil {
		return "", err
	}
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = &url.Error{Op: "Get", URL: path, Err: errStatus(answer.Status)}
	}
	return string(body), err
}

type errStatus string

func (e errStatus) Error() string { return string(e) }

var (
	clubLink  = regexp.MustCompile(`href="(?:http://localhost:\d+)?(/vereine/([a-z0-9_]+))"`)
	eventLink = regexp.MustCompile(`href="(?:http://localhost:\d+)?(/veranstaltungen/[0-9a-f-]{36})"`)
)

// look opens the front page, a club, its WebFinger and an event as an object, and gives the id of that event.
func (v *sample) look(t *testing.T) string {
	t.Helper()
	read := func(path, accept string) string {
		body, err := v.get(t.Context(), path, accept)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	link := func(in string, pattern *regexp.Regexp) []string {
		found := pattern.FindStringSubmatch(in)
		if found == nil {
			t.Fatalf("no link like %s in %.400s", pattern, in)
		}
		return found
	}
	read("/", "")
	club := link(read("/vereine", ""), clubLink)
	read(club[1], "")
	host := strings.TrimPrefix(v.origin, "http://")
	account := "acct:" + club[2] + "@" + host
	if body := read("/.well-known/webfinger?resource="+url.QueryEscape(account), ""); !strings.Contains(body, account) {
		t.Errorf("WebFinger of %s answers %s", account, body)
	}
	page := link(read("/veranstaltungen", ""), eventLink)[1]
	var object struct{ ID, Type string }
	if err := json.Unmarshal([]byte(read(page, "application/activity+json")), &object); err != nil {
		t.Fatal(err)
	}
	if object.Type != "Event" || !strings.HasPrefix(object.ID, v.origin+"/ap/") {
		t.Errorf("the event at %s is %+v", page, object)
	}
	return object.ID
}

// end presses Ctrl-C and waits until make has ended.
func (v *sample) end(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(-v.command.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	until(t, patience, "make run ends after Ctrl-C", func() (bool, string) {
		select {
		case <-v.ended:
			return true, ""
		default:
			return false, "it still runs"
		}
	})
}
