package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/media"
)

// A Finding is one thing that was looked at.
type Finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	// Says tells what was found.
	Says string `json:"says"`
}

// Report is what Verify found.
type Report struct {
	Manifest *Manifest `json:"manifest,omitempty"`
	Findings []Finding `json:"findings"`
}

// OK tells whether nothing is wrong.
func (r *Report) OK() bool {
	for _, f := range r.Findings {
		if !f.OK {
			return false
		}
	}
	return true
}

// add enters what was looked at: fine without err, and else what err says.
func (r *Report) add(what string, err error, fine string, args ...any) bool {
	if err != nil {
		r.Findings = append(r.Findings, Finding{what, false, err.Error()})
		return false
	}
	r.Findings = append(r.Findings, Finding{what, true, fmt.Sprintf(fine, args...)})
	return true
}

// Verify proves a backup without touching any town: it checks every byte and
// restores it into a database of its own, which is gone at the end. pictures
// lists what rows of a database name, for the origin of the backup.
func Verify(ctx context.Context, file string, pictures Pictures) *Report {
	r := new(Report)
	a, err := open(file)
	if !r.add("every byte", err, "as it was written") {
		return r
	}
	defer a.close()
	r.Manifest = a.Manifest
	r.add("parts", a.checkParts(), "%d files with the size and the SHA-256 of the manifest", len(a.Files))
	r.trial(ctx, a, pictures)
	return r
}

// checkParts compares every part with the manifest.
func (a *archive) checkParts() error {
	if len(a.parts) != len(a.Files)+1 {
		return fmt.Errorf("there are %d files, the manifest names %d", len(a.parts)-1, len(a.Files))
	}
	for _, f := range a.Files {
		r, err := a.part(f.Name)
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.Copy(sum, r)
		_ = r.Close()
		if err != nil {
			return fmt.Errorf("read %s: %w", f.Name, err)
		}
		if n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
			return fmt.Errorf("%s is not what the manifest says", f.Name)
		}
	}
	return nil
}

// trial restores the rows into a SQLite database for this purpose alone.
func (r *Report) trial(ctx context.Context, a *archive, pictures Pictures) {
	dir, err := os.MkdirTemp("", "aushang-verify-")
	if !r.add("a place for a trial", err, "%s", os.TempDir()) {
		return
	}
	defer os.RemoveAll(dir) //nolint:errcheck // what is left is in the folder for such things
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(dir, "trial.db"))
	if err != nil {
		r.add("schema", err, "")
		return
	}
	defer db.Close() //nolint:errcheck // it is thrown away
	files, err := media.NewStore(dir)
	if err != nil {
		r.add("schema", err, "")
		return
	}
	c := config.Defaults()
	c.Data = dir
	t := &Town{Config: &c, DB: db, Files: files}
	last := "none"
	if n := len(a.Schema); n > 0 {
		last = a.Schema[n-1]
	}
	if !r.add("schema", db.MigrateTo(ctx, a.Schema, t.queue), "known, up to %s", last) {
		return
	}
	err = db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return t.restoreRows(ctx, tx, a) })
	if !r.add("rows", err, "%d in %d tables, as many as the manifest says", a.Rows(), len(a.Tables)) {
		return
	}
	r.add("references", none(db.Orphans(ctx)), "every row finds the rows that it refers to")
	r.add("later schema", db.Migrate(ctx, t.queue), "the rows can be brought up to date")
	named, err := pictures(ctx, db.Read(), a.Origin)
	if err == nil {
		err = a.checkPictures(named)
	}
	r.add("pictures", err, "%d, each named by a row, and none missing", a.Pictures())
}

// none makes an error of a list that should be empty.
func none(list []string, err error) error {
	if err == nil && len(list) > 0 {
		return fmt.Errorf("%d rows refer to nothing: %s", len(list), strings.Join(list[:min(len(list), 5)], ", "))
	}
	return err
}

// checkPictures compares the pictures in the backup with those that rows name.
func (a *archive) checkPictures(named []string) error {
	wanted := map[string]bool{}
	var missing, stray []string
	for _, name := range named {
		wanted[name] = true
		if a.parts[mediaFolder+name] == nil {
			missing = append(missing, name)
		}
	}
	for _, f := range a.Files {
		if isIn(f.Name, mediaFolder) && !wanted[path.Base(f.Name)] {
			stray = append(stray, path.Base(f.Name))
		}
	}
	switch {
	case len(missing) > 0:
		return fmt.Errorf("%d that rows name are missing: %s", len(missing), strings.Join(missing[:min(len(missing), 5)], ", "))
	case len(stray) > 0:
		return fmt.Errorf("%d are named by no row: %s", len(stray), strings.Join(stray[:min(len(stray), 5)], ", "))
	}
	return nil
}
