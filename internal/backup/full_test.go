package backup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestFullDisk: a disk without room ends with one sentence and leaves nothing
// behind.
func TestFullDisk(t *testing.T) {
	c := config.Defaults()
	c.Data = t.TempDir()
	db, err := database.Open(t.Context(), databasetest.SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is over
	files, err := media.NewStore(c.Data)
	if err != nil {
		t.Fatal(err)
	}
	town := &Town{Config: &c, DB: db, Files: files, Pictures: func(context.Context, bun.IDB, string) ([]string, error) { return nil, nil }}
	if err := db.Migrate(t.Context(), town.queue); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, part := filepath.Join(dir, "town.zip"), filepath.Join(dir, ".town.part")
	_, err = town.save(t.Context(), path, false, func() (*os.File, error) {
		if err := os.Symlink("/dev/full", part); err != nil { // writing there is a full disk
			return nil, err
		}
		return os.OpenFile(part, os.O_WRONLY, 0)
	})
	if !errors.Is(err, syscall.ENOSPC) || problem.KindOf(err) != problem.Unavailable || !strings.Contains(err.Error(), "disk") {
		t.Errorf("%v", err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
}
