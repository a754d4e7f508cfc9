package object

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/jobs"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Pictures stores pictures and keeps their smaller copies. Make one with
// NewPictures.
type Pictures struct {
	db     *database.DB
	files  *media.Store
	queue  *jobs.Queue
	origin string
}

// NewPictures gives the pictures of the town at origin, and enters into
// workers who makes their smaller copies. Enqueue must follow.
func NewPictures(db *database.DB, files *media.Store, workers *jobs.Workers, origin string) *Pictures {
	s := &Pictures{db: db, files: files, origin: origin}
	jobs.Register(workers, s.makeVariants)
	jobs.Register(workers, s.sweep)
	return s
}

// Enqueue hands in the queue of the jobs.
func (s *Pictures) Enqueue(queue *jobs.Queue) { s.queue = queue }

// path is where pictures are served.
const path = "/media/"

// Keep checks, cleans and stores a picture and gives it as an attachment that
// belongs to nothing yet; nil gives nil. It is slow: call it before a
// transaction.
func (s *Pictures) Keep(ctx context.Context, u *Upload) (*Attachment, error) {
	if u == nil {
		return nil, nil
	}
	if err := u.validate(); err != nil {
		return nil, err
	}
	var a *Attachment
	var err error
	if u.Image == nil && u.Held != "" {
		held, notHeld := s.FindHeld(ctx, u.Held)
		if notHeld != nil {
			return nil, notHeld
		}
		a = held.attachment()
	} else if a, err = s.store(ctx, u.Image); err != nil {
		return nil, err
	}
	return a, u.Describe(a)
}

func (s *Pictures) store(ctx context.Context, image io.Reader) (*Attachment, error) {
	picture, err := media.Decode(ctx, image)
	if err != nil {
		return nil, err
	}
	master, err := picture.Master()
	if err != nil {
		return nil, fmt.Errorf("keep picture: %w", err)
	}
	name, err := s.files.Put(master.Bytes, master.MediaType)
	if err != nil {
		return nil, fmt.Errorf("keep picture: %w", err)
	}
	hash, err := picture.Blurhash()
	if err != nil {
		return nil, fmt.Errorf("keep picture: %w", err)
	}
	return &Attachment{
		Type: "Document", MediaType: master.MediaType, URL: s.origin + path + name,
		Width: master.Width, Height: master.Height, Blurhash: hash,
	}, nil
}

// Shrink asks, in the caller's transaction, for the smaller copies of a kept
// picture.
func (s *Pictures) Shrink(ctx context.Context, tx bun.Tx, a *Attachment) error {
	return s.queue.Insert(ctx, tx, shrinkPicture{Media: file(a.URL)})
}

// shrinkPicture is the job that makes the smaller copies of a picture.
type shrinkPicture struct {
	Media string `json:"media"`
}

// Kind names the job.
func (shrinkPicture) Kind() string { return "shrink_picture" }

// variantWidths are the widths of the smaller copies, in pixels.
var variantWidths = []int{800, 400}

// Variant is a smaller copy of a picture.
type Variant struct {
	bun.BaseModel `bun:"table:variants,alias:variant"`

	Media string `bun:"media,pk"`
	// Width is in pixels.
	Width int `bun:"width,pk"`
	File  string
}

// URL is where the copy is served.
func (v Variant) URL() string { return path + v.File }

func (s *Pictures) makeVariants(ctx context.Context, job shrinkPicture) error {
	bytesOf, err := s.files.Read(job.Media)
	if err != nil {
		return problem.Discard(fmt.Errorf("shrink picture: %w", err))
	}
	picture, err := media.Decode(ctx, bytes.NewReader(bytesOf))
	if err != nil {
		return fmt.Errorf("shrink picture: %w", err)
	}
	var rows []*Variant
	for _, width := range variantWidths {
		small, ok, err := picture.Variant(width)
		if err != nil {
			return fmt.Errorf("shrink picture: %w", err)
		}
		if !ok {
			continue // it is no wider than that
		}
		name, err := s.files.Put(small.Bytes, small.MediaType)
		if err != nil {
			return fmt.Errorf("shrink picture: %w", err)
		}
		rows = append(rows, &Variant{Media: job.Media, Width: small.Width, File: name})
	}
	if len(rows) == 0 {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx)
		database.Ring(ctx)
		return err
	})
}

