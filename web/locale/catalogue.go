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

// book is a catalogue in one manner.
type book struct {
	localizers map[string]*i18n.Localizer
	keys       map[string]map[string]bool // language -> keys
	// plain are the words in which nothing is filled in, by language and key:
	// most are, and a page has many.
	plain map[string]map[string]string
}

// NewCatalogue merges the files text.de.toml and text.en.toml of each folder. A
// key that two folders define is an error.
func NewCatalogue(folders ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{folders: folders}
	return c, c.Speak(Manner{})
}

// read merges the files of each folder in a manner.
func read(folders []fs.FS, m Manner) (*book, error) {
	bundle := i18n.NewBundle(language.German)
	c := &book{localizers: map[string]*i18n.Localizer{}, keys: map[string]map[string]bool{}, plain: map[string]map[string]string{}}
	for _, lang := range Languages {
		c.keys[lang], c.plain[lang] = map[string]bool{}, map[string]string{}
		for _, folder := range folders {
			list, err := m.messages(folder, lang)
			if err != nil {
				return nil, err
			}
			if err := c.add(bundle, lang, list); err != nil {
				return nil, err
			}
		}
		c.localizers[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return c, nil
}

// messages reads a file with words of a language.
func messages(folder fs.FS, name, lang string) ([]*i18n.Message, error) {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	file, err := i18n.ParseMessageFileBytes(text, "text."+lang+".toml", map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return nil, fmt.Errorf("read words of %s: %w", name, err)
	}
	return file.Messages, nil
}

func (c *book) add(bundle *i18n.Bundle, lang string, list []*i18n.Message) error {
	for _, m := range list {
		if c.keys[lang][m.ID] {
			return fmt.Errorf("read words: text.%s.toml defines %q a second time", lang, m.ID)
		}
		c.keys[lang][m.ID] = true
		if !strings.Contains(m.Other, "{{") && m.Zero+m.One+m.Two+m.Few+m.Many == "" {
			c.plain[lang][m.ID] = m.Other
			continue
		}
		if err := bundle.AddMessages(language.Make(lang), m); err != nil {
			return fmt.Errorf("read words: %s: %w", m.ID, err)
		}
	}
	return nil
}

// Message gives the words of key in a language, with data filled in. An unknown
// key is an error.
func (c *Catalogue) Message(lang, key string, data any) (string, error) {
	b := c.now.Load()
	if words, ok := b.plain[lang][key]; ok {
		return words, nil
	}
	return b.localize(lang, &i18n.LocalizeConfig{MessageID: key, TemplateData: data})
}

// Plural gives the words of key for n things; {{.Count}} in them is n.
func (c *Catalogue) Plural(lang, key string, n int) (string, error) {
	b := c.now.Load()
	if words, ok := b.plain[lang][key]; ok {
		return words, nil
	}
	return b.localize(lang, &i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]any{"Count": n}})
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
func (c *Catalogue) Has(lang, key string) bool { return c.now.Load().keys[lang][key] }

func (c *book) localize(lang string, config *i18n.LocalizeConfig) (string, error) {
	l, ok := c.localizers[lang]
	if !ok || !c.keys[lang][config.MessageID] {
		return "", fmt.Errorf("there are no words for %q in %q", config.MessageID, lang)
	}
	return l.Localize(config)
}

// Missing lists "language key" for every key that a language lacks and another
// one has.
func (c *Catalogue) Missing() []string {
	var list []string
	keys := c.now.Load().keys
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
	return list
}
