package media

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockName is the file by whose lock backups and sweepers keep out of each
// other's way, also between processes; it is freed when its holder dies.
const lockName = "media.lock"

// LockForBackup keeps sweepers away until release is called: no picture
// disappears meanwhile. It waits for one that is at work.
func (s *Store) LockForBackup() (release func(), err error) {
	return s.lock(syscall.LOCK_SH)
}

// LockForSweep allows to remove pictures until release is called; free is
// false while a backup is being made.
func (s *Store) LockForSweep() (release func(), free bool, err error) {
	release, err = s.lock(syscall.LOCK_EX | syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, nil
	}
	return release, err == nil, err
}

func (s *Store) lock(how int) (func(), error) {
	f, err := os.OpenFile(filepath.Join(s.dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock media: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(fmt.Errorf("lock media: %w", err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// Open opens a picture for reading. One that is not there is a
// problem.NotFound.
func (s *Store) Open(name string) (*os.File, error) { return s.open(name) }

// Copy keeps a picture that another store has had under this name.
func (s *Store) Copy(name string, from io.Reader) error {
	if !names.MatchString(name) {
		return fmt.Errorf("copy picture: %q is no name of one", name)
	}
	b, err := io.ReadAll(from)
	if err != nil {
		return fmt.Errorf("copy picture %s: %w", name, err)
	}
	_ = s.root.Remove(name) // left by a copy that broke off
	if err := s.write(name, b); err != nil {
		_ = s.root.Remove(name)
		return fmt.Errorf("copy picture %s: %w", name, err)
	}
	return nil
}

// Names lists all files, pictures and others.
func (s *Store) Names() ([]string, error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list, nil
}

// Sync makes what was copied survive a crash of the machine.
func (s *Store) Sync() error { return s.syncFolder() }
