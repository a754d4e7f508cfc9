package event

import (
	"context"

	"codeberg.org/aushang/aushang/internal/object"
)

// Describe gives what feeds say of one of our events beside its text: its
// title, and when and where it is, in its own language.
func (s *Events) Describe(ctx context.Context, o *object.Object) (title, line string, err error) {
	e, err := s.with(ctx, s.db.Read(), o)
	if err != nil {
		return "", "", err
	}
	return e.title(e.Language), e.headline(e.Language), nil
}
