package proof

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestProofBehindProxies runs the town behind the samples of docs/deploy: pages and ids answer, a signed Follow from elsewhere
// is accepted and answered.
func TestProofBehindProxies(t *testing.T) {
	for name, start := range map[string]func(t *testing.T, w *town, inner string) *exec.Cmd{"nginx": nginx, "Caddy": caddy} {
		t.Run(name, func(t *testing.T) {
			n := connected(t)
			port, inner := n.freePort(t), n.freePort(t)
			w := found(t, "dorf.test", port, databasetest.SQLite(t))
			w.extra = []string{"AUSHANG_LISTEN=127.0.0.1:" + inner, "AUSHANG_TLS_CERT=", "AUSHANG_TLS_KEY="}
			club := w.make(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--active")
			proxy(t, start(t, w, inner))
			w.serve(t)
			v := settle(t, 1, port)
			v.allFollow(t, 1, club.ID, w.origin+"/ap/inbox")
			act(t, "%s passes a signed Follow on, and its Accept arrives", name)
			for _, accept := range []string{html, activityJSON} {
				if answer := w.get(t, club.ID, accept); answer.status != http.StatusOK {
					t.Errorf("%s as %s: %d", club.ID, accept, answer.status)
				}
			}
			act(t, "behind %s page and id answer", name)
		})
	}
}

// proxy starts a proxy and ends it with the test.
func proxy(t *testing.T, c *exec.Cmd) {
	t.Helper()
	diary, err := os.Create(filepath.Join(t.TempDir(), "proxy.log"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = diary, diary
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatalf("%v: install it with `make deps`", err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
		if t.Failed() {
			t.Logf("what the proxy said:\n%s", tail(diary.Name()))
		}
	})
}

// deployed reads a sample of docs/deploy and puts the names of the test in place of its own. Every replacement must be there.
func deployed(t *testing.T, file string, replace map[string]string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs/deploy", file))
	if err != nil {
		t.Fatal(err)
	}
	said := string(text)
	for old, with := range replace {
		if !strings.Contains(said, old) {
			t.Fatalf("%s does not say %q any more", file, old)
		}
		said = strings.ReplaceAll(said, old, with)
	}
	return said
}

func nginx(t *testing.T, w *town, inner string) *exec.Cmd {
	server := deployed(t, "nginx.conf", map[string]string{
		"listen 443 ssl;":                   "listen " + net.JoinHostPort(w.address(), w.port) + " ssl;",
		"aushang.musterdorf.example":        "dorf.test",
		"/etc/ssl/aushang/cert.pem":         w.net.cert,
		"/etc/ssl/aushang/key.pem":          w.net.key,
		"proxy_pass http://127.0.0.1:8080;": "proxy_pass http://127.0.0.1:" + inner + ";",
	})
	dir := t.TempDir()
	whole := "daemon off;\nmaster_process off;\npid " + dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		whole += kind + "_temp_path " + dir + "/" + kind + ";\n"
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(whole+server+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("nginx")
	if err != nil {
		program = "/usr/sbin/nginx"
	}
	return exec.Command(program, "-p", dir, "-c", file, "-e", "stderr")
}

func caddy(t *testing.T, w *town, inner string) *exec.Cmd {
	site := deployed(t, "Caddyfile", map[string]string{
		"aushang.musterdorf.example {": "https://dorf.test:" + w.port + " {\n\tbind " + w.address() + "\n\ttls " + w.net.cert + " " + w.net.key,
		"127.0.0.1:8080":               "127.0.0.1:" + inner,
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte("{\n\tadmin off\n\tauto_https disable_redirects\n}\n"+site), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("caddy", "run", "--config", file, "--adapter", "caddyfile")
	c.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return c
}
