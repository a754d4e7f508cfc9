package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
)

// Languages are those that a person may choose.
var Languages = []string{"de", "en"}

// preference is what a person chose.
type preference struct {
	bun.BaseModel `bun:"table:preferences"`
	AccountID     string `bun:"account_id,pk"`
	Language      string
}

// ChosenLanguage gives the language that a person chose, "" for none.
func (s *Accounts) ChosenLanguage(ctx context.Context, id string) (string, error) {
	row := new(preference)
	err := s.db.Read().NewSelect().Model(row).Where("account_id = ?", id).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find language: %w", err)
	}
	return row.Language, nil
}

// Language gives the language in which the town writes to a person: the one
// that he or she chose, or else that of the town.
func (s *Accounts) Language(ctx context.Context, id string) (string, error) {
	lang, err := s.ChosenLanguage(ctx, id)
	if err == nil && lang == "" {
		return s.Fallback, nil
	}
	return lang, err
}

func checkLanguage(lang string) error {
	var errs problem.Fields
	if lang != "" && !slices.Contains(Languages, lang) {
		errs.Add("language", "Please choose one of the languages.")
	}
	return errs.Err()
}

func (s *Accounts) putLanguage(ctx context.Context, tx bun.Tx, id, lang string) error {
	_, err := tx.NewInsert().Model(&preference{AccountID: id, Language: lang}).On("CONFLICT (account_id) DO UPDATE").Set("language = EXCLUDED.language").Exec(ctx)
	if err != nil {
		return fmt.Errorf("set language: %w", err)
	}
	return nil
}
