// Package erasure is the list of what was deleted for good, so that it stays
// deleted when an older backup is restored: hashes alone, in the database in the
// transaction that deletes, and within a second in a folder beside the data, which
// no backup brings back to an older state (docs/adr/0039).
//
// It must not know what is deleted; who deletes says so, and who restores does it
// again.
package erasure

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
)

// What can be deleted.
const (
	// Person is an account, Thing an object, Actor somebody on another server, Mail
	// a mail address without an account.
	Person = "person"
	Thing  = "thing"
	Actor  = "actor"
	Mail   = "mail"
)

// Life is how long an entry stays: a backup that is older must not be restored
// into a town that is to keep its word.
const Life = 400 * 24 * time.Hour

// Kept says so for the records.
func Kept() map[string]time.Duration { return map[string]time.Duration{"erasure": Life} }

// An Entry says that something was deleted.
type Entry struct {
	bun.BaseModel `bun:"table:erasures,alias:erasure" json:"-"`

	ID string `bun:"id,pk" json:"id"`
	// Kind is one of Person, Thing, Actor and Mail, Mark the hash of its id.
	Kind string    `json:"kind"`
	Mark string    `json:"mark"`
	At   time.Time `json:"at"`
}

// Mark gives the hash that stands for an id.
func Mark(kind, id string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + id))
	return hex.EncodeToString(sum[:])
}

// Note writes down that something is deleted, in the transaction that does it.
func Note(ctx context.Context, tx bun.Tx, kind string, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	rows := make([]*Entry, len(ids))
	for i, id := range ids {
		rows[i] = &Entry{ID: uuid.Must(uuid.NewV7()).String(), Kind: kind, Mark: Mark(kind, id), At: now}
	}
	for chunk := range slices.Chunk(rows, 200) {
		if _, err := tx.NewInsert().Model(&chunk).Exec(ctx); err != nil {
			return fmt.Errorf("note what was deleted: %w", err)
		}
	}
	return nil
}

// A List is the folder beside the data, with a file for each month.
type List struct {
	dir string
	db  *database.DB
	// since is from when on the database is looked at, recent what stands in the
	// folder of that time.
	since  time.Time
	recent map[string]time.Time
	loaded bool
}

// Folder is the name of the folder in that of the data.
const Folder = "deletions"

// NewList gives the list of the town in db, whose data is in dir.
func NewList(db *database.DB, dir string) *List {
	return &List{dir: filepath.Join(dir, Folder), db: db}
}

// overlap is how far a look goes back: what others commit late, and clocks that
// differ, must not leave a gap.
const overlap = 10 * time.Minute

// Follow copies into the folder what the database has beyond it. Whatever process
// does it, each on its own disk, has all of it; twice the same line does no harm.
// One List is used by one goroutine.
func (l *List) Follow(ctx context.Context) error {
	if !l.loaded {
		if err := l.load(); err != nil {
			return err
		}
	}
	began := time.Now().UTC()
	var list []*Entry
	if err := l.db.Read().NewSelect().Model(&list).Where("at >= ?", l.since).Order("at", "id").Scan(ctx); err != nil {
		return fmt.Errorf("read what was deleted: %w", err)
	}
	var fresh []*Entry
	for _, e := range list {
		if _, known := l.recent[e.ID]; !known {
			fresh = append(fresh, e)
		}
	}
	if err := l.write(fresh); err != nil {
		return err
	}
	for _, e := range fresh {
		l.recent[e.ID] = e.At
	}
	if since := began.Add(-overlap); since.After(l.since) {
		l.since = since
	}
	for id, at := range l.recent {
		if at.Before(l.since) {
			delete(l.recent, id)
		}
	}
	return nil
}

// load remembers where the folder ends.
func (l *List) load() error {
	all, err := l.Read()
	if err != nil {
		return err
	}
	l.recent, l.since = map[string]time.Time{}, time.Time{}
	for _, e := range all {
		if since := e.At.Add(-overlap); since.After(l.since) {
			l.since = since
		}
	}
	for _, e := range all {
		if !e.At.Before(l.since) {
			l.recent[e.ID] = e.At
		}
	}
	l.loaded = true
	return nil
}