// Variants gives the smaller copies of a picture of ours, narrow ones first.
func (s *Pictures) Variants(ctx context.Context, a *Attachment) ([]Variant, error) {
	var rows []Variant
	err := s.db.Read().NewSelect().Model(&rows).Where("media = ?", file(a.URL)).Order("width").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list copies of %s: %w", a.URL, err)
	}
	return rows, nil
}

// Size gives how many bytes the picture of ours at url has; 0 when it is not
// there.
func (s *Pictures) Size(url string) int64 {
	f, err := s.files.Open(file(url))
	if err != nil {
		return 0
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

func file(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// Sweep is the job that removes pictures to which nothing belongs any more:
// what they belonged to was deleted or has another picture now.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "sweep_pictures" }

// young is how long a picture is left alone: it is kept before what it belongs
// to is stored.
const young = time.Hour

func (s *Pictures) sweep(ctx context.Context, _ Sweep) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*Held)(nil)).Where("created < ?", time.Now().UTC().Add(-holdTime)).
			Where("id NOT IN (SELECT held FROM drafts UNION SELECT held FROM templates)").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep held pictures: %w", err)
	}
	release, free, err := s.files.LockForSweep()
	if err != nil || !free {
		return err // a backup is being made: another hour will do
	}
	defer release()
	old, err := s.files.List(time.Now().Add(-young))
	if err != nil {
		return err
	}
	for _, name := range old {
		wanted, err := s.wanted(ctx, name)
		if err != nil {
			return fmt.Errorf("sweep pictures: %w", err)
		}
		if wanted {
			continue
		}
		if err := s.remove(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a picture, and before it the rows that name its copies.
func (s *Pictures) remove(ctx context.Context, name string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*Variant)(nil)).Where("media = ?", name).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the copies of %s: %w", name, err)
	}
	return s.files.Remove(name)
}

// naming says where rows name pictures: in which column of which table.
var naming = map[string]string{"attachments": "url", "actors": "icon_url", "uploads": "url", "town_pictures": "url"}

// Files lists the files of all pictures of the town at origin to which
// something belongs in q, with the smaller copies that are made.
func Files(ctx context.Context, q bun.IDB, origin string) ([]string, error) {
	masters := map[string]bool{}
	for table, column := range naming {
		var urls []string
		err := q.NewSelect().Table(table).ColumnExpr("DISTINCT ?", bun.Ident(column)).
			Where("? LIKE ?", bun.Ident(column), origin+path+"%").Scan(ctx, &urls)
		if err != nil {
			return nil, fmt.Errorf("list pictures of %s: %w", table, err)
		}
		for _, u := range urls {
			masters[file(u)] = true
		}
	}
	var copies []Variant
	if err := q.NewSelect().Model(&copies).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list copies of pictures: %w", err)
	}
	files := maps.Clone(masters)
	for _, v := range copies {
		if masters[v.Media] {
			files[v.File] = true
		}
	}
	return slices.Sorted(maps.Keys(files)), nil
}

// wanted tells whether a picture, or what it is a smaller copy of, belongs to
// something.
func (s *Pictures) wanted(ctx context.Context, name string) (bool, error) {
	masters := []string{s.origin + path + name}
	var copies []Variant
	if err := s.db.Read().NewSelect().Model(&copies).Where("file = ?", name).Scan(ctx); err != nil {
		return false, err
	}
	for _, v := range copies {
		masters = append(masters, s.origin+path+v.Media)
	}
	for table, column := range naming {
		named, err := s.db.Read().NewSelect().Table(table).Where("? IN (?)", bun.Ident(column), bun.List(masters)).Exists(ctx)
		if err != nil || named {
			return named, err
		}
	}
	return false, nil
}
