package mail

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"codeberg.org/aushang/aushang/web/locale"
)

// A Town is who writes.
type Town struct {
	// Name is the name of the town, Address the lines of the town hall's address.
	Name    string
	Address []string
}

// form is the HTML part of every letter.
var form = template.Must(template.ParseFS(Files, "letter.tmpl"))

// frame is a letter with the words around it.
type frame struct {
	Letter
	Greeting, Copy, UnsubscribeLabel string
	// Text and After are paragraphs of lines.
	Text, After [][]string
	Town        Town
	Home        string
}

// write makes of a letter what travels. id names it, created is its Date.
func (p *Post) write(ctx context.Context, id string, created time.Time, l Letter) (*gomail.Msg, error) {
	town, err := p.options.Town(ctx)
	if err != nil {
		return nil, fmt.Errorf("find who writes: %w", err)
	}
	f, err := p.frame(l, town)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := form.ExecuteTemplate(&html, "html", f); err != nil {
		return nil, fmt.Errorf("write letter: %w", err)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&mail.Address{Name: line(town.Name), Address: p.options.SMTP.From})
	m.AddToMailAddress(&mail.Address{Name: l.Name, Address: l.To})
	m.Subject(l.Subject)
	m.SetDateWithValue(created)
	m.SetMessageIDWithValue(id + "@" + p.options.Domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 5
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", l.Lang)
	if l.Unsubscribe != "" {
		m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+l.Unsubscribe+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") // RFC 8058 3.1
	}
	m.SetBodyString(gomail.TypeTextPlain, f.plain())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}

func (p *Post) frame(l Letter, town Town) (*frame, error) {
	f := &frame{Letter: l, Text: lines(l.Text), After: lines(l.After), Town: Town{line(town.Name), nil}, Home: p.options.Origin + "/"}
	for _, a := range town.Address {
		f.Town.Address = append(f.Town.Address, line(a))
	}
	key, data := "mail.greeting", any(l.Name)
	if l.Name == "" {
		key, data = "mail.greeting.nameless", nil
	}
	var err error
	for _, w := range []struct {
		to   *string
		key  string
		data any
	}{{&f.Greeting, key, data}, {&f.Copy, "mail.copy", nil}, {&f.UnsubscribeLabel, "mail.unsubscribe", nil}} {
		if *w.to, err = p.words.Message(l.Lang, w.key, w.data); err != nil {
			return nil, fmt.Errorf("write letter: %w", err)
		}
	}
	return f, nil
}

func lines(paragraphs []string) [][]string {
	var all [][]string
	for _, p := range paragraphs {
		all = append(all, strings.Split(p, "\n"))
	}
	return all
}

// plain gives the text part.
func (f *frame) plain() string {
	parts := append([]string{f.Greeting}, f.Letter.Text...)
	if f.Action.URL != "" {
		parts = append(parts, f.Action.Label+":\n"+f.Action.URL)
	}
	parts = append(parts, f.Letter.After...)
	parts = append(parts, strings.Join(append(append([]string{f.Town.Name}, f.Town.Address...), f.Home), "\n"))
	if f.Unsubscribe != "" {
		parts = append(parts, f.UnsubscribeLabel+":\n"+f.Unsubscribe)
	}
	return strings.ReplaceAll(strings.Join(parts, "\n\n")+"\n", "\n", "\r\n")
}

// words reads the catalogue of the frame.
func words() (*locale.Catalogue, error) { return locale.NewCatalogue(Files) }
