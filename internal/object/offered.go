package object

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// ReplyKind is the kind of what belongs to a conversation: answers, and what
// others write to clubs. Other kinds have the name of their type.
const ReplyKind = "Reply"

// ErrOff says that the town does not use what was to be published. Wrapped, it
// is a problem.Conflict.
var ErrOff = problem.Conflictf("the town does not use this: it is switched off under /rathaus/module")

// kindOf gives, in SQL, the kind of an object under this alias.
func kindOf(alias string) string {
	return "CASE WHEN " + alias + ".in_reply_to <> '' OR " + alias + ".type = 'Note' AND NOT " + alias + ".local THEN '" + ReplyKind + "' ELSE " + alias + ".type END"
}

// Offered is, in SQL, that an object under this alias is of a kind that the town
// uses: what belongs to a module that is off is kept, and seen by nobody.
func Offered(alias string) string {
	// The first question is asked once and not of each row: most towns use all.
	return "(NOT EXISTS (SELECT 1 FROM modules_off) OR " + kindOf(alias) + " NOT IN (SELECT modules_off.kind FROM modules_off))"
}

// talking is, in SQL, that the town shows conversations.
const talking = "NOT EXISTS (SELECT 1 FROM modules_off WHERE modules_off.kind = '" + ReplyKind + "')"

// CheckOffered gives ErrOff for a thing that the town does not use. Answers of
// clubs pass: an event that was moved says so by one.
func (s *Objects) CheckOffered(ctx context.Context, db bun.IDB, o *Object) error {
	if o.InReplyTo != "" {
		return nil
	}
	off, err := db.NewSelect().TableExpr("modules_off").Where("kind = ?", o.Type).Exists(ctx)
	if err != nil {
		return fmt.Errorf("ask whether %s is used: %w", o.Type, err)
	}
	if off {
		return ErrOff
	}
	return nil
}

// CountKind counts what stands here of a kind: for things what clubs published,
// for conversations what others wrote.
func (s *Objects) CountKind(ctx context.Context, kind string) (int, error) {
	q := s.db.Read().NewSelect().Model((*Object)(nil)).Where("object.deleted IS NULL").Where(kindOf("object")+" = ?", kind)
	if kind != ReplyKind {
		q = q.Where("object.local")
	}
	n, err := q.Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count what is of kind %s: %w", kind, err)
	}
	return int(n), nil
}
