package torture

import (
	"context"
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
				// That nothing waits there any more is no fault.
				try := exec.CommandContext(t.Context(), w.program, "deliveries", "--host", h.Authority(), "--try")
				try.Env = w.env
				_ = try.Run()
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

// arrive waits until each of inboxes got something.
func (f *fanOut) arrive(within time.Duration, inboxes ...string) error {
	ctx, cancel := context.WithTimeout(f.t.Context(), within)
	defer cancel()
	return f.world.WaitFor(ctx, inboxes)
}
