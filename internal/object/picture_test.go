package object

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
	"codeberg.org/aushang/aushang/internal/problem"
)

// TestPictureOfTwo: one picture that belongs to two things stays as long as one
// of them does, and nobody gets it by guessing.
func TestPictureOfTwo(t *testing.T) {
	t.Run("T-ID-28 T-ID-29 a picture belongs to who handed it in", func(t *testing.T) {
		databasetest.Each(t, func(t *testing.T, url string) {
			dir := t.TempDir()
			db, err := database.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			files, err := media.NewStore(dir)
			if err != nil {
				t.Fatal(err)
			}
			s, objects := NewPictures(db, files, jobs.NewWorkers(), "https://here.test"), New(db, actor.Site{Origin: "https://here.test"})
			write := func(f func(ctx context.Context, tx bun.Tx) error) {
				t.Helper()
				if err := db.Write(t.Context(), f); err != nil {
					t.Fatal(err)
				}
			}
			for _, n := range []string{"1", "2"} {
				a, err := s.Keep(t.Context(), &Upload{Image: bytes.NewReader(mediatest.JPEG("x")), Alt: "Fest"})
				if err != nil {
					t.Fatal(err)
				}
				o := &Object{ID: "https://here.test/ap/objects/" + n, Type: "Note", Local: true, AttributedTo: "https://here.test/ap/actors/" + n, Visibility: Public, Published: time.Now(), Attachment: []*Attachment{a}}
				write(func(ctx context.Context, tx bun.Tx) error { _, err := objects.Put(ctx, tx, o); return err })
			}
			list, err := filepath.Glob(filepath.Join(dir, "media", "*"))
			if err != nil || len(list) != 1 {
				t.Fatalf("%v, %v", list, err)
			}
			if err := os.Chtimes(list[0], time.Time{}, time.Now().Add(-2*young)); err != nil {
				t.Fatal(err)
			}
			for _, who := range []string{"1", "2"} { // neither may take the other's with it
				write(func(ctx context.Context, tx bun.Tx) error {
					return objects.Remove(ctx, tx, "https://here.test/ap/objects/1", "https://here.test/ap/actors/"+who)
				})
				if err := s.sweep(t.Context(), Sweep{}); err != nil {
					t.Fatal(err)
				}
				if _, err := os.Stat(list[0]); err != nil {
					t.Errorf("the picture of another thing is gone: %v", err)
				}
			}
			for _, held := range []string{"guessed", filepath.Base(list[0]), "https://here.test/media/" + filepath.Base(list[0]), "https://here.test/ap/objects/2", "' OR ''='"} {
				if a, err := s.Keep(t.Context(), &Upload{Held: held, Alt: "x"}); problem.Field(err) != "image" {
					t.Errorf("%q gives %+v, %v", held, a, err)
				}
			}
		})
	})
}

// TestSweep: a picture and its copies go when nothing names them any more, and
// not before.
func TestSweep(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, url string) {
		dir := t.TempDir()
		db, err := database.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		files, err := media.NewStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		s := NewPictures(db, files, jobs.NewWorkers(), "https://here.test")
		a, err := s.Keep(t.Context(), &Upload{Image: bytes.NewReader(mediatest.JPEG("x")), Alt: " Fest "})
		if err != nil || a.Name != "Fest" || a.Width != mediatest.Width || a.Blurhash == "" {
			t.Fatalf("%+v, %v", a, err)
		}
		for range 2 { // a job may run twice
			if err := s.makeVariants(t.Context(), shrinkPicture{Media: file(a.URL)}); err != nil {
				t.Fatal(err)
			}
		}
		if copies, err := s.Variants(t.Context(), a); err != nil || len(copies) != 2 || copies[0].Width != 400 {
			t.Errorf("%+v, %v", copies, err)
		}
		objects := New(db, actor.Site{Origin: "https://here.test"})
		o := &Object{
			ID: "https://here.test/ap/objects/1", Type: "Note", Local: true, AttributedTo: "https://here.test/ap/actors/1",
			Visibility: Public, Published: time.Now(), Attachment: []*Attachment{a},
		}
		write := func(f func(ctx context.Context, tx bun.Tx) error) {
			t.Helper()
			if err := db.Write(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		left := func() int {
			t.Helper()
			if err := s.sweep(t.Context(), Sweep{}); err != nil {
				t.Fatal(err)
			}
			list, err := filepath.Glob(filepath.Join(dir, "media", "*"))
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		write(func(ctx context.Context, tx bun.Tx) error { _, err := objects.Put(ctx, tx, o); return err })
		age := func() {
			list, _ := filepath.Glob(filepath.Join(dir, "media", "*"))
			for _, f := range list {
				if err := os.Chtimes(f, time.Time{}, time.Now().Add(-2*young)); err != nil {
					t.Fatal(err)
				}
			}
		}
		age()
		if n := left(); n != 3 {
			t.Errorf("%d files of a picture that is shown", n)
		}
		write(func(ctx context.Context, tx bun.Tx) error { return objects.Remove(ctx, tx, o.ID, o.AttributedTo) })
		if n := left(); n != 0 {
			t.Errorf("%d files of a picture that was deleted", n)
		}
		if copies, err := s.Variants(t.Context(), a); err != nil || len(copies) > 0 {
			t.Errorf("rows name copies that are gone: %+v, %v", copies, err)
		}
		if _, err := s.Keep(t.Context(), &Upload{Image: bytes.NewReader(mediatest.JPEG("x")), Decorative: true}); err != nil {
			t.Fatal(err)
		}
		if n := left(); n != 1 {
			t.Errorf("%d files: what was kept a moment ago is gone", n)
		}
	})
}
