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
)

// Fields are what clubs do, in the order in which they are shown; a club has
// one of them or none. No vocabulary has them, so they do not federate.
var Fields = []string{"sport", "music", "nature", "rescue", "youth", "heritage", "social", "culture", "faith", "other"}

// slugs are the fields as addresses say them.
var slugs = map[string]string{
	"sport": "sport", "music": "musik", "nature": "natur", "rescue": "feuerwehr", "youth": "jugend", "heritage": "heimat",
	"social": "soziales", "culture": "kultur", "faith": "glaube", "other": "sonstiges",
}

// fieldOf gives the field that an address means, "" when there is none.
func fieldOf(slug string) string {
	for field, s := range slugs {
		if s == slug {
			return field
		}
	}
	return ""
}

// FieldKey is the key of the word for a field.
func FieldKey(field string) string { return "club.field." + field }

// FieldHref is the path of the directory of the clubs of one field.
func FieldHref(field string) string { return "/vereine?feld=" + slugs[field] }

func checkField(errs *problem.Fields, field string) {
	if field != "" && slugs[field] == "" {
		errs.Add("field", "There is no field of activity “%s”; please choose one of the list.", field)
	}
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
WHERE a.local AND a.type = 'Group' AND a.state = 'active' AND NOT a.limited GROUP BY c.field`)

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
	return counted(n), nil
}

func counted(n map[string]int) []FieldCount {
	var list []FieldCount
	for _, f := range Fields {
		if n[f] > 0 {
			list = append(list, FieldCount{FieldKey(f), FieldHref(f), n[f]})
		}
	}
	return list
}
