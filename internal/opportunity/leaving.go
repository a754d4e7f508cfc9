package opportunity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// ForgetContact names a person no longer whom ours say that one may ask, by the mail
// address: the contact is the club from then on, and everybody who has them is told.
// It is called in the transaction in which the person leaves.
func (s *Opportunities) ForgetContact(ctx context.Context, tx bun.Tx, email string) error {
	if email = strings.ToLower(strings.TrimSpace(email)); email == "" {
		return nil
	}
	var ids []string
	err := tx.NewSelect().Model((*Details)(nil)).Column("object_id").Join("JOIN objects AS object ON object.id = opportunity.object_id").
		Where("object.local").Where("LOWER(opportunity.contact_email) = ?", email).OrderExpr("object_id").Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("find whose contact somebody is: %w", err)
	}
	for _, id := range ids {
		if err := s.forgetContact(ctx, tx, id); err != nil {
			return fmt.Errorf("forget the contact of %s: %w", id, err)
		}
	}
	return nil
}

func (s *Opportunities) forgetContact(ctx context.Context, tx bun.Tx, id string) error {
	if err := s.lock(ctx, tx, id); err != nil {
		return err
	}
	o, err := s.find(ctx, tx, id)
	if kind := problem.KindOf(err); kind == problem.Gone || kind == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	public := o.Contact == ForAll
	o.Contact, o.ContactName, o.ContactEmail, o.ContactPhone = ByClub, "", "", ""
	o.Updated, o.Edited, o.Untold = o.Next(s.now()), time.Time{}, time.Time{}
	if err := s.put(ctx, tx, o); err != nil {
		return err
	}
	if err := s.changed(ctx, tx, id); err != nil || !public || o.Hidden {
		return err // none but those who were accepted know the contact
	}
	if err := s.activities.PublishObject(ctx, tx, actor.Operator, activity.Update, &o.Object); !errors.Is(err, actor.ErrSuspended) {
		return err
	}
	return nil // nothing is sent in the name of its club
}
