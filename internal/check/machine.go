package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"codeberg.org/aushang/aushang/internal/database"
)

// room is how much must be free on a disk, in bytes.
const room = 512 << 20

// sqlitePath gives the file of the database; "" for PostgreSQL.
func (l *look) sqlitePath() string {
	path, _ := strings.CutPrefix(l.Config.Database, "sqlite:")
	if path == l.Config.Database {
		return ""
	}
	return path
}

// disks looks whether there is room where the town writes.
func (l *look) disks() {
	l.disk("disk of the data", l.Config.Data)
	if path := l.sqlitePath(); path != "" {
		l.disk("disk of the database", filepath.Dir(path))
	}
}

func (l *look) disk(what, dir string) {
	var s syscall.Statfs_t
	err := syscall.Statfs(dir, &s)
	free := s.Bavail * uint64(s.Bsize) //nolint:gosec // a block size is positive
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fault(what, "aushang migrate makes it; or name another folder under data and database.", "there is no folder %s", dir)
	case err != nil:
		l.fault(what, "Look at the folder as the user of the program.", "%s cannot be looked at: %v", dir, err)
	case free < room:
		l.fault(what, "Make room, or move the folder to a larger disk.", "%s has %s left", dir, size(free))
	default:
		l.ok(what, "%s has %s left", dir, size(free))
	}
}

func size(n uint64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}

// secrets looks whether others on the machine may read what is secret: the
// database holds keys, and so does the folder "secrets".
func (l *look) secrets() {
	paths := []string{l.sqlitePath(), l.Config.TLSKey}
	inside, err := filepath.Glob(filepath.Join(l.Config.Data, "secrets", "*"))
	if err == nil {
		paths = append(paths, inside...)
	}
	looked := 0
	for _, path := range paths {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the look at the database says so
		}
		if err != nil {
			l.fault("secrets", "Look at it as the user of the program.", "%s cannot be looked at: %v", path, err)
			continue
		}
		looked++
		if info.Mode().Perm()&0o007 != 0 && reachable(path) {
			l.fault("secrets", "chmod o= "+path, "every user of this machine may read %s (mode %o)", path, info.Mode().Perm())
			return
		}
	}
	l.ok("secrets", "%d files that no other user may read", looked)
}

// reachable tells whether other users may enter the folder of a file.
func reachable(path string) bool {
	info, err := os.Stat(filepath.Dir(path))
	return err != nil || info.Mode().Perm()&0o001 != 0
}

// skew is how far a clock may be away.
const skew = 30 * time.Second

func (l *look) clock(what string, theirs time.Time) {
	away := time.Since(theirs).Round(time.Second)
	if away.Abs() > skew {
		l.fault(what, "Let both machines keep their time by NTP: other servers refuse what is signed at the wrong time.",
			"it is %s away from the clock of this machine", away.Abs())
		return
	}
	l.ok(what, "as this machine's, to %s", skew)
}

// database looks whether the database can be relied on, and gives what the town
// calls itself there.
func (l *look) database(ctx context.Context) (handle, id string) {
	if path := l.sqlitePath(); path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			l.fault("database", "aushang migrate makes it; or mend the path under database.", "there is no file %s yet", path)
			return "", ""
		}
	}
	db, err := database.Open(ctx, l.Config.Database)
	if err != nil {
		l.fault("database", "Look whether it runs and whether user, password and name under database are right.", "it cannot be opened: %v", err)
		return "", ""
	}
	defer db.Close() //nolint:errcheck // it was only read
	l.ok("database", "%s answers", db.Dialect())
	if !l.schema(ctx, db) {
		return "", ""
	}
	safe, err := db.Check(ctx)
	if err != nil {
		l.fault("rows", "Stop serve, keep a copy of the database as it is, and restore the newest backup that aushang verify calls whole.", "%v", err)
	} else {
		l.ok("rows", "%s", safe)
	}
	if err := db.Durable(ctx); err != nil {
		l.fault("durability", "Set it back in the configuration of PostgreSQL.", "%v", err)
	} else {
		l.ok("durability", "what is committed survives a crash of the machine")
	}
	if now, err := db.Now(ctx); err == nil {
		l.clock("clock of the database", now)
	}
	l.standby(ctx, db)
	l.law(ctx, db)
	l.letters(ctx, db)
	handle, id, err = l.Account(ctx, db)
	if err != nil {
		l.fault("rows", "aushang migrate makes what is missing.", "the town does not know itself: %v", err)
	}
	return handle, id
}

// schema looks whether the schema is that of the program.
func (l *look) schema(ctx context.Context, db *database.DB) bool {
	applied, err := db.Applied(ctx, db.Read())
	if err != nil {
		l.fault("schema", "Look whether the user under database may read the tables.", "%v", err)
		return false
	}
	known, err := db.Known()
	if err != nil {
		l.fault("schema", "The program is broken: use another copy of it.", "%v", err)
		return false
	}
	have := map[string]bool{}
	for _, name := range applied {
		have[name] = true
	}
	var missing []string
	for _, name := range known {
		if !have[name] {
			missing = append(missing, name)
		}
		delete(have, name)
	}
	switch {
	case len(have) > 0:
		l.fault("schema", "Use the version that wrote it, or a later one.", "it is of a later version of the program")
	case len(missing) > 0:
		l.fault("schema", "aushang migrate, or start serve: both bring it up to date.", "%d changes are missing (%s)", len(missing), strings.Join(missing, ", "))
	default:
		l.ok("schema", "up to date (%s)", known[len(known)-1])
	}
	return len(have)+len(missing) == 0
}

// law looks whether the pages that the law asks for are whole.
func (l *look) law(ctx context.Context, db *database.DB) {
	const what = "legal pages"
	if !l.Config.Public() {
		l.skip(what, "a trial: federation and registration work without them")
		return
	}
	missing, err := l.Law(ctx, db)
	switch {
	case err != nil:
		l.fault(what, "Look at the database.", "%v", err)
	case missing != "":
		l.fault(what, l.Mend, "federation and registration wait for them; missing: %s", missing)
	default:
		l.ok(what, "whole")
	}
}

func (l *look) standby(ctx context.Context, db *database.DB) {
	on, err := l.Standby(ctx, db)
	switch {
	case err != nil:
		l.fault("federation", "Look at the database.", "%v", err)
	case on:
		l.fault("federation", "When no other copy of the town runs: aushang restore --only-copy.", "it is off, because the town was restored from a backup")
	default:
		l.ok("federation", "on")
	}
}
