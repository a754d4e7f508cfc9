package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/event"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
)

// furnish gives the village something of everything: pictures, a waiting job,
// a follower far away to whom things wait, and what others wrote.
func (v *village) furnish() {
	v.t.Helper()
	anna := v.meet("https://far.test/users/anna")
	v.receive(`{"id":"https://far.test/f/1","type":"Follow","actor":"%s","object":"%s"}`, anna, v.club.ID)
	e := v.event("Sommerfest")
	v.receive(`{"id":"https://far.test/c/1","type":"Create","actor":"%s","object":{"id":"https://far.test/n/1","type":"Note","attributedTo":"%s","content":"<p>Schön: „ß“ \u0000 😀</p>","inReplyTo":"%s","to":["https://www.w3.org/ns/activitystreams#Public"]}}`, anna, anna, e.ID)
	logo := &object.Upload{Image: bytes.NewReader(mediatest.JPEG("logo")), Alt: "Wappen"}
	if _, err := v.Clubs.Change(v.t.Context(), actor.Operator, "tsv", club.Change{Logo: object.PictureChange{New: logo}}); err != nil {
		v.t.Fatal(err)
	}
	_, err := v.Events.Create(v.t.Context(), actor.Operator, event.Draft{
		AttributedTo: v.club.ID, Name: "Konzert", Start: "2027-08-10T19:00", Picture: &object.Upload{Image: bytes.NewReader(mediatest.PNG("x")), Alt: "Bühne"},
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.person("ruth@example.org", account.Townhall)
}

// content is every row of the town's own tables, as text and in order.
func content(t *testing.T, db *database.DB) map[string][]string {
	t.Helper()
	return rowsIn(t, db, func(string, string) bool { return true })
}

// rowsIn is content in the columns that are wanted.
func rowsIn(t *testing.T, db *database.DB, wanted func(table, column string) bool) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	tables, err := db.Tables(t.Context(), db.Read())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		err := table.Each(t.Context(), db.Read(), func(row []any) error {
			line := []string{}
			for i, c := range table.Columns {
				if wanted(table.Name, c.Name) {
					line = append(line, fmt.Sprintf("%s=%v", c.Name, row[i]))
				}
			}
			if len(line) > 0 {
				slices.Sort(line)
				all[table.Name] = append(all[table.Name], strings.Join(line, " "))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(all[table.Name])
	}
	return all
}

// reopen opens a town that somebody else has made.
func reopen(t *testing.T, c *config.Config, log *slog.Logger) *Town {
	t.Helper()
	town, err := Open(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = town.Close() })
	return town
}

// elsewhere is the configuration of the same town on another machine.
func elsewhere(t *testing.T, v *village, url string) *config.Config {
	t.Helper()
	c := *v.Config
	c.Database, c.Data = url, t.TempDir()
	return &c
}

// TestBackupComesBack: what was saved is the same after restore, from each
// database to each.
func TestBackupComesBack(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.furnish()
		file := filepath.Join(t.TempDir(), "town.zip")
		m, err := v.Backup(t.Context(), file, false)
		if err != nil {
			t.Fatal(err)
		}
		if m.Pictures() == 0 || m.Jobs == 0 || len(m.Missing) > 0 {
			t.Errorf("%d pictures, %d jobs, missing %v", m.Pictures(), m.Jobs, m.Missing)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("a backup holds keys and has the mode %v, %v", info.Mode(), err)
		}
		for _, f := range Verify(t.Context(), file).Findings {
			if !f.OK {
				t.Errorf("%s: %s", f.What, f.Says)
			}
		}
		want := content(t, v.db)
		databasetest.Each(t, func(t *testing.T, url string) {
			c := elsewhere(t, v, url)
			if _, err := Restore(t.Context(), c, file, true); err != nil {
				t.Fatal(err)
			}
			town := reopen(t, c, slog.New(slog.DiscardHandler))
			if diff := cmp.Diff(want, content(t, town.db)); diff != "" {
				t.Errorf("not the same town (-saved +restored):\n%s", diff)
			}
			sameFiles(t, filepath.Join(v.Config.Data, "media"), filepath.Join(c.Data, "media"))
			jobs, err := town.db.Read().NewSelect().Table("river_job").Where("kind = 'shrink_picture'").Count(t.Context())
			if err != nil || int(jobs) == 0 {
				t.Errorf("%d jobs wait, %v", jobs, err)
			}
			if _, err := Restore(t.Context(), c, file, true); problem.KindOf(err) != problem.Conflict {
				t.Errorf("restored over a town: %v", err)
			}
			// What is numbered goes on where it was.
			(&village{Town: town, t: t, club: v.club}).post("Neu")
		})
	})
}

