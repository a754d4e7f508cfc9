package app

import (
	"encoding/json"
	"flag"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/event"
)

// pictures is where TestBrowser leaves a picture of every page.
var pictures = flag.String("pictures", "", "the folder for a picture of every page")

// shown is a page for the browser.
type shown struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Who    string `json:"who"`
	Status int    `json:"status"`
}

// roles are those as whom the pages are looked at.
var roles = map[viewer]string{nobody: "nobody", neighbour: "resident", editor: "editor", owner: "owner", hall: "hall", admin: "admin"}

// noPage are the routes that answer with no page.
var noPage = regexp.MustCompile(`^GET (/\.well-known/|/nodeinfo/|/ap/|/assets/|/media/|/stadt/|/healthz|/readyz|.*\.ics$|.*\.rss$)`)

// shownPages gives every page as everybody sees it for whom it is, from the
// rows of the matrix: a route without a row fails there.
func shownPages(rows map[string]entry) []shown {
	var list []shown
	for route, row := range rows {
		if !strings.HasPrefix(route, "GET ") || noPage.MatchString(route) {
			continue
		}
		name := strings.Trim(strings.NewReplacer("GET ", "", "/", "-", "{", "", "}", "").Replace(route), "-")
		if name == "" {
			name = "start"
		}
		for _, who := range row.in {
			status := row.status
			if status <= 0 {
				status = 200
			}
			if roles[who] == "" || row.status == -1 && who != nobody || !differs(row, who) {
				continue
			}
			list = append(list, shown{name + "-" + roles[who], row.path, roles[who], status})
		}
	}
	return append(list, shown{"404-nobody", "/gibtesnicht", "nobody", 404}, shown{"403-resident", "/rathaus", "resident", 403})
}

// differs tells whether a page may look other to who than to the first one for
// whom it is: things and clubs have tools for their editors.
func differs(row entry, who viewer) bool {
	first := slices.IndexFunc(row.in, func(v viewer) bool { return roles[v] != "" })
	return row.in[first] == who || who == owner && (len(row.words) > 0 || strings.HasPrefix(row.path, "/vereine/") || row.path == "/konto")
}

// stretch gives the event words that are as long as people's are, so that what
// is cut off on a phone is seen.
func (v *village) stretch(w *world) {
	v.t.Helper()
	place, online := "Dorfgemeinschaftshaus Niederoberbergheim, Donaudampfschifffahrtsgesellschaftsstraße 117", "https://bbb.musterdorf.example/rooms/tsv-abc-def-123-4567890/join"
	if _, err := v.Events.Change(v.t.Context(), actor.Operator, w.event.ID, event.Change{Place: &place, OnlineURL: &online}); err != nil {
		v.t.Fatal(err)
	}
}

// TestBrowser lets a real browser look at every page and do what people do.
func TestBrowser(t *testing.T) {
	const project = "../proof/browser"
	if _, err := os.Stat(filepath.Join(project, "node_modules")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the browser's packages are missing: make deps installs them")
		}
		t.Skip("make deps installs what this test needs")
	}
	v := found(t, "sqlite:"+filepath.Join(t.TempDir(), "aushang.db"))
	w := v.world()
	v.stretch(w)
	server := httptest.NewTLSServer(w.browsers[nobody].h)
	defer server.Close()
	told := map[string]any{"pages": shownPages(rowsOf(v, w)), "password": satz, "pictures": *pictures}
	cookies, accounts := map[string]any{}, map[string]string{}
	for who, role := range roles {
		for _, c := range w.browsers[who].jar.Cookies(&url.URL{Scheme: "https", Host: "here.test", Path: "/"}) {
			cookies[role] = map[string]string{"name": c.Name, "value": c.Value}
		}
		accounts[role] = strings.ReplaceAll(string(who), " ", "-") + "@example.org"
	}
	told["cookies"], told["accounts"] = cookies, accounts
	body, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pages.json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "npx", "--no-install", "playwright", "test")
	run.Dir = project
	run.Env = append(os.Environ(), "PAGES="+file, "TOWN="+server.Listener.Addr().String(), "OUTPUT="+t.TempDir())
	said, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	t.Log(lines[len(lines)-1])
}
