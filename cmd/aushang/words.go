package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/app"
	"codeberg.org/aushang/aushang/internal/speech"
)

// wordsPrefix begins the names of settings that say how the town speaks.
const wordsPrefix = "sprache."

// wordsPrinted is what is printed of such a setting.
type wordsPrinted struct {
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Choices []string `json:"choices"`
}

// manner gives how a town speaks, by the names of the settings.
func manner(m *speech.Manner) []struct {
	key     string
	value   *string
	choices []string
} {
	return []struct {
		key     string
		value   *string
		choices []string
	}{
		{wordsPrefix + "anrede", &m.Address, speech.Addresses},
		{wordsPrefix + "vereine", &m.Clubs, speech.ClubWords},
		{wordsPrefix + "personen", &m.Persons, speech.Signs},
	}
}

// setWords does what site set sprache.NAME says.
func setWords(c *call, key, value string) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	m, err := t.Settings.Manner(c.ctx)
	if err != nil {
		return err
	}
	var keys []string
	for _, one := range manner(&m) {
		keys = append(keys, one.key)
		if one.key != key {
			continue
		}
		if !slices.Contains(one.choices, value) {
			return errUsage{fmt.Sprintf("FILE: %q is none of %s", value, strings.Join(one.choices, ", "))}
		}
		*one.value = value
		if err := t.Settings.SetManner(c.ctx, actor.Operator, m); err != nil {
			return err
		}
		return c.print(wordsPrinted{key, value, one.choices}, "%s is %s", key, value)
	}
	return errUsage{fmt.Sprintf("PAGE: there is no %q; it is one of %s", key, strings.Join(keys, ", "))}
}

func printedWords(c *call, t *app.Town) ([]wordsPrinted, error) {
	m, err := t.Settings.Manner(c.ctx)
	if err != nil {
		return nil, err
	}
	var list []wordsPrinted
	for _, one := range manner(&m) {
		list = append(list, wordsPrinted{one.key, *one.value, one.choices})
	}
	return list, nil
}

type siteWordsCmd struct{}

// Run lists how the town speaks.
func (siteWordsCmd) Run(c *call) error {
	t, err := c.town()
	if err != nil {
		return err
	}
	list, err := printedWords(c, t)
	if err != nil {
		return err
	}
	if c.cli.JSON {
		return c.printJSON(list)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, one := range list {
		fmt.Fprintf(w, "%s\t%s\t(%s)\n", one.Key, one.Value, strings.Join(one.Choices, ", "))
	}
	return w.Flush()
}
