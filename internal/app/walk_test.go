package app

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	dom "golang.org/x/net/html"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/web/layout"
	"codeberg.org/aushang/aushang/web/locale"
)

// shown is a page as somebody sees it, or a state of it after a form was sent.
type shown struct {
	Name string `json:"name"`
	// Town is the host name of the town, Route what of the router answers.
	Town   string `json:"town"`
	Route  string `json:"route"`
	Path   string `json:"path"`
	Who    string `json:"who"`
	Status int    `json:"status"`
	// Fill is what is typed into which field, Press the words of the button that
	// is pressed then, by language.
	Fill  map[string]string `json:"fill,omitempty"`
	Press map[string]string `json:"press,omitempty"`
	// SignedOut tells that the session ends before the button is pressed.
	SignedOut bool `json:"signedOut,omitempty"`
}

// role is one as whom the pages are looked at.
type role struct {
	who  viewer
	name string
}

// roles are they, in this order.
var roles = []role{{nobody, "nobody"}, {neighbour, "resident"}, {editor, "editor"}, {owner, "owner"}, {hall, "hall"}, {admin, "admin"}}

// cookiesOf is where the jar of a browser keeps the cookies of every town.
var cookiesOf = &url.URL{Scheme: "https", Host: "here.test", Path: "/"}

// noPage are the routes that answer with no page of HTML. Every other route is
// looked at by the browser.
var noPage = regexp.MustCompile(`^GET (/relay\b|/\.well-known/|/nodeinfo/|/ap/|/assets/|/media/|/stadt/|/bild/|/qr/|/healthz|/readyz|.*\.(ico|ics|csv|rss|atom|json|jsonld|xml|txt|css|svg|png)$)`)

// The towns that are looked at: one with a thing of each kind, one without any,
// and one with more than fits on a page.
const (
	hereTown  = "here.test"
	emptyTown = "leer.test"
	fullTown  = "voll.test"
	tasksTown = "aufgaben.test"
)

// stage is a town that a browser can look at.
type stage struct {
	*village
	name     string
	rows     map[string]entry
	browsers map[viewer]*browser
	// world is what the first town has; the others have none.
	world *world
}

func named(name string) func(*config.Config) {
	return func(c *config.Config) { c.Origin = "https://" + name }
}

// stages builds the towns.
func stages(t *testing.T) []*stage {
	t.Helper()
	database := func() string { return "sqlite:" + filepath.Join(t.TempDir(), "aushang.db") }
	here := found(t, database(), named(hereTown))
	w := here.world()
	here.stretch(w)
	list := []*stage{{here, hereTown, rowsOf(here, w), w.browsers, w}}
	for _, name := range []string{emptyTown, fullTown} {
		v := empty(t, database(), named(name))
		rows := alike(list[0].rows)
		if name == fullTown {
			maps.Copy(rows, v.crowd())
		}
		browsers := map[viewer]*browser{nobody: v.browser()}
		for who, role := range map[viewer]string{neighbour: account.Resident, editor: account.Editor, admin: account.Admin} {
			email := strings.ReplaceAll(string(who), " ", "-") + "@example.org"
			a := v.person(email, role)
			if who == editor && name == fullTown {
				if err := v.Clubs.AddEditor(t.Context(), actor.Operator, longHandle, a.ID, actor.Owner); err != nil {
					t.Fatal(err)
				}
			}
			browsers[who] = v.signedIn(email)
		}
		list = append(list, &stage{v, name, rows, browsers, nil})
	}
	return list
}

// alike gives the rows whose paths are there in every town.
func alike(rows map[string]entry) map[string]entry {
	own := map[string]entry{}
	for route, row := range rows {
		if !strings.ContainsAny(route, "{*") && !strings.Contains(row.path, "?") {
			own[route] = row
		}
	}
	return own
}

