package town

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/problem"
)

// colours is where the stylesheets with the colours of a town are.
const colours = "/stadt/"

// sheets are the names of such stylesheets: both colours and the hash of what
// stands in it. Nothing but colours can be asked for, and nothing else is
// written.
var sheets = regexp.MustCompile(`^([0-9a-f]{6})-([0-9a-f]{6})-([0-9a-f]{10})\.css$`)

// Stylesheet gives the path of the stylesheet with these two colours. One that
// cannot be read is that of the program; both, and there is none: "".
func Stylesheet(colour, accent string) string {
	action, own := ParseColour(colour)
	second, mine := ParseColour(accent)
	if !own && !mine {
		return ""
	}
	if !own {
		action = ownAction.colour()
	}
	if !mine {
		second = ownAccent.colour()
	}
	return colours + sheetName(action, second)
}

func sheetName(action, accent Colour) string {
	sum := sha256.Sum256([]byte(css(action, accent)))
	return strings.TrimPrefix(action.String(), "#") + "-" + strings.TrimPrefix(accent.String(), "#") + "-" + hex.EncodeToString(sum[:5]) + ".css"
}

// stylesheet answers with one. Its name says all that stands in it, so that it
// never changes and needs no database.
func stylesheet(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	found := sheets.FindStringSubmatch(name)
	if found == nil {
		return problem.NotFoundf("%q is no stylesheet", name)
	}
	action, _ := ParseColour(found[1])
	accent, _ := ParseColour(found[2])
	if sheetName(action, accent) != name {
		return problem.NotFoundf("%q is a stylesheet of another version", name)
	}
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write([]byte(css(action, accent)))
	return nil
}
