package page

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// A Hall is what every page of the town hall begins with: "page/hall" opens it
// and "page/hall-end" closes it.
type Hall struct {
	Rooms  []Room
	Crumbs []component.Crumb
	// Heading is the h1. A page that says its own leaves it out.
	Heading string
	// Lede is a sentence below it, or "".
	Lede string
	// Done is the key of a sentence that says what was just done, Link an address
	// that is shown once.
	Done, Link string
}

// A Room is a page of the town hall with how much waits there.
type Room struct {
	Href, Key, Icon string
	Waiting         int
	Current         bool
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

func (p *Person) mustBeStaff() error {
	if p.Staff() {
		return nil
	}
	return problem.Forbiddenf("%s does not belong to the town hall", p.ID)
}
