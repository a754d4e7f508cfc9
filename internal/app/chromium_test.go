package app

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
)

// pictures is where TestBrowser leaves a picture of every page, and looks at
// nothing else.
var pictures = flag.String("pictures", "", "the folder for a picture of every page")

// grep makes TestBrowser look at some pages only.
var grep = flag.String("grep", "", "an expression for the names of the pages that TestBrowser looks at, empty for all")

// told is what the browser is told: where the towns are, what to look at, and
// as whom.
type told struct {
	Towns    map[string]string                       `json:"towns"` // host name -> address
	Pages    []shown                                 `json:"pages"`
	Cookies  map[string]map[string]map[string]string `json:"cookies"` // host name -> role -> cookie
	Accounts map[string]string                       `json:"accounts"`
	Password string                                  `json:"password"`
	Pictures string                                  `json:"pictures"`
	// Link is a one-time link of somebody who has no password.
	Link string `json:"link"`
	// Reports are the pages of readers' reports in the town of tasks, by the project
	// of the browser that answers them.
	Reports map[string]string `json:"reports"`
	// Key is the hash of the key of the towns' certificate, so that the browser
	// takes it for a good one and keeps pages as it does elsewhere.
	Key string `json:"key"`
	// HTML is the folder for every page as it was sent.
	HTML string `json:"html"`
}

const browserProject = "../proof/browser"

// needsBrowser ends a test where the packages of the browser are not installed.
func needsBrowser(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(browserProject, "node_modules")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the browser's packages are missing: make deps installs them")
		}
		t.Skip("make deps installs what this test needs")
	}
}

// TestBrowser lets a real browser look at every page, walk it by keyboard, and do
// what people do; then the Nu checker reads every page as it was sent.
func TestBrowser(t *testing.T) {
	needsBrowser(t)
	tell := told{
		Towns: map[string]string{}, Cookies: map[string]map[string]map[string]string{}, Accounts: map[string]string{},
		Password: satz, Pictures: *pictures, HTML: filepath.Join(t.TempDir(), "html"),
	}
	for _, s := range stages(t) {
		if s.name == hereTown {
			tell.Pages = append(tell.Pages, states(t, s.village, s.world)...)
		}
		tell.Pages = append(tell.Pages, s.walk(t)...)
		tell.add(t, s)
	}
	tasks := found(t, "sqlite:"+filepath.Join(t.TempDir(), "aushang.db"), named(tasksTown))
	w := tasks.world()
	tell.Reports = tasks.reported("desktop", "phone", "noscript")
	tasks.flooded("desktop", "phone", "noscript")
	tell.add(t, &stage{village: tasks, name: tasksTown, browsers: w.browsers})
	projects := []string{"--project=pages", "--project=desktop", "--project=phone", "--project=noscript"}
	if *pictures != "" {
		projects = []string{"--project=pictures"}
	}
	if *grep != "" {
		projects = append(projects, "--grep="+*grep)
	}
	t.Log(tell.run(t, projects...))
	if *pictures != "" {
		gallery(t, *pictures)
		return
	}
	if *grep != "" {
		return
	}
	t.Run("Nu", func(t *testing.T) { nuReads(t, tell.HTML) })
}

// add serves a town for the browser and tells the cookies of those signed in.
func (tell *told) add(t *testing.T, s *stage) {
	t.Helper()
	server := httptest.NewUnstartedServer(s.browsers[nobody].h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the browser complains of the certificate
	server.StartTLS()
	t.Cleanup(server.Close)
	tell.Towns[s.name] = server.Listener.Addr().String()
	key := sha256.Sum256(server.Certificate().RawSubjectPublicKeyInfo)
	tell.Key = base64.StdEncoding.EncodeToString(key[:])
	tell.Cookies[s.name] = map[string]map[string]string{}
	for _, r := range roles {
		b := s.browsers[r.who]
		if b == nil {
			continue
		}
		for _, c := range b.jar.Cookies(cookiesOf) {
			tell.Cookies[s.name][r.name] = map[string]string{"name": c.Name, "value": c.Value}
		}
		tell.Accounts[r.name] = strings.ReplaceAll(string(r.who), " ", "-") + "@example.org"
	}
}

// run runs projects of the browser and gives their last line.
func (tell *told) run(t *testing.T, projects ...string) string {
	t.Helper()
	if err := os.MkdirAll(tell.HTML, 0o750); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(tell)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "told.json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "npx", append([]string{"--no-install", "playwright", "test"}, projects...)...)
	run.Dir = browserProject
	run.Env = append(os.Environ(), "TOLD="+file, "OUTPUT="+t.TempDir())
	var said strings.Builder
	run.Stdout = io.MultiWriter(&said, os.Stderr)
	if !testing.Verbose() {
		run.Stdout = &said
	}
	run.Stderr = run.Stdout
	if err := run.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	return lines[len(lines)-1]
}

// invited gives the one-time link of a person who has no password yet.
func (v *village) invited(email string) string {
	v.t.Helper()
	_, link, err := v.Accounts.Create(v.t.Context(), actor.Operator, account.Draft{Email: email, Name: "Paula Passkey", Role: account.Resident})
	if err != nil {
		v.t.Fatal(err)
	}
	return link
}

// TestPasskeysInABrowser lets Chromium make passkeys and sign in with them.
func TestPasskeysInABrowser(t *testing.T) {
	needsBrowser(t)
	v := found(t, "sqlite:"+filepath.Join(t.TempDir(), "aushang.db"), named(tasksTown))
	w := v.world()
	tell := told{
		Towns: map[string]string{}, Cookies: map[string]map[string]map[string]string{}, Accounts: map[string]string{}, Password: satz, HTML: filepath.Join(t.TempDir(), "html"),
		Link: v.invited("passkey@example.org"),
	}
	tell.add(t, &stage{village: v, name: tasksTown, browsers: w.browsers})
	t.Log(tell.run(t, "--project=passkey", "--grep="+*grep))
}