// write appends entries, each a line in the file of its month, and waits until the
// disk has them. A line that broke off, when a process died, is left behind.
func (l *List) write(list []*Entry) error {
	if len(list) == 0 {
		return nil
	}
	if err := os.MkdirAll(l.dir, 0o750); err != nil {
		return fmt.Errorf("write what was deleted: %w", err)
	}
	lines := map[string][]byte{}
	for _, e := range list {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("write what was deleted: %w", err)
		}
		month := e.At.Format("2006-01")
		lines[month] = append(append(lines[month], line...), '\n')
	}
	for month, b := range lines {
		if err := appendTo(filepath.Join(l.dir, month+".jsonl"), b); err != nil {
			return fmt.Errorf("write what was deleted: %w", err)
		}
	}
	return nil
}

func appendTo(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	last := make([]byte, 1)
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		if _, err := f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			b = append([]byte{'\n'}, b...)
		}
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// Read gives what stands in the folder, each entry once, in the order of time; a
// line that broke off counts for nothing.
func (l *List) Read() ([]*Entry, error) {
	files, err := os.ReadDir(l.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was deleted: %w", err)
	}
	var all []*Entry
	known := map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".jsonl") {
			continue
		}
		f, err := os.Open(filepath.Join(l.dir, file.Name()))
		if err != nil {
			return nil, fmt.Errorf("read what was deleted: %w", err)
		}
		lines := bufio.NewReader(f)
		for {
			line, err := lines.ReadBytes('\n')
			e := new(Entry)
			if json.Unmarshal(line, e) == nil && e.ID != "" && !known[e.ID] {
				known[e.ID] = true
				all = append(all, e)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				_ = f.Close()
				return nil, fmt.Errorf("read what was deleted: %w", err)
			}
		}
		_ = f.Close()
	}
	slices.SortStableFunc(all, func(a, b *Entry) int { return a.At.Compare(b.At) })
	return all, nil
}

// asked is how many entries are looked for in the database at once.
const asked = 500

// Unknown gives what stands in the folder and not in the database: when there is
// any, the database is older than the folder. What is older than Life is left out.
func (l *List) Unknown(ctx context.Context, now time.Time) ([]*Entry, error) {
	all, err := l.Read()
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e *Entry) bool { return e.At.Before(now.Add(-Life)) })
	var list []*Entry
	for chunk := range slices.Chunk(all, asked) {
		ids := make([]string, len(chunk))
		for i, e := range chunk {
			ids[i] = e.ID
		}
		var there []string
		if err := l.db.Read().NewSelect().Model((*Entry)(nil)).Column("id").Where("id IN (?)", bun.List(ids)).Scan(ctx, &there); err != nil {
			return nil, fmt.Errorf("compare what was deleted: %w", err)
		}
		known := map[string]bool{}
		for _, id := range there {
			known[id] = true
		}
		for _, e := range chunk {
			if !known[e.ID] {
				list = append(list, e)
			}
		}
	}
	return list, nil
}

// Learn enters entries of the folder into the database: what they say is done.
func (l *List) Learn(ctx context.Context, tx bun.Tx, list ...*Entry) error {
	for chunk := range slices.Chunk(list, 200) {
		if _, err := tx.NewInsert().Model(&chunk).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("learn what was deleted: %w", err)
		}
	}
	return nil
}

// Take copies the files of another folder of this kind into that of the town.
func (l *List) Take(from string) error {
	other := &List{dir: from, db: l.db}
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("read the deletions: %w", err)
	}
	theirs, err := other.Read()
	if err != nil {
		return err
	}
	ours, err := l.Read()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, e := range ours {
		known[e.ID] = true
	}
	return l.write(slices.DeleteFunc(theirs, func(e *Entry) bool { return known[e.ID] }))
}

// Forget drops what is older than Life, in the database and in the folder.
func (l *List) Forget(ctx context.Context, now time.Time) error {
	files, err := os.ReadDir(l.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget deletions: %w", err)
	}
	last := now.Add(-Life).UTC().Format("2006-01") + ".jsonl"
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".jsonl") && f.Name() < last {
			if err := os.Remove(filepath.Join(l.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("forget deletions: %w", err)
			}
		}
	}
	return l.db.Prune(ctx, "erasures", "id", "at < ?", now.Add(-Life).UTC())
}
