package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"
)

const (
	// maxDocument is how large an ActivityPub document may be, in bytes.
	maxDocument = 1 << 20
	// maxRedirects is how often a Get is led elsewhere.
	maxRedirects = 3
	// maxAnswer is how much of the answer to a Post is read, and maxKept how
	// much of it is kept, in bytes.
	maxAnswer = 64 << 10
	maxKept   = 1 << 10
	// maxRetryAfter is the longest wait that another server can ask for.
	maxRetryAfter = 24 * time.Hour
)

// The times that a whole exchange and its parts may take.
const (
	exchange  = 30 * time.Second
	dial      = 5 * time.Second
	handshake = 5 * time.Second
	firstByte = 10 * time.Second
)

// Options is what a Client goes by. The zero Options lets nothing through but
// https to public addresses on port 443.
type Options struct {
	// Allow lets requests through to private networks.
	Allow []AllowedAddress
	// UserAgent names us to others.
	UserAgent string
	// Roots are the certificate authorities that are believed; nil means the
	// system's.
	Roots *x509.CertPool
	// Self is our own host, which is never asked.
	Self string
	// Blocked tells whether a host is kept out; nil means none is. It is asked
	// before each Get and Plain, also where a redirect leads. A Post goes where
	// an outbox sends it, whose Store knows who is kept out, of many at once.
	// Only true is ErrBlocked: an error says that it could not be told now.
	Blocked func(ctx context.Context, host string) (bool, error)
}

// Client makes requests to other servers. Make one with New. It is safe for
// use by many goroutines.
type Client struct {
	options Options
	// patience is how long a whole exchange may take.
	patience time.Duration
	round    *http.Transport
	// many is like round for several requests to one host at once.
	many *http.Transport
}

// New gives a client.
func New(o Options) *Client {
	c := &Client{options: o, patience: exchange}
	dialer := &net.Dialer{Timeout: dial, KeepAlive: 30 * time.Second, Control: c.control}
	c.round = &http.Transport{
		DialContext:            dialer.DialContext,
		Proxy:                  nil, // a proxy would connect past the guard
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(4096)},
		TLSHandshakeTimeout:    handshake,
		ResponseHeaderTimeout:  firstByte,
		MaxResponseHeaderBytes: 64 << 10,
		MaxConnsPerHost:        4,
		MaxIdleConns:           2500,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		ReadBufferSize:         1 << 10, // most answers to a Post are short, and thousands of connections wait
		DisableCompression:     true,
		ForceAttemptHTTP2:      false, // one request goes to a host at a time
	}
	c.many = c.round.Clone()
	c.many.ForceAttemptHTTP2, c.many.MaxConnsPerHost = true, 1
	return c
}

// Multiplexed gives the same client for many requests to one host at once:
// over one connection where the host speaks HTTP/2. For a single request
// HTTP/1.1 costs less.
func (c *Client) Multiplexed() *Client {
	m := *c
	m.round = c.many
	return &m
}

// CloseIdle closes the connections that nobody uses.
func (c *Client) CloseIdle() {
	c.round.CloseIdleConnections()
	c.many.CloseIdleConnections()
}

// ErrUnsigned says that a request was not made because it could not be signed.
var ErrUnsigned = errors.New("the request cannot be signed")

// Sign signs a request at the moment before it is sent.
type Sign func(r *http.Request) error

// Document is what a server showed.
type Document struct {
	// URL is where it was found in the end.
	URL    string
	Body   []byte
	Header http.Header
}

// StatusError says that a server answered with something other than success.
type StatusError struct {
	Code int
	URL  string
	// RetryAfter is how long the server asks us to wait; 0 when it does not say.
	RetryAfter time.Duration
}

// Error implements error.
func (e *StatusError) Error() string { return fmt.Sprintf("%s answers with status %d", e.URL, e.Code) }

// accept is what we ask for; Lemmy and Mastodon serve both.
const accept = `application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`

// Get fetches an ActivityPub document of at most 1 MB. Redirects are followed
// up to three times, each checked and signed anew. An answer of another media
// type is an error, whatever it contains.
func (c *Client) Get(ctx context.Context, rawURL string, sign Sign) (*Document, error) {
	doc, err := c.fetch(ctx, rawURL, accept, maxDocument, sign)
	if err != nil {
		return nil, err
	}
	if !isActivity(doc.Header.Get("Content-Type")) {
		return nil, fmt.Errorf("get %s: it is %q and no ActivityPub document", rawURL, doc.Header.Get("Content-Type"))
	}
	return doc, nil
}

// isActivity tells whether a media type is one of those that ActivityPub 3.2
// names.
func isActivity(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch kind {
	case "application/activity+json":
		return params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8")
	case "application/ld+json":
		return strings.Contains(params["profile"], "https://www.w3.org/ns/activitystreams")
	}
	return false
}

