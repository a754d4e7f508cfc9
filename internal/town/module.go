package town

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Module is a part of the program that a town may go without. What it has is
// kept then, and seen by nobody until it is used again.
type Module struct {
	// Name is that of its settings; "module.NAME" and "module.NAME.text" are the
	// keys of its words, and Icon the name of its icon.
	Name, Icon string
	// Kinds are the kinds of things that belong to it alone: types of objects, or
	// object.ReplyKind.
	Kinds []string
	// Paths are where its pages are, with all below them; "*" is any one segment.
	Paths []string
}

// kinds are what is noted while the module is off: always something.
func (m Module) kinds() []string {
	if len(m.Kinds) == 0 {
		return []string{m.Name}
	}
	return m.Kinds
}

// moduleRow says that a kind of thing is not used.
type moduleRow struct {
	bun.BaseModel `bun:"table:modules_off,alias:module_off"`
	Kind          string `bun:"kind,pk"`
	Module        string
	Changed       time.Time
}

// FindModule gives the module of a name.
func (s *Settings) FindModule(name string) (Module, bool) {
	i := slices.IndexFunc(s.Modules, func(m Module) bool { return m.Name == name })
	if i < 0 {
		return Module{}, false
	}
	return s.Modules[i], true
}

// Off lists the modules that the town does not use.
func (s *Settings) Off(ctx context.Context) ([]Module, error) {
	var names []string
	if err := s.db.Read().NewSelect().Model((*moduleRow)(nil)).ColumnExpr("DISTINCT module").Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("read which modules are off: %w", err)
	}
	var off []Module
	for _, m := range s.Modules {
		if slices.Contains(names, m.Name) {
			off = append(off, m)
		}
	}
	return off, nil
}

// Switch turns a module on or off. What it is already changes nothing.
func (s *Settings) Switch(ctx context.Context, by, name string, on bool) error {
	m, known := s.FindModule(name)
	if !known {
		return problem.Invalidf("there is no module %q", name)
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		was, err := tx.NewSelect().Model((*moduleRow)(nil)).Where("module = ?", name).Exists(ctx)
		if err != nil || was != on {
			return err
		}
		if on {
			_, err = tx.NewDelete().Model((*moduleRow)(nil)).Where("module = ?", name).Exec(ctx)
		} else {
			var rows []*moduleRow
			for _, kind := range m.kinds() {
				rows = append(rows, &moduleRow{Kind: kind, Module: name, Changed: s.now()})
			}
			_, err = tx.NewInsert().Model(&rows).On("CONFLICT (kind) DO NOTHING").Exec(ctx)
		}
		if err != nil {
			return err
		}
		database.Ring(ctx)
		state := "off"
		if on {
			state = "on"
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.module", Target: name, Detail: state})
	})
	if err != nil {
		return fmt.Errorf("switch a module: %w", err)
	}
	return nil
}
