package proof

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// maxExample is how many lines the example may have.
const maxExample = 60

// TestProofLibrary builds the example of federation/doc.go in a module of its own, as a stranger would, and lets Fedify
// follow it and read its notice.
func TestProofLibrary(t *testing.T) {
	n := connected(t)
	program := stranger(t, n)
	port := n.freePort(t)
	host := net.JoinHostPort("nachbar.test", port)
	c := exec.Command(program, "-origin", "https://"+host, "-listen", net.JoinHostPort(n.addresses["nachbar.test"], port),
		"-cert", n.cert, "-key", n.key, "-allow", "127.0.0.0/8:"+port)
	c.Env = append(os.Environ(), "SSL_CERT_FILE="+n.authority)
	diary, err := os.Create(filepath.Join(t.TempDir(), "board.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer diary.Close()
	c.Stdout, c.Stderr = diary, diary
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it ends by nothing else
		_ = c.Wait()
		if t.Failed() {
			t.Logf("what the board said:\n%s", tail(diary.Name()))
		}
	})
	up := false
	for end := time.Now().Add(patience); !up && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		p, err := n.reader("").try("https://"+host+"/board", activityJSON)
		up = err == nil && p.status == 200
	}
	if !up {
		t.Fatal("the board does not answer")
	}
	lena := moveIn(t, port, rfc9421)
	board := lena.lookup(t, "@board@"+host)
	if board.Name != "Notice board" || board.Type != "Service" {
		t.Errorf("Fedify finds %+v", board)
	}
	follow := lena.do(t, "follow", values{"actor": board.ID})
	if accept := lena.receives(t, "Accept", follow); accept.Actor != board.ID {
		t.Errorf("the Accept comes from %s", accept.Actor)
	}
	const notice = "<p>Choir practice is on Friday.</p>"
	if got := lena.receives(t, "Create", "https://"+host+"/notices/1"); got.Object == nil || got.Object.Content != notice {
		t.Errorf("Fedify received %+v", got)
	}
	if read := lena.lookup(t, "https://"+host+"/notices/1"); read.Content != notice || read.AttributedTo != board.ID {
		t.Errorf("Fedify reads %+v", read)
	}
	act(t, "Fedify follows the %d lines of the library's example and reads their notice", strings.Count(example(t), "\n"))
}

// example gives the program in the documentation of package federation.
func example(t *testing.T) string {
	t.Helper()
	doc, err := os.ReadFile("../../federation/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range strings.Split(string(doc), "\n") {
		switch {
		case strings.HasPrefix(line, "//\t"):
			lines = append(lines, strings.TrimPrefix(line, "//\t"))
		case line == "//" && len(lines) > 0:
			lines = append(lines, "")
		case len(lines) > 0: // prose again: the program has ended
			return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
		}
	}
	t.Fatal("federation/doc.go has no example")
	return ""
}

// stranger builds the example in an empty module that knows nothing but where ours is.
func stranger(t *testing.T, n *internet) string {
	t.Helper()
	code := example(t)
	if lines := strings.Count(code, "\n"); lines > maxExample {
		t.Errorf("the example has %d lines, at most %d are wanted", lines, maxExample)
	}
	for _, line := range strings.Split(code, "\n") {
		if strings.Contains(line, `"codeberg.org/aushang/aushang/`) && !strings.Contains(line, `"codeberg.org/aushang/aushang/federation`) {
			t.Errorf("the example uses something outside of federation: %s", line)
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, version, _ := strings.Cut(string(ours), "\ngo ")
	version, _, _ = strings.Cut(version, "\n")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.go": code,
		"go.sum":  string(sums),
		"go.mod":  "module board.example\n\ngo " + version + "\n\nrequire codeberg.org/aushang/aushang v0.0.0\n\nreplace codeberg.org/aushang/aushang => " + root + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "board")
	c := exec.Command("go", "build", "-mod=mod", "-ldflags", "-X net.hostsFilePath="+n.hosts, "-o", program, ".")
	c.Dir, c.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, said)
	}
	return program
}
