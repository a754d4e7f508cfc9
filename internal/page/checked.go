package page

import (
	"net/http"
	"net/url"
	"time"
)

// Where editors see what is to be confirmed, and where readers say what is
// wrong with a thing.
const (
	CarePath = "/pflege"
	HintPath = "/aenderung-melden"
)

// Checked says on the page of a thing when it was confirmed last, and leads to
// where readers say what is wrong with it ("page/checked" and "page/stale").
type Checked struct {
	// At is in the town's zone.
	At time.Time
	// Level is 1 for what lists show greyed, 2 for what they leave out.
	Level int
	// Hint is where a reader says what is wrong, Care where an editor confirms;
	// the latter is "" for readers.
	Hint, Care string
}

// Unlisted tells whether lists leave the thing out, and search engines should.
func (c *Checked) Unlisted() bool { return c != nil && c.Level > 1 }

// HintHref leads to where readers say what is wrong with the thing id.
func HintHref(id string) string { return HintPath + "?" + url.Values{"ding": {id}}.Encode() }

// Checked gives it for the thing id of a club, whose present version is of that
// time and which is stale as objects and actors say it.
func (g *Guard) Checked(r *http.Request, id, clubID string, version time.Time, stale int) (*Checked, error) {
	at, err := g.Care.Checked(r.Context(), id, version)
	if err != nil {
		return nil, err
	}
	c := &Checked{At: at.In(g.Zone), Level: stale, Hint: HintHref(id)}
	if stale == 0 {
		return c, nil
	}
	who, err := g.Who(r)
	if who.Speaks(clubID) {
		c.Care = CarePath
	}
	return c, err
}
