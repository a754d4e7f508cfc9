package torture

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestOtherServersFail: servers that refuse, are silent or hang while a post
// goes out keep nobody else from it, also when the program is killed meanwhile,
// and have it when they are back and somebody asks for it.
func TestOtherServersFail(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		w := found(t, url, "")
		w.serve()
		f := gather(w, "bad"+kind(url), 40)
		bad, well := f.hosts[:9], f.inboxes[9:]
		for i, h := range bad {
			if err := h.OwnAddress(); err != nil {
				t.Fatal(err)
			}
			how := []federationtest.Behaviour{federationtest.Refusing, federationtest.Silent, federationtest.Hanging}[i%3]
			if err := h.Set(how); err != nil {
				t.Fatal(err)
			}
		}
		f.serve()
		f.world.Take()
		f.post("Das Training fällt aus.")
		if err := f.arrive(patience, well...); err != nil {
			t.Fatal(err)
		}
		begun := f.begun()
		f.kill()
		f.serve()
		for _, h := range bad {
			if err := h.Set(federationtest.Answering); err != nil {
				t.Fatal(err)
			}
		}
		for _, h := range bad {
			until(t, h.Authority()+" has it", func() error {
				f.tryNow(h)
				return f.arrive(500*time.Millisecond, h.SharedInbox())
			})
		}
		var s sent
		f.settled(begun, &s)
		if err := s.err(); err != nil {
			t.Error(err)
		}
	})
}

// TestNamesCannotBeResolved: while nobody can say where the other servers are,
// nothing arrives and nothing is given up; when it can be said again all have it.
func TestNamesCannotBeResolved(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		w := found(t, url, "")
		w.serve()
		f := gather(w, "name"+kind(url), 20)
		names, err := os.ReadFile(f.world.HostsFile)
		if err != nil {
			t.Fatal(err)
		}
		known := func(names []byte) {
			t.Helper()
			if err := os.WriteFile(f.world.HostsFile, names, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		defer known(names)
		known(nil)
		f.serve()
		f.world.Take()
		f.post("Das Training fällt aus.")
		until(t, "the names were asked for", func() error { return missing(f.failed(), len(f.hosts), "deliveries have failed") })
		if n := len(f.world.Take()); n != 0 {
			t.Errorf("%d deliveries arrived where no name was known", n)
		}
		begun := f.begun()
		f.kill() // it looks at names again when it starts
		known(names)
		f.serve()
		for _, h := range f.hosts {
			f.tryNow(h)
		}
		if err := f.arrive(patience, f.inboxes...); err != nil {
			t.Fatal(err)
		}
		var s sent
		f.settled(begun, &s)
		if err := s.err(); err != nil {
			t.Error(err)
		}
	})
}

// failed counts the deliveries that wait after an attempt that failed.
func (f *fanOut) failed() int {
	f.t.Helper()
	var list []struct {
		Attempts int
		Error    string
	}
	if err := json.Unmarshal(verb(f.t, f.program, f.env, "deliveries", "--json"), &list); err != nil {
		f.t.Fatal(err)
	}
	n := 0
	for _, d := range list {
		if d.Attempts > 0 && d.Error != "" {
			n++
		}
	}
	return n
}

// tryNow asks for what waits for h. That nothing waits there any more is no
// fault.
func (f *fanOut) tryNow(h *federationtest.Host) {
	try := exec.CommandContext(f.t.Context(), f.program, "deliveries", "--host", h.Authority(), "--try")
	try.Env = f.env
	_ = try.Run()
}

// arrive waits until each of inboxes got something.
func (f *fanOut) arrive(within time.Duration, inboxes ...string) error {
	ctx, cancel := context.WithTimeout(f.t.Context(), within)
	defer cancel()
	return f.world.WaitFor(ctx, inboxes)
}
