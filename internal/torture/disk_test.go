package torture

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

const (
	// diskSize is that of the small disk: room for the town and some megabytes.
	diskSize = "32m"
	// alone is set in the environment of the test that may mount its own disk.
	alone = "AUSHANG_TORTURE_ALONE"
)

// TestDiskFull: the disk under SQLite finds no more room while activities come
// in. Whoever would write is asked to come again, readers see nothing of it,
// and when there is room again all goes on without a restart.
func TestDiskFull(t *testing.T) {
	if os.Getenv(alone) == "" {
		apart(t)
		return
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size="+diskSize); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH) //nolint:errcheck // it ends with this process in any case
	f := newFlood(t, "sqlite:"+filepath.Join(disk, "aushang.db"), "", "disk", 1500)
	f.known()
	f.first = 50 // early: much finds room in what is free within the files
	struck := make(chan struct{})
	f.strike = func() {
		filler := filepath.Join(disk, "filler")
		if err := fill(filler); err != nil {
			f.t.Error(err)
		}
		go func() {
			defer close(struck)
			until(t, "the disk is full", func() error {
				f.mu.Lock()
				defer f.mu.Unlock()
				if f.repeats == 0 {
					return fmt.Errorf("%d activities found room", len(f.taken))
				}
				return nil
			})
			f.asksToComeAgain()
			for _, path := range []string{"/veranstaltungen", "/pinnwand?seite=2"} {
				if res, body, err := f.get(path, "text/html"); err != nil || res.StatusCode != http.StatusOK {
					t.Errorf("a reader gets %v, %s", err, body)
				}
			}
			if err := os.Remove(filler); err != nil {
				t.Error(err)
			}
		}()
	}
	r := f.torture(1)
	<-struck
	if r.err() != nil || r.answered != len(f.letters) {
		t.Errorf("%v: %+v", r.err(), r)
	}
}

// apart runs the same test in a process that may mount, whoever runs the tests:
// in namespaces of its own, which end with it.
func apart(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), alone+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if said, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}

// fill leaves no byte on the disk where name lies.
func fill(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	for _, size := range []int64{1 << 20, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = io.CopyN(file, zeros{}, size)
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// zeros is without end.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
