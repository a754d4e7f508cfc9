package term

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
	"codeberg.org/aushang/aushang/internal/problem"
)

// The bounds of a list: the length of a word in characters, and how many words it
// has at most. More than that nobody reads through.
const (
	maxWord  = 40
	maxTerms = 60
)

// A List says of what a list of words is.
type List struct {
	// Name is that of its settings.
	Name string
	// Presets are the words with which it begins, in their order.
	Presets []Term
	// Table has the things that have a word, by ID, with its key in Column. Searched
	// is true for things that are found by their word.
	Table, ID, Column string
	Searched          bool
	// Path is where the list of those things is, so that the words are not there
	// when the town does not use them.
	Path string
}

// Terms keeps the lists. Make one with New.
type Terms struct {
	db     *database.DB
	actors *actor.Actors
	lists  []List
	now    func() time.Time
}

// New gives the lists in db.
func New(db *database.DB, actors *actor.Actors, lists ...List) *Terms {
	return &Terms{db: db, actors: actors, lists: lists, now: func() time.Time { return time.Now().UTC().Truncate(time.Second) }}
}

// row is a word as it is stored. A list of which none is stored is that of its
// presets.
type row struct {
	bun.BaseModel `bun:"table:terms,alias:term"`
	List          string `bun:"list,pk"`
	Key           string `bun:"key,pk"`
	Slug          string
	WordDE        string `bun:"word_de"`
	WordEN        string `bun:"word_en"`
	Position      int
	Retired       bool
	MergedInto    string
	Changed       time.Time
}

// Lists gives the lists in their order.
func (s *Terms) Lists() []List { return s.lists }

// List gives the list with this name.
func (s *Terms) List(name string) (List, bool) {
	i := slices.IndexFunc(s.lists, func(l List) bool { return l.Name == name })
	if i < 0 {
		return List{}, false
	}
	return s.lists[i], true
}

// Presets gives the lists as they are before the town hall changes them.
func (s *Terms) Presets() Book {
	b := Book{}
	for _, l := range s.lists {
		b[l.Name] = slices.Clone(l.Presets)
	}
	return b
}

// Book gives all lists as they are now.
func (s *Terms) Book(ctx context.Context) (Book, error) { return s.book(ctx, s.db.Read()) }

// BookIn gives them as db, which may be a transaction, sees them.
func (s *Terms) BookIn(ctx context.Context, db bun.IDB) (Book, error) { return s.book(ctx, db) }

func (s *Terms) book(ctx context.Context, db bun.IDB) (Book, error) {
	var rows []row
	if err := db.NewSelect().Model(&rows).Order("list", "position", "key").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the lists of words: %w", err)
	}
	b := s.Presets()
	begun := map[string]bool{}
	for _, r := range rows {
		if !begun[r.List] {
			begun[r.List], b[r.List] = true, nil
		}
		b[r.List] = append(b[r.List], Term{r.Key, r.Slug, r.WordDE, r.WordEN, r.Retired, r.MergedInto})
	}
	return b, nil
}

// Uses counts the things that have each word of a list, by its key.
func (s *Terms) Uses(ctx context.Context, list string) (map[string]int, error) {
	l, known := s.List(list)
	if !known {
		return nil, problem.NotFoundf("there is no list %q", list)
	}
	var rows []struct {
		Key string
		N   int
	}
	err := s.db.Read().NewSelect().TableExpr("?", bun.Ident(l.Table)).ColumnExpr("? AS key, COUNT(*) AS n", bun.Ident(l.Column)).
		Where("? <> ''", bun.Ident(l.Column)).GroupExpr("?", bun.Ident(l.Column)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count what has a word: %w", err)
	}
	n := map[string]int{}
	for _, r := range rows {
		n[r.Key] = r.N
	}
	return n, nil
}

// change changes a list, with its words stored before, and notes it in the log.
func (s *Terms) change(ctx context.Context, by, list, act string, do func(ctx context.Context, tx bun.Tx, l List, now []Term) (detail string, err error)) error {
	l, known := s.List(list)
	if !known {
		return problem.NotFoundf("there is no list %q", list)
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		if err := database.Turn(ctx, tx, "list of words "+list); err != nil {
			return err
		}
		now, err := s.begin(ctx, tx, l)
		if err != nil {
			return err
		}
		detail, err := do(ctx, tx, l, now)
		if err != nil {
			return err
		}
		database.Ring(ctx)
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.word", Target: list, Detail: act + " " + detail})
	})
	if err != nil {
		return fmt.Errorf("change a list of words: %w", err)
	}
	return nil
}