// walk lists every page of a town for the browser: each route that answers with
// a page, as everybody sees it to whom it looks other than to those before.
func (s *stage) walk(t *testing.T) []shown {
	t.Helper()
	var routes []string
	err := chi.Walk(s.browsers[nobody].h.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method == http.MethodGet {
			routes = append(routes, method+" "+pattern)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(routes)
	var list []shown
	heads := map[string]bool{}
	for _, route := range routes {
		row, ok := s.rows[route]
		switch {
		case !ok && s.name == hereTown:
			t.Errorf("%s has no row: the browser does not look at it", route)
		case !ok:
		case noPage.MatchString(route):
			if got := s.browsers[nobody].ask(http.MethodGet, row.path, html, url.Values{}); got.Code == 200 && isPage(got) {
				t.Errorf("%s is a page, and the browser does not look at it", route)
			}
		default:
			list = append(list, s.looks(t, route, row, heads)...)
		}
	}
	return list
}

func isPage(w *httptest.ResponseRecorder) bool {
	return strings.HasPrefix(w.Header().Get("Content-Type"), "text/html")
}

// looks gives a page as each of those sees it to whom its main part or its head
// looks other.
func (s *stage) looks(t *testing.T, route string, row entry, heads map[string]bool) []shown {
	t.Helper()
	var list []shown
	mains := map[string]bool{}
	for _, r := range roles {
		b := s.browsers[r.who]
		if b == nil || !slices.Contains(row.in, r.who) {
			continue
		}
		got := b.ask(http.MethodGet, row.path, html, url.Values{})
		if row.status == -1 && got.Code == http.StatusSeeOther {
			continue // it leads on who is signed in
		}
		if !isPage(got) {
			t.Errorf("%s, asked by %s, is no page: say so in noPage", route, r.who)
			return nil
		}
		// An editor of the empty town has no club to write for.
		if want := max(row.status, 200); got.Code != want && (s.name != emptyTown || got.Code != http.StatusForbidden) {
			t.Errorf("%s of %s, asked by %s, answers %d, not %d", row.path, s.name, r.who, got.Code, want)
		}
		main, head := shapes(t, got.Body.String())
		if mains[main] && heads[head] {
			continue
		}
		mains[main], heads[head] = true, true
		list = append(list, shown{Name: pageName(route) + "-" + r.name, Town: s.name, Route: route, Path: row.path, Who: r.name, Status: got.Code})
	}
	return list
}

// pageName makes the name of a file from a route.
func pageName(route string) string {
	name := strings.Trim(strings.NewReplacer("GET ", "", "/", "-", "{", "", "}", "", "*", "").Replace(route), "-")
	if name == "" {
		return "start"
	}
	return name
}

// shapes gives the elements and classes of the main part of a page and of what
// stands around it, without its words.
func shapes(t *testing.T, page string) (main, head string) {
	t.Helper()
	doc, err := dom.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var inside, around strings.Builder
	var walk func(n *dom.Node, out *strings.Builder)
	walk = func(n *dom.Node, out *strings.Builder) {
		if n.Type == dom.ElementNode {
			if n.Data == "main" {
				out = &inside
			}
			out.WriteString(n.Data + "." + attribute(n, "class") + "\n")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if n.Data != "head" {
				walk(c, out)
			}
		}
	}
	walk(doc, &around)
	return inside.String(), around.String()
}

// wordsOf gives the words of a key in both languages.
func wordsOf(t *testing.T, key string) map[string]string {
	t.Helper()
	words, err := locale.NewCatalogue(append(slices.Clone(parts), layout.Files)...)
	if err != nil {
		t.Fatal(err)
	}
	both := map[string]string{}
	for _, lang := range locale.Languages {
		if both[lang], err = words.Message(lang, key, nil); err != nil {
			t.Fatal(err)
		}
	}
	return both
}

// TestWalk: the browser looks at every page of the town, and at every form
// after it was sent with faults.
func TestWalk(t *testing.T) {
	v := found(t, "sqlite:"+filepath.Join(t.TempDir(), "aushang.db"))
	w := v.world()
	s := &stage{v, hereTown, rowsOf(v, w), w.browsers, w}
	list := s.walk(t)
	if len(list) < 40 {
		t.Errorf("only %d pages are looked at", len(list))
	}
	tried := map[string]bool{}
	for _, state := range states(t, v, w) {
		route := ""
		for r, row := range s.rows {
			if row.path == state.Path && strings.HasPrefix(r, "GET ") {
				route = r
			}
		}
		tried[route] = true
		for field := range state.Fill {
			for _, r := range roles {
				if r.name == state.Who && !strings.Contains(s.browsers[r.who].ask(http.MethodGet, state.Path, html, url.Values{}).Body.String(), `name="`+field+`"`) {
					t.Errorf("%s has no field %s", state.Path, field)
				}
			}
		}
	}
	for _, page := range list {
		if page.Status != 200 || tried[page.Route] || fearless.MatchString(page.Route) {
			continue
		}
		for _, r := range roles {
			if r.name != page.Who {
				continue
			}
			if b := s.browsers[r.who]; asksForWords(t, b.ask(http.MethodGet, page.Path, html, url.Values{}).Body.String()) {
				t.Errorf("%s has a form, and no state (states_test.go) shows what it says of faults", page.Route)
			}
		}
	}
}

// asksForWords tells whether a page has a form that is sent by POST and has a
// field for words.
func asksForWords(t *testing.T, page string) bool {
	t.Helper()
	doc, err := dom.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found bool
	var walk func(n *dom.Node, posted bool)
	walk = func(n *dom.Node, posted bool) {
		posted = posted || n.Data == "form" && strings.EqualFold(attribute(n, "method"), "post")
		text := n.Data == "textarea" || n.Data == "input" && !slices.Contains([]string{"hidden", "checkbox", "radio", "submit", "file"}, attribute(n, "type"))
		found = found || posted && text
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, posted)
		}
	}
	walk(doc, false)
	return found
}
