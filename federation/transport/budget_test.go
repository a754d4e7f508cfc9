package transport

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
)

// TestBudget: requests that one cause may make are counted, with those to which
// other servers lead.
func TestBudget(t *testing.T) {
	t.Run("T-DOS-04 requests for one cause", func(t *testing.T) {
		var asked atomic.Int32
		s, c := peer(t, func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1); r.URL.Path == "/led" {
				http.Redirect(w, r, "/", http.StatusFound)
				return
			}
			w.Header().Set("Content-Type", "application/activity+json")
			_, _ = w.Write([]byte("{}"))
		})
		ctx := WithBudget(t.Context(), 4)
		for i, path := range []string{"/", "/led"} {
			if _, err := c.Get(ctx, s.URL+path, unsigned); err != nil {
				t.Fatalf("%d: %v", i, err)
			}
		}
		if _, err := c.Get(ctx, s.URL+"/led", unsigned); !errors.Is(err, ErrBudget) {
			t.Errorf("the fifth request: %v", err)
		}
		if _, err := c.Plain(ctx, s.URL+"/", "*/*", 100); !errors.Is(err, ErrBudget) {
			t.Errorf("the sixth request: %v", err)
		}
		if n := asked.Load(); n != 4 {
			t.Errorf("%d requests were made", n)
		}
		if _, err := c.Get(t.Context(), s.URL+"/", unsigned); err != nil {
			t.Errorf("without a budget: %v", err)
		}
	})
}
