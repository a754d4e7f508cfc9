package page

import (
	"net/http"
	"regexp"
	"time"

	"codeberg.org/aushang/aushang/web/component"
)

// A Waiting gives what waits of one kind for the town hall now, the oldest first,
// at most limit of it. The application lists them in the order in which the desk
// shows them.
type Waiting func(r *http.Request, limit int) (Queue, error)

// A Queue is what waits of one kind.
type Queue struct {
	// ID is the name of its section on the desk, of the letters a to z: forms of
	// its items carry it in AtField.
	ID string
	// Key is that of its heading, StatKey that of the plural for its figure.
	Key, StatKey string
	// Room is the path of the page with all of it.
	Room string
	// Total is how much waits altogether.
	Total int
	Items []WaitingItem
}

// A WaitingItem is one thing that waits.
type WaitingItem struct {
	// Name is what it is called, Href where it is looked at; "" for nowhere.
	Name, Href string
	// Icon is one of the icons of the look.
	Icon string
	// Note says in the reader's language what is the matter; Said is what
	// somebody, or another machine, said about it. Both may be "".
	Note, Said string
	// Since is from when on it waits.
	Since time.Time
	// Forms are what can be done, each one a button.
	Forms []component.Form
}

// AtField is the hidden field with which a form of the desk says in which
// section it stands, so that whoever pressed it stays there.
const AtField = "at"

// section is how sections of the desk are called.
var section = regexp.MustCompile(`^[a-z]{1,20}$`)

// BackTo is where a form leads when it is done: to the section of the desk in
// which it stood, or else to path.
func BackTo(in *Input, path string) string {
	if at := in.Get(AtField); section.MatchString(at) {
		return "/rathaus?" + SectionQuery + "=" + at + "#" + at
	}
	return path
}

// SectionQuery names the section of the desk that is shown again.
const SectionQuery = "bei"
