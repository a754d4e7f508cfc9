package object

import "time"

// Facts are what a list of things of several kinds shows of one of them beyond
// what all share. The zero Facts say nothing.
type Facts struct {
	// Start and End are when it takes place, in the zone of the place; zero for
	// what has no such time.
	Start, End time.Time
	// When gives the time in words; nil for none.
	When func(lang string) string
	// Place is plain text.
	Place     string
	Cancelled bool
	// More are further words under which it is found, plain text.
	More string
}
