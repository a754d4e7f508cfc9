package locale

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// A Manner is how a town has its words said. The zero one is as the catalogues
// have them.
type Manner struct {
	// Variant is what the names of files end with whose words stand before the
	// others: "du" for text.de-du.toml beside text.de.toml. "" is none.
	Variant string
	// Say gives what is said in place of words of a language, before anything is
	// filled in; nil for the same.
	Say func(lang, words string) string
}

// Speak says everything in another manner from now on. What is wrong with it in
// the first language is an error, and nothing changes.
func (c *Catalogue) Speak(m Manner) error {
	b := newBook(c.folders, m)
	if _, err := b.in(Languages[0]); err != nil {
		return err
	}
	c.now.Store(b)
	return nil
}

// messages gives what a folder says in a language and a manner.
func (m Manner) messages(folder fs.FS, lang string) ([]*i18n.Message, error) {
	list, err := messages(folder, "text."+lang+".toml")
	if err != nil {
		return nil, err
	}
	if m.Variant != "" {
		name := "text." + lang + "-" + m.Variant + ".toml"
		others, err := messages(folder, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if list, err = replace(list, others); err != nil {
			return nil, fmt.Errorf("read words of %s: %w", name, err)
		}
	}
	if m.Say != nil {
		for _, one := range list {
			for _, form := range []*string{&one.Zero, &one.One, &one.Two, &one.Few, &one.Many, &one.Other} {
				if *form != "" {
					*form = m.Say(lang, *form)
				}
			}
		}
	}
	return list, nil
}

// replace puts messages in the place of those with the same keys.
func replace(list, others []*i18n.Message) ([]*i18n.Message, error) {
	at := make(map[string]int, len(list))
	for i, one := range list {
		at[one.ID] = i
	}
	for _, other := range others {
		i, ok := at[other.ID]
		if !ok {
			return nil, fmt.Errorf("there is no %q that could be said otherwise", other.ID)
		}
		list[i] = other
	}
	return list, nil
}
