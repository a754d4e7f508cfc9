package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// town is the server that is measured, a process of its own.
type town struct {
	world   *world
	program string
	origin  string
	env     []string
	process *exec.Cmd
	client  *http.Client
}

func newTown(w *world, dir, database string) (*town, error) {
	t := &town{world: w, program: filepath.Join(dir, "aushang"), origin: "https://dorf.test:" + w.port}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X net.hostsFilePath="+w.hostsFile, "-o", t.program, "./cmd/aushang")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w\n%s", err, said)
	}
	t.env = append(os.Environ(),
		"AUSHANG_ORIGIN="+t.origin, "AUSHANG_LISTEN="+net.JoinHostPort(townAddress, w.port), "AUSHANG_DATABASE="+database,
		"AUSHANG_DATA="+filepath.Join(dir, "data"), "AUSHANG_TLS_CERT="+w.cert, "AUSHANG_TLS_KEY="+w.key,
		"AUSHANG_FEDERATION_ALLOW_ADDRESSES=127.0.0.0/8:"+w.port, "SSL_CERT_FILE="+w.authority, "AUSHANG_LOG_LEVEL=warn")
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(townAddress, w.port))
	}
	t.client = &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dial, MaxIdleConnsPerHost: 64, DisableCompression: true,
			TLSClientConfig: &tls.Config{RootCAs: w.roots, MinVersion: tls.VersionTLS12},
		},
	}
	return t, t.verb(nil, "demo")
}

// verb runs a verb; with out it decodes what --json prints.
func (t *town) verb(out any, args ...string) error {
	if out != nil {
		args = append(args, "--json")
	}
	c := exec.Command(t.program, args...)
	c.Env = t.env
	said, err := c.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, exit.Stderr)
		}
		return err
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(said, out)
}

// serve starts the server and gives how long it took to its first 200.
func (t *town) serve() (time.Duration, error) {
	t.process = exec.Command(t.program, "serve")
	t.process.Env = t.env
	t.process.Stderr = os.Stderr
	t.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	t.client.CloseIdleConnections()
	start := time.Now()
	if err := t.process.Start(); err != nil {
		return 0, err
	}
	for time.Since(start) < 20*time.Second {
		if res, err := t.client.Get(t.origin + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(start), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return 0, errors.New("the server does not get ready")
}

func (t *town) kill() {
	if t.process != nil && t.process.Process != nil {
		_ = t.process.Process.Kill()
		_ = t.process.Wait()
	}
	t.process = nil
}

// usage is what the process has used so far.
type usage struct {
	cpu     time.Duration
	written int64 // bytes to disk
}

func (t *town) usage() usage {
	pid := strconv.Itoa(t.process.Process.Pid)
	var u usage
	if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil {
		f := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		user, _ := strconv.Atoi(f[11])
		system, _ := strconv.Atoi(f[12])
		u.cpu = time.Duration(user+system) * 10 * time.Millisecond // 100 ticks a second
	}
	u.written = field("/proc/"+pid+"/io", "write_bytes:")
	return u
}

// resident gives the memory of the process in MB.
func (t *town) resident() float64 {
	return float64(field("/proc/"+strconv.Itoa(t.process.Process.Pid)+"/status", "VmRSS:")) / 1024
}

func field(file, key string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), key)
	n, _ := strconv.ParseInt(strings.Fields(after + " 0")[0], 10, 64)
	return n
}

// quiet waits until the process uses next to nothing, and gives its usage.
func (t *town) quiet() usage {
	last := t.usage()
	for range 40 {
		time.Sleep(250 * time.Millisecond)
		now := t.usage()
		if now.cpu-last.cpu <= 10*time.Millisecond {
			return now
		}
		last = now
	}
	return last
}