// begin stores the words of a list that are not stored yet, and gives them all.
func (s *Terms) begin(ctx context.Context, tx bun.Tx, l List) ([]Term, error) {
	stored, err := tx.NewSelect().Model((*row)(nil)).Where("list = ?", l.Name).Exists(ctx)
	if err != nil {
		return nil, err
	}
	if !stored && len(l.Presets) > 0 {
		var rows []*row
		for i, t := range l.Presets {
			rows = append(rows, s.row(l, t, i))
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return nil, err
		}
	}
	b, err := s.book(ctx, tx)
	return b[l.Name], err
}

func (s *Terms) row(l List, t Term, position int) *row {
	return &row{
		List: l.Name, Key: t.Key, Slug: t.Slug, WordDE: t.German, WordEN: t.English, Position: position,
		Retired: t.Retired, MergedInto: t.Into, Changed: s.now(),
	}
}

// checkWords gives the words as they are kept. key is that of the word itself,
// "" for a new one: two words that are offered must not be the same.
func checkWords(now []Term, key, german, english string) (de, en string, err error) {
	var errs problem.Fields
	de, en = markup.Name(german, maxWord+1), markup.Name(english, maxWord+1)
	for field, word := range map[string]string{"german": de, "english": en} {
		if utf8.RuneCountInString(word) > maxWord {
			errs.Add(field, "The word has more than %d characters; please shorten it.", maxWord)
		}
	}
	if slugOf(de) == "" {
		errs.Add("german", "Please write the word; it needs a letter or a digit.")
	}
	for _, t := range now {
		if t.Key != key && t.Into == "" && strings.EqualFold(t.German, de) {
			errs.Add("german", "The list has this word already; please write another one, or join both.")
		}
	}
	return de, en, errs.Err()
}

// Add puts a word at the end of a list. English may be "".
func (s *Terms) Add(ctx context.Context, by, list, german, english string) error {
	return s.change(ctx, by, list, "add", func(ctx context.Context, tx bun.Tx, l List, now []Term) (string, error) {
		de, en, err := checkWords(now, "", german, english)
		if err != nil {
			return "", err
		}
		if len(now) >= maxTerms {
			var errs problem.Fields
			errs.Add("german", "The list has %d words already; please join some first.", maxTerms)
			return "", errs.Err()
		}
		slug := slugOf(de)
		taken := func(name string) bool {
			return slices.ContainsFunc(now, func(t Term) bool { return t.Key == name || t.Slug == name })
		}
		for n := 2; taken(slug); n++ {
			slug = slugOf(de) + "-" + strconv.Itoa(n)
		}
		_, err = tx.NewInsert().Model(s.row(l, Term{Key: slug, Slug: slug, German: de, English: en}, len(now))).Exec(ctx)
		return slug, err
	})
}

// find gives one of the words that are not joined with another one.
func find(now []Term, key string) (Term, error) {
	for _, t := range now {
		if t.Key == key && t.Into == "" {
			return t, nil
		}
	}
	return Term{}, problem.NotFoundf("the list has no word %q", key)
}

// Rename gives a word another name. Addresses stay, and what has the word shows
// the new one.
func (s *Terms) Rename(ctx context.Context, by, list, key, german, english string) error {
	return s.change(ctx, by, list, "rename", func(ctx context.Context, tx bun.Tx, l List, now []Term) (string, error) {
		if _, err := find(now, key); err != nil {
			return "", err
		}
		de, en, err := checkWords(now, key, german, english)
		if err != nil {
			return "", err
		}
		_, err = tx.NewUpdate().Model((*row)(nil)).Set("word_de = ?", de).Set("word_en = ?", en).Set("changed = ?", s.now()).
			Where("list = ?", list).Where("key = ?", key).Exec(ctx)
		if err != nil {
			return "", err
		}
		return key, s.find(ctx, tx, l, key)
	})
}

