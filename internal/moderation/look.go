package moderation

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
	"codeberg.org/aushang/aushang/internal/problem"
)

// The limits of the list of words, and of how many answers of a new author may
// wait.
const (
	maxWords = 500
	maxWord  = 60
	maxFirst = 20
)

// firstKey is the setting that says how many answers of a new author wait.
const firstKey = "looked_at_first"

// A Word is one that needs a look when somebody elsewhere writes it.
type Word struct {
	bun.BaseModel `bun:"table:watch_words,alias:word"`

	// Folded is the word as it is compared, Word as it was typed. A * at an end
	// finds it in longer words too.
	Folded    string `bun:"folded,pk"`
	Word      string
	Created   time.Time
	ByAccount string
}

// A Look is something that waits for the town hall, or has: from elsewhere, or one
// of the first things of a club of ours.
type Look struct {
	bun.BaseModel `bun:"table:looks,alias:look"`

	ObjectID string `bun:"object_id,pk"`
	// Words are those that were found, with a comma between them; "" for the first
	// things of a new author.
	Words   string
	Created time.Time
	// Decided is zero while it waits; Shown tells whether it was let through then.
	Decided   time.Time `bun:",nullzero"`
	Shown     bool
	ByAccount string
	// Reason is why something of ours was given back, "" where it was not.
	Reason string
}

// Words gives the words that need a look.
func (s *Moderation) Words(ctx context.Context) ([]*Word, error) {
	var list []*Word
	if err := s.db.Read().NewSelect().Model(&list).Order("word", "folded").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list words: %w", err)
	}
	return list, nil
}

// First gives how many answers of a new author wait; 0 for none.
func (s *Moderation) First(ctx context.Context) (int, error) {
	var values []string
	if err := s.db.Read().NewRaw("SELECT value FROM settings WHERE key = ?", firstKey).Scan(ctx, &values); err != nil || len(values) == 0 {
		return 0, err
	}
	return strconv.Atoi(values[0])
}

