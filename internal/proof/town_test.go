package proof

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// build makes the program once per run, with our hosts file in place of the machine's.
var build = sync.OnceValues(func() (string, error) {
	n, err := online()
	if err != nil {
		return "", err
	}
	program := filepath.Join(scratch, "aushang")
	c := exec.Command("go", "build", "-ldflags", "-X net.hostsFilePath="+n.hosts, "-o", program, "../../cmd/aushang")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, said)
	}
	return program, nil
})

// town is one instance of Aushang: a name, a database and a directory. Nothing runs until serve is called.
type town struct {
	*reader
	net       *internet
	program   string
	host      string // dorf.test:PORT
	origin    string
	port      string
	dir       string
	database  string
	processes []*process
	extra     []string // environment that overrides the rest
}

// found makes a town. All towns of a test share the port, because the address guard is opened for one port.
func found(t *testing.T, name, port, database string) *town {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatalf("build the program: %v", err)
	}
	n := connected(t)
	host := net.JoinHostPort(name, port)
	w := &town{
		reader: n.reader(""), net: n, program: program, host: host, origin: "https://" + host, port: port, dir: t.TempDir(), database: database,
	}
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *town) close(t *testing.T) {
	for i, p := range w.processes {
		p.kill()
		if t.Failed() {
			t.Logf("what process %d of %s said:\n%s", i+1, w.host, tail(p.diary))
		}
	}
}

// environment is the configuration of the town, listening at an address.
func (w *town) environment(address string) []string {
	return append(append(os.Environ(),
		"AUSHANG_ORIGIN="+w.origin, "AUSHANG_LISTEN="+net.JoinHostPort(address, w.port),
		"AUSHANG_DATABASE="+w.database, "AUSHANG_DATA="+filepath.Join(w.dir, "data"),
		"AUSHANG_TLS_CERT="+w.net.cert, "AUSHANG_TLS_KEY="+w.net.key,
		"AUSHANG_FEDERATION_ALLOW_ADDRESSES=127.0.0.0/8:"+w.port, "SSL_CERT_FILE="+w.net.authority), w.extra...)
}

// address is where the town listens.
func (w *town) address() string { return w.net.addresses[strings.TrimSuffix(w.host, ":"+w.port)] }

// process is a running `aushang serve`.
type process struct {
	command *exec.Cmd
	diary   string // file with what it said
	ended   chan struct{}
	err     error // how it ended, once ended is closed
}

// serve starts the server of a lawful town and returns when it is ready.
func (w *town) serve(t *testing.T) *process {
	t.Helper()
	w.lawful(t)
	p := w.start(t, w.address())
	w.ready(t, w.reader, p)
	return p
}

// ready waits until the process answers the reader.
func (w *town) ready(t *testing.T, r *reader, p *process) {
	t.Helper()
	until(t, patience, w.host+" is ready", func() (page, string) {
		select {
		case <-p.ended:
			t.Fatalf("serve ended before it was ready: %v\n%s", p.err, tail(p.diary))
		default:
		}
		answer, err := r.try(w.origin+"/readyz", "*/*")
		if err != nil {
			return answer, err.Error()
		}
		if answer.status != http.StatusOK {
			return answer, fmt.Sprintf("status %d: %s", answer.status, answer.body)
		}
		return answer, ""
	})
}

// start starts the server at an address and does not wait.
func (w *town) start(t *testing.T, address string) *process {
	t.Helper()
	p := &process{ended: make(chan struct{}), diary: filepath.Join(w.dir, fmt.Sprintf("serve-%d.log", len(w.processes)+1))}
	diary, err := os.Create(p.diary)
	if err != nil {
		t.Fatal(err)
	}
	defer diary.Close()
	p.command = exec.Command(w.program, "serve")
	p.command.Dir, p.command.Env = w.dir, w.environment(address)
	p.command.Stdout, p.command.Stderr = diary, diary
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it never outlives the test
	if err := p.command.Start(); err != nil {
		t.Fatalf("start serve: %v", err)
	}
	go func() {
		p.err = p.command.Wait()
		close(p.ended)
	}()
	w.processes = append(w.processes, p)
	return p
}

// kill is kill -9; it returns when the process is gone.
func (p *process) kill() {
	// An error means that it has ended already.
	_ = p.command.Process.Kill()
	<-p.ended
}

// stop ends the process as an operator does; it must drain and end well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("stop serve: %v", err)
	}
	until(t, patience, "serve ends on SIGTERM", func() (struct{}, string) {
		select {
		case <-p.ended:
			return struct{}{}, ""
		default:
			return struct{}{}, "it still runs"
		}
	})
	if p.err != nil {
		t.Errorf("serve ended on SIGTERM with %v\n%s", p.err, tail(p.diary))
	}
}

// made is what verbs that make something print.
type made struct{ ID, URL string }

// make runs a verb that makes something.
func (w *town) make(t *testing.T, args ...string) made {
	t.Helper()
	m := decode[made](t, w.verb(t, append(args, "--json")...))
	if m.ID == "" || m.URL == "" {
		t.Fatalf("aushang %s: printed no id or no url: %+v", strings.Join(args, " "), m)
	}
	return m
}

// verb runs a verb, which must succeed, and gives what it printed.
func (w *town) verb(t *testing.T, args ...string) []byte {
	t.Helper()
	c := exec.Command(w.program, args...)
	c.Dir, c.Env = w.dir, w.environment(w.address())
	var complaint bytes.Buffer
	c.Stderr = &complaint
	printed, err := c.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("aushang %s: exit %d: %s%s", strings.Join(args, " "), exit.ExitCode(), complaint.String(), printed)
		}
		t.Fatalf("aushang %s: %v", strings.Join(args, " "), err)
	}
	return printed
}

// tail is the end of a file, for a failing test.
func tail(path string) string {
	said, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	const most = 6000
	if len(said) > most {
		said = said[len(said)-most:]
	}
	return string(said)
}