// Merge joins a word with another one: what has it gets the other, and its
// address leads there.
func (s *Terms) Merge(ctx context.Context, by, list, key, into string) error {
	return s.change(ctx, by, list, "merge", func(ctx context.Context, tx bun.Tx, l List, now []Term) (string, error) {
		if _, err := find(now, key); err != nil {
			return "", err
		}
		if other, err := find(now, into); err != nil || other.Key == key || other.Retired {
			var errs problem.Fields
			errs.Add("into", "Please choose another word of the list, with which it is joined.")
			return "", errs.Err()
		}
		_, err := tx.NewUpdate().Model((*row)(nil)).Set("merged_into = ?", into).Set("retired = TRUE").Set("changed = ?", s.now()).
			Where("list = ?", list).Where("key = ?", key).Exec(ctx)
		if err != nil {
			return "", err
		}
		if err := s.find(ctx, tx, l, key); err != nil {
			return "", err
		}
		_, err = tx.NewUpdate().TableExpr("?", bun.Ident(l.Table)).Set("? = ?", bun.Ident(l.Column), into).Where("? = ?", bun.Ident(l.Column), key).Exec(ctx)
		return key + " " + into, err
	})
}

// find lets what has a word be indexed anew for the search.
func (s *Terms) find(ctx context.Context, tx bun.Tx, l List, key string) error {
	if !l.Searched {
		return nil
	}
	_, err := tx.NewRaw("INSERT INTO search_due (id) SELECT ? FROM ? WHERE ? = ?", bun.Ident(l.ID), bun.Ident(l.Table), bun.Ident(l.Column), key).Exec(ctx)
	return err
}

// Retire takes a word out of forms and filters, or back in. What has it keeps
// it.
func (s *Terms) Retire(ctx context.Context, by, list, key string, retired bool) error {
	act := "revive"
	if retired {
		act = "retire"
	}
	return s.change(ctx, by, list, act, func(ctx context.Context, tx bun.Tx, _ List, now []Term) (string, error) {
		if _, err := find(now, key); err != nil {
			return "", err
		}
		_, err := tx.NewUpdate().Model((*row)(nil)).Set("retired = ?", retired).Set("changed = ?", s.now()).
			Where("list = ?", list).Where("key = ?", key).Exec(ctx)
		return key, err
	})
}

// Raise puts a word before the one above it; the first stays where it is.
func (s *Terms) Raise(ctx context.Context, by, list, key string) error {
	return s.change(ctx, by, list, "order", func(ctx context.Context, tx bun.Tx, _ List, now []Term) (string, error) {
		if _, err := find(now, key); err != nil {
			return "", err
		}
		i := slices.IndexFunc(now, func(t Term) bool { return t.Key == key })
		above := i - 1
		for above >= 0 && (now[above].Into != "" || now[above].Retired) {
			above--
		}
		if above >= 0 {
			t := now[i]
			now = slices.Insert(slices.Delete(now, i, i+1), above, t)
		}
		for position, t := range now {
			_, err := tx.NewUpdate().Model((*row)(nil)).Set("position = ?", position).Where("list = ?", list).Where("key = ?", t.Key).Exec(ctx)
			if err != nil {
				return "", err
			}
		}
		return key, nil
	})
}

// Restore puts the words that come with the program back into a list: those that
// were retired, and those that newer versions have brought. Names stay.
func (s *Terms) Restore(ctx context.Context, by, list string) error {
	return s.change(ctx, by, list, "restore", func(ctx context.Context, tx bun.Tx, l List, now []Term) (string, error) {
		position := len(now)
		for _, p := range l.Presets {
			i := slices.IndexFunc(now, func(t Term) bool { return t.Key == p.Key })
			var err error
			switch {
			case i < 0:
				_, err = tx.NewInsert().Model(s.row(l, p, position)).On("CONFLICT DO NOTHING").Exec(ctx)
				position++
			case now[i].Into == "" && now[i].Retired:
				_, err = tx.NewUpdate().Model((*row)(nil)).Set("retired = FALSE").Where("list = ?", list).Where("key = ?", p.Key).Exec(ctx)
			}
			if err != nil {
				return "", err
			}
		}
		return list, nil
	})
}
