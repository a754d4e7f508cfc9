package moderation

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxAnswer is the length of an answer, in characters.
const maxAnswer = 2000

// AnswerTo is the mail address in what somebody wrote as contact, or "" when
// there is none.
func (r *Report) AnswerTo() string {
	for word := range strings.FieldsSeq(r.Contact) {
		word = strings.Trim(word, ",;()<>")
		if a, err := mail.ParseAddress(word); err == nil && a.Address == word && strings.Contains(word, ".") {
			return word
		}
	}
	return ""
}

// Answer answers who reported a barrier and gave a mail address, and notes that
// the report was dealt with: tell writes the letter, in the same transaction.
// Whom to answer is forgotten then. Pressed twice, it is a problem.Conflict.
func (s *Moderation) Answer(ctx context.Context, by, id, text string, tell func(ctx context.Context, tx bun.Tx, r *Report, to, text string) error) error {
	text = strings.TrimSpace(text)
	var errs problem.Fields
	if n := utf8.RuneCountInString(text); n == 0 || n > maxAnswer {
		errs.Add("answer", "Please write an answer of at most %d characters.", maxAnswer)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		r := new(Report)
		if err := tx.NewSelect().Model(r).Where("id = ?", id).Where("kind = ?", Barrier).Limit(1).Scan(ctx); err != nil {
			return problem.NotFoundf("there is no report %s of a barrier", id)
		}
		to := r.AnswerTo()
		if !r.Closed.IsZero() || to == "" {
			return problem.Conflictf("nobody waits for an answer to %s", id)
		}
		if err := tell(ctx, tx, r, to, text); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model((*Report)(nil)).Set("closed = ?", s.now()).Set("contact = ''").Where("id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("close report: %w", err)
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "report.answer", Target: id})
	})
	if err != nil {
		return fmt.Errorf("answer a report: %w", err)
	}
	return nil
}
