package proof

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
)

// planted is the beginning of every word that is hidden in a picture.
const planted = "VERBORGEN"

// TestProofPlanted hides words wherever a picture can hide them and finds them
// in no file of the town, no row of its database and no answer of any address.
func TestProofPlanted(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		w := found(t, "dorf.test", connected(t).freePort(t), url)
		club := w.make(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--active")
		w.serve(t)
		for name, build := range map[string]func(string) []byte{"a.jpg": mediatest.JPEG, "b.png": mediatest.PNG, "c.webp": mediatest.WebP} {
			file := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(file, build(planted), 0o600); err != nil {
				t.Fatal(err)
			}
			w.make(t, "event", "add", "--club", "tsv", "--name", "Fest mit "+name, "--start", "2027-07-10", "--image", file, "--alt", "Ein Bild")
			w.make(t, "club", "change", "tsv", "--logo", file, "--alt", "Wappen")
		}
		act(t, "three pictures and logos with words hidden in EXIF, GPS, XMP, IPTC, ICC, thumbnail, tEXt, iTXt, zTXt, eXIf are published")
		// The smaller copies are made by jobs: two of each picture.
		until(t, patience, "all copies are made", func() (int, string) {
			entries, err := os.ReadDir(filepath.Join(w.dir, "data", "media"))
			half := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".part") })
			if err != nil || len(entries) < 9 || half {
				return 0, fmt.Sprintf("%d files, one not finished: %v, %v", len(entries), half, err)
			}
			return len(entries), ""
		})
		files := w.files(t)
		act(t, "none of them is in %d files under data", files)
		rows := clean(t, url)
		act(t, "none of them is in %d rows", rows)
		all := w.everything(t, club)
		all.never(t, planted)
		act(t, "none of them is in %d answers", len(all)+w.pictures(t))
	})
}

// files looks at every file of the town.
func (w *town) files(t *testing.T) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(w.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), planted) {
			t.Errorf("%s has it", path)
		}
		n++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// pictures reads every picture over the web.
func (w *town) pictures(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(w.dir, "data", "media"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		answer := w.get(t, w.origin+"/media/"+e.Name(), "image/*")
		if answer.status != 200 || strings.Contains(answer.body, planted) {
			t.Errorf("/media/%s: %d", e.Name(), answer.status)
		}
	}
	return len(entries)
}

// clean looks at every row of every table.
func clean(t *testing.T, url string) int {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tables []string
	query := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if db.Dialect() == database.Postgres {
		query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
	}
	if err := db.Read().NewRaw(query).Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, table := range tables {
		n += rows(t, db, table)
	}
	return n
}

// rows looks at every value of every row of a table.
func rows(t *testing.T, db *database.DB, table string) int {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), "SELECT * FROM ?", bun.Ident(table))
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		for i, value := range values {
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			if strings.Contains(fmt.Sprint(value), planted) {
				t.Errorf("%s.%s has it: %v", table, columns[i], value)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return n
}
