package application

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/markup"
)

// A DirectNote is one of the Notes by which somebody elsewhere and a club speak
// about an opportunity. Its words stand in the application alone.
type DirectNote struct {
	bun.BaseModel `bun:"table:direct_notes,alias:direct_note"`

	// ID is that of the Note.
	ID            string `bun:"id,pk"`
	OpportunityID string
	// ActorID is the person elsewhere, also of what the club wrote.
	ActorID string
	// HelperID is "" for what answers a reply in public.
	HelperID string `bun:",nullzero"`
	// MessageID is that of the Message with its words; "" for the Note with which
	// the person applied, and for what the program said.
	MessageID string
	ByClub    bool
	Created   time.Time
}

// Began tells whether it is the Note with which the person applied.
func (d *DirectNote) Began() bool { return !d.ByClub && d.MessageID == "" }

// FindDirect gives the DirectNote with the id of a Note, nil for none.
func (s *Applications) FindDirect(ctx context.Context, db bun.IDB, id string) (*DirectNote, error) {
	var list []*DirectNote
	if err := db.NewSelect().Model(&list).Where("direct_note.id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("find direct note: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list[0], nil
}

// LastDirect gives the id of what the person of an application wrote last, ""
// for nothing.
func (s *Applications) LastDirect(ctx context.Context, db bun.IDB, helperID string) (string, error) {
	var ids []string
	err := db.NewSelect().TableExpr("direct_notes").Column("id").Where("helper_id = ?", helperID).Where("NOT by_club").
		OrderExpr("created DESC, message_id DESC").Limit(1).Scan(ctx, &ids)
	if err != nil {
		return "", fmt.Errorf("find the last direct note: %w", err)
	}
	if len(ids) == 0 {
		return "", nil
	}
	return ids[0], nil
}

// PutDirect keeps a DirectNote. Of those that answer a reply in public there is
// one for each person and opportunity; fresh is false when it was there.
func (s *Applications) PutDirect(ctx context.Context, tx bun.Tx, d *DirectNote) (fresh bool, err error) {
	d.Created = s.now()
	res, err := tx.NewInsert().Model(d).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("keep direct note: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Spoken tells whether somebody elsewhere and the club of an opportunity have
// said something about it to each other alone.
func (s *Applications) Spoken(ctx context.Context, db bun.IDB, opportunityID, actorID string) (bool, error) {
	there, err := db.NewSelect().Model((*DirectNote)(nil)).Where("opportunity_id = ?", opportunityID).Where("actor_id = ?", actorID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("find direct note: %w", err)
	}
	return there, nil
}

// SayDirect sends what the person of an application wrote in a Note to the club,
// and keeps which Note it was.
func (s *Applications) SayDirect(ctx context.Context, tx bun.Tx, d *DirectNote, text string) error {
	text, err := words("text", text, maxMessage, "Please write a sentence or two.")
	if err != nil {
		return err
	}
	err = s.ownIn(ctx, tx, d.HelperID, func(ctx context.Context, tx bun.Tx, _ *Need, h *Helper) error {
		if !h.Live() && h.State != Done {
			return ErrClosed
		}
		if d.MessageID, err = s.noteID(ctx, tx, h, Said, false, text); err != nil {
			return err
		}
		_, err := s.PutDirect(ctx, tx, d)
		return err
	})
	if err != nil {
		return fmt.Errorf("write to the club: %w", err)
	}
	return nil
}

// RewriteDirect replaces what the person wrote in a Note.
func (s *Applications) RewriteDirect(ctx context.Context, tx bun.Tx, d *DirectNote, text string) error {
	text = markup.Typed(text)
	if d.Began() {
		h, err := s.Find(ctx, tx, d.HelperID)
		if err != nil || !h.Live() || h.Message == text {
			return err
		}
		return s.Change(In(ctx, tx), h.ID, Draft{Name: h.Name, Phone: h.Phone, Message: text, Shows: h.Shows})
	}
	_, err := tx.NewUpdate().Model((*Message)(nil)).Set("content = ?", text).Where("id = ?", d.MessageID).Where("helper_id = ?", d.HelperID).Where("NOT by_club").Exec(ctx)
	if err != nil {
		return fmt.Errorf("change what was written to the club: %w", err)
	}
	return nil
}

// DropDirect forgets what an actor elsewhere said in a Note of the talk that it
// has deleted. What began the application is for TakeBack.
func (s *Applications) DropDirect(ctx context.Context, tx bun.Tx, actorID, id string) error {
	d, err := s.FindDirect(ctx, tx, id)
	if err != nil || d == nil || d.ActorID != actorID || d.ByClub || d.Began() {
		return err
	}
	if _, err := tx.NewDelete().Model((*Message)(nil)).Where("id = ?", d.MessageID).Where("NOT by_club").Exec(ctx); err != nil {
		return fmt.Errorf("forget what was written to the club: %w", err)
	}
	if _, err := tx.NewDelete().Model(d).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("forget direct note: %w", err)
	}
	return nil
}

// ForgetDirect forgets which Notes there were with an actor elsewhere who is
// gone.
func (s *Applications) ForgetDirect(ctx context.Context, tx bun.Tx, actorID string) error {
	if _, err := tx.NewDelete().Model((*DirectNote)(nil)).Where("actor_id = ?", actorID).Exec(ctx); err != nil {
		return fmt.Errorf("forget direct notes: %w", err)
	}
	return nil
}

// directLife is for how long a Note that answers a reply in public is known.
const directLife = 180 * 24 * time.Hour

// sweepDirect forgets which replies in public were answered long ago.
func (s *Applications) sweepDirect(ctx context.Context) error {
	return s.db.Prune(ctx, "direct_notes", "id", "helper_id IS NULL AND created < ?", s.now().Add(-directLife))
}
