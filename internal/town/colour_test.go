package town

import (
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/problem"
)

func colourOf(t *testing.T, s string) Colour {
	t.Helper()
	c, ok := ParseColour(s)
	if !ok {
		t.Fatalf("%q is no colour", s)
	}
	return c
}

func TestParseColour(t *testing.T) {
	for s, want := range map[string]string{
		"#1b4f8a": "#1b4f8a", "1B4F8A": "#1b4f8a", " #18a ": "#1188aa", "#000": "#000000", "": "", "#1b4f8": "", "blue": "", "#1b4f8g": "", "+1b4f8": "", "0x1234": "",
		"#1b4f8a;}": "", "ä1b4f": "", "#12 456": "",
	} {
		c, ok := ParseColour(s)
		if ok != (want != "") || ok && c.String() != want {
			t.Errorf("%q becomes %v %v, want %q", s, c, ok, want)
		}
	}
}

// TestContrast: the figures of WCAG's own definition.
func TestContrast(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want float64
	}{{"#000", "#fff", 21}, {"#fff", "#fff", 1}, {"#767676", "#fff", 4.54}, {"#777777", "#ffffff", 4.48}, {"#ff0000", "#ffffff", 4.00}, {"#0000ff", "#ffffff", 8.59}} {
		if got := Contrast(colourOf(t, tc.a), colourOf(t, tc.b)); math.Abs(got-tc.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", tc.a, tc.b, got, tc.want)
		}
	}
}

// every is one colour of each sort: all hues, strong and pale, light and dark.
func every() []Colour {
	var list []Colour
	for h := 0.0; h < 360; h += 15 {
		for _, c := range []float64{0, 0.05, 0.12, 0.2, 0.3} {
			for _, l := range []float64{0, 0.2, 0.4, 0.5, 0.6, 0.8, 1} {
				list = append(list, tone{l, c, h}.colour())
			}
		}
	}
	return list
}

func TestTonesThereAndBack(t *testing.T) {
	for _, c := range every() {
		back := c.tone().colour()
		for _, d := range []int{int(c.R) - int(back.R), int(c.G) - int(back.G), int(c.B) - int(back.B)} {
			if d < -2 || d > 2 {
				t.Fatalf("%s becomes %s", c, back)
			}
		}
	}
}

// TestNearest: whatever colour a town has, one of its hue can be read.
func TestNearest(t *testing.T) {
	for _, c := range every() {
		contrast, nearest := Legible(c)
		if contrast >= least && nearest != c {
			t.Errorf("%s has %.2f and need not become %s", c, contrast, nearest)
		}
		if now := light.contrast(nearest); now < least || contrast < least && now > 6 {
			t.Errorf("%s becomes %s with a contrast of %.2f", c, nearest, now)
		}
		was, is := c.tone(), nearest.tone()
		if turn := math.Abs(math.Mod(was.H-is.H+540, 360) - 180); was.C > 0.05 && is.C > 0.03 && turn > 12 {
			t.Errorf("%s becomes %s: another hue by %.0f degrees", c, nearest, turn)
		}
	}
}

// TestPalette: with every colour that a town may have, all can be read by day
// and by night.
func TestPalette(t *testing.T) {
	token := regexp.MustCompile(`^--town-([a-z-]+):(#[0-9a-f]{6})$`)
	for _, c := range every() {
		if contrast, _ := Legible(c); contrast < least {
			continue
		}
		for name, theme := range map[string]theme{"light": light, "dark": dark} {
			values := map[string]Colour{}
			for _, s := range theme.tokens(c, c) {
				m := token.FindStringSubmatch(s)
				if m == nil {
					t.Fatalf("%q is no token", s)
				}
				values[m[1]] = colourOf(t, m[2])
			}
			if len(values) != 6 {
				t.Fatalf("%d tokens", len(values))
			}
			for _, one := range []string{"action", "accent"} {
				if got := theme.contrast(values[one]); got < least {
					t.Errorf("%s, %s: %s %s has %.2f", c, name, one, values[one], got)
				}
			}
			if got := Contrast(values["on-action"], values["action"]); got < least {
				t.Errorf("%s, %s: what stands on a button has %.2f", c, name, got)
			}
			ink := tone{0.23, 0.035, 268}
			if name == "dark" {
				ink = tone{0.955, 0.009, 84}
			}
			if got := Contrast(ink.colour(), values["sky"]); got < 7 {
				t.Errorf("%s, %s: what stands on the sky has %.2f", c, name, got)
			}
		}
	}
}

func TestStylesheet(t *testing.T) {
	if got := Stylesheet("", ""); got != "" {
		t.Errorf("a town without colours has %q", got)
	}
	path := Stylesheet("#1b4f8a", "")
	r := chi.NewRouter()
	status := map[problem.Kind]int{problem.NotFound: 404}
	r.Get(colours+"{name}", func(w http.ResponseWriter, r *http.Request) {
		if err := stylesheet(w, r); err != nil {
			w.WriteHeader(status[problem.KindOf(err)])
		}
	})
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	w := get(path)
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %v", path, w.Code, w.Header())
	}
	if !strings.HasPrefix(w.Body.String(), ":root{--town-action:#1b4f8a;--town-on-action:#ffffff;") || !strings.Contains(w.Body.String(), "prefers-color-scheme:dark") {
		t.Errorf("the stylesheet is %s", w.Body)
	}
	if other := Stylesheet("#1b4f8a", "#702030"); other == path || get(other).Code != 200 {
		t.Errorf("the second colour does not count: %s", other)
	}
	for _, bad := range []string{
		"1b4f8a.css", "1b4f8a-1b4f8a-0000000000.css", strings.ToUpper(path[len(colours):]), path[len(colours):] + ".css", "x", strings.Replace(path[len(colours):], "1b4f8a", "red;}x", 1),
	} {
		if w := get(colours + bad); w.Code != 404 {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
}

// FuzzColour: whatever is entered as a colour, nothing but colours is written.
func FuzzColour(f *testing.F) {
	for _, s := range []string{"#1b4f8a", "#18a", "red", "#1b4f8a;} *{display:none", "ffffff", "\x00", "#ÄÖÜ"} {
		f.Add(s, s)
	}
	shape := regexp.MustCompile(`^(/stadt/[0-9a-f]{6}-[0-9a-f]{6}-[0-9a-f]{10}\.css)?$`)
	rule := regexp.MustCompile(`^[-a-z0-9:#;{}()@" =\[\]\n]*$`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if path := Stylesheet(a, b); !shape.MatchString(path) {
			t.Errorf("%q and %q give the path %q", a, b, path)
		}
		if better := Nearest(a); better != "" {
			if c, ok := ParseColour(better); !ok || light.contrast(c) < least {
				t.Errorf("%q becomes %q", a, better)
			}
		}
		if c, ok := ParseColour(a); ok {
			if sheet := css(c, c); !rule.MatchString(sheet) {
				t.Errorf("%q gives %s", a, sheet)
			}
		}
	})
}
