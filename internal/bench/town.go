package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

const (
	townName     = "dorf.test"
	origin       = "https://" + townName
	activityJSON = "application/activity+json"
)

// town is the server that is measured: the real program as a process of its
// own, on plain HTTP as behind a proxy.
type town struct {
	*process
	program  string
	database string
	address  string // where it listens
	env      []string
	profile  string // the file of a CPU profile
	log      *os.File
	client   *http.Client
	cookie   string // of an editor of all clubs
	keys     federationtest.Keys
}

func newTown(world *federationtest.Fediverse, dir, database string, profile bool) (*town, error) {
	t := &town{program: filepath.Join(dir, "aushang"), database: database, profile: filepath.Join(dir, "cpu.pprof"), keys: federationtest.Keys{}}
	if err := t.build(world, dir, profile); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	t.address = address
	if t.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, err
	}
	t.env = append(os.Environ(),
		"AUSHANG_ORIGIN="+origin, "AUSHANG_LISTEN="+address, "AUSHANG_DATABASE="+database, "AUSHANG_DATA="+filepath.Join(dir, "data"),
		"AUSHANG_FEDERATION_ALLOW_ADDRESSES=127.0.0.0/8:"+world.Port, "SSL_CERT_FILE="+world.Authority, "AUSHANG_BENCH_PROFILE="+t.profile)
	t.client = &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, t.address)
		}, DisableKeepAlives: true},
	}
	return t, t.verb(nil, "", "demo")
}

// build builds the program as make build does, with names of its own to look
// up and, when asked for, a profiler laid over it.
func (t *town) build(world *federationtest.Fediverse, dir string, profile bool) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X net.hostsFilePath=" + world.HostsFile, "-o", t.program}
	if profile {
		over, err := overlay(dir)
		if err != nil {
			return err
		}
		args = append(args, over...)
	}
	build := exec.Command("go", append(args, "./cmd/aushang")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, said)
	}
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// verb runs a verb of the program; with out it decodes what --json prints.
func (t *town) verb(out any, in string, args ...string) error {
	if out != nil {
		args = append(args, "--json")
	}
	c := exec.Command(t.program, args...)
	c.Env, c.Stdin = t.env, strings.NewReader(in)
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
	begin := time.Now()
	var err error
	if t.process, err = start(t.program, t.env, t.log, "serve"); err != nil {
		return 0, err
	}
	for time.Since(begin) < 20*time.Second {
		if res, err := t.client.Get("http://" + townName + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return time.Since(begin), nil
			}
		}
		time.Sleep(500 * time.Microsecond)
	}
	return 0, errors.New("the server does not get ready; its log is " + t.log.Name())
}

// get asks the town for what its origin shows at path.
func (t *town) get(path, accept string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+townName+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", accept)
	res, err := t.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("get %s: status %d", path, res.StatusCode)
	}
	return body, err
}

// document reads what is shown at an id into a value.
func (t *town) document(id string, into any) error {
	body, err := t.get(strings.TrimPrefix(id, origin), activityJSON)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// form sends a form in the name of the editor.
func (t *town) form(path string, values url.Values) (*http.Response, error) {
	r, err := http.NewRequest(http.MethodPost, "http://"+townName+path, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	r.Header.Set("Cookie", t.cookie)
	res, err := t.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read only
	if res.StatusCode != http.StatusSeeOther {
		page, _ := io.ReadAll(res.Body)
		return nil, fmt.Errorf("form %s: status %d: %s", path, res.StatusCode, page)
	}
	return res, nil
}

// clubs are those of the sample village.
var clubs = []string{"tsv", "feuerwehr", "chor", "gemeinschaftsgarten", "flickwerk"}

const (
	email    = "erika@dorf.test"
	password = "drei blaue Fahrräder"
)

// signIn makes a person who speaks for all clubs, and signs in.
func (t *town) signIn() error {
	if err := t.verb(nil, password+"\n", "person", "add", "--email", email, "--name", "Erika", "--role", "editor", "--password-stdin"); err != nil {
		return err
	}
	for _, c := range clubs {
		if err := t.verb(nil, "", "club", "editor", "--club", c, "--email", email, "--role", "owner"); err != nil {
			return err
		}
	}
	res, err := t.form("/anmelden", url.Values{"email": {email}, "password": {password}})
	if err != nil {
		return err
	}
	for _, c := range res.Cookies() {
		t.cookie = c.Name + "=" + c.Value
	}
	return nil
}

// addClub makes a club, for which the editor speaks too.
func (t *town) addClub(handle string) error {
	if err := t.verb(nil, "", "club", "add", "--handle", handle, "--name", handle, "--active"); err != nil {
		return err
	}
	return t.verb(nil, "", "club", "editor", "--club", handle, "--email", email, "--role", "owner")
}

// publish posts in the name of a club by the form, as an editor would, so that
// all that it costs is on the server's account. It gives the page of the post.
func (t *town) publish(club string) (string, error) {
	key, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	res, err := t.form("/pinnwand/neu", url.Values{"key": {key.String()}, "club": {club}, "text": {"Das Training am **Donnerstag** fällt aus; wir sehen uns nächste Woche."}})
	if err != nil {
		return "", err
	}
	return res.Header.Get("Location"), nil
}

// club gives the id of a club, and learns its key.
func (t *town) club(handle string) (string, error) {
	body, err := t.get("/.well-known/webfinger?resource=acct:"+handle+"@"+townName, "application/jrd+json")
	if err != nil {
		return "", err
	}
	var jrd struct {
		Links []struct{ Rel, Type, Href string }
	}
	if err := json.Unmarshal(body, &jrd); err != nil {
		return "", err
	}
	for _, l := range jrd.Links {
		if l.Rel == "self" {
			doc, err := t.get(strings.TrimPrefix(l.Href, origin), activityJSON)
			if err != nil {
				return "", err
			}
			return l.Href, t.keys.Learn(bytes.TrimSpace(doc))
		}
	}
	return "", fmt.Errorf("WebFinger of %s leads to no actor", handle)
}
