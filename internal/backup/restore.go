package backup

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Restore makes the town of a backup again, in an empty database and an empty
// data folder, and brings its schema up to date. Unless onlyCopy says that no
// other copy of the town lives, federation stays off until Release. After an
// error the database is as empty as before, and Restore can be called again.
func (t *Town) Restore(ctx context.Context, file string, onlyCopy bool) (*Manifest, error) {
	a, err := open(file)
	if err != nil {
		return nil, err
	}
	defer a.close()
	if err := t.fits(a.Manifest); err != nil {
		return nil, err
	}
	if err := t.empty(ctx, a); err != nil {
		return nil, err
	}
	if err := t.DB.MigrateTo(ctx, a.Schema, t.queue); err != nil {
		return nil, err
	}
	if err := t.restoreFiles(a); err != nil {
		return nil, fmt.Errorf("restore files: %w", err)
	}
	err = t.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := t.restoreRows(ctx, tx, a); err != nil {
			return err
		}
		return setStandby(ctx, tx, !onlyCopy)
	})
	if err != nil {
		return nil, fmt.Errorf("restore rows: %w", err)
	}
	if err := t.DB.Migrate(ctx, t.queue); err != nil {
		return nil, fmt.Errorf("the town is restored, but its schema is old: %w", err)
	}
	return a.Manifest, nil
}

// queue brings the tables of the job queue up to date.
func (t *Town) queue(ctx context.Context, pool *sql.DB) error {
	return jobs.Migrate(ctx, pool, t.DB.Dialect())
}

// fits refuses a backup of a town with another address: every id begins with
// it.
func (t *Town) fits(m *Manifest) error {
	if m.Origin != t.Config.Origin || m.HandleDomain != t.Config.HandleHost() {
		return problem.Conflictf("the backup is of %s with handles at %s, the configuration says %s and %s: every id begins with the address, so set origin and handle_domain as they were",
			m.Origin, m.HandleDomain, t.Config.Origin, t.Config.HandleHost())
	}
	return nil
}

// empty refuses to write where something is.
func (t *Town) empty(ctx context.Context, a *archive) error {
	tables, err := t.DB.Tables(ctx, t.DB.Read())
	if err != nil {
		return err
	}
	for _, table := range tables {
		n, err := table.Count(ctx, t.DB.Read())
		if err != nil {
			return err
		}
		if n > 0 {
			return problem.Conflictf("the database is not empty (%s has rows): restore needs an empty one; name another under database in the configuration", table.Name)
		}
	}
	if applied, err := t.DB.Applied(ctx, t.DB.Read()); err != nil {
		return err
	} else if later := slices.DeleteFunc(applied, func(name string) bool { return slices.Contains(a.Schema, name) }); len(later) > 0 {
		return problem.Conflictf("the database has no rows but a later schema than the backup (%s): restore needs an empty database; name another in the configuration", later[0])
	}
	files, err := t.Files.Names()
	if err != nil {
		return err
	}
	for _, name := range files {
		// What is in the backup was left by a restore that broke off.
		if _, ours := a.parts[mediaFolder+name]; !ours {
			return problem.Conflictf("the folder %s is not empty: restore needs an empty one; name another under data in the configuration", filepath.Join(t.Config.Data, "media"))
		}
	}
	return nil
}

func (t *Town) restoreFiles(a *archive) error {
	secrets := filepath.Join(t.Config.Data, strings.TrimSuffix(secretFolder, "/"))
	for _, f := range a.Files {
		switch {
		case isIn(f.Name, mediaFolder):
			r, err := a.part(f.Name)
			if err != nil {
				return err
			}
			err = t.Files.Copy(path.Base(f.Name), r)
			if err := errors.Join(err, r.Close()); err != nil {
				return err
			}
		case isIn(f.Name, secretFolder):
			b, err := a.whole(f.Name)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(secrets, 0o700); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(secrets, path.Base(f.Name)), b, 0o600); err != nil {
				return err
			}
		}
	}
	return t.Files.Sync()
}

func (t *Town) restoreRows(ctx context.Context, tx bun.Tx, a *archive) error {
	tables, err := t.DB.Tables(ctx, tx)
	if err != nil {
		return err
	}
	if len(tables) != len(a.Tables) {
		return fmt.Errorf("the backup has %d tables and its schema %d", len(a.Tables), len(tables))
	}
	for _, table := range tables {
		if err := restoreTable(ctx, tx, table, a); err != nil {
			return err
		}
	}
	waiting, err := a.jobs()
	if err != nil {
		return err
	}
	return jobs.PutWaiting(ctx, tx, t.DB, waiting)
}

func restoreTable(ctx context.Context, tx bun.Tx, table *database.Table, a *archive) error {
	at := slices.IndexFunc(a.Tables, func(e Table) bool { return e.Name == table.Name })
	if at < 0 {
		return fmt.Errorf("the backup has no table %s", table.Name)
	}
	r, err := a.part(tablesFolder + table.Name + ".jsonl")
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // read only
	n, err := readTable(ctx, tx, table, r)
	if err != nil {
		return err
	}
	if n != a.Tables[at].Rows {
		return fmt.Errorf("table %s has %d rows in the backup, its manifest says %d", table.Name, n, a.Tables[at].Rows)
	}
	return nil
}

func (a *archive) jobs() ([]jobs.Waiting, error) {
	r, err := a.part(jobsName)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // read only
	var list []jobs.Waiting
	for dec := json.NewDecoder(bufio.NewReader(r)); ; {
		var w jobs.Waiting
		if err := dec.Decode(&w); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read waiting jobs: %w", err)
		}
		list = append(list, w)
	}
	if len(list) != a.Jobs {
		return nil, fmt.Errorf("the backup has %d waiting jobs, its manifest says %d", len(list), a.Jobs)
	}
	return list, nil
}

// standby is the setting that a restored town carries until somebody says that
// it is the only copy.
const standby = "standby"

func setStandby(ctx context.Context, tx bun.Tx, on bool) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM settings WHERE key = ?", standby); err != nil {
		return fmt.Errorf("set standby: %w", err)
	}
	if on {
		if _, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, ?)", standby, time.Now().UTC().Format(time.RFC3339)); err != nil {
			return fmt.Errorf("set standby: %w", err)
		}
	}
	database.Ring(ctx)
	return nil
}

// Standby tells whether the town of a database was restored and nobody has said
// yet that it is the only copy: two towns with the same keys would contradict
// each other.
func Standby(ctx context.Context, q bun.IDB) (bool, error) {
	on, err := q.NewSelect().Table("settings").Where("key = ?", standby).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("read standby: %w", err)
	}
	return on, nil
}

// Release says that the restored town is the only copy: federation begins. A
// town that does not stand by is a problem.Conflict.
func Release(ctx context.Context, db *database.DB) error {
	return db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		on, err := Standby(ctx, tx)
		if err != nil {
			return err
		}
		if !on {
			return problem.Conflictf("federation is on already: nothing was restored here that waits for this word")
		}
		return setStandby(ctx, tx, false)
	})
}
