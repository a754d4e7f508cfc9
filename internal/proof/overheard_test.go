package proof

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"codeberg.org/aushang/aushang/internal/mail/mailtest"
)

// line is what was said over a wire.
type line struct {
	mu   sync.Mutex
	said []string
}

func (l *line) hears(said string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, said)
}

// has counts in how much of it a word stands.
func (l *line) has(word string) int {
	n := 0
	for _, said := range l.all() {
		if strings.Contains(said, word) {
			n++
		}
	}
	return n
}

func (l *line) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.said...)
}

// overheard is a town behind a proxy that keeps all that other servers say to it,
// and what it answers them. Letters that it sends come to a mail server of its own.
type overheard struct {
	*town
	*line
	answered *line
	post     *mailtest.Server
	running  *process
}

// overhear puts a proxy before a town. What people say and see with a browser is
// not kept.
func overhear(t *testing.T, name, port, database string) *overheard {
	t.Helper()
	inner := "127.0.0.1:" + connected(t).freePort(t)
	o := &overheard{town: found(t, name, port, database), line: new(line), answered: new(line), post: mailtest.Start(t)}
	smtp := o.post.Config()
	o.extra = []string{
		"AUSHANG_LISTEN=" + inner, "AUSHANG_TLS_CERT=", "AUSHANG_TLS_KEY=", "AUSHANG_TRUSTED_PROXIES=127.0.0.0/8",
		"AUSHANG_SMTP_HOST=" + smtp.Host, "AUSHANG_SMTP_PORT=" + smtp.Port, "AUSHANG_SMTP_SECURITY=" + smtp.Security, "AUSHANG_SMTP_USERNAME=" + smtp.Username,
		"AUSHANG_SMTP_PASSWORD=" + smtp.Password, "AUSHANG_SMTP_FROM=" + smtp.From, "AUSHANG_SMTP_CA_FILE=" + smtp.CAFile,
	}
	to := &url.URL{Scheme: "http", Host: inner}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
			r.Out.Header.Del("Accept-Encoding") // what is kept must be readable
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server := &http.Server{
		ReadHeaderTimeout: patience, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{Certificates: []tls.Certificate{o.net.pair}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.UserAgent() == browser {
				proxy.ServeHTTP(w, r)
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			o.hears(fmt.Sprint(r.Method, " ", r.URL, " ", r.Header, " ", string(body)))
			r.Body = io.NopCloser(bytes.NewReader(body))
			kept := &keeping{ResponseWriter: w}
			proxy.ServeHTTP(kept, r)
			o.answered.hears(fmt.Sprint(r.URL, " ", kept.Header(), " ", kept.said.String()))
		}),
	}
	l, err := net.Listen("tcp", net.JoinHostPort(o.address(), port))
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.ServeTLS(l, "", "") })
	t.Cleanup(func() { _ = server.Close(); serving.Wait() })
	return o
}

// keeping keeps an answer while it is written.
type keeping struct {
	http.ResponseWriter
	said bytes.Buffer
}

func (k *keeping) Write(b []byte) (int, error) {
	k.said.Write(b)
	return k.ResponseWriter.Write(b)
}

// rise starts the server.
func (o *overheard) rise(t *testing.T) {
	t.Helper()
	o.running = o.start(t, o.address())
	o.ready(t, o.reader, o.running)
}

// hurry has the operator try at once what waits for another town.
func (o *overheard) hurry(other *overheard) {
	c := exec.Command(o.program, "deliveries", "--host", other.host, "--try")
	c.Dir, c.Env = o.dir, o.environment(o.address())
	_ = c.Run() // it is an error when nothing waits
}
