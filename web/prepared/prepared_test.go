package prepared

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// shop answers what it has at hand, on the terms of the test, and counts how
// often it was asked.
type shop struct {
	*Store
	t     *testing.T
	asked int
	says  string
	terms Terms
	// before runs while an answer is being made.
	before func()
	status int
	header http.Header
}

func open(t *testing.T, limit int) *shop {
	s := &shop{t: t, says: "bread", status: 200, header: http.Header{"Content-Type": {"text/plain"}}}
	s.Store = New(Options{
		Limit: limit, Accept: func(r *http.Request) int8 { return int8(len(r.Header.Get("Accept"))) },
		Language: func(r *http.Request) string { return r.Header.Get("Accept-Language") },
		Personal: func(r *http.Request) bool { return r.Header.Get("Cookie") != "" },
	})
	s.Renew(time.Now())
	return s
}

// ServeHTTP makes an answer.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked++
	says := s.says
	if s.before != nil {
		s.before()
	}
	Keep(r.Context(), s.terms)
	for name, values := range s.header {
		w.Header()[name] = values
	}
	w.WriteHeader(s.status)
	fmt.Fprint(w, says)
}

func (s *shop) get(target string, headers ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodGet, target, headers...)
}

func (s *shop) do(method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler(s).ServeHTTP(w, r)
	return w
}

// made tells how often the handler was asked since the last time.
func (s *shop) made(want int, what string) {
	s.t.Helper()
	if s.asked != want {
		s.t.Errorf("%s: made %d times, want %d", what, s.asked, want)
	}
	s.asked = 0
}

func TestKeepsWhatMayBeKept(t *testing.T) {
	s := open(t, 1<<20)
	s.terms = Terms{Targets: []string{"/a", "/b"}}
	first, second := s.get("/a"), s.get("/a")
	s.made(1, "the same twice")
	if second.Body.String() != "bread" || second.Header().Get("ETag") == "" || second.Header().Get("ETag") != first.Header().Get("ETag") ||
		second.Header().Get("Content-Length") != "5" || second.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("from memory comes %q with %v, first it was %v", second.Body, second.Header(), first.Header())
	}
	if head := s.do(http.MethodHead, "/a"); head.Code != 200 || head.Body.Len() > 0 || head.Header().Get("Content-Length") != "5" {
		t.Errorf("HEAD: %d %q %v", head.Code, head.Body, head.Header())
	}
	for _, known := range []string{first.Header().Get("ETag"), `"x", W/` + first.Header().Get("ETag"), "*"} {
		if same := s.get("/a", "If-None-Match", known); same.Code != 304 || same.Body.Len() > 0 || same.Header().Get("ETag") == "" {
			t.Errorf("If-None-Match %s: %d", known, same.Code)
		}
	}
	if other := s.get("/a", "If-None-Match", `"x"`); other.Code != 200 {
		t.Errorf("another tag: %d", other.Code)
	}
	s.made(0, "HEAD and conditions")
	s.do(http.MethodHead, "/b")
	s.get("/b")
	s.made(1, "HEAD first")
	s.do(http.MethodPost, "/b")
	s.made(1, "POST")
}

func TestKeepsNothingElse(t *testing.T) {
	s := open(t, 1<<20)
	for what, change := range map[string]func(*shop){
		"another spelling":     func(s *shop) { s.terms.Targets = []string{"/b"} },
		"no terms":             func(s *shop) { s.terms = Terms{} },
		"an error":             func(s *shop) { s.status = 404 },
		"a cookie":             func(s *shop) { s.header.Set("Set-Cookie", "a=b") },
		"something private":    func(s *shop) { s.header.Set("Cache-Control", "private, no-cache") },
		"something not stored": func(s *shop) { s.header.Set("Cache-Control", "no-store") },
		"too large":            func(s *shop) { s.says = strings.Repeat("a", maxBody+1) },
		"too many things":      func(s *shop) { s.terms.Tags = make([]string, maxTags+1) },
		"over already":         func(s *shop) { s.terms.Until = time.Now() },
	} {
		s.says, s.terms, s.status, s.header = "bread", Terms{Targets: []string{"/a"}}, 200, http.Header{}
		change(s)
		s.get("/a")
		if w := s.get("/a"); w.Code != s.status || w.Body.String() != s.says {
			t.Errorf("%s: %d and %d bytes", what, w.Code, w.Body.Len())
		}
		s.made(2, what)
	}
}

