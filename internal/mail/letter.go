package mail

import (
	"embed"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"unicode"

	"codeberg.org/aushang/aushang/web/locale"
)

// Files are the words that every letter has, and the form of its HTML part.
//
//go:embed *.toml *.tmpl
var Files embed.FS

// A Letter is one mail to one person, in plain words; its text and its HTML
// part are made of it.
type Letter struct {
	// Cause names what it is for, such as "confirm 0192...", in at most 200
	// bytes; a second letter with the same Cause is not sent. It must not name a
	// person: it is kept for longer than the letter.
	Cause string `json:"-"`
	// To is a mail address that was checked.
	To string `json:"to"`
	// Name is that of the person, or "".
	Name string `json:"name,omitempty"`
	// Lang is the language of the words around it, "de" or "en".
	Lang string `json:"lang"`
	// Subject is one line.
	Subject string `json:"subject"`
	// Text are the paragraphs, without any markup.
	Text []string `json:"text"`
	// Action is the one link; zero for none.
	Action Action `json:"action,omitzero"`
	// After are the paragraphs after the link.
	After []string `json:"after,omitempty"`
	// Unsubscribe is the absolute URL at which a POST ends letters of this kind
	// (RFC 8058) and a GET shows a button for it; "" for letters that must come.
	Unsubscribe string `json:"unsubscribe,omitempty"`
}

// An Action is a link with what it does.
type Action struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// The lengths, in characters, after which words are cut.
const (
	longestLine      = 200
	longestParagraph = 5000
	longestCause     = 200 // in bytes
)

// clean takes out of a letter what could be taken for more than words, and
// says what cannot be mended.
func (l *Letter) clean() error {
	at, err := mail.ParseAddress(l.To)
	if err != nil || at.Address != l.To || strings.ContainsFunc(l.To, unicode.IsSpace) || !strings.Contains(l.To, "@") {
		return fmt.Errorf("write letter %s: its address is none", l.Cause)
	}
	l.Name, l.Subject, l.Action.Label = line(l.Name), line(l.Subject), line(l.Action.Label)
	switch {
	case l.Cause == "" || len(l.Cause) > longestCause:
		return fmt.Errorf("write letter: a cause has 1 to %d bytes, and not %d", longestCause, len(l.Cause))
	case l.Subject == "":
		return fmt.Errorf("write letter %s: it has no subject", l.Cause)
	case l.Lang != locale.Languages[0] && l.Lang != locale.Languages[1]:
		return fmt.Errorf("write letter %s: %q is no language of ours", l.Cause, l.Lang)
	}
	for _, link := range []string{l.Action.URL, l.Unsubscribe} {
		if link != "" && !absolute(link) {
			return fmt.Errorf("write letter %s: a link of it is no absolute address", l.Cause)
		}
	}
	l.Text, l.After = paragraphs(l.Text), paragraphs(l.After)
	return nil
}

func absolute(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsFunc(link, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || r == '<' || r == '>' || r == '"'
	})
}

// shown maps what cannot be seen, turns the direction of writing or would end a
// line to what can stand in one; a negative rune is left out.
func shown(r rune) rune {
	switch {
	case r == '\u200d' || r == '\u200c': // joins emoji and letters
		return r
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return ' '
	case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
		return -1
	}
	return r
}

// line gives s as one line without anything that a header could be made of.
func line(s string) string {
	s = strings.Join(strings.Fields(strings.Map(shown, strings.ToValidUTF8(s, ""))), " ")
	s = strings.ReplaceAll(s, "=?", "= ?") // it would begin an encoded word (RFC 2047 2), of which anything could be made
	return cut(s, longestLine)
}

// paragraphs gives the paragraphs that are not empty. Lines within one stay.
func paragraphs(list []string) []string {
	var kept []string
	for _, p := range list {
		var lines []string
		for _, l := range strings.Split(strings.ReplaceAll(p, "\r\n", "\n"), "\n") {
			lines = append(lines, strings.TrimRight(strings.Map(shown, strings.ToValidUTF8(l, "")), " "))
		}
		if p = cut(strings.Trim(strings.Join(lines, "\n"), "\n"), longestParagraph); strings.TrimSpace(p) != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return s
}
