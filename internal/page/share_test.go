package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	qrcode "github.com/skip2/go-qrcode"

	"codeberg.org/aushang/aushang/internal/problem"
)

// TestLocal: of an address only its path is left, of what is none nothing.
func TestLocal(t *testing.T) {
	for address, want := range map[string]string{
		"https://stadt.example/media/1.png": "/media/1.png", "": "", "https://stadt.example": "", "http://[": "", "%": "",
	} {
		if got := Local(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestAMailCarriesTitleAndAddress(t *testing.T) {
	s := Share{URL: "https://stadt.example/veranstaltungen/1", Title: "Kaffee & Kuchen = 5+1 €?"}
	rest, ok := strings.CutPrefix(s.Mail(), "mailto:?subject=")
	if !ok || strings.Contains(rest, "+") || strings.Count(rest, "&") != 1 {
		t.Fatalf("the address is %s", s.Mail())
	}
	subject, body, _ := strings.Cut(rest, "&body=")
	for part, want := range map[string]string{subject: s.Title, body: s.Title + "\r\n" + s.URL + "\r\n"} {
		if got, err := url.PathUnescape(part); err != nil || got != want {
			t.Errorf("%s says %q (%v), want %q", part, got, err, want)
		}
	}
}

func TestACodeIsOfOurPagesOnly(t *testing.T) {
	for address, want := range map[string]string{
		"https://stadt.example/veranstaltungen/019aa-b_c": "/qr/veranstaltungen/019aa-b_c.svg", "https://stadt.example/vereine/tsv": "/qr/vereine/tsv.svg",
		"https://stadt.example/": "", "https://stadt.example/a/../b": "", "https://stadt.example/Ä": "", "://": "", "": "",
	} {
		if got := (Share{URL: address}).QR(); got != want {
			t.Errorf("%q has the code %q, want %q", address, got, want)
		}
	}
	for _, path := range []string{"/qr/", "/qr/x", "/qr//evil.example/x.svg", "/qr/a/../../b.svg", "/qr/https://evil.example.svg", "/qr/" + strings.Repeat("a", 70) + ".svg", "/qr/a/b/c/d.svg"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = path
		if err := QR("https://stadt.example")(httptest.NewRecorder(), r); problem.KindOf(err) != problem.NotFound {
			t.Errorf("%s: %v, want that there is none", path, err)
		}
	}
}

// runs are the dark stretches of a drawn code.
var runs = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1H(\d+)z`)

func TestACodeSaysTheAddressOfThePage(t *testing.T) {
	const address = "https://stadt.example/veranstaltungen/019aa2f4-77c0-7b11-8d36-2a1c9d2a4b10"
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, Share{URL: address}.QR(), nil)
	if err := QR("https://stadt.example")(w, r); err != nil {
		t.Fatal(err)
	}
	if got := w.Header().Get("Content-Type"); got != "image/svg+xml" {
		t.Errorf("it is %q", got)
	}
	code, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	want := code.Bitmap()
	got := make([][]bool, len(want))
	for y := range got {
		got[y] = make([]bool, len(want))
	}
	for _, m := range runs.FindAllStringSubmatch(w.Body.String(), -1) {
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1])
		}
		for x := n[0]; x < n[0]+n[2]; x++ {
			got[n[1]][x] = true
		}
	}
	for y := range want {
		for x := range want[y] {
			if got[y][x] != want[y][x] {
				t.Fatalf("the module %d,%d is not as the code has it", x, y)
			}
		}
	}
	for i := range 4 {
		for x := range got {
			if got[i][x] || got[x][i] {
				t.Fatal("the light around the code is not four modules wide")
			}
		}
	}
}
