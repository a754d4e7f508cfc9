// Package mailtest is a real SMTP server for tests, on the loopback, with TLS
// and a password. It keeps what it is given and refuses what it is told to.
package mailtest

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"codeberg.org/aushang/aushang/internal/config"
)

// patience is how long a letter is waited for.
const patience = 60 * time.Second

// Who may send, and as whom.
const (
	user     = "aushang"
	password = "Brief+Taube 1"
	from     = "aushang@here.test"
)

// Server is an SMTP server. Make one with Start.
type Server struct {
	host, port, ca string
	secure         *tls.Config

	mu       sync.Mutex
	server   *smtp.Server
	messages []Message
	// taken is how many of the messages to an address Wait gave already.
	taken   map[string]int
	refusal map[string]*refusal
	arrived chan struct{} // closed and made anew with each message
	// before is called with each message before it is accepted.
	before func()
}

type refusal struct {
	code, times int
}

// Start gives a server that runs until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{taken: map[string]int{}, refusal: map[string]*refusal{}, arrived: make(chan struct{})}
	pair, pem := certificate(t)
	s.secure = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	s.ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(s.ca, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.host, s.port, err = net.SplitHostPort(l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	s.serve(l)
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) serve(l net.Listener) {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	server.Domain, server.TLSConfig = "mail.test", s.secure
	server.MaxMessageBytes, server.MaxRecipients = 1<<20, 10
	server.ErrorLog = log.New(io.Discard, "", 0)
	s.mu.Lock()
	s.server = server
	s.mu.Unlock()
	go func() { _ = server.Serve(l) }() // ends with Stop
}

// Config gives the configuration of who sends by this server.
func (s *Server) Config() config.SMTP {
	return config.SMTP{Host: s.host, Port: s.port, Security: config.StartTLS, Username: user, Password: password, From: from, CAFile: s.ca}
}

// Stop ends the server; what connects is refused from then on.
func (s *Server) Stop() {
	s.mu.Lock()
	server := s.server
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// Again starts a stopped server at the same address.
func (s *Server) Again(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(s.host, s.port))
	if err != nil {
		t.Fatal(err)
	}
	s.serve(l)
}

// Plain lets the server offer no encryption from the next connection on.
func (s *Server) Plain(t testing.TB) {
	t.Helper()
	s.Stop()
	s.secure = nil
	s.Again(t)
}

// Refuse answers the next letters to an address with a code, so many times.
func (s *Server) Refuse(to string, code, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal[to] = &refusal{code, times}
}

// Before calls f with each letter before it is accepted.
func (s *Server) Before(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// Messages gives all that came for an address; for "" all that came.
func (s *Server) Messages(to string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Message
	for _, m := range s.messages {
		if to == "" || m.To == to {
			list = append(list, m)
		}
	}
	return list
}

// Wait gives the next letter to an address that no Wait gave before.
func (s *Server) Wait(t testing.TB, to string) Message {
	t.Helper()
	limit := time.After(patience)
	for {
		s.mu.Lock()
		arrived := s.arrived
		s.mu.Unlock()
		all := s.Messages(to)
		s.mu.Lock()
		n := s.taken[to]
		if n < len(all) {
			s.taken[to]++
		}
		s.mu.Unlock()
		if n < len(all) {
			return all[n]
		}
		select {
		case <-arrived:
		case <-limit:
			t.Fatalf("no letter to %s came", to)
		}
	}
}

func (s *Server) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

// refuses gives the code with which a letter to an address is refused; 0 for
// none.
func (s *Server) refuses(to string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.refusal[to]
	if r == nil || r.times == 0 {
		return 0
	}
	r.times--
	return r.code
}

// session is one connection.
type session struct {
	server *Server
	known  bool
	from   string
	to     []string
}

func (c *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, word string) error {
		if c.known = name == user && word == password; !c.known {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if !c.known {
		return smtp.ErrAuthRequired
	}
	c.from = from
	return nil
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if code := c.server.refuses(to); code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no letters for " + to}
	}
	c.to = append(c.to, to)
	return nil
}

func (c *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.server.mu.Lock()
	before := c.server.before
	c.server.mu.Unlock()
	if before != nil {
		before()
	}
	for _, to := range c.to {
		m, err := read(text)
		if err != nil {
			return errors.Join(err, &smtp.SMTPError{Code: 554, Message: "unreadable"})
		}
		m.From, m.To = c.from, to
		c.server.keep(m)
	}
	return nil
}

func (c *session) Reset()        { c.from, c.to = "", nil }
func (c *session) Logout() error { return nil }

// Link gives the first link of a letter that begins with prefix.
func (m Message) Link(t testing.TB, prefix string) string {
	t.Helper()
	links := m.Links()
	i := slices.IndexFunc(links, func(l string) bool { return strings.HasPrefix(l, prefix) })
	if i < 0 {
		t.Fatalf("the letter has no link %s…: %v", prefix, links)
	}
	return links[i]
}