func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	list, err := os.ReadDir(a)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d files in %s, %v", len(list), a, err)
	}
	for _, e := range list {
		one, err := os.ReadFile(filepath.Join(a, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if other, err := os.ReadFile(filepath.Join(b, e.Name())); err != nil || !bytes.Equal(one, other) {
			t.Errorf("%s: %v, %d and %d bytes", e.Name(), err, len(one), len(other))
		}
	}
}

// TestBackupRefuses: nothing is overwritten, and nothing is restored where it
// does not belong.
func TestBackupRefuses(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.furnish()
	dir := t.TempDir()
	file := filepath.Join(dir, "town.zip")
	for i, force := range []bool{false, false, true} {
		_, err := v.Backup(t.Context(), file, force)
		if wrong := problem.KindOf(err) == problem.Conflict; wrong != (i == 1) || err != nil && !wrong {
			t.Errorf("backup %d: %v", i, err)
		}
	}
	if _, err := v.Backup(t.Context(), filepath.Join(dir, "none", "town.zip"), false); err == nil {
		t.Error("a backup in a folder that is not there")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	fresh := func(change func(*config.Config)) *config.Config {
		c := elsewhere(t, v, databasetest.SQLite(t))
		change(c)
		return c
	}
	for name, c := range map[string]*config.Config{
		"another address": fresh(func(c *config.Config) { c.Origin = "https://there.test" }),
		"another handle":  fresh(func(c *config.Config) { c.HandleDomain = "dorf.test" }),
		"a data folder with pictures": fresh(func(c *config.Config) {
			if err := os.MkdirAll(filepath.Join(c.Data, "media"), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(c.Data, "media", "x.jpg"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}),
	} {
		if _, err := Restore(t.Context(), c, file, true); problem.KindOf(err) != problem.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBackupNamesWhatIsLost: a picture that is gone keeps nothing else from
// being saved, and is not passed over.
func TestBackupNamesWhatIsLost(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.furnish()
	names, err := v.files.Names()
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	if err := v.files.Remove(names[0]); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "town.zip")
	m, err := v.Backup(t.Context(), file, false)
	if err != nil || !slices.Equal(m.Missing, names[:1]) {
		t.Fatalf("missing %v, %v", m.Missing, err)
	}
	r := Verify(t.Context(), file)
	says := fmt.Sprint(r.Findings)
	if r.OK() || !strings.Contains(says, names[0]) {
		t.Errorf("verify says %s", says)
	}
}

// TestVerifyFindsEveryByte: a backup of which one byte was flipped, or the end
// is gone, is never called whole.
func TestVerifyFindsEveryByte(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	v.furnish()
	file := filepath.Join(t.TempDir(), "town.zip")
	if _, err := v.Backup(t.Context(), file, false); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "damaged.zip")
	check := func(what string, b []byte) {
		t.Helper()
		if err := os.WriteFile(damaged, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if Verify(t.Context(), damaged).OK() {
			t.Errorf("%s is not found", what)
		}
		if _, err := Restore(t.Context(), elsewhere(t, v, databasetest.SQLite(t)), damaged, true); err == nil {
			t.Errorf("%s is restored", what)
		}
	}
	step := len(whole) / 150
	for at := 0; at < len(whole); at += step {
		b := slices.Clone(whole)
		b[at] ^= 1 << (at % 8)
		check(fmt.Sprintf("a flipped bit at %d of %d", at, len(whole)), b)
	}
	for at := len(whole) - 100; at < len(whole); at++ { // the seal and what is before it
		b := slices.Clone(whole)
		b[at] ^= 1
		check(fmt.Sprintf("a flipped bit at %d of %d", at, len(whole)), b)
	}
	check("an end that is gone", whole[:len(whole)-1])
	check("a half", whole[:len(whole)/2])
	check("an empty file", nil)
	check("something behind it", append(slices.Clone(whole), 0))
}

// TestStandby: a restored town federates only when it is called the only copy.
func TestStandby(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		v.furnish()
		file := filepath.Join(t.TempDir(), "town.zip")
		if _, err := v.Backup(t.Context(), file, false); err != nil {
			t.Fatal(err)
		}
		c := elsewhere(t, v, databasetest.SQLite(t))
		if _, err := Restore(t.Context(), c, file, false); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		town := reopen(t, c, slog.New(slog.NewTextHandler(&said, nil)))
		back := &village{Town: town, t: t}
		deliver := func() *httptest.ResponseRecorder {
			h, err := town.routes(town.Activities.Queue(town.mux, town.log))
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/ap/inbox", strings.NewReader("{}")))
			return w
		}
		if w := deliver(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("the inbox answers %d %v", w.Code, w.Header())
		}
		if _, err := town.client.Get(t.Context(), "https://far.test/users/anna", nil); err == nil || !strings.Contains(err.Error(), "far.test") {
			t.Errorf("fetched: %v", err)
		}
		if w := back.get("/", html); w.Code != http.StatusOK {
			t.Errorf("readers get %d", w.Code)
		}
		b := back.signedIn("ruth@example.org")
		b.open("/rathaus")
		b.shows(200, "Verbindung zu anderen Plattformen ruht", "aushang restore --only-copy")
		awaited := make(chan bool, 1)
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		go func() { awaited <- town.awaitRelease(ctx) }()
		if err := reopen(t, c, slog.New(slog.DiscardHandler)).Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !<-awaited {
			t.Fatal("federation stays off")
		}
		if !strings.Contains(said.String(), "restored from a backup") {
			t.Errorf("serve warns of nothing: %s", said.String())
		}
		if w := deliver(); w.Code == http.StatusServiceUnavailable {
			t.Errorf("the inbox answers %d", w.Code)
		}
		b.open("/rathaus")
		b.hides("only-copy")
		if err := town.Release(t.Context()); problem.KindOf(err) != problem.Conflict {
			t.Errorf("released twice: %v", err)
		}
	})
}

// TestSweepWaitsForBackup: no picture disappears while a backup is being made.
func TestSweepWaitsForBackup(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	release, err := v.files.LockForBackup()
	if err != nil {
		t.Fatal(err)
	}
	if _, free, err := v.files.LockForSweep(); free || err != nil {
		t.Errorf("swept during a backup: %v, %v", free, err)
	}
	release()
	sweeping, free, err := v.files.LockForSweep()
	if !free || err != nil {
		t.Fatalf("not swept after the backup: %v, %v", free, err)
	}
	sweeping()
}
