// Package locale knows how languages speak: the words of catalogues with their
// plurals, and dates as people say them. German and English.
//
// It must not know what the words are about.
package locale

import (
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// Languages are those that the interface speaks.
var Languages = []string{"de", "en"}

// Catalogue holds the words of all parts of a program by their keys. Make one
// with NewCatalogue.
type Catalogue struct {
	folders []fs.FS
	now     atomic.Pointer[book]
}

// book is a catalogue in one manner: each language is read when it is first
// asked for, since many towns never need the second.
type book map[string]func() (*tongue, error)

// tongue are the words in one language.
type tongue struct {
	lang      string
	localizer *i18n.Localizer
	keys      map[string]bool
	// plain are the words in which nothing is filled in, by key: most are, and a
	// page has many.
	plain map[string]string
}

// NewCatalogue merges the files text.de.toml and text.en.toml of each folder. A
// key that two folders define is an error: of the first language here, of
// another one when it is asked for.
func NewCatalogue(folders ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{folders: folders}
	return c, c.Speak(Manner{})
}

// newBook gives what the folders say in a manner.
func newBook(folders []fs.FS, m Manner) *book {
	b := book{}
	for _, lang := range Languages {
		b[lang] = sync.OnceValues(func() (*tongue, error) { return read(folders, m, lang) })
	}
	return &b
}

// in gives the words of a language.
func (b *book) in(lang string) (*tongue, error) {
	get, ok := (*b)[lang]
	if !ok {
		return nil, fmt.Errorf("there are no words in %q", lang)
	}
	return get()
}

// read merges the files of each folder in a manner.
func read(folders []fs.FS, m Manner, lang string) (*tongue, error) {
	bundle := i18n.NewBundle(language.Make(lang))
	c := &tongue{lang: lang, keys: map[string]bool{}, plain: map[string]string{}}
	for _, folder := range folders {
		list, err := m.messages(folder, lang)
		if err != nil {
			return nil, err
		}
		if err := c.add(bundle, list); err != nil {
			return nil, err
		}
	}
	c.localizer = i18n.NewLocalizer(bundle, lang)
	return c, nil
}

// messages reads a file with words of a language. Most of them are one string,
// for which i18n.ParseMessageFileBytes takes more time than reading the file.
func messages(folder fs.FS, name string) ([]*i18n.Message, error) {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	var words map[string]any
	if err := toml.Unmarshal(text, &words); err != nil {
		return nil, fmt.Errorf("read words of %s: %w", name, err)
	}
	list := make([]*i18n.Message, 0, len(words))
	for key, said := range words {
		if one, ok := said.(string); ok {
			list = append(list, &i18n.Message{ID: key, Other: one})
			continue
		}
		m, err := i18n.NewMessage(said)
		if err != nil {
			return nil, fmt.Errorf("read words of %s: %s: %w", name, key, err)
		}
		m.ID = key
		list = append(list, m)
	}
	return list, nil
}

func (c *tongue) add(bundle *i18n.Bundle, list []*i18n.Message) error {
	for _, m := range list {
		if c.keys[m.ID] {
			return fmt.Errorf("read words: text.%s.toml defines %q a second time", c.lang, m.ID)
		}
		c.keys[m.ID] = true
		if !strings.Contains(m.Other, "{{") && m.Zero+m.One+m.Two+m.Few+m.Many == "" {
			c.plain[m.ID] = m.Other
			continue
		}
		if err := bundle.AddMessages(language.Make(c.lang), m); err != nil {
			return fmt.Errorf("read words: %s: %w", m.ID, err)
		}
	}
	return nil
}

// Message gives the words of key in a language, with data filled in. An unknown
// key is an error.
func (c *Catalogue) Message(lang, key string, data any) (string, error) {
	words, plain, err := c.find(lang, key)
	if words == nil {
		return plain, err
	}
	return words.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// Plural gives the words of key for n things; {{.Count}} in them is n.
func (c *Catalogue) Plural(lang, key string, n int) (string, error) {
	words, plain, err := c.find(lang, key)
	if words == nil {
		return plain, err
	}
	return words.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]any{"Count": n}})
}

// Sentence gives a sentence whose key is its own English, as format for
// fmt.Sprintf. English needs no entry in a catalogue.
func (c *Catalogue) Sentence(lang, english string, args ...any) string {
	format := english
	if c.Has(lang, english) {
		if s, err := c.Message(lang, english, nil); err == nil {
			format = s
		}
	}
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// Has tells whether a language has words for key.
func (c *Catalogue) Has(lang, key string) bool {
	words, err := c.now.Load().in(lang)
	return err == nil && words.keys[key]
}

// find gives the words of key when nothing is filled in, and otherwise who fills
// it in.
func (c *Catalogue) find(lang, key string) (fills *i18n.Localizer, plain string, err error) {
	words, err := c.now.Load().in(lang)
	if err != nil {
		return nil, "", err
	}
	if plain, ok := words.plain[key]; ok {
		return nil, plain, nil
	}
	if !words.keys[key] {
		return nil, "", fmt.Errorf("there are no words for %q in %q", key, lang)
	}
	return words.localizer, "", nil
}

// Missing lists "language key" for every key that a language lacks and another
// one has. A language that cannot be read is an error.
func (c *Catalogue) Missing() ([]string, error) {
	var list []string
	keys := map[string]map[string]bool{}
	for _, lang := range Languages {
		words, err := c.now.Load().in(lang)
		if err != nil {
			return nil, err
		}
		keys[lang] = words.keys
	}
	for _, has := range keys {
		for key := range has {
			for lang, other := range keys {
				// A key with blanks is its own English.
				if !other[key] && !(lang == "en" && strings.Contains(key, " ")) {
					list = append(list, lang+" "+key)
				}
			}
		}
	}
	sort.Strings(list)
	return list, nil
}
