package backup

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"
)

// The names inside a backup.
const (
	manifestName = "manifest.json"
	tablesFolder = "database/"
	jobsName     = "jobs.jsonl"
	mediaFolder  = "media/"
	secretFolder = "secrets/"
)

// format is the version of the form of a backup.
const format = 1

// Manifest says what is in a backup. It is its last part, so that it is there
// only when all else is.
type Manifest struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // its version
	Made    time.Time `json:"made"`
	// Dialect is that of the database it was made of.
	Dialect string `json:"dialect"`
	// Schema names the migrations that made the tables.
	Schema []string `json:"schema"`
	// Origin and HandleDomain are part of every id: a town must be restored
	// under the same. The rest of the configuration is for the reader.
	Origin       string `json:"origin"`
	HandleDomain string `json:"handle_domain"`
	Name         string `json:"name"`
	Language     string `json:"language"`
	Timezone     string `json:"timezone"`
	// Tables are in the order in which they can be filled.
	Tables []Table `json:"tables"`
	Jobs   int     `json:"jobs"`
	Files  []File  `json:"files"`
	// Missing are pictures that rows name and that were not there already.
	Missing []string `json:"missing,omitempty"`
}

// Table is a table in a backup.
type Table struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// File is a part of a backup with its size in bytes and its SHA-256 in hex.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Rows counts the rows of all tables.
func (m *Manifest) Rows() int64 {
	var n int64
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Pictures counts the pictures.
func (m *Manifest) Pictures() int {
	n := 0
	for _, f := range m.Files {
		if isIn(f.Name, mediaFolder) {
			n++
		}
	}
	return n
}

func isIn(name, folder string) bool { return len(name) > len(folder) && name[:len(folder)] == folder }

// seal is the comment at the very end of the file: the SHA-256 of every byte
// before it, so that no byte can change unseen, not even one that belongs to no
// part.
const (
	sealMark = "sha256:"
	sealSize = len(sealMark) + 2*sha256.Size
)

// sealer hashes what is written but the last sealSize bytes.
type sealer struct {
	to   io.Writer
	sum  hash.Hash
	tail []byte
	size int64
}

// Write implements io.Writer.
func (s *sealer) Write(b []byte) (int, error) {
	n, err := s.to.Write(b)
	s.size += int64(n)
	s.tail = append(s.tail, b[:n]...)
	if more := len(s.tail) - sealSize; more > 0 {
		s.sum.Write(s.tail[:more])
		s.tail = append(s.tail[:0], s.tail[more:]...)
	}
	return n, err
}

func seal(sum hash.Hash) string { return sealMark + hex.EncodeToString(sum.Sum(nil)) }

// writer writes the parts of a backup into a file.
type writer struct {
	file *os.File
	seal *sealer
	zip  *zip.Writer
	m    *Manifest
}

func newWriter(file *os.File, m *Manifest) *writer {
	s := &sealer{to: file, sum: sha256.New()}
	return &writer{file, s, zip.NewWriter(s), m}
}

// part writes one part by fill and enters it into the manifest.
func (w *writer) part(name string, fill func(io.Writer) error) error {
	method := zip.Deflate
	if isIn(name, mediaFolder) {
		method = zip.Store // pictures are compressed already
	}
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: w.m.Made})
	if err != nil {
		return err
	}
	sum, size := sha256.New(), new(counter)
	if err := fill(io.MultiWriter(to, sum, size)); err != nil {
		return err
	}
	if name != manifestName {
		w.m.Files = append(w.m.Files, File{name, size.n, hex.EncodeToString(sum.Sum(nil))})
	}
	return nil
}

type counter struct{ n int64 }

// Write implements io.Writer.
func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

// close writes the manifest and the seal, and makes the file durable.
func (w *writer) close() error {
	err := w.part(manifestName, func(to io.Writer) error {
		enc := json.NewEncoder(to)
		enc.SetIndent("", "  ")
		return enc.Encode(w.m)
	})
	if err != nil {
		return err
	}
	if err := w.zip.SetComment(sealMark + hex.EncodeToString(make([]byte, sha256.Size))); err != nil {
		return err
	}
	if err := w.zip.Close(); err != nil {
		return err
	}
	if _, err := w.file.WriteAt([]byte(seal(w.seal.sum)), w.seal.size-int64(sealSize)); err != nil {
		return err
	}
	return w.file.Sync()
}

// archive is a backup that is open for reading.
type archive struct {
	*Manifest
	file  *os.File
	parts map[string]*zip.File
}

// errDamaged says that a file is no whole backup.
var errDamaged = errors.New("the file is damaged or no backup of this program: use another copy of it")

// open opens a backup after checking its seal.
func open(path string) (*archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	a, err := read(f)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open backup %s: %w", path, err)
	}
	return a, nil
}

func read(f *os.File) (*archive, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() < int64(sealSize) {
		return nil, errDamaged
	}
	sum, said := sha256.New(), make([]byte, sealSize)
	if _, err := io.CopyN(sum, f, info.Size()-int64(sealSize)); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(f, said); err != nil {
		return nil, err
	}
	if string(said) != seal(sum) {
		return nil, errDamaged
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, errors.Join(errDamaged, err)
	}
	a := &archive{file: f, parts: map[string]*zip.File{}, Manifest: new(Manifest)}
	for _, part := range z.File {
		a.parts[part.Name] = part
	}
	manifest, err := a.whole(manifestName)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(manifest, a.Manifest); err != nil {
		return nil, errors.Join(errDamaged, err)
	}
	if a.Format != format {
		return nil, fmt.Errorf("it has the format %d and this program reads %d: use the version that made it (%s), or a later one", a.Format, format, a.Program)
	}
	return a, nil
}

func (a *archive) close() { _ = a.file.Close() }

func (a *archive) part(name string) (io.ReadCloser, error) {
	f, ok := a.parts[name]
	if !ok {
		return nil, fmt.Errorf("%s is missing in the backup", name)
	}
	return f.Open()
}

func (a *archive) whole(name string) ([]byte, error) {
	r, err := a.part(name)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // read only
	return io.ReadAll(r)
}
