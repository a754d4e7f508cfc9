package proof

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The two ways in which Fedify can sign what it sends first.
const (
	rfc9421 = "rfc9421"
	cavage  = "draft-cavage-http-signatures-12"
)

// fedify is the other server: the process of fedify/peer.mjs with its one account, lena.
type fedify struct {
	actor   string // lena's id
	handle  string // @lena@fedi.test:PORT
	host    string
	diary   string
	input   io.WriteCloser
	mu      sync.Mutex
	asked   int
	answers map[int]chan reply
}

type reply struct {
	ID     int
	Result json.RawMessage
	Error  string
}

// moveIn starts Fedify at a port, knocking with a signature of the given kind.
func moveIn(t *testing.T, port, knock string) *fedify {
	t.Helper()
	const node = "fedify/node_modules/node/bin/node"
	if _, err := os.Stat(node); err != nil {
		t.Fatalf("Fedify is not installed (%v): run `make deps`, which runs `npm ci` in internal/proof/fedify", err)
	}
	n := connected(t)
	host := net.JoinHostPort("fedi.test", port)
	p := &fedify{host: host, handle: "@lena@" + host, answers: map[int]chan reply{}, diary: filepath.Join(t.TempDir(), "fedify.log")}
	diary, err := os.Create(p.diary)
	if err != nil {
		t.Fatal(err)
	}
	defer diary.Close()
	var hosts []string
	for _, name := range slices.Sorted(maps.Keys(n.addresses)) {
		hosts = append(hosts, n.addresses[name]+" "+name)
	}
	c := exec.Command(node, "fedify/peer.mjs")
	c.Env = append(os.Environ(), "ORIGIN=https://"+host, "ADDRESS="+n.addresses["fedi.test"], "PORT="+port, "CERT="+n.cert, "KEY="+n.key,
		"FIRST_KNOCK="+knock, "HOSTS="+strings.Join(hosts, ","), "NODE_EXTRA_CA_CERTS="+n.authority)
	c.Stderr = diary
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if p.input, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	moved := p.expect(0)
	if err := c.Start(); err != nil {
		t.Fatalf("start Fedify: %v", err)
	}
	listening := make(chan struct{})
	go func() { defer close(listening); p.listen(output) }()
	t.Cleanup(func() {
		// Its standard input ends, and so does it; the error of a process that is gone already says nothing new.
		_ = p.input.Close()
		<-listening
		_ = c.Wait()
		if t.Failed() {
			t.Logf("what Fedify said:\n%s", tail(p.diary))
		}
	})
	p.actor = decode[struct{ Actor string }](t, p.answer(t, "start", moved)).Actor
	return p
}

func (p *fedify) expect(id int) chan reply {
	c := make(chan reply, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[id] = c
	return c
}

// listen hands the answers to those who wait for them, until the process ends.
func (p *fedify) listen(output io.Reader) {
	lines := bufio.NewReaderSize(output, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r reply
		if err := json.Unmarshal(line, &r); err != nil {
			r.Error = "no JSON: " + string(line)
		}
		p.mu.Lock()
		if c, ok := p.answers[r.ID]; ok {
			c <- r
			delete(p.answers, r.ID)
		}
		p.mu.Unlock()
	}
}

func (p *fedify) answer(t *testing.T, what string, c chan reply) json.RawMessage {
	t.Helper()
	r, err := p.await(c)
	if err != nil || r.Error != "" {
		t.Fatalf("Fedify: %s: %v%s", what, err, r.Error)
	}
	return r.Result
}

func (p *fedify) await(c chan reply) (reply, error) {
	select {
	case r := <-c:
		return r, nil
	case <-time.After(patience):
		return reply{}, os.ErrDeadlineExceeded
	}
}

type values map[string]any

// send writes a command to Fedify.
func (p *fedify) send(t *testing.T, what string, v values) chan reply {
	t.Helper()
	p.mu.Lock()
	p.asked++
	id := p.asked
	p.mu.Unlock()
	c := p.expect(id)
	line := maps.Clone(v)
	if line == nil {
		line = values{}
	}
	line["id"], line["do"] = id, what
	written, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.input.Write(append(written, '\n')); err != nil {
		t.Fatalf("Fedify: %s: %v", what, err)
	}
	return c
}

// do tells lena to do something, which must succeed, and gives the id of what she made.
func (p *fedify) do(t *testing.T, what string, v values) string {
	t.Helper()
	return decode[struct{ ID string }](t, p.answer(t, what, p.send(t, what, v))).ID
}

// mayFail tells lena to do something that the other side may refuse, and gives the complaint.
func (p *fedify) mayFail(t *testing.T, what string, v values) string {
	t.Helper()
	r, err := p.await(p.send(t, what, v))
	if err != nil {
		t.Fatalf("Fedify: %s: %v", what, err)
	}
	return r.Error
}

// thing is what Fedify understands of an actor or object.
type thing struct {
	Type, ID, Name, Content, Summary, URL, Published, Updated, StartTime, EndTime string
	AttributedTo, InReplyTo, PreferredUsername, Inbox, Followers, PublicKey       string
	To, Cc, Mentions, Hashtags                                                    []string
	Location                                                                      *struct{ Type, Name string }
	Attachments                                                                   []picture
	Image, Icon                                                                   *picture
}

type picture struct {
	Type, Name, MediaType, URL string
	Width, Height              int
}

// activity is an activity that Fedify has received and verified.
type activity struct {
	Type, ID, Actor, ObjectID string
	To, Cc                    []string
	Object                    *thing
}

func (p *fedify) lookup(t *testing.T, what string) thing {
	t.Helper()
	return decode[thing](t, p.answer(t, "lookup", p.send(t, "lookup", values{"what": what})))
}

// received are the verified activities in order of arrival.
func (p *fedify) received(t *testing.T) []activity {
	t.Helper()
	return decode[[]activity](t, p.answer(t, "received", p.send(t, "received", nil)))
}

// receives waits for a verified activity of a type about an object.
func (p *fedify) receives(t *testing.T, kind, object string, more ...func(activity) bool) activity {
	t.Helper()
	return until(t, patience, "Fedify receives "+kind+" of "+object, func() (activity, string) {
		var seen []string
		for _, a := range p.received(t) {
			if a.Type == kind && a.ObjectID == object && !slices.ContainsFunc(more, func(ok func(activity) bool) bool { return !ok(a) }) {
				return a, ""
			}
			seen = append(seen, a.Type+" "+a.ObjectID)
		}
		return activity{}, "received: " + strings.Join(seen, ", ")
	})
}

// exchange is one request and its answer, as they were on the wire.
type exchange struct {
	Direction, Method, URL string
	Headers                map[string]string
	Body, Answer           string
	Status                 int
}

func (p *fedify) wire(t *testing.T) []exchange {
	t.Helper()
	return decode[[]exchange](t, p.answer(t, "wire", p.send(t, "wire", nil)))
}
