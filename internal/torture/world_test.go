package torture

import (
	"bytes"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

var (
	kills = flag.Int("kills", 3, "how often the program is killed in each part")
	hosts = flag.Int("hosts", 60, "to how many hosts each post goes")
	many  = flag.Int("activities", 300, "how many activities come to the inbox")
	gone  = flag.Int("gone", 2, "how often the database is gone")
	away  = flag.Duration("away", 2*time.Second, "for how long the database is gone")
	idle  = flag.Int("idle", 1000, "how many connections say nothing; a twentieth more are slow")
	page  = flag.String("write", "", "also put the table into this `file`")
)

// patience is how long we wait for what must come. Nothing is said about how
// soon it comes.
const patience = 90 * time.Second

// scratch is the folder of this run.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	flag.Parse()
	var err error
	if scratch, err = os.MkdirTemp("", "aushang-torture"); err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a folder of the system's for such things
	return m.Run()
}

// others are all other servers of this run.
var others = sync.OnceValues(func() (*federationtest.Fediverse, error) {
	return federationtest.Start(federationtest.Options{Dir: scratch, Keys: 4})
})

func fediverse(t *testing.T) *federationtest.Fediverse {
	t.Helper()
	world, err := others()
	if err != nil {
		t.Fatal(err)
	}
	return world
}

// client asks a town by the address where it listens.
func client(world *federationtest.Fediverse) *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second, // no answer takes so long
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: senders, TLSClientConfig: &tls.Config{RootCAs: world.Roots}},
	}
}

var (
	building sync.Mutex
	built    = map[string]string{}
)

// program builds the program with tags, once for each.
func program(t *testing.T, tags string) string {
	t.Helper()
	world := fediverse(t)
	building.Lock()
	defer building.Unlock()
	if file, ok := built[tags]; ok {
		return file
	}
	file := filepath.Join(scratch, "aushang"+tags)
	c := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-tags", tags,
		"-ldflags", "-s -w -X net.hostsFilePath="+world.HostsFile, "-o", file, "../../cmd/aushang")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build with %q: %v\n%s", tags, err, said)
	}
	built[tags] = file
	return file
}

// verb runs a verb of the program and gives what it printed.
func verb(t *testing.T, file string, env []string, args ...string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), file, args...)
	c.Env = env
	var complaint bytes.Buffer
	c.Stderr = &complaint
	printed, err := c.Output()
	if err != nil {
		t.Fatalf("aushang %v: %v\n%s%s", args, err, complaint.String(), printed)
	}
	return printed
}

// until looks again and again until look gives nil.
func until(t *testing.T, what string, look func() error) {
	t.Helper()
	err := errors.New("")
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = look(); err == nil {
			return
		}
	}
	t.Fatalf("%s: not within %v: %v", what, patience, err)
}

// missing gives an error unless n is want.
func missing(n, want int, what string) error {
	if n != want {
		return fmt.Errorf("%d %s, want %d", n, what, want)
	}
	return nil
}
