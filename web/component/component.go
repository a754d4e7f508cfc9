// Package component holds the parts that pages are made of, each a template
// with a struct that says what it shows. A part has its label, its landmarks
// and its words wired once.
package component

import (
	"embed"
	"strings"
	"time"
	"unicode"
)

// Files are the templates of the parts and their words.
//
//go:embed *.html *.toml
var Files embed.FS

// SafeHTML is HTML that was cleaned. Only the package that cleans may be its
// source.
type SafeHTML string

// EventRow is an event in a list ("event-row" with a leaf of the calendar,
// "event-agenda" under the heading of its day).
type EventRow struct {
	Href, Name string
	// When is the time in words, Start the same for machines and for the
	// calendar leaf, in the zone of the place.
	When  string
	Start time.Time
	// Clock is the time of day in words, for the agenda; "" takes When.
	Clock string
	// Near says how far away the day is, "heute" or "in 10 Tagen", or "".
	Near  string
	Place string
	// Online is true for what happens in the net.
	Online bool
	// By is who organises it.
	By string
	// Category is the word for what it is about, or "".
	Category  string
	Cancelled bool
	// Stale says that nobody has confirmed it for long.
	Stale bool
}

// Leaf is a leaf of the tear-off calendar ("date-leaf"). It is decoration: the
// date stands beside it in words.
type Leaf struct {
	Time       time.Time
	Off, Large bool
}

// PostCard is a post in a list ("post-card"), a note on the pin board.
type PostCard struct {
	Href    string
	Content SafeHTML
	// Title is how the text begins and Text how it goes on, both plain and cut for
	// a note; Lang is their language (BCP 47), or "". Without a title the note
	// shows Content whole.
	Title, Text, Lang string
	// Kind is the key of the word for what kind of notice it is, Tone the paper it
	// stands on: town, offer, help or white (the class "note--" with it); "" is
	// yellow.
	Kind, Tone string
	// Warned says that only the warning before it is shown.
	Warned bool
	// Picture is nil for a post without one.
	Picture   *Picture
	By        string
	ByHref    string
	Published time.Time
	// Stale says that nobody has confirmed it for long.
	Stale bool
}

// ClubCard is a club in a list ("club-card").
type ClubCard struct {
	Href, Name, Handle string
	// Summary is plain text.
	Summary          string
	IconURL, IconAlt string
	// Letters stand for a logo where there is none.
	Letters string
	// Field is the word for its field of activity, and Note a further line, plain
	// text; "" for none.
	Field, Note string
	// Stale says that nobody has confirmed its profile for long.
	Stale bool
}

// Letter stands for a club without a logo.
func (c ClubCard) Letter() string {
	if c.Letters != "" {
		return c.Letters
	}
	return Letters(c.Name)
}

// Letters gives the letters that stand for somebody without a picture: the
// first ones of the first and of the last word.
func Letters(name string) string {
	var first, last rune
	for _, word := range strings.Fields(name) {
		for _, r := range word {
			if !unicode.IsLetter(r) {
				continue
			}
			if r = unicode.ToUpper(r); first == 0 {
				first = r
			} else {
				last = r
			}
			break
		}
	}
	if last == 0 {
		if first == 0 {
			return ""
		}
		return string(first)
	}
	return string(first) + string(last)
}

// Reply is an answer under what it answers ("reply").
type Reply struct {
	// Name and Handle are of who wrote it; Href leads to the answer, or is "" for
	// one that has no page.
	Name, Handle, Href string
	// Icon is the path of their picture on this server, or "".
	Icon    string
	Content SafeHTML
	// Pictures are what the answer shows, on this server.
	Pictures  []Picture
	Published time.Time
	// Own is true for an answer of the organiser, Private for one that is not
	// public.
	Own, Private bool
	// Manage leads editors to what they can do with it, or "". Report leads readers
	// to where they report it.
	Manage, Report string
	// Warning is what stands before it, "" for nothing: it opens on a press.
	Warning string
}

// Letters stand for somebody without a picture.
func (r Reply) Letters() string { return Letters(r.Name) }

// Above tells whether the last crumb is the page above, and not the page itself.
func Above(crumbs []Crumb) bool { return len(crumbs) > 0 && crumbs[len(crumbs)-1].Href != "" }

// Counts are reactions and answers ("counts").
type Counts struct{ Replies, Likes, Announces int }

// Picture is a picture with its alternative text ("picture").
type Picture struct {
	URL, Alt string
	// Width and Height are in pixels.
	Width, Height int
	// Srcset lists smaller copies as HTML writes it, or "".
	Srcset string
}

// Crumb is a step on the way back ("crumbs" takes a list of them, after the
// start page, which comes by itself). The last one without an address is the
// page itself.
type Crumb struct {
	// Key is that of its words, or Text are its words.
	Key, Href, Text string
}

// Empty says that there is nothing yet, and what to do ("empty").
type Empty struct {
	// Key and TextKey are keys of words.
	Key, TextKey string
	// Href and ActionKey are the way out; "" for none. Icon stands on it.
	Href, ActionKey, Icon string
	// Also are further ways.
	Also []Crumb
	// Small leaves the picture out.
	Small bool
}

// Failure is an error page ("failure").
type Failure struct {
	Status int
	// Key is that of the headline; Key + ".text" says what to do.
	Key string
	// Href leads on, and ActionKey is that of the words there; "" leads to the
	// start page.
	Href, ActionKey string
	// Sample shows it within another page, whose heading is another.
	Sample bool
}

// Missing tells whether somebody looked for what is not there: then the page
// helps to search.
func (f Failure) Missing() bool {
	return f.Href == "" && !f.Sample && (f.Status == 404 || f.Status == 410)
}
