package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Pictures lists the files of the pictures that rows of a database name, of the
// town at origin.
type Pictures func(ctx context.Context, q bun.IDB, origin string) ([]string, error)

// A Town is what is saved and brought back.
type Town struct {
	Config *config.Config
	DB     *database.DB
	Files  *media.Store
	// Version is that of the program.
	Version  string
	Pictures Pictures
}

// Save writes everything into one file at path: whole, or not at all. A file
// that is there is replaced only with force. The town may work meanwhile; what
// it committed before Save began is in the file, and of everything else all or
// nothing.
func (t *Town) Save(ctx context.Context, path string, force bool) (*Manifest, error) {
	return t.save(ctx, path, force, func() (*os.File, error) {
		return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	})
}

func (t *Town) save(ctx context.Context, path string, force bool, create func() (*os.File, error)) (*Manifest, error) {
	if err := vacant(path, force); err != nil {
		return nil, err
	}
	// Readable by the owner alone: there are keys in it.
	part, err := create()
	if err != nil {
		return nil, fmt.Errorf("make backup: %w", err)
	}
	m, err := t.fill(ctx, part)
	err = errors.Join(err, part.Close())
	if err == nil {
		err = vacant(path, force)
	}
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		_ = os.Remove(part.Name())
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return nil, problem.Unavailablef("the disk of %s is full: nothing is left behind; make room, or name a file on another disk (%w)", path, err)
		}
		return nil, fmt.Errorf("make backup: %w", err)
	}
	return m, syncFolder(filepath.Dir(path))
}

func vacant(path string, force bool) error {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("make backup: %w", err)
	case !force:
		return problem.Conflictf("%s exists: name another file, or replace it with --force", path)
	}
	return nil
}

func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("make backup durable: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// fill writes all parts. The rows come first and the pictures after them: a
// picture is on disk before a row names it, and none is swept away until the
// end.
func (t *Town) fill(ctx context.Context, file *os.File) (*Manifest, error) {
	release, err := t.Files.LockForBackup()
	if err != nil {
		return nil, err
	}
	defer release()
	m := &Manifest{
		Format: format, Program: t.Version, Made: time.Now().UTC().Truncate(time.Second), Dialect: string(t.DB.Dialect()),
		Origin: t.Config.Origin, HandleDomain: t.Config.HandleHost(), Name: t.Config.Name, Language: t.Config.Language, Timezone: t.Config.Timezone,
	}
	w := newWriter(file, m)
	var pictures []string
	err = t.DB.Snapshot(ctx, func(ctx context.Context, q bun.IDB) error {
		if m.Schema, err = t.DB.Applied(ctx, q); err != nil {
			return err
		}
		if err := t.saveRows(ctx, q, w); err != nil {
			return err
		}
		pictures, err = t.Pictures(ctx, q, t.Config.Origin)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range pictures {
		if err := t.savePicture(w, name); err != nil {
			return nil, err
		}
	}
	if err := t.saveSecrets(w); err != nil {
		return nil, err
	}
	return m, w.close()
}

func (t *Town) saveRows(ctx context.Context, q bun.IDB, w *writer) error {
	tables, err := t.DB.Tables(ctx, q)
	if err != nil {
		return err
	}
	for _, table := range tables {
		entry := Table{Name: table.Name}
		err := w.part(tablesFolder+table.Name+".jsonl", func(to io.Writer) error {
			entry.Rows, err = writeTable(ctx, q, table, to)
			return err
		})
		if err != nil {
			return err
		}
		w.m.Tables = append(w.m.Tables, entry)
	}
	waiting, err := jobs.ListWaiting(ctx, q, t.DB.Dialect())
	if err != nil {
		return err
	}
	w.m.Jobs = len(waiting)
	return w.part(jobsName, func(to io.Writer) error {
		enc := json.NewEncoder(to)
		for _, job := range waiting {
			if err := enc.Encode(job); err != nil {
				return err
			}
		}
		return nil
	})
}

// savePicture copies a picture. One that is lost already must not keep the rest
// from being saved: the manifest names it.
func (t *Town) savePicture(w *writer, name string) error {
	f, err := t.Files.Open(name)
	if problem.KindOf(err) == problem.NotFound {
		w.m.Missing = append(w.m.Missing, name)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // read only
	return w.part(mediaFolder+name, func(to io.Writer) error {
		_, err := io.Copy(to, f)
		return err
	})
}

// saveSecrets copies what the program keeps secret outside the database.
func (t *Town) saveSecrets(w *writer) error {
	root := filepath.Join(t.Config.Data, strings.TrimSuffix(secretFolder, "/"))
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list secrets: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return !e.Type().IsRegular() })
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(root, e.Name()))
		if err != nil {
			return fmt.Errorf("read secret: %w", err)
		}
		err = w.part(secretFolder+e.Name(), func(to io.Writer) error {
			_, err := to.Write(b)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
