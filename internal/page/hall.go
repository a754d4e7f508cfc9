package page

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// A Hall is what every page of the town hall begins with: "page/hall" opens it
// and "page/hall-end" closes it.
type Hall struct {
	// Rooms are all of them, Groups the same as the list shows them.
	Rooms  []Room
	Groups []RoomGroup
	Crumbs []component.Crumb
	// Heading is the h1. A page that says its own leaves it out.
	Heading string
	// Lede is a sentence below it, or "".
	Lede string
	// Done is the key of a sentence that says what was just done, Link an address
	// that is shown once.
	Done, Link string
}

// Room is the key of the words for the room that the page belongs to, "" for none.
func (h Hall) Room() string {
	for _, r := range h.Rooms {
		if r.Current {
			return r.Key
		}
	}
	return ""
}

// A Room is a page of the town hall with how much waits there.
type Room struct {
	Href, Key, Icon string
	Waiting         int
	Current         bool
}

// A RoomGroup is rooms that belong together; Key is that of its heading, "" for
// none.
type RoomGroup struct {
	Key   string
	Rooms []Room
}

// Waiting is how much waits in all of them.
func (g RoomGroup) Waiting() int {
	n := 0
	for _, r := range g.Rooms {
		n += r.Waiting
	}
	return n
}

// Current tells whether one of them is the page that is shown.
func (g RoomGroup) Current() bool {
	for _, r := range g.Rooms {
		if r.Current {
			return true
		}
	}
	return false
}

// HallFrame gives the frame of a page with this heading; room is the address of
// the room that it belongs to, and own false when it lies deeper in it.
type HallFrame func(r *http.Request, room, heading string, own bool) (Hall, error)

// Staff lets only people of the town hall through to h; for others it is a
// problem.Forbidden.
func Staff(h PersonHandler) PersonHandler {
	return func(w http.ResponseWriter, r *http.Request, who *Person) error {
		if err := who.mustBeStaff(); err != nil {
			return err
		}
		return h(w, r, who)
	}
}

// StaffForm is Staff for forms.
func StaffForm(h FormHandler) FormHandler {
	return func(w http.ResponseWriter, r *http.Request, who *Person, in *Input) error {
		if err := who.mustBeStaff(); err != nil {
			return err
		}
		return h(w, r, who, in)
	}
}

// Office lets those of the town hall through to h, too, who look after some clubs
// only: what h shows and does must ask Person.Cares. For others it is a
// problem.Forbidden.
func Office(h PersonHandler) PersonHandler {
	return func(w http.ResponseWriter, r *http.Request, who *Person) error {
		if !who.Hall() {
			return who.mustBeStaff()
		}
		return h(w, r, who)
	}
}

// OfficeForm is Office for forms.
func OfficeForm(h FormHandler) FormHandler {
	return func(w http.ResponseWriter, r *http.Request, who *Person, in *Input) error {
		if !who.Hall() {
			return who.mustBeStaff()
		}
		return h(w, r, who, in)
	}
}

// MustCare gives a problem.Forbidden unless the person looks after the club.
func (p *Person) MustCare(actorID string) error {
	if p.Cares(actorID) {
		return nil
	}
	return problem.Forbiddenf("%s does not look after %s", p.ID, actorID)
}

func (p *Person) mustBeStaff() error {
	if p.Staff() {
		return nil
	}
	return problem.Forbiddenf("%s does not belong to the town hall", p.ID)
}