// Plain fetches anything else, of at most limit bytes, without a signature.
func (c *Client) Plain(ctx context.Context, rawURL, accept string, limit int64) (*Document, error) {
	return c.fetch(ctx, rawURL, accept, limit, nil)
}

func (c *Client) fetch(ctx context.Context, rawURL, accept string, limit int64, sign Sign) (*Document, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	next := rawURL
	for range maxRedirects + 1 {
		res, err := c.hop(ctx, next, accept, sign)
		if err != nil {
			return nil, fmt.Errorf("get %s: %w", next, err)
		}
		if to := redirect(res); to != "" {
			drain(res)
			next = to
			continue
		}
		return read(res, next, limit)
	}
	return nil, fmt.Errorf("get %s: it leads elsewhere too often", rawURL)
}

func (c *Client) hop(ctx context.Context, rawURL, accept string, sign Sign) (*http.Response, error) {
	r, err := c.request(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return nil, err
	}
	if c.options.Blocked != nil {
		blocked, err := c.options.Blocked(ctx, r.URL.Host)
		if err != nil {
			return nil, fmt.Errorf("ask whether %s is kept out: %w", r.URL.Host, err)
		}
		if blocked {
			return nil, fmt.Errorf("%w: %s is kept out", ErrBlocked, r.URL.Host)
		}
	}
	r.Header.Set("Accept", accept)
	if sign != nil {
		if err := sign(r); err != nil {
			return nil, err
		}
	}
	return c.round.RoundTrip(r)
}

// request prepares a request after checking its address.
func (c *Client) request(ctx context.Context, method, rawURL string, body io.Reader) (*http.Request, error) {
	if err := c.Check(rawURL); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, rawURL, body)
	if err != nil {
		return nil, err
	}
	if err := spend(ctx); err != nil {
		return nil, err
	}
	r.URL.Fragment = ""
	r.Header.Set("User-Agent", c.options.UserAgent)
	r.Header.Set("Accept-Encoding", "identity")
	return r, nil
}

// redirect gives where an answer leads, or "".
func redirect(res *http.Response) string {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if to, err := res.Location(); err == nil {
			return to.String()
		}
	}
	return ""
}

func read(res *http.Response, from string, limit int64) (*Document, error) {
	defer drain(res)
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, &StatusError{Code: res.StatusCode, URL: from, RetryAfter: retryAfter(res.Header)}
	}
	if e := res.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, fmt.Errorf("get %s: it is encoded as %q, which was not asked for", from, e)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", from, err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("get %s: it is larger than %d bytes", from, limit)
	}
	return &Document{URL: from, Body: body, Header: res.Header}, nil
}

// drain reads a little of what is left, so that the connection can be used
// again, and closes.
func drain(res *http.Response) {
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer)
	_ = res.Body.Close()
}

// Answer is what a server said to a Post.
type Answer struct {
	Status int
	// RetryAfter is how long it asks us to wait, at most a day; 0 when it does
	// not say.
	RetryAfter time.Duration
	// Body is the beginning of what it said, at most 1 kB.
	Body []byte
}

// Post delivers body to an inbox. sign is called when the connection stands:
// no signature is spent on a host that does not answer, and its time is that
// of sending. A redirect is not followed, it is the answer.
func (c *Client) Post(ctx context.Context, inbox string, body []byte, sign Sign) (*Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	r, err := c.request(ctx, http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("post to %s: %w", inbox, err)
	}
	r.Header.Set("Content-Type", "application/activity+json")
	r.Header.Set("Accept", accept)
	// Receivers know an activity by its id: it may go out again when the host
	// closed an idle connection just now. Without a value nothing is sent.
	r.Header["Idempotency-Key"] = nil
	var signing error
	// GotConn is called in this goroutine, before the header is written.
	r = r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if signing = sign(r); signing != nil {
			cancel()
		}
	}}))
	res, err := c.round.RoundTrip(r)
	if signing != nil {
		return nil, fmt.Errorf("post to %s: %w: %w", inbox, ErrUnsigned, signing)
	}
	if err != nil {
		return nil, fmt.Errorf("post to %s: %w", inbox, err)
	}
	defer drain(res)
	start, err := io.ReadAll(io.LimitReader(res.Body, maxKept))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		start = nil // the status counts; what it said is only for the log
	}
	return &Answer{Status: res.StatusCode, RetryAfter: retryAfter(res.Header), Body: start}, nil
}

// retryAfter reads a Retry-After, in seconds or as a date (RFC 9110 10.2.3).
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if t, err := http.ParseTime(value); err == nil {
		wait = time.Until(t)
	}
	return max(0, min(wait, maxRetryAfter))
}
