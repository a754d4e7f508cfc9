package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestContact: a mail address or a number can be touched, and nothing else
// becomes a link.
func TestContact(t *testing.T) {
	for line, want := range map[string]ContactLine{
		"Kirchplatz 1, 04999 Herzfelde": {Text: "Kirchplatz 1, 04999 Herzfelde"},
		"rathaus@dorf.example":          {Text: "rathaus@dorf.example", Href: "mailto:rathaus@dorf.example"},
		"E-Mail: rathaus@dorf.example":  {"E-Mail: ", "rathaus@dorf.example", "mailto:rathaus@dorf.example"},
		"Tel. 03536 0000-14":            {"Tel. ", "03536 0000-14", "tel:03536000014"},
		"Telefon: +49 (3536) 0000":      {"Telefon: ", "+49 (3536) 0000", "tel:+4935360000"},
		"Telephone: 03536 0000-14":      {"Telephone: ", "03536 0000-14", "tel:03536000014"},
		"03536 0000-14":                 {Text: "03536 0000-14"},
		"javascript:alert(1)@x.de":      {Text: "javascript:alert(1)@x.de", Href: "mailto:javascript:alert(1)@x.de"},
		`"><script>@x.de`:               {Text: `"><script>@x.de`},
		"Di. und Do., 9 bis 12 Uhr":     {Text: "Di. und Do., 9 bis 12 Uhr"},
	} {
		if got := contact([]string{line}); len(got) != 1 || got[0] != want {
			t.Errorf("%q: %+v, want %+v", line, got, want)
		}
	}
}

func TestNavigation(t *testing.T) {
	s := &Site{Options: Options{
		Nav:  []Link{{"nav.start", "/", "home"}, {"nav.calendar", "/veranstaltungen", "calendar"}},
		Self: Link{"nav.self", "/konto", "user"}, SelfBelow: []string{"/rathaus"},
		NavBelow: map[string][]string{"/veranstaltungen": {"/orte"}},
	}}
	for path, want := range map[string][]string{
		"/": {"page", "", ""}, "/veranstaltungen": {"", "page", ""}, "/veranstaltungen/x": {"", "true", ""}, "/veranstaltungenx": {"", "", ""},
		"/konto": {"", "", "page"}, "/rathaus": {"", "", "true"}, "/rathaus/vereine": {"", "", "true"}, "/x": {"", "", ""}, "/orte": {"", "true", ""}, "/orte/x": {"", "true", ""},
	} {
		var got []string
		for _, e := range s.nav(path, &Visitor{}, nil) {
			got = append(got, e.Current)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		if n := len(s.nav(path, nil, nil)); n != 2 {
			t.Errorf("%s: a reader has %d entries", path, n)
		}
	}
}

type leaving struct{ to string }

func (l leaving) Leave() string { return l.to }

// page gives a page with a view.
func page(t *testing.T, s *Site, path string, p Page) string {
	t.Helper()
	h := s.Handle(func(w http.ResponseWriter, r *http.Request) error { return s.Render(w, r, http.StatusOK, "crumbs", p) })
	body := get(t, h, path, "text/html", "de").Body.String()
	if _, err := html.Parse(strings.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTown(t *testing.T) {
	s := site(t)
	for name, tc := range map[string]struct {
		look       func() Look
		has, hasnt []string
	}{
		"nothing is set": {nil, []string{"Plattform von Dorf", `href="/assets/img/wappen.`}, []string{"Offizielle", "og:image"}},
		"all is set": {func() Look {
			return Look{
				Name: hostile, Stylesheet: "/farben.css", Arms: "/media/arms.png", ArmsAlt: hostile, Picture: "/media/wide.jpg", PictureAlt: hostile, Official: true,
				Contact: []string{hostile, "rathaus@dorf.example"},
			}
		}, []string{
			"Offizielle Website", `<link rel="icon" href="/media/arms.png">`, `<link rel="stylesheet" href="/farben.css">`, `content="https://here.test/media/wide.jpg"`,
			`href="mailto:rathaus@dorf.example"`,
		}, []string{"<script>", "wappen."}},
	} {
		s.Options.Look = tc.look
		body := page(t, s, "/x", Page{Title: "X", View: nil})
		for _, want := range tc.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %s in\n%s", name, want, body)
			}
		}
		for _, bad := range tc.hasnt {
			if strings.Contains(body, bad) {
				t.Errorf("%s: the page has %s", name, bad)
			}
		}
	}
}

// TestTask: a page that is a task has a way out in place of the navigation.
func TestTask(t *testing.T) {
	part := site(t)
	h := func(view any) string {
		handler := part.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return part.Render(w, r, http.StatusOK, "task", Page{Title: "X", NoIndex: true, View: view})
		})
		return get(t, handler, "/x", "text/html", "de").Body.String()
	}
	if body := h(leaving{"/pinnwand"}); strings.Contains(body, "mainnav") || !strings.Contains(body, `class="tool tool--label" href="/pinnwand"`) || !strings.Contains(body, `content="noindex"`) {
		t.Errorf("a task:\n%s", body)
	}
	if body := h(leaving{}); !strings.Contains(body, "mainnav") || strings.Contains(body, "Abbrechen") {
		t.Errorf("no task:\n%s", body)
	}
}
