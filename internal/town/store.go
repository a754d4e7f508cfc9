package town

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/object"
)

// the is the key of the one row that the look has.
const the = "town"

type lookRow struct {
	bun.BaseModel `bun:"table:town_look,alias:look"`
	ID            string `bun:"id,pk"`
	Name          string
	Colour        string
	Accent        string
	Official      bool
	Contact       string
	Enforcement   string // as it was before it became a fact
	Changed       time.Time
}

type pictureRow struct {
	bun.BaseModel `bun:"table:town_pictures,alias:picture"`
	Role          Role `bun:"role,pk"`
	MediaType     string
	URL           string `bun:"url"`
	Name          string
	Width         int
	Height        int
	FocalX        float64 `bun:"focal_x"`
	FocalY        float64 `bun:"focal_y"`
	Blurhash      string
}

func (r *pictureRow) attachment() *object.Attachment {
	return &object.Attachment{
		Type: "Document", MediaType: r.MediaType, URL: r.URL, Name: r.Name, Width: r.Width, Height: r.Height,
		FocalX: r.FocalX, FocalY: r.FocalY, Blurhash: r.Blurhash,
	}
}

// Look gives what the town says of itself now.
func (s *Settings) Look(ctx context.Context) (*Look, error) { return s.look(ctx, s.db.Read()) }

func (s *Settings) look(ctx context.Context, db bun.IDB) (*Look, error) {
	var r lookRow
	err := db.NewSelect().Model(&r).Where("id = ?", the).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read the look: %w", err)
	}
	l := &Look{
		Name: r.Name, Colour: r.Colour, Accent: r.Accent, Official: r.Official, Contact: lines(r.Contact), Changed: r.Changed.UTC(),
	}
	var pictures []pictureRow
	if err := db.NewSelect().Model(&pictures).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the pictures of the town: %w", err)
	}
	for _, p := range pictures {
		switch p.Role {
		case Arms:
			l.Arms = p.attachment()
		case Picture:
			l.Picture = p.attachment()
		}
	}
	return l, nil
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func (s *Settings) putLook(ctx context.Context, tx bun.Tx, d Draft, now time.Time) error {
	r := &lookRow{
		ID: the, Name: d.Name, Colour: d.Colour, Accent: d.Accent, Official: d.Official, Contact: d.Contact, Changed: now,
	}
	_, err := tx.NewInsert().Model(r).On("CONFLICT (id) DO UPDATE").Set("name = EXCLUDED.name").Set("colour = EXCLUDED.colour").
		Set("accent = EXCLUDED.accent").Set("official = EXCLUDED.official").Set("contact = EXCLUDED.contact").
		Set("changed = EXCLUDED.changed").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the look: %w", err)
	}
	database.Ring(ctx)
	return nil
}

// findPicture gives the picture of a role, nil for none.
func (s *Settings) findPicture(ctx context.Context, db bun.IDB, role Role) (*object.Attachment, error) {
	var r pictureRow
	err := db.NewSelect().Model(&r).Where("role = ?", role).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the picture of the town: %w", err)
	}
	return r.attachment(), nil
}

func (s *Settings) removePicture(ctx context.Context, tx bun.Tx, role Role) error {
	if _, err := tx.NewDelete().Model((*pictureRow)(nil)).Where("role = ?", role).Exec(ctx); err != nil {
		return fmt.Errorf("remove the picture of the town: %w", err)
	}
	database.Ring(ctx)
	return nil
}

func (s *Settings) storePicture(ctx context.Context, tx bun.Tx, role Role, a *object.Attachment) error {
	if err := s.removePicture(ctx, tx, role); err != nil {
		return err
	}
	_, err := tx.NewInsert().Model(&pictureRow{
		Role: role, MediaType: a.MediaType, URL: a.URL, Name: a.Name, Width: a.Width, Height: a.Height, FocalX: a.FocalX, FocalY: a.FocalY, Blurhash: a.Blurhash,
	}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the picture of the town: %w", err)
	}
	return s.pictures.Shrink(ctx, tx, a)
}

// PicturePath gives the path of a picture, or of its smallest copy that is at least
// width pixels wide; "" for none.
func (s *Settings) PicturePath(ctx context.Context, a *object.Attachment, width int) (string, error) {
	if a == nil {
		return "", nil
	}
	copies, err := s.pictures.Variants(ctx, a)
	if err != nil {
		return "", err
	}
	for _, v := range copies {
		if v.Width >= width {
			return v.URL(), nil
		}
	}
	return strings.TrimPrefix(a.URL, s.actors.Site().Origin), nil
}
