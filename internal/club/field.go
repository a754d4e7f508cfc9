package club

import (
	"context"
	"database/sql"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/term"
)

// Fields are what clubs do, in the order in which they are shown; a club has
// one of them or none. No vocabulary has them, so they do not federate.
var Fields = []string{"sport", "music", "nature", "rescue", "youth", "heritage", "social", "culture", "faith", "other"}

// slugs are the fields as addresses say them.
var slugs = map[string]string{
	"sport": "sport", "music": "musik", "nature": "natur", "rescue": "feuerwehr", "youth": "jugend", "heritage": "heimat",
	"social": "soziales", "culture": "kultur", "faith": "glaube", "other": "sonstiges",
}

// TermList is the name of the list of the town's words for fields.
const TermList = "club"

// WordKey begins the keys of the words for fields.
const WordKey = "club.field."

// Presets are the fields as the town has them before it changes them; word gives
// the words of a key in a language.
func Presets(word func(language, key string) string) []term.Term {
	list := make([]term.Term, 0, len(Fields))
	for _, f := range Fields {
		list = append(list, term.Term{Key: f, Slug: slugs[f], German: word("de", FieldKey(f)), English: word("en", FieldKey(f))})
	}
	return list
}

// fields has the town's words for them, and what is offered.
func (s *Clubs) fields() term.Book {
	if s.Terms == nil {
		return term.Book{TermList: Presets(func(_, key string) string { return key })}
	}
	return s.Terms()
}

// FieldKey is the key of the word for a field.
func FieldKey(field string) string { return WordKey + field }

// fieldHref is the path of the directory of the clubs of one field.
func (s *Clubs) fieldHref(field string) string {
	if t := s.fields().Find(TermList, field); t != nil {
		return "/vereine?feld=" + t.Slug
	}
	return "/vereine"
}

// checkField gives a field as it is stored.
func (s *Clubs) checkField(errs *problem.Fields, field string) string {
	if field == "" {
		return ""
	}
	t := s.fields().Find(TermList, field)
	if t == nil {
		errs.Add("field", "There is no field of activity “%s”; please choose one of the list.", field)
		return field
	}
	return t.Key
}

// maxWebsite is the length of the address of a website, in bytes.
const maxWebsite = 300

// checkWebsite gives the address of a website as it is stored. People leave out
// how it begins.
func checkWebsite(errs *problem.Fields, address string) string {
	address, ok := markup.TypedLink(address)
	if !ok || len(address) > maxWebsite {
		errs.Add("website", "This is not the address of a website; please write it like www.example.org.")
	}
	return address
}

// profile gives what further fields the profile of a club has for others: its
// website, where its Impressum stands, and that the town hall knows it, as
// Mastodon writes such fields.
func (s *Clubs) profile(c *Club) []as.Attachment {
	fields := []as.Attachment{}
	if !c.Verified.IsZero() && s.Mark != nil {
		name, value := s.Mark()
		fields = append(fields, as.Attachment{Type: "PropertyValue", Name: name, Value: html.EscapeString(value)})
	}
	for _, f := range []struct{ name, rel, address string }{{"Website", "me ", c.Website}, {"Impressum", "", c.imprintURL()}} {
		if f.address == "" {
			continue
		}
		link := fmt.Sprintf(`<a href="%s" rel="%snofollow noopener noreferrer" target="_blank">%s</a>`, html.EscapeString(f.address), f.rel, html.EscapeString(shownAddress(f.address)))
		fields = append(fields, as.Attachment{Type: "PropertyValue", Name: f.name, Value: link})
	}
	return fields
}

// The lengths of the Impressum of a club, in characters and lines.
const (
	maxImprint      = 1500
	maxImprintLines = 20
)

// checkImprint gives the Impressum of a club without empty lines at its ends.
func checkImprint(errs *problem.Fields, text string) string {
	text = strings.TrimSpace(markup.Typed(text))
	if utf8.RuneCountInString(text) > maxImprint || strings.Count(text, "\n") >= maxImprintLines {
		errs.Add("imprint", "This is longer than %d characters or %d lines; please shorten it.", maxImprint, maxImprintLines)
	}
	return text
}

// imprintURL is where the Impressum of the club stands, "" when it has none.
func (c *Club) imprintURL() string {
	if c.Imprint == "" {
		return ""
	}
	return c.URL + "#impressum"
}

// shownAddress is a web address as people read it.
func shownAddress(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	return strings.TrimSuffix(rest, "/")
}

// A FieldCount says how many clubs have a field.
type FieldCount struct {
	// Key is the key of the word for the field, Href leads to its clubs.
	Key, Href string
	N         int
}

var countFields = database.NewStatement(`SELECT c.field, COUNT(*) FROM actors a JOIN clubs c ON c.actor_id = a.id
WHERE a.local AND a.type = 'Group' AND a.state = 'active' AND a.merged IS NULL AND NOT a.limited GROUP BY c.field`)

// Fields counts the active clubs of each field that has any, in the order of
// the fields.
func (s *Clubs) Fields(ctx context.Context) ([]FieldCount, error) {
	n := map[string]int{}
	err := s.each(ctx, countFields, func(rows *sql.Rows) error {
		var field string
		var count int
		err := rows.Scan(&field, &count)
		n[field] = count
		return err
	})
	if err != nil {
		return nil, err
	}
	var list []FieldCount
	for _, t := range s.fields()[TermList] {
		if n[t.Key] > 0 {
			list = append(list, FieldCount{FieldKey(t.Key), s.fieldHref(t.Key), n[t.Key]})
		}
	}
	return list, nil
}
