package object

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Quote is our permission for one object elsewhere to quote one of ours
// (FEP-044f, QuoteAuthorization).
type Quote struct {
	bun.BaseModel `bun:"table:quotes,alias:quote"`

	ID string `bun:"id,pk"`
	// ObjectID is quoted, Instrument quotes it, ActorID wrote Instrument.
	ObjectID   string
	Instrument string
	ActorID    string
	Created    time.Time
}

// PutQuote permits instrument to quote objectID and gives the permission; the
// same question gets the same permission.
func (s *Objects) PutQuote(ctx context.Context, tx bun.Tx, id, objectID, instrument, actorID string) (*Quote, error) {
	q := &Quote{ID: id, ObjectID: objectID, Instrument: instrument, ActorID: actorID, Created: s.now()}
	if _, err := tx.NewInsert().Model(q).On("CONFLICT (object_id, instrument) DO NOTHING").Exec(ctx); err != nil {
		return nil, fmt.Errorf("permit quote: %w", err)
	}
	stored := new(Quote)
	err := tx.NewSelect().Model(stored).Where("object_id = ?", objectID).Where("instrument = ?", instrument).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("permit quote: %w", err)
	}
	return stored, nil
}

// FindQuote gives a permission by its id, as long as its object stands.
func (s *Objects) FindQuote(ctx context.Context, id string) (*Quote, *Object, error) {
	q := new(Quote)
	err := s.db.Read().NewSelect().Model(q).Where("quote.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, problem.NotFoundf("there is no permission %s", id)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find permission %s: %w", id, err)
	}
	o, err := s.Find(ctx, Viewer{}, q.ObjectID)
	return q, o, err
}

// Activity gives the document of the permission; o is the quoted object.
func (q *Quote) Activity(o *Object) *as.Object {
	return &as.Object{
		Context: as.ContextQuote, ID: q.ID, Type: "QuoteAuthorization", AttributedTo: o.AttributedTo,
		InteractingObject: q.Instrument, InteractionTarget: q.ObjectID,
	}
}
