package object

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/problem"
)

// An Upload is a picture that somebody hands in.
type Upload struct {
	// Image is nil when there is no picture; Held then is the id of one that
	// was handed in before with the same form, or "".
	Image io.Reader
	Held  string
	// Alt is the alternative text; it may be "" only for decoration.
	Alt        string
	Decorative bool
	// Focus says what to keep when the picture is cropped.
	Focus media.FocalPoint
}

// validate checks what is said about the picture.
func (u *Upload) validate() error {
	var errs problem.Fields
	u.Alt = markup.Typed(u.Alt)
	if u.Alt == "" && !u.Decorative {
		errs.Add("alt", "Please say what the picture shows, for those who cannot see it, or mark it as decoration.")
	}
	if u.Decorative {
		u.Alt = ""
	}
	errs.Merge(media.ValidateAlt(u.Alt))
	errs.Merge(u.Focus.Validate())
	return errs.Err()
}

// Describe says of a picture that is there already what u says of it.
func (u *Upload) Describe(a *Attachment) error {
	if err := u.validate(); err != nil {
		return err
	}
	a.Name, a.FocalX, a.FocalY = u.Alt, u.Focus.X, u.Focus.Y
	return nil
}

// A PictureChange says what becomes of the picture of a thing. The zero one
// leaves it as it is.
type PictureChange struct {
	// New takes its place, Describe says something else of it.
	New, Describe *Upload
	Remove        bool
}

// Of gives the pictures of a thing after the change; fresh is what Keep made of
// New, or nil.
func (c PictureChange) Of(old []*Attachment, fresh *Attachment) ([]*Attachment, error) {
	switch {
	case fresh != nil:
		return []*Attachment{fresh}, nil
	case c.Remove:
		return nil, nil
	case c.Describe != nil && len(old) > 0:
		return old, c.Describe.Describe(old[0])
	}
	return old, nil
}

// SamePicture tells whether a, or nothing if it is nil, is the one picture of
// have, described in the same way.
func SamePicture(have []*Attachment, a *Attachment) bool {
	if a == nil || len(have) != 1 {
		return a == nil && len(have) == 0
	}
	b := have[0]
	return a.URL == b.URL && a.Name == b.Name && a.FocalX == b.FocalX && a.FocalY == b.FocalY
}

// A Held is a picture whose form is not finished yet.
type Held struct {
	bun.BaseModel `bun:"table:uploads,alias:upload"`

	// ID is a secret of the form.
	ID        string `bun:"id,pk"`
	MediaType string
	URL       string `bun:"url"`
	Width     int
	Height    int
	Blurhash  string
	Created   time.Time
}

// holdTime is how long the picture of an unfinished form is kept. That of a
// draft or a template stays as long as those do.
const holdTime = 24 * time.Hour

// Hold checks, cleans and stores a picture for a form that must be sent again.
func (s *Pictures) Hold(ctx context.Context, image io.Reader) (*Held, error) {
	a, err := s.store(ctx, image)
	if err != nil {
		return nil, err
	}
	return s.HoldCopy(ctx, a)
}

// FindHeld gives a picture that is held. One that is not any more is a problem
// on the field "image".
func (s *Pictures) FindHeld(ctx context.Context, id string) (*Held, error) {
	h := new(Held)
	err := s.db.Read().NewSelect().Model(h).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		var errs problem.Fields
		errs.Add("image", "The picture is not here any more; please choose it again.")
		return nil, errs.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("find held picture: %w", err)
	}
	return h, nil
}

func (h *Held) attachment() *Attachment {
	return &Attachment{Type: "Document", MediaType: h.MediaType, URL: h.URL, Width: h.Width, Height: h.Height, Blurhash: h.Blurhash}
}

// HoldCopy holds the picture of a thing for a form that copies it.
func (s *Pictures) HoldCopy(ctx context.Context, a *Attachment) (*Held, error) {
	h := &Held{ID: rand.Text(), MediaType: a.MediaType, URL: a.URL, Width: a.Width, Height: a.Height, Blurhash: a.Blurhash, Created: time.Now().UTC()}
	return h, s.putHeld(ctx, h)
}

func (s *Pictures) putHeld(ctx context.Context, h *Held) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(h).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("hold picture: %w", err)
	}
	return nil
}
