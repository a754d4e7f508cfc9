package torture

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// perConnection is how much memory a connection may cost that says nothing, in
// bytes.
const perConnection = 40 << 10

// TestIdleAndSlowConnections: thousands of connections say nothing or hardly
// anything. Each costs little, and others are answered as if they were not there.
func TestIdleAndSlowConnections(t *testing.T) {
	w := found(t, databasetest.SQLite(t), "")
	w.serve()
	before := w.resident()
	dial := func(say string) {
		c, err := net.Dial("tcp", w.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, say); err != nil {
			t.Fatal(err)
		}
	}
	for range *idle {
		dial("")
	}
	for n := range *idle / 20 {
		dial([]string{
			"GET / HTTP/1.1\r\nHost: " + townName + "\r\nX-Slow: ",
			"POST /ap/inbox HTTP/1.1\r\nHost: " + townName + "\r\nContent-Type: " + activityJSON + "\r\nContent-Length: 500000\r\n\r\n{",
		}[n%2])
	}
	for _, path := range []string{"/readyz", "/veranstaltungen", strings.TrimPrefix(w.club, origin)} {
		if res, body, err := w.get(path, activityJSON+", text/html"); err != nil || res.StatusCode >= 400 {
			t.Errorf("%s: %v %s", path, err, body)
		}
	}
	all := *idle + *idle/20
	if grown := w.resident() - before; grown > all*perConnection {
		t.Errorf("%d connections cost %d KB", all, grown>>10)
	} else {
		t.Logf("%d connections cost %d KB", all, grown>>10)
	}
}

// resident gives the memory of the server in bytes.
func (w *town) resident() int {
	w.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.process.Process.Pid))
	if err != nil {
		w.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		w.t.Fatal(err)
	}
	return n << 10
}

// TestBrokenRequests: bodies that break off and connections that are reset leave
// nothing behind, and the same activity is taken when it comes whole.
func TestBrokenRequests(t *testing.T) {
	f := newFlood(t, databasetest.SQLite(t), "", "broken", 60)
	for n, l := range f.letters {
		c, err := net.Dial("tcp", f.address)
		if err != nil {
			t.Fatal(err)
		}
		r := l.request.Clone(t.Context())
		text := fmt.Sprintf("POST /ap/inbox HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", townName, len(l.body))
		for name := range r.Header {
			text += name + ": " + r.Header.Get(name) + "\r\n"
		}
		if _, err := io.WriteString(c, text+"\r\n"+string(l.body[:len(l.body)*n/len(f.letters)])); err != nil {
			t.Fatal(err)
		}
		switch tcp := c.(*net.TCPConn); n % 3 {
		case 0: // a reset
			err = tcp.SetLinger(0)
		case 1: // half open: nothing more comes, and an answer could be read
			err = tcp.CloseWrite()
		}
		if err != nil {
			t.Fatal(err)
		}
		if n%3 == 1 {
			if said, err := io.ReadAll(c); err != nil || len(said) > 0 && !strings.Contains(string(said), " 400 ") {
				t.Errorf("a body that breaks off is answered with %q, %v", said, err)
			}
		}
		_ = c.Close()
	}
	f.count(0, "nothing is taken", "SELECT count(*) FROM inbox")
	if r := f.torture(0); r.err() != nil || r.answered != len(f.letters) {
		t.Errorf("%v: %+v", r.err(), r)
	}
}