// SetWatch sets the words that need a look, one in each line, and how many
// answers of a new author and how many first things of a club wait.
func (s *Moderation) SetWatch(ctx context.Context, by, words, first, ofClubs string) error {
	var errs problem.Fields
	n, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || n < 0 || n > maxFirst {
		errs.Add("first", "Please write a number from 0 to %d.", maxFirst)
	}
	own, err := strconv.Atoi(strings.TrimSpace(ofClubs))
	if err != nil || own < 0 || own > maxFirst {
		errs.Add("clubs", "Please write a number from 0 to %d.", maxFirst)
	}
	typed := map[string]*Word{}
	for line := range strings.Lines(markup.Typed(words)) {
		word := strings.Join(strings.Fields(line), " ")
		folded := strings.Join(strings.Fields(Fold(word)), " ")
		switch bare := strings.Trim(folded, "* "); {
		case word == "":
		case utf8.RuneCountInString(bare) < 3 || utf8.RuneCountInString(word) > maxWord:
			errs.Add("words", "%q has not 3 to %d letters; please write it otherwise.", word, maxWord)
		default:
			typed[folded] = &Word{Folded: folded, Word: word, Created: s.now(), ByAccount: person(by)}
		}
	}
	if len(typed) > maxWords {
		errs.Add("words", "These are more than %d words; please choose the most important ones.", maxWords)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		var now []*Word
		if err := tx.NewSelect().Model(&now).Scan(ctx); err != nil {
			return err
		}
		for _, w := range now {
			if typed[w.Folded] != nil {
				delete(typed, w.Folded)
				continue
			}
			if _, err := tx.NewDelete().Model(w).WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		for _, w := range typed {
			if _, err := tx.NewInsert().Model(w).Exec(ctx); err != nil {
				return err
			}
		}
		if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "block.words"}); err != nil {
			return err
		}
		for key, value := range map[string]int{firstKey: n, clubsFirstKey: own} {
			_, err := tx.NewRaw("INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value", key, strconv.Itoa(value)).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

var watched = database.NewStatement("SELECT '' AS first, folded FROM watch_words UNION ALL SELECT value, '' FROM settings WHERE key = '" + firstKey + "'")

// watch gives the folded words, and how many answers of a new author wait.
func watch(ctx context.Context, tx bun.IDB) (words []string, first int, err error) {
	rows, err := watched.Query(ctx, tx)
	if err != nil {
		return nil, 0, fmt.Errorf("find words that need a look: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for rows.Next() {
		var n, word string
		if err := rows.Scan(&n, &word); err != nil {
			return nil, 0, err
		}
		if word != "" {
			words = append(words, word)
		} else if first, err = strconv.Atoi(n); err != nil {
			return nil, 0, err
		}
	}
	return words, first, rows.Err()
}

// Look hides what was just received from elsewhere until the town hall has seen
// it, where it has a word that needs a look or is one of the first things of its
// author under ours. What was let through with these words is not hidden again.
func (s *Moderation) Look(ctx context.Context, tx bun.Tx, id string, author *actor.Actor) error {
	words, first, err := watch(ctx, tx)
	if err != nil || len(words) == 0 && first == 0 {
		return err
	}
	o, err := s.objects.Stored(ctx, tx, id)
	if problem.KindOf(err) == problem.NotFound || err == nil && (o.Local || o.Hidden || o.Tombstone()) {
		return nil
	}
	if err != nil {
		return err
	}
	var found []string
	text := Fold(strings.Join([]string{o.Name, o.Summary, markup.Text(o.Content), author.Name}, "\n"))
	for _, w := range words {
		if holds(text, w) {
			found = append(found, w)
		}
	}
	var before []*Look
	if err := tx.NewSelect().Model(&before).Where("object_id = ?", id).Scan(ctx); err != nil {
		return fmt.Errorf("find the look at %s: %w", id, err)
	}
	if len(before) > 0 {
		known := strings.Split(before[0].Words, ", ")
		found = slices.DeleteFunc(found, func(w string) bool { return before[0].Shown && slices.Contains(known, w) })
		if len(found) == 0 {
			return nil
		}
	} else if len(found) == 0 {
		if fresh, err := s.fresh(ctx, tx, o, first); err != nil || !fresh {
			return err
		}
	}
	look := &Look{ObjectID: id, Words: strings.Join(found, ", "), Created: s.now()}
	_, err = tx.NewInsert().Model(look).On("CONFLICT (object_id) DO UPDATE").Set("words = EXCLUDED.words").Set("created = EXCLUDED.created").
		Set("decided = NULL").Set("shown = FALSE").Set("by_account = ''").Exec(ctx)
	if err != nil {
		return fmt.Errorf("have %s looked at: %w", id, err)
	}
	return s.objects.SetHidden(ctx, tx, id, true)
}

// fresh tells whether o answers one of ours and its author has written less than
// first others that were let through.
func (s *Moderation) fresh(ctx context.Context, tx bun.Tx, o *object.Object, first int) (bool, error) {
	if first == 0 || o.InReplyTo == "" {
		return false, nil
	}
	concerned, err := s.objects.Concerns(ctx, tx, o)
	if err != nil || len(concerned) == 0 {
		return false, err
	}
	n, err := tx.NewSelect().Model((*object.Object)(nil)).Where("object.attributed_to = ?", o.AttributedTo).Where("object.id <> ?", o.ID).
		Where("object.in_reply_to <> ''").Where("NOT object.hidden").Where("object.deleted IS NULL").Count(ctx)
	return int(n) < first, err
}

// Looks gives what waits for a look, the oldest first, with authors.
func (s *Moderation) Looks(ctx context.Context) ([]*Look, map[string]*object.Object, error) {
	return s.looks(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
}

// LooksOf gives those that concern one of these clubs of ours.
func (s *Moderation) LooksOf(ctx context.Context, clubs []string) ([]*Look, map[string]*object.Object, error) {
	return s.looks(ctx, concerning("look.object_id", clubs))
}

func (s *Moderation) looks(ctx context.Context, which func(*bun.SelectQuery) *bun.SelectQuery) ([]*Look, map[string]*object.Object, error) {
	var list []*Look
	err := s.db.Read().NewSelect().Model(&list).Join("JOIN objects ON objects.id = look.object_id AND objects.hidden AND objects.deleted IS NULL").
		Where("look.decided IS NULL").Apply(which).OrderExpr("look.created, look.object_id").Limit(100).Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("list what waits for a look: %w", err)
	}
	of := map[string]*object.Object{}
	for _, l := range list {
		if of[l.ObjectID], err = s.objects.Stored(ctx, s.db.Read(), l.ObjectID); err != nil {
			return nil, nil, err
		}
	}
	return list, of, nil
}

// DecideLook lets something that waits through, or leaves it hidden.
func (s *Moderation) DecideLook(ctx context.Context, by, id string, show bool) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.mayLook(ctx, tx, by, id); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model((*Look)(nil)).Set("decided = ?", s.now()).Set("shown = ?", show).Set("by_account = ?", person(by)).
			Where("object_id = ?", id).Where("decided IS NULL").Where("object_id IN (SELECT id FROM objects WHERE NOT local)").Exec(ctx)
		if err != nil {
			return fmt.Errorf("decide on %s: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // pressed twice
		}
		act := object.Hide
		if show {
			act = object.Show
		}
		if err := s.objects.Note(ctx, tx, id, by, act); err != nil {
			return err
		}
		if show {
			if decided, err := s.objects.Decided(ctx, tx, id); err != nil || decided {
				return err // hidden for another reason; that decision is taken back by itself
			}
		}
		if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "thing." + strings.ToLower(act), Target: id}); err != nil {
			return err
		}
		return s.objects.SetHidden(ctx, tx, id, !show)
	})
}

// mayLook is may for something that waits for a look.
func (s *Moderation) mayLook(ctx context.Context, tx bun.IDB, by, id string) error {
	about, err := s.Subject(ctx, tx, id)
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone {
		about, err = nil, nil
	}
	if err != nil {
		return err
	}
	return s.may(ctx, tx, by, about, Hide)
}

// LookAt hides something from elsewhere until the town hall has seen it, whatever
// it says. What was decided before stays so.
func (s *Moderation) LookAt(ctx context.Context, tx bun.Tx, id string) error {
	look := &Look{ObjectID: id, Created: s.now()}
	res, err := tx.NewInsert().Model(look).On("CONFLICT (object_id) DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("have %s looked at: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.objects.SetHidden(ctx, tx, id, true)
}
