package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"codeberg.org/aushang/aushang/internal/backup"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/object"
)

// Backup writes the town into one file, while it may be at work.
func (t *Town) Backup(ctx context.Context, path string, force bool) (*backup.Manifest, error) {
	return saved(t.Config, t.db, t.files).Save(ctx, path, force)
}

// Verify proves a backup without touching any town.
func Verify(ctx context.Context, path string) *backup.Report {
	return backup.Verify(ctx, path, object.Files)
}

// Restore makes the town of a backup where nothing is. Without onlyCopy its
// federation stays off until Release.
func Restore(ctx context.Context, c *config.Config, path string, onlyCopy bool) (m *backup.Manifest, err error) {
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	files, err := media.NewStore(c.Data)
	if err != nil {
		return nil, err
	}
	db, err := database.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return saved(c, db, files).Restore(ctx, path, onlyCopy)
}

func saved(c *config.Config, db *database.DB, files *media.Store) *backup.Town {
	return &backup.Town{Config: c, DB: db, Files: files, Version: Version, Pictures: object.Files}
}

// Release says that this restored town is the only copy, and lets it federate.
func (t *Town) Release(ctx context.Context) error { return backup.Release(ctx, t.db) }

// MigrateBack takes the last change of the schema back.
func MigrateBack(ctx context.Context, c *config.Config) (names []string, err error) {
	db, err := database.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.MigrateBack(ctx)
}

// standbySentence is what serve warns of and check reports.
const standbySentence = "This town was restored from a backup and federation is off: when no other copy of it runs, say so with aushang restore --only-copy."

// awaitRelease returns true as soon as the town may federate, at once when it
// never stood by; false when ctx ends before.
func (t *Town) awaitRelease(ctx context.Context) bool {
	if !t.standby.Load() {
		return true
	}
	t.log.Warn(standbySentence)
	rings, stop := t.db.Bell()
	defer stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-rings:
		case <-tick.C:
		}
		on, err := backup.Standby(ctx, t.db.Read())
		if err != nil {
			t.log.LogAttrs(ctx, slog.LevelError, "read standby", slog.String("error", err.Error()))
			continue
		}
		if !on {
			t.standby.Store(false)
			t.log.Info("federation is on")
			return true
		}
	}
}

// standbyRetry is how long other servers are asked to wait, in seconds.
const standbyRetry = "3600"

// unlessStandby asks who delivers to come again while the town stands by.
func (t *Town) unlessStandby(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t.standby.Load() {
			w.Header().Set("Retry-After", standbyRetry)
			http.Error(w, "this server was just restored; try again later", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}
