package town

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Documents are the pages that the law asks for. As long as the town has not
// written one itself, it is made of facts.
var Documents = []string{"impressum", "datenschutz", "barrierefreiheit"}

// Facts are what the town says in the forms of the legal pages, by names like
// "impressum.name"; lines are separated by \n.
type Facts map[string]string

// A fact is a field of such a form.
type fact struct {
	// name is that of the field; with its document before it, it is the key.
	name, kind string
	// required facts leave a gap on the page.
	required bool
	// group is the key of the part of the form in which it stands.
	group string
	// options are the values of a select.
	options []string
	// autocomplete is what browsers know it by, or "".
	autocomplete string
}

// facts are the fields by document, in their order.
var facts = map[string][]fact{
	"impressum": {
		{"name", "text", true, "law.body", nil, "organization"},
		{"form", "text", false, "law.body", nil, ""},
		{"address", "textarea", true, "law.body", nil, "street-address"},
		{"represented", "text", true, "law.body", nil, ""},
		{"mail", "email", true, "law.reach", nil, "email"},
		{"phone", "text", false, "law.reach", nil, "tel"},
		{"editor", "textarea", true, "law.content", nil, ""},
		{"supervision", "textarea", false, "law.content", nil, ""},
		{"vat", "text", false, "law.content", nil, ""},
		{"pictures", "textarea", false, "law.content", nil, ""},
	},
	"datenschutz": {
		{"land", "select", true, "law.land.group", landCodes(), ""},
		{"officer", "textarea", true, "law.data", nil, ""},
		{"hosting", "textarea", true, "law.data", nil, ""},
		{"backups", "number", false, "law.data", nil, ""},
		{"authority", "textarea", false, "law.bodies", nil, ""},
		{"act", "text", false, "law.bodies", nil, ""},
	},
	"barrierefreiheit": {
		{"conformity", "select", true, "law.assessment", []string{"full", "partial", "none"}, ""},
		{"assessed", "date", true, "law.assessment", nil, ""},
		{"method", "select", true, "law.assessment", []string{"self", "external"}, ""},
		{"barriers", "textarea", false, "law.assessment", nil, ""},
		{"feedback", "textarea", false, "law.bodies", nil, ""},
		{"enforcement", "textarea", false, "law.bodies", nil, ""},
		{"monitoring", "text", false, "law.bodies", nil, ""},
		{"act", "text", false, "law.bodies", nil, ""},
	},
}

func landCodes() []string {
	var all []string
	for _, l := range Lands {
		all = append(all, l.Code)
	}
	return all
}

// FactNames gives the keys of all facts in the order of the forms.
func FactNames() []string {
	var all []string
	for _, document := range Documents {
		for _, f := range facts[document] {
			all = append(all, document+"."+f.name)
		}
	}
	return all
}

// The days for which backups are kept when the town says nothing, and at most.
const (
	usualBackups = 30
	maxBackups   = 3650
)

type factRow struct {
	bun.BaseModel `bun:"table:town_facts,alias:fact"`
	Name          string `bun:"name,pk"`
	Value         string
	Changed       time.Time
}

// Facts gives all that the town has said in the forms.
func (s *Settings) Facts(ctx context.Context) (Facts, error) {
	all, _, err := s.facts(ctx, s.db.Read(), "")
	return all, err
}

// facts gives the facts of a document, or of all for "", and when one was
// changed last.
func (s *Settings) facts(ctx context.Context, db bun.IDB, document string) (all Facts, changed time.Time, err error) {
	var rows []factRow
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, changed, fmt.Errorf("read the facts of the town: %w", err)
	}
	all = Facts{}
	for _, r := range rows {
		if document != "" && !strings.HasPrefix(r.Name, document+".") {
			continue
		}
		if r.Value != "" {
			all[r.Name] = r.Value
		}
		if r.Changed.After(changed) {
			changed = r.Changed.UTC()
		}
	}
	return all, changed, nil
}

// SetFacts keeps facts; those that given does not name stay as they are, and ""
// takes one away. Errors name the field without its document. version is when
// the newest of the document was made, for a form of one document; zero does not
// matter.
func (s *Settings) SetFacts(ctx context.Context, by string, given Facts, version time.Time) error {
	checked, document, err := checkFacts(given)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		old, changed, err := s.facts(ctx, tx, document)
		if err != nil {
			return err
		}
		if !version.IsZero() && !version.Equal(stamp(changed)) {
			return object.ErrStale
		}
		now := s.after(changed)
		var names []string // what they say stays out of the log: there may be people in it
		for _, name := range FactNames() {
			value, said := checked[name]
			if !said || value == old[name] {
				continue
			}
			_, err := tx.NewInsert().Model(&factRow{Name: name, Value: value, Changed: now}).
				On("CONFLICT (name) DO UPDATE").Set("value = EXCLUDED.value").Set("changed = EXCLUDED.changed").Exec(ctx)
			if err != nil {
				return err
			}
			database.Ring(ctx)
			names = append(names, name)
		}
		if len(names) == 0 {
			return nil
		}
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.law", Target: document, Detail: strings.Join(names, ", ")})
	})
	if err != nil {
		return fmt.Errorf("change what the legal pages are made of: %w", err)
	}
	return nil
}

// checkFacts gives facts in the form that is kept, and the document when all are
// of one.
func checkFacts(given Facts) (checked Facts, document string, err error) {
	var errs problem.Fields
	checked = Facts{}
	documents := map[string]bool{}
	for name, value := range given {
		f, of, ok := factOf(name)
		if !ok {
			return nil, "", problem.Invalidf("there is no fact %q", name)
		}
		checked[name] = f.check(&errs, value)
		documents[of], document = true, of
	}
	if len(documents) != 1 {
		document = ""
	}
	return checked, document, errs.Err()
}

func factOf(name string) (f fact, document string, ok bool) {
	document, field, _ := strings.Cut(name, ".")
	i := slices.IndexFunc(facts[document], func(f fact) bool { return f.name == field })
	if i < 0 {
		return fact{}, "", false
	}
	return facts[document][i], document, true
}

// check gives the value as it is kept, and notes what is wrong with it.
func (f fact) check(errs *problem.Fields, value string) string {
	if f.kind == "textarea" {
		return strings.Join(checkLines(errs, f.name, value), "\n")
	}
	value = markup.Name(value, maxLine+1)
	switch {
	case value == "":
	case utf8.RuneCountInString(value) > maxLine:
		errs.Add(f.name, "This is longer than %d characters; please shorten it.", maxLine)
	case f.kind == "email" && !mailAddress.MatchString(value):
		errs.Add(f.name, "This is no mail address; please write it like rathaus@example.org.")
	case f.kind == "select" && !slices.Contains(f.options, value):
		errs.Add(f.name, "There is no choice “%s”; please choose one of the list.", value)
	case f.kind == "date":
		day, ok := page.ParseDate(value, time.Now())
		if !ok {
			errs.Add(f.name, "This is no day that we know; please write it like 31.12.2026.")
			return value
		}
		return day.Format(time.DateOnly)
	case f.kind == "number":
		if n, err := strconv.Atoi(value); err != nil || n < 1 || n > maxBackups {
			errs.Add(f.name, "Please give a number of days from 1 to %d.", maxBackups)
		}
	}
	return value
}
