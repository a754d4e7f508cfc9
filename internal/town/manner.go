package town

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/speech"
	"codeberg.org/aushang/aushang/web/locale"
)

// mannerRow says how the town speaks; there is one at most.
type mannerRow struct {
	bun.BaseModel `bun:"table:town_words,alias:words"`
	ID            string `bun:"id,pk"`
	Address       string
	Clubs         string
	Sign          string
	Changed       time.Time
}

// Manner gives how the town speaks now.
func (s *Settings) Manner(ctx context.Context) (speech.Manner, error) {
	return mannerOf(ctx, s.db.Read())
}

func mannerOf(ctx context.Context, db bun.IDB) (speech.Manner, error) {
	var rows []mannerRow
	if err := db.NewSelect().Model(&rows).Where("id = ?", the).Scan(ctx); err != nil {
		return speech.Manner{}, fmt.Errorf("read how the town speaks: %w", err)
	}
	if len(rows) == 0 {
		return speech.Manner{}.Whole(), nil
	}
	return speech.Manner{Address: rows[0].Address, Clubs: rows[0].Clubs, Persons: rows[0].Sign}.Whole(), nil
}

// SetManner lets the town speak in another manner. What it speaks already
// changes nothing.
func (s *Settings) SetManner(ctx context.Context, by string, m speech.Manner) error {
	var errs problem.Fields
	for _, one := range []struct {
		field, chosen string
		choices       []string
	}{{"address", m.Address, speech.Addresses}, {"clubs", m.Clubs, speech.ClubWords}, {"persons", m.Persons, speech.Signs}} {
		if !slices.Contains(one.choices, one.chosen) {
			errs.Add(one.field, "Please choose one of the answers.")
		}
	}
	if err := errs.Err(); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		old, err := mannerOf(ctx, tx)
		if err != nil || old == m {
			return err
		}
		_, err = tx.NewInsert().Model(&mannerRow{ID: the, Address: m.Address, Clubs: m.Clubs, Sign: m.Persons, Changed: s.now()}).
			On("CONFLICT (id) DO UPDATE").Set("address = EXCLUDED.address").Set("clubs = EXCLUDED.clubs").
			Set("sign = EXCLUDED.sign").Set("changed = EXCLUDED.changed").Exec(ctx)
		if err != nil {
			return err
		}
		database.Ring(ctx)
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.manner", Detail: m.Address + ", " + m.Clubs + ", " + m.Persons})
	})
	if err != nil {
		return fmt.Errorf("change how the town speaks: %w", err)
	}
	return nil
}

//go:embed texts/*.toml
var variants embed.FS

// Express gives the texts with which every town begins in another manner. What
// the town wrote stays as it is.
func (s *Settings) Express(m locale.Manner) error {
	all := map[string]string{}
	for _, lang := range locale.Languages {
		others, err := variant(lang, m.Variant)
		if err != nil {
			return err
		}
		for _, name := range Names {
			text := others.Replace(startingText(name, lang))
			if m.Say != nil {
				text = m.Say(lang, text)
			}
			all[name+"."+lang] = text
		}
	}
	s.starting.Store(&all)
	return nil
}

// variant gives what stands in place of sentences of the starting texts of a
// language.
func variant(lang, name string) (*strings.Replacer, error) {
	sentences := map[string]string{}
	if name != "" {
		b, err := fs.ReadFile(variants, "texts/"+lang+"-"+name+".toml")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read starting texts: %w", err)
		}
		if err := toml.Unmarshal(b, &sentences); err != nil {
			return nil, fmt.Errorf("read starting texts: %w", err)
		}
	}
	var pairs []string
	for _, sentence := range longestFirst(sentences) {
		pairs = append(pairs, sentence, sentences[sentence])
	}
	return strings.NewReplacer(pairs...), nil
}

// longestFirst gives the keys of a map in an order in which none hides another.
func longestFirst(m map[string]string) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return keys
}
