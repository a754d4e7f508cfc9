package web

import (
	"html/template"
	"regexp"
	"strings"
)

// A Look is how one town looks: what the town hall can change of it. All are
// paths on this server; "" is the drawing or the colours that come with the
// program.
type Look struct {
	// Name is the town's.
	Name string
	// Stylesheet sets the colours of the town, after our own stylesheet.
	Stylesheet string
	// Arms is the coat of arms, a raster picture or a drawing, and ArmsAlt what it
	// shows; "" when it is decoration beside the name.
	Arms, ArmsAlt string
	// Picture is the wide picture of the start page, with what it shows; "" when it
	// is decoration.
	Picture, PictureAlt string
	// Official says on every page that this is the website of a public body.
	Official bool
	// Closed are the paths of what the town does not use, with all below them; "*" is
	// any one segment. Nothing leads there, and nothing answers.
	Closed []string
	// Alerts stand at the head of every page, the gravest first.
	Alerts []Alert
	// Notices is the path of what the town hall announces, "" for none.
	Notices string
	// Contact are the lines of the footer that say whom to ask, plain text.
	Contact []string
}

// An Alert is what the town says at the head of every page.
type Alert struct {
	// ID names it, so that a reader can close it.
	ID string
	// Severity is info, warning or danger.
	Severity string
	// Text is by language; one that has none has the German one.
	Text map[string]string
	// Href leads to more about it, or is "".
	Href string
}

// said is an alert in one language; Lang is that of its text where it is not the
// page's.
type said struct{ ID, Severity, Text, Lang, Href string }

// alerts gives what stands at the head of a page in lang.
func (l *Look) alerts(lang string) []said {
	var list []said
	for _, a := range l.Alerts {
		one := said{a.ID, a.Severity, a.Text[lang], "", a.Href}
		if one.Text == "" {
			one.Text, one.Lang = a.Text["de"], "de"
		}
		list = append(list, one)
	}
	return list
}

// Town gives how the town looks now.
func (s *Site) Town() Look {
	var l Look
	if s.Options.Look != nil {
		l = s.Options.Look()
	}
	if l.Name == "" {
		l.Name = s.Name
	}
	return l
}

// A ContactLine is one of the lines that say whom to ask; Text is a link when
// Href is not "".
type ContactLine struct {
	Before, Text string
	Href         template.URL
}

// A mail address alone, or a number after a word for a telephone, can be
// touched.
var (
	mailLine  = regexp.MustCompile(`^((?:E-?Mail|Mail)?:?\s*)([^\s@<>"]+@[^\s@<>"]+\.[a-z]{2,})$`)
	phoneLine = regexp.MustCompile(`^((?:Tel\.?|Telefon|Phone|Telephone):?\s*)(\+?[0-9][0-9 ()/-]{4,24}[0-9])$`)
)

// Contacts gives the lines of the town that say whom to ask, with their links.
func (s *Site) Contacts() []ContactLine { return contact(s.Town().Contact) }

// contact gives the lines with their links.
func contact(lines []string) []ContactLine {
	var list []ContactLine
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if m := mailLine.FindStringSubmatch(line); m != nil {
			list = append(list, ContactLine{m[1], m[2], template.URL("mailto:" + m[2])}) //nolint:gosec // an address of the pattern
			continue
		}
		if before, number, dialled, ok := Phone(line); ok {
			list = append(list, ContactLine{before, number, template.URL("tel:" + dialled)}) //nolint:gosec // digits
			continue
		}
		list = append(list, ContactLine{Text: line})
	}
	return list
}

// Ways gives the addresses behind the contact lines, "mailto:" and "tel:", in
// their order.
func (l *Look) Ways() []string {
	var list []string
	for _, line := range contact(l.Contact) {
		if line.Href != "" {
			list = append(list, string(line.Href))
		}
	}
	return list
}

// Phone finds the telephone number in a line that begins with a word for it;
// dialled has only what is dialled.
func Phone(line string) (before, number, dialled string, ok bool) {
	m := phoneLine.FindStringSubmatch(line)
	if m == nil {
		return "", "", "", false
	}
	return m[1], m[2], digits(m[2]), true
}

// digits leaves of a number what is dialled.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
}