// TestFailsAfterItBegan: an error after the first bytes is the answer in their
// place, and is not kept.
func TestFailsAfterItBegan(t *testing.T) {
	s := open(t, 1<<20)
	fails := true
	h := s.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Keep(r.Context(), Terms{Targets: []string{"/a"}})
		w.Header().Set("Content-Length", "5")
		fmt.Fprint(w, "bread")
		if fails {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, "the oven is cold")
		}
	}))
	for _, want := range []string{"500 the oven is cold", "200 bread"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/a", nil))
		if got := fmt.Sprint(w.Code, " ", w.Body); got != want {
			t.Errorf("it answers %q, want %q", got, want)
		}
		if n := w.Header().Get("Content-Length"); n != "" && n != fmt.Sprint(w.Body.Len()) {
			t.Errorf("%d bytes with Content-Length %s", w.Body.Len(), n)
		}
		if _, kept := s.pages["/a"]; kept == fails {
			t.Errorf("fails: %t, kept: %t", fails, kept)
		}
		fails = false
	}
}

func TestVariants(t *testing.T) {
	s := open(t, 1<<20)
	s.terms = Terms{Targets: []string{"/a"}, Vary: ByAccept | ByLanguage | ByPerson}
	s.get("/a")
	s.get("/a", "Accept", "x")
	s.get("/a", "Accept-Language", "en")
	w := s.get("/a", "Accept", "x", "Accept-Language", "en")
	s.made(4, "four variants")
	if got := w.Header().Get("Vary"); got != "Accept, Accept-Language, Cookie" {
		t.Errorf("Vary: %s", got)
	}
	s.get("/a")
	s.get("/a", "Accept", "x", "Accept-Language", "en")
	s.made(0, "again")
	s.says = "for Anna"
	if got := s.get("/a", "Cookie", "a=b").Body.String(); got != "for Anna" {
		t.Errorf("somebody gets %q", got)
	}
	s.made(1, "somebody asks")
	if got := s.get("/a").Body.String(); got != "bread" {
		t.Errorf("everybody gets what was for one: %q", got)
	}
	s.made(0, "everybody asks")
	s.terms = Terms{Targets: []string{"/b"}}
	s.get("/b", "Cookie", "a=b")
	s.get("/b")
	s.made(1, "what looks the same to all")
}

func TestDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1<<20)
		for _, tag := range []string{"a", "b"} {
			s.terms = Terms{Targets: []string{"/" + tag}, Tags: []string{tag}}
			s.get("/" + tag)
		}
		s.made(2, "at first")
		s.Renew(time.Now(), "a")
		s.get("/b")
		s.made(0, "another thing")
		s.terms = Terms{Targets: []string{"/a"}, Tags: []string{"a"}}
		s.says = "cake"
		if got := s.get("/a").Body.String(); got != "cake" {
			t.Errorf("after the change it says %q", got)
		}
		s.made(1, "the thing")
		s.Renew(time.Now(), "")
		s.get("/a")
		s.get("/a")
		s.made(1, "everything")

		// What was read before a change must not come after it.
		s.Renew(time.Now(), "")
		s.before = func() { s.Renew(time.Now(), "a") }
		s.get("/a")
		s.before = nil
		s.get("/a")
		s.made(2, "a change while an answer was made")
		s.get("/a")
		s.made(0, "and then")

		// Without news for a second nothing is known to be true any more.
		time.Sleep(lease - time.Millisecond)
		s.get("/a")
		s.made(0, "just in time")
		time.Sleep(time.Millisecond)
		s.get("/a")
		s.get("/a")
		s.made(2, "without news")
		s.Renew(time.Now())
		s.get("/a")
		s.get("/a")
		s.made(1, "with news again")
	})
}

func TestEndsByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1<<20)
		time.Sleep(20 * time.Second)
		s.Renew(time.Now())
		s.terms = Terms{Targets: []string{"/a"}, Until: NextMinute()}
		if left := time.Until(s.terms.Until); left <= 0 || left > time.Minute || s.terms.Until.Second() != 0 {
			t.Errorf("the minute ends in %v", left)
		}
		s.get("/a")
		for time.Until(s.terms.Until) > lease/2 {
			time.Sleep(lease / 2)
			s.Renew(time.Now())
		}
		s.get("/a")
		s.made(1, "within the minute")
		time.Sleep(time.Until(s.terms.Until))
		s.get("/a")
		s.made(1, "after it")
	})
}

func TestMemoryIsBounded(t *testing.T) {
	const limit = 64 << 10
	s := open(t, limit)
	s.says = strings.Repeat("a", 1000)
	for i := range 1000 {
		target := fmt.Sprintf("/%d", i)
		s.terms = Terms{Targets: []string{target}, Tags: []string{target, "all"}}
		s.get(target)
		s.terms = Terms{Targets: []string{"/0"}}
		s.get("/0") // is always in use
		if s.size > limit || s.size < 0 {
			t.Fatalf("%d bytes after %d answers", s.size, i)
		}
	}
	s.made(1000, "one each")
	if n := len(s.pages); n == 0 || n > limit/1000 || s.used.Len() != n || len(s.tagged) > n+1 {
		t.Errorf("%d pages, %d in order of use, %d tags", n, s.used.Len(), len(s.tagged))
	}
	for i := range 1000 {
		s.get(fmt.Sprintf("/nothing?%d", i))
	}
	if _, kept := s.pages["/999"]; !kept {
		t.Error("what nobody keeps drove out what was kept")
	}
	s.Renew(time.Now(), "all")
	for target := range s.pages {
		if target != "/0" {
			t.Errorf("%s is still there", target)
		}
	}
}

func TestReport(t *testing.T) {
	s := open(t, 1<<20)
	s.terms = Terms{Targets: []string{"/a"}}
	for range 3 {
		s.get("/a")
	}
	report := func() (answers, bytes int64) {
		s.Report(func(_ string, a, b int64) { answers, bytes = answers+a, bytes+b })
		return answers, bytes
	}
	if a, b := report(); a != 2 || b != 10 {
		t.Errorf("%d answers, %d bytes", a, b)
	}
	if a, _ := report(); a != 0 {
		t.Errorf("and %d once more", a)
	}
}

func TestFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 1<<20)
		f := NewFacts[int](s.Store)
		asked, truth := 0, 1
		find := func() (int, error) { asked++; return truth, nil }
		is := func(want, wantAsked int, what string) {
			t.Helper()
			if got, err := f.Find("a", find); got != want || err != nil || asked != wantAsked {
				t.Errorf("%s: %d after %d questions (%v), want %d after %d", what, got, asked, err, want, wantAsked)
			}
			asked = 0
		}
		is(1, 1, "at first")
		is(1, 0, "again")
		s.Renew(time.Now(), "a")
		is(1, 0, "when something else changes")
		truth = 2
		s.Renew(time.Now(), "")
		is(2, 1, "when it may have changed")
		truth = 3
		time.Sleep(lease)
		is(3, 1, "without news")
		is(3, 1, "still without news")
		s.Renew(time.Now())
		if _, err := f.Find("b", func() (int, error) { s.Renew(time.Now(), ""); return 1, nil }); err != nil {
			t.Error(err)
		}
		if got, err := f.Find("b", find); got != 3 || err != nil {
			t.Errorf("what was found out before a change is remembered after it: %d, %v", got, err)
		}
		for n := range 2 * maxFacts {
			if _, err := f.Find(fmt.Sprint("name ", n), find); err != nil || len(f.known) > maxFacts {
				t.Fatalf("%d names are remembered (%v)", len(f.known), err)
			}
		}
		if len(f.known) != maxFacts {
			t.Errorf("new names drove out all but %d", len(f.known))
		}
		if _, err := f.Find("c", func() (int, error) { return 0, http.ErrServerClosed }); err == nil {
			t.Error("an error is lost")
		}
		if got, err := f.Find("c", find); got != 3 || err != nil {
			t.Errorf("an error is remembered: %d, %v", got, err)
		}
	})
}
