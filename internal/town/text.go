package town

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
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
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// Names are the pages of the town, each at the path of its name.
var Names = []string{"ueber", "leichte-sprache", "netiquette", "datenpflege", "impressum", "datenschutz", "barrierefreiheit"}

// CareText is the name of the page with the agreement that clubs accept.
const CareText = "datenpflege"

// maxText is how long a page may be, in characters.
const maxText = 60_000

//go:embed texts/*.md
var texts embed.FS

// startingText reads a text with which every town begins.
func startingText(name, lang string) string {
	b, err := texts.ReadFile("texts/" + name + "." + lang + ".md")
	if err != nil {
		panic(err) // built without them
	}
	return strings.TrimSpace(string(b))
}

// A Text is one page of the town in one language, as it is or was.
type Text struct {
	bun.BaseModel `bun:"table:town_texts,alias:text"`

	// Name is one of Names, Language "de" or "en".
	Name     string `bun:"name,pk"`
	Language string `bun:"language,pk"`
	// Changed is zero for the starting text of a town that never changed it.
	Changed time.Time `bun:"changed,pk"`
	// Source is Markdown.
	Source string
	// AccountID is who wrote it.
	AccountID string
	// Starting is true for the text that comes with the program.
	Starting bool `bun:"-"`
}

// known gives a problem.NotFound unless there is such a page.
func known(name, lang string) error {
	if !slices.Contains(Names, name) || !slices.Contains(locale.Languages, lang) {
		return problem.NotFoundf("there is no page %q in %q", name, lang)
	}
	return nil
}

// Text gives a page as it is now.
func (s *Settings) Text(ctx context.Context, name, lang string) (*Text, error) {
	if err := known(name, lang); err != nil {
		return nil, err
	}
	return s.text(ctx, s.db.Read(), name, lang)
}

func (s *Settings) text(ctx context.Context, db bun.IDB, name, lang string) (*Text, error) {
	t := new(Text)
	err := db.NewSelect().Model(t).Where("name = ?", name).Where("language = ?", lang).OrderExpr("changed DESC").Limit(1).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read the page %s: %w", name, err)
	}
	t.Name, t.Language, t.Changed = name, lang, t.Changed.UTC()
	s.begin(t)
	return t, nil
}

// begin fills in the starting text where that is what stands there.
func (s *Settings) begin(t *Text) {
	if t.Source == "" {
		t.Source, t.Starting = (*s.starting.Load())[t.Name+"."+t.Language], true
	}
}

// Version tells when the present version of a page was written, in whichever
// language; the starting text counts as written in 1970.
func (s *Settings) Version(ctx context.Context, name string) (time.Time, error) {
	version := stamp(time.Time{})
	for _, lang := range locale.Languages {
		t, err := s.Text(ctx, name, lang)
		if err != nil {
			return version, err
		}
		if t.Changed.After(version) {
			version = t.Changed
		}
	}
	return version, nil
}

// Shown gives a page for readers of a language: in their own or, when the town
// wrote it in the other one alone, in that. A page that the law asks for is made
// of facts before that, if they are whole.
func (s *Settings) Shown(ctx context.Context, name, lang string) (*Text, error) {
	told, err := s.Told(ctx)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, told, name, lang)
}

func (s *Settings) shown(ctx context.Context, told *Told, name, lang string) (*Text, error) {
	t, err := s.Text(ctx, name, lang)
	if err != nil || !t.Starting || slices.Contains(Documents, name) && len(t.lacks(told)) == 0 {
		return t, err
	}
	for _, other := range locale.Languages {
		o, err := s.text(ctx, s.db.Read(), name, other)
		if err != nil {
			return nil, err
		}
		if !o.Starting {
			return o, nil
		}
	}
	return t, nil
}

// Versions lists what stood on a page, the newest first; times and authors
// only.
func (s *Settings) Versions(ctx context.Context, name, lang string) ([]*Text, error) {
	if err := known(name, lang); err != nil {
		return nil, err
	}
	var list []*Text
	err := s.db.Read().NewSelect().Model(&list).Where("name = ?", name).Where("language = ?", lang).OrderExpr("changed DESC").Limit(100).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the versions of %s: %w", name, err)
	}
	for _, t := range list {
		t.Changed = t.Changed.UTC()
		s.begin(t)
	}
	return list, nil
}

