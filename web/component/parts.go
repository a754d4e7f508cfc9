package component

import "slices"

// A Notice is a frame that says what has changed, or what is in the way
// ("notice").
type Notice struct {
	// Tone is "warning", "danger" or "info"; "" is a warning.
	Tone string
	// Key is that of the heading, or Title is the heading. Icon is the name of
	// its icon, "" for that of the tone.
	Key, Title, Icon string
	// Text is plain text, or TextKey the key of the words.
	Text, TextKey string
}

// Sign is the name of the icon.
func (n Notice) Sign() string {
	switch {
	case n.Icon != "":
		return n.Icon
	case n.Tone == "info":
		return "info"
	}
	return "alert"
}

// A Chip is a choice or a tag ("chips" takes a Chips).
type Chip struct {
	// Key is that of its words, or Text are its words.
	Key, Text, Href string
	// Count is how many there are; nil for nothing.
	Count *int
	// Current is what is chosen now. Remove is something that is set and that a
	// touch takes away.
	Current, Remove bool
	// Far is true when search engines need not follow.
	Far bool
	// Icon is the name of an icon, or "".
	Icon string
}

// Chips is a row of chips; on phones it scrolls.
type Chips struct {
	// Label is the key of what is chosen with them.
	Label string
	List  []Chip
}

// Count gives the count of a chip.
func Count(n int) *int { return &n }

// A Segment is one of several views of the same, or a tab.
type Segment struct {
	// Key is that of its words, or Text are its words. Icon is the name of an
	// icon, or "".
	Key, Text, Icon, Href string
	Current               bool
}

// Segments switches between views of the same ("segments"), or between pages
// that belong together ("tabs").
type Segments struct {
	// Label is the key of what is switched.
	Label string
	List  []Segment
}

// Filter is a form that narrows a list; it is folded on phones ("filter").
type Filter struct {
	// Action is where it goes. Key is that of the words on the fold.
	Action, Key string
	Hidden      []Option
	Fields      []Field
	// Set is how many of them are set. Clear leads to the whole list, or is "".
	Set   int
	Clear string
}

// Open tells whether the form must be seen on phones too: something in it is
// wrong.
func (f Filter) Open() bool {
	return slices.ContainsFunc(f.Fields, func(f Field) bool { return f.Error != "" })
}

// Pager leads through a long list ("pager").
type Pager struct {
	// Prev and Next are paths, "" at the ends.
	Prev, Next string
	// Note says what comes next, in words, or "".
	Note string
}

// A Fact is a line of what matters most ("key-facts" takes a list of them).
type Fact struct {
	// Icon is the name of an icon; Key is that of the words before the fact.
	Icon, Key string
	// Text is the fact and Href leads on, or is "". Note is a second line.
	Text, Href, Note string
}
