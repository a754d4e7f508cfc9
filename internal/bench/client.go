package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// conn is one kept connection that sends requests which were made before. It
// does as little as possible: whoever measures shares the cores with what is
// measured.
type conn struct {
	net.Conn
	in *bufio.Reader
}

func dial(address string) (*conn, error) {
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &conn{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// do sends a request and reads the answer to its end.
func (c *conn) do(request []byte) (status int, err error) {
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, fmt.Errorf("no answer but %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, chunked := 0, false
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := header(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(value); err != nil {
				return 0, err
			}
		}
		if _, ok := header(line, "Transfer-Encoding: "); ok {
			chunked = true
		}
	}
	if chunked {
		return status, c.chunks()
	}
	_, err = c.in.Discard(length)
	return status, err
}

// header gives the value of a line when it is the header that is looked for.
// Go servers write them so.
func header(line []byte, name string) (value string, ok bool) {
	if !bytes.HasPrefix(line, []byte(name)) {
		return "", false
	}
	return strings.TrimSpace(string(line[len(name):])), true
}

func (c *conn) chunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := c.in.Discard(int(n) + 2); err != nil || n == 0 {
			return err
		}
	}
}

// raw writes a request as it goes over the wire.
func raw(r *http.Request, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.URL.RequestURI(), r.URL.Host)
	_ = r.Header.WriteSubset(&b, map[string]bool{"Host": true}) // a buffer takes all
	if body != nil {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// concurrency is how many requests are on their way at once.
const concurrency = 16

// loaded is what came of it.
type loaded struct {
	times []time.Duration
	took  time.Duration
}

func (l loaded) perSecond() float64 { return float64(len(l.times)) / l.took.Seconds() }

// sendAll sends each request once.
func sendAll(address string, requests [][]byte, want int) (loaded, error) {
	return ask(address, want, func(n int) []byte {
		if n >= len(requests) {
			return nil
		}
		return requests[n]
	})
}

// sendFor sends requests again and again for a while.
func sendFor(address string, requests [][]byte, want int, d time.Duration) (loaded, error) {
	end := time.Now().Add(d)
	return ask(address, want, func(n int) []byte {
		if time.Now().After(end) {
			return nil
		}
		return requests[n%len(requests)]
	})
}

// ask sends what next gives for 0, 1, 2 ... until it gives nil.
func ask(address string, want int, next func(n int) []byte) (loaded, error) {
	var (
		counter atomic.Int64
		mu      sync.Mutex
		all     loaded
		errs    []error
		group   sync.WaitGroup
	)
	begin := time.Now()
	for range concurrency {
		c, err := dial(address)
		if err != nil {
			return loaded{}, err
		}
		group.Go(func() {
			times, err := c.run(want, func() []byte { return next(int(counter.Add(1) - 1)) })
			_ = c.Close()
			mu.Lock()
			defer mu.Unlock()
			all.times = append(all.times, times...)
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	group.Wait()
	all.took = time.Since(begin)
	return all, errors.Join(errs...)
}

func (c *conn) run(want int, next func() []byte) ([]time.Duration, error) {
	var times []time.Duration
	for request := next(); request != nil; request = next() {
		begin := time.Now()
		status, err := c.do(request)
		if err != nil {
			return times, err
		}
		if status != want {
			return times, fmt.Errorf("%.60q is answered with status %d, not %d", request, status, want)
		}
		times = append(times, time.Since(begin))
	}
	return times, nil
}
