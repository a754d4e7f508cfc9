package media

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
)

// names are those of files that the store has made.
var names = regexp.MustCompile(`^[0-9a-f]{32}\.(jpg|png)$`)

var extensions = map[string]string{"image/jpeg": ".jpg", "image/png": ".png"}

// Store keeps pictures as files. Make one with NewStore.
type Store struct {
	root *os.Root
	dir  string // that of the data, in which the lock is
}

// NewStore gives the store in the folder "media" under dir, which is made when
// it does not exist.
func NewStore(dir string) (*Store, error) {
	folder := path.Join(dir, "media")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("open media: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open media: %w", err)
	}
	return &Store{root, dir}, nil
}

// Put keeps an encoded picture and gives its name, made from its bytes. It is
// there as a whole or not at all.
func (s *Store) Put(b []byte, mediaType string) (string, error) {
	ext, ok := extensions[mediaType]
	if !ok {
		return "", fmt.Errorf("keep picture: type %s", mediaType)
	}
	sum := sha256.Sum256(b)
	name := hex.EncodeToString(sum[:16]) + ext
	// A sweeper takes what is old and nobody names: what is wanted again is new.
	if now := time.Now(); s.root.Chtimes(name, now, now) == nil {
		return name, nil
	}
	part := fmt.Sprintf("%s.%d.part", name, time.Now().UnixNano())
	if err := s.write(part, b); err != nil {
		_ = s.root.Remove(part)
		return "", fmt.Errorf("keep picture: %w", err)
	}
	if err := s.root.Rename(part, name); err != nil {
		return "", fmt.Errorf("keep picture: %w", err)
	}
	if err := s.syncFolder(); err != nil {
		return "", fmt.Errorf("keep picture: %w", err)
	}
	return name, nil
}

// syncFolder makes a new name survive a crash of the machine.
func (s *Store) syncFolder() error {
	folder, err := s.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (s *Store) write(name string, b []byte) error {
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func (s *Store) open(name string) (*os.File, error) {
	if !names.MatchString(name) {
		return nil, problem.NotFoundf("there is no picture %s", name)
	}
	f, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.NotFoundf("there is no picture %s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	return f, nil
}

// Read gives the bytes of a picture.
func (s *Store) Read(name string) ([]byte, error) {
	f, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	return io.ReadAll(f)
}

// Remove removes a picture; one that is not there is no error.
func (s *Store) Remove(name string) error {
	if !names.MatchString(name) {
		return problem.NotFoundf("there is no picture %s", name)
	}
	if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove picture: %w", err)
	}
	return nil
}

// List gives the names of all pictures that were there before the time old,
// and removes what a crash left half written.
func (s *Store) List(old time.Time) ([]string, error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	var list []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.ModTime().After(old) {
			continue
		}
		if names.MatchString(e.Name()) {
			list = append(list, e.Name())
		} else if strings.HasSuffix(e.Name(), ".part") {
			_ = s.root.Remove(e.Name())
		}
	}
	return list, nil
}

// Handler serves the pictures by the last part of the path. Nothing else is
// ever served from there, and nothing of it is run by a browser.
func (s *Store) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name := path.Base(r.URL.Path)
		f, err := s.open(name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		defer f.Close() //nolint:errcheck // read only
		h := w.Header()
		h.Set("Content-Type", "image/jpeg")
		if strings.HasSuffix(name, ".png") {
			h.Set("Content-Type", "image/png")
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		http.ServeContent(w, r, "", time.Time{}, f)
	})
}
