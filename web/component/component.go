// Package component holds the parts that pages are made of, each a template
// with a struct that says what it shows. A part has its label, its landmarks
// and its words wired once.
package component

import (
	"embed"
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

// EventRow is an event in a list ("event-row").
type EventRow struct {
	Href, Name string
	// When is the time in words, Start the same for machines and for the
	// calendar leaf, in the zone of the place.
	When  string
	Start time.Time
	Place string
	// By is who organises it.
	By        string
	Cancelled bool
}

// PostCard is a post in a list ("post-card").
type PostCard struct {
	Href    string
	Content SafeHTML
	// Title is how the text begins and Text how it goes on, both plain and cut for
	// a note; Lang is their language (BCP 47), or "".
	Title, Text, Lang string
	// Kind is the key of the word for what kind of notice it is, Tone the paper it
	// stands on: town, offer, help or white (the class "note--" with it); "" is
	// yellow.
	Kind, Tone string
	// Picture is nil for a post without one.
	Picture   *Picture
	By        string
	ByHref    string
	Published time.Time
}

// ClubCard is a club in a list ("club-card").
type ClubCard struct {
	Href, Name, Handle string
	// Summary is plain text.
	Summary          string
	IconURL, IconAlt string
	// Letters stand for a logo where there is none.
	Letters string
}

// Letter stands for a club without a logo.
func (c ClubCard) Letter() string {
	for _, r := range c.Name {
		if unicode.IsLetter(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return ""
}

// Reply is an answer under what it answers ("reply").
type Reply struct {
	// Name and Handle are of who wrote it; Href leads to their page.
	Name, Handle, Href string
	Content            SafeHTML
	Published          time.Time
	// Own is true for an answer of the organiser, Private for one that is not
	// public.
	Own, Private bool
	// Manage leads editors to what they can do with it, or "".
	Manage string
}

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

// Crumb is a step on the way back ("crumbs" takes a list of them).
type Crumb struct{ Key, Href string }

// Empty says that there is nothing yet, and what to do ("empty").
type Empty struct {
	// Key and TextKey are keys of words.
	Key, TextKey string
	// Href and ActionKey are the way out; "" for none.
	Href, ActionKey string
}

// Failure is an error page ("failure").
type Failure struct {
	Status int
	// Key is that of the headline; Key + ".text" says what to do.
	Key string
	// Href leads on, and ActionKey is that of the words there; "" leads to the
	// start page.
	Href, ActionKey string
}

// Subscribe offers the calendar at Href, a path below Origin ("subscribe").
type Subscribe struct{ Origin, Href string }