// SetText gives a page another text. version is when the one was made from
// which it was written, see Draft.
func (s *Settings) SetText(ctx context.Context, by, name, lang, source string, version time.Time) error {
	var errs problem.Fields
	source = markup.Typed(source)
	switch n := utf8.RuneCountInString(source); {
	case n == 0:
		errs.Add("text", "Please write a text.")
	case n > maxText:
		errs.Add("text", "The page is longer than %d characters; please shorten it.", maxText)
	}
	if err := errs.Err(); err != nil {
		return err
	}
	return s.putText(ctx, by, &Text{Name: name, Language: lang, Source: source, AccountID: by}, version)
}

// ResetText gives a page its starting text again.
func (s *Settings) ResetText(ctx context.Context, by, name, lang string) error {
	return s.putText(ctx, by, &Text{Name: name, Language: lang, AccountID: by}, time.Time{})
}

func (s *Settings) putText(ctx context.Context, by string, t *Text, version time.Time) error {
	if err := known(t.Name, t.Language); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		old, err := s.text(ctx, tx, t.Name, t.Language)
		if err != nil {
			return err
		}
		if !version.IsZero() && !version.Equal(stamp(old.Changed)) {
			return object.ErrStale
		}
		if t.Source == old.Source && !old.Starting || t.Source == "" && old.Starting {
			return nil // that is what stands there
		}
		t.Changed = s.after(old.Changed)
		if _, err := tx.NewInsert().Model(t).Exec(ctx); err != nil {
			return err
		}
		database.Ring(ctx)
		return ledger.NoteHall(ctx, tx, ledger.Entry{ByAccount: by, Act: "town.text", Target: t.Name, Detail: t.Language})
	})
	if err != nil {
		return fmt.Errorf("change the page %s: %w", t.Name, err)
	}
	return nil
}

// gaps are what only the town knows and has not written yet.
var gaps = regexp.MustCompile(`\[(noch auszufüllen|to be filled in): ([^\[\]<>]{1,200})\]`)

// Missing counts what is still to be filled in.
func (s *Settings) Missing(ctx context.Context, t *Text) (int, error) {
	told, err := s.Told(ctx)
	if err != nil {
		return 0, err
	}
	return t.Gaps(told), nil
}

// Gaps counts what is still to be filled in, with what the town said of itself
// elsewhere.
func (t *Text) Gaps(told *Told) int {
	text, _ := told.filled(t.Source, t.Language)
	return len(gaps.FindAllString(text, -1))
}

// HTML gives the page as readers see it: with what the town said of itself
// elsewhere, and with what is still to be filled in marked.
func (t *Text) HTML(told *Told) component.SafeHTML {
	text, _ := told.filled(t.Source, t.Language)
	return component.SafeHTML(markup.Article(text, gaps))
}

// Shown is HTML for readers: links to pages of which open says that they are not
// there are only their words.
func (t *Text) Shown(told *Told, open func(path string) bool) component.SafeHTML {
	text, _ := told.filled(t.Source, t.Language)
	return component.SafeHTML(markup.Unlink(markup.Article(text, gaps), open))
}

// special are the characters that mean something in Markdown.
var special = regexp.MustCompile("[\\\\`*_\\[\\]<>#&]")

// plain writes a line of text so that Markdown shows it as it is. A mail
// address or a telephone number becomes a link.
func plain(line string) string {
	if address, ok := strings.CutPrefix(line, "https://"); ok && markup.IsLink("https://"+address) {
		return line
	}
	if before, number, dialled, ok := web.Phone(line); ok {
		return before + "[" + number + "](tel:" + dialled + ")"
	}
	var words []string
	for word := range strings.FieldsSeq(line) {
		if mailAddress.MatchString(word) {
			words = append(words, "<"+word+">")
			continue
		}
		words = append(words, special.ReplaceAllString(word, `\$0`))
	}
	return strings.Join(words, " ")
}

// plainLines does so with lines that belong together.
func plainLines(list []string) string {
	var shown []string
	for _, line := range list {
		shown = append(shown, plain(line))
	}
	return strings.Join(shown, "\n")
}

// address gives such lines as HTML, with links to mail and telephone.
func address(list []string) component.SafeHTML {
	return component.SafeHTML(markup.Article(plainLines(list), nil))
}

var mailAddress = regexp.MustCompile(`^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$`)
