package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Door gives a client of net/http for a library that brings its own protocol.
// Its requests go through the same guard and take no longer than others; a
// redirect is an answer and is not followed, and an answer has at most limit
// bytes.
func (c *Client) Door(limit int64) *http.Client {
	return &http.Client{
		Transport: door{c, limit}, Timeout: c.patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type door struct {
	*Client
	limit int64
}

// RoundTrip implements http.RoundTripper.
func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := d.admit(r.Context(), r.URL.String(), r.URL.Host); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", d.options.UserAgent)
	r.Header.Set("Accept-Encoding", "identity")
	res, err := d.round.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer drain(res)
	if e := res.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, fmt.Errorf("%s: it is encoded as %q, which was not asked for", r.URL.Host, e)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, d.limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > d.limit {
		return nil, fmt.Errorf("%s: the answer is larger than %d bytes", r.URL.Host, d.limit)
	}
	whole := *res
	whole.Body, whole.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return &whole, nil
}

// admit asks the guard, and spends one request of the budget.
func (c *Client) admit(ctx context.Context, address, host string) error {
	if err := c.Check(address); err != nil {
		return err
	}
	if c.options.Blocked != nil {
		blocked, err := c.options.Blocked(ctx, host)
		if err != nil {
			return fmt.Errorf("ask whether %s is kept out: %w", host, err)
		}
		if blocked {
			return errors.Join(ErrBlocked, fmt.Errorf("%s is kept out", host))
		}
	}
	return spend(ctx)
}
