package app

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/logging"
)

// diary is a log that several may write.
type diary struct {
	mu  sync.Mutex
	out bytes.Buffer
}

// Write implements io.Writer.
func (d *diary) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.Write(b)
}

func (d *diary) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Split(strings.TrimSpace(d.out.String()), "\n")
}

// planted are what must never be in a log: where somebody asks from, who it is, what is secret, and what was written.
var planted = map[string]string{
	"address": "198.51.100.23", "forwarded": "203.0.113.77", "forwarded6": "2001:db8:7::77", "mail": "marie.geheim@verborgen.example",
	"token": "MARKERTOKENqX7", "password": "MARKERPASSWORTqX7", "text": "MARKERBRIEFqX7",
}

// param is a part of a route that stands for something.
var param = regexp.MustCompile(`\{[^}]*\}|\*`)

// TestLogNamesNobody: no line of the log, at the lowest level, has an address of the network or of a person, a token, a
// password or something written, whatever route is asked and also when the database is away.
func TestLogNamesNobody(t *testing.T) {
	shows(t, "T-LOG-01 names nobody", func(t *testing.T, v *village) {
		v.furnish()
		said := new(diary)
		v.log = logging.JSON(said, slog.LevelDebug)
		queue := v.Activities.Queue(v.mux, v.log)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- queue.Run(ctx) }()
		h, err := v.routes(queue)
		if err != nil {
			t.Fatal(err)
		}
		v.everyRoute(h)
		v.queue = queue
		v.receive(`{"id":"https://far.test/c/9","type":"Create","actor":"https://far.test/users/anna","object":{"id":"https://far.test/n/9","type":"Note","attributedTo":"https://evil.test/u","content":"%s"}}`, planted["text"])
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if err := v.db.Close(); err != nil {
			t.Fatal(err)
		}
		v.everyRoute(h)

		lines := said.lines()
		if len(lines) < 100 {
			t.Fatalf("only %d lines were logged", len(lines))
		}
		for _, line := range lines {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["msg"] == "forged" || fields["level"] == "forged" {
				t.Errorf("no line of ours: %.300s", line)
			}
			for what, secret := range planted {
				if strings.Contains(line, secret) {
					t.Errorf("a line has the %s: %.300s", what, line)
				}
			}
			if len(line) > 8000 {
				t.Errorf("a line has %d bytes: %.300s", len(line), line)
			}
		}
	})
}

// everyRoute asks every route with everything planted wherever something can be.
func (v *village) everyRoute(h http.Handler) {
	v.t.Helper()
	forged := "x\n{\"level\":\"forged\",\"msg\":\"forged\"}\x1b[31m"
	form := url.Values{"email": {planted["mail"]}, "password": {planted["password"]}, "text": {planted["text"]}, "name": {forged + planted["text"]}, "token": {planted["token"]}, "act": {"add"}, "club": {"tsv"}}
	err := chi.Walk(h.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		path := param.ReplaceAllString(pattern, planted["token"]) + "?" + url.Values{"email": {planted["mail"]}, "q": {planted["text"]}, "resource": {"acct:" + planted["mail"]}, "uri": {"https://far.test/" + planted["token"]}}.Encode()
		for _, accept := range []string{html, as2} {
			body, kind := form.Encode(), "application/x-www-form-urlencoded"
			if strings.HasSuffix(pattern, "inbox") {
				body, kind = `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://far.test/1","type":"`+planted["text"]+`","actor":"https://far.test/users/anna","object":{"id":"https://far.test/n/1","type":"Note","content":"`+planted["text"]+`"}}`, as2
			}
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.RemoteAddr = planted["address"] + ":4711"
			for name, value := range map[string]string{
				"Accept": accept, "Content-Type": kind, "X-Forwarded-For": planted["forwarded"] + ", " + planted["forwarded6"], "Cookie": "__Host-aushang=" + planted["token"],
				"Authorization": "Bearer " + planted["token"], "User-Agent": forged + strings.Repeat(planted["text"], 1<<20/len(planted["text"])), "Referer": "https://here.test/?" + planted["token"],
				"Signature": `keyId="https://far.test/users/anna#` + planted["token"] + `",headers="date",signature="` + planted["token"] + `"`,
			} {
				r.Header.Set(name, value)
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		return nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
}
