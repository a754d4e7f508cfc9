package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
	"codeberg.org/aushang/aushang/internal/problem"
)

const marker = "ZAUBERWORT"

var pictures = map[string]func(string) []byte{"JPEG": mediatest.JPEG, "PNG": mediatest.PNG, "WebP": mediatest.WebP}

func TestNothingHiddenSurvives(t *testing.T) {
	for name, build := range pictures {
		t.Run("T-MED-04 what is hidden in a "+name, func(t *testing.T) {
			src := build(marker)
			if !bytes.Contains(src, []byte(marker)) {
				t.Fatal("nothing is hidden in it")
			}
			p, err := media.Decode(context.Background(), bytes.NewReader(src))
			if err != nil {
				t.Fatal(err)
			}
			master, err := p.Master()
			if err != nil || master.Width != mediatest.Width || master.Height != mediatest.Height {
				t.Fatalf("%d by %d, %v", master.Width, master.Height, err)
			}
			small, ok, err := p.Variant(32)
			if err != nil || !ok || small.Width != 32 || small.Height != 24 {
				t.Fatalf("%+v, %v, %v", small, ok, err)
			}
			for _, r := range []media.Rendition{master, small} {
				for _, word := range []string{marker, "Exif", "xmpmeta", "ICC_PROFILE", "8BIM", "tEXt", "iTXt", "eXIf", "iCCP"} {
					if bytes.Contains(r.Bytes, []byte(word)) {
						t.Errorf("%s is in what is kept", word)
					}
				}
			}
			if hash, err := p.Blurhash(); err != nil || len(hash) != 28 {
				t.Errorf("blurhash %q, %v", hash, err)
			}
		})
	}
}

// TestOrientation: what is red at the top left of the scene is there whatever
// the camera was turned to.
func TestOrientation(t *testing.T) {
	const w, h = 32, 16 // of the picture as it should be seen
	red := func(c color.Color) bool { r, _, b, _ := c.RGBA(); return r > 0x9000 && b < 0x6000 }
	scene := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			scene.SetNRGBA(x, y, color.NRGBA{0, 0, 255, 255})
			if x < w/2 && y < h/2 {
				scene.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 255})
			}
		}
	}
	// stored[o] says where a point of the scene lies in the file (Exif 2.32).
	stored := map[int]func(x, y int) (int, int, bool){
		1: func(x, y int) (int, int, bool) { return x, y, false },
		2: func(x, y int) (int, int, bool) { return w - 1 - x, y, false },
		3: func(x, y int) (int, int, bool) { return w - 1 - x, h - 1 - y, false },
		4: func(x, y int) (int, int, bool) { return x, h - 1 - y, false },
		5: func(x, y int) (int, int, bool) { return y, x, true },
		6: func(x, y int) (int, int, bool) { return y, w - 1 - x, true },
		7: func(x, y int) (int, int, bool) { return h - 1 - y, w - 1 - x, true },
		8: func(x, y int) (int, int, bool) { return h - 1 - y, x, true },
	}
	for o, at := range stored {
		_, _, turned := at(0, 0)
		file := image.NewNRGBA(image.Rect(0, 0, w, h))
		if turned {
			file = image.NewNRGBA(image.Rect(0, 0, h, w))
		}
		for y := range h {
			for x := range w {
				fx, fy, _ := at(x, y)
				file.Set(fx, fy, scene.At(x, y))
			}
		}
		p, err := media.Decode(context.Background(), bytes.NewReader(mediatest.Oriented(file, o)))
		if err != nil {
			t.Fatal(err)
		}
		master, err := p.Master()
		if err != nil {
			t.Fatal(err)
		}
		got, err := jpeg.Decode(bytes.NewReader(master.Bytes))
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds().Dx() != w || got.Bounds().Dy() != h || !red(got.At(4, 4)) || red(got.At(w-4, 4)) || red(got.At(4, h-4)) || red(got.At(w-4, h-4)) {
			t.Errorf("orientation %d: %v, corners %v %v %v %v", o, got.Bounds(), got.At(4, 4), got.At(w-4, 4), got.At(4, h-4), got.At(w-4, h-4))
		}
	}
}

// pngHead gives a PNG that claims a size and has no pixels.
func pngHead(w, h uint32) []byte {
	data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	data = append(data, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(b, data...), crc32.ChecksumIEEE(data))
}

func TestLimits(t *testing.T) {
	var real bytes.Buffer
	if err := png.Encode(&real, image.NewNRGBA(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	exact := append(real.Bytes(), make([]byte, media.MaxBytes-real.Len())...)
	for name, tc := range map[string]struct {
		file []byte
		says string // "" when it is taken
	}{
		"T-MED-05 10 MB to the byte": {exact, ""},
		"T-MED-05 10 MB and a byte":  {append(exact, 0), "10 MB"},
		"25 megapixels and more":     {pngHead(5001, 5000), "25 megapixels"},
		"a side of 10,001":           {pngHead(10_001, 1), "10,000"},
		"a bomb":                     {pngHead(1<<31-1, 1<<31-1), ""}, // any refusal will do
		"25 megapixels, no pixel":    {pngHead(5000, 5000), "damaged"},
		"no picture":                 {[]byte("hello"), "JPEG, PNG or WebP"},
		"nothing":                    {nil, "JPEG, PNG or WebP"},
		"an SVG":                     {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "JPEG, PNG or WebP"},
		"a GIF":                      {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "JPEG, PNG or WebP"},
		"half a JPEG":                {mediatest.JPEG("x")[:600], "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := media.Decode(context.Background(), bytes.NewReader(tc.file))
			if name == "T-MED-05 10 MB to the byte" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if problem.Field(err) != "image" || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestStore(t *testing.T) {
	s, err := media.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	name, err := s.Put([]byte("bytes"), "image/jpeg")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Put([]byte("bytes"), "image/jpeg"); err != nil || again != name {
		t.Errorf("%s, %v", again, err)
	}
	if _, err := s.Put([]byte("<svg>"), "image/svg+xml"); err == nil {
		t.Error("an SVG was kept")
	}
	for path, status := range map[string]int{
		"/media/" + name: 200, "/media/" + strings.Replace(name, "jpg", "png", 1): 404, "/media/x.json": 404, "/media/": 404,
		"/media/..%2f..%2fetc%2fpasswd": 404, "/media/" + name + ".part": 404,
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != status {
			t.Errorf("%s: %d, want %d", path, w.Code, status)
		}
		if status == 200 && (w.Header().Get("Content-Type") != "image/jpeg" || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Content-Security-Policy") != "default-src 'none'; sandbox") {
			t.Errorf("%v", w.Header())
		}
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/media/"+name, nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	if list, err := s.List(time.Now().Add(time.Hour)); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if err := s.Remove(name); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(name); problem.KindOf(err) != problem.NotFound {
		t.Errorf("%v", err)
	}
	if err := s.Remove("../x"); problem.KindOf(err) != problem.NotFound {
		t.Errorf("%v", err)
	}
}

// TestNothingButPictures: whatever is handed in becomes a picture that was made
// here, under a name that was made here, or nothing.
func TestNothingButPictures(t *testing.T) {
	documents := map[string][]byte{
		"an actor":      []byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Person","id":"https://a.test/alice"}`),
		"a page":        []byte("<!DOCTYPE html><script>alert(1)</script>"),
		"an SVG":        []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"a PDF":         []byte("%PDF-1.7 /JavaScript"),
		"a GIF and JS":  []byte("GIF89a/*\x00\x01*/=1;alert(1)"),
		"a ZIP":         []byte("PK\x03\x04../../x"),
		"ImageMagick":   []byte("push graphic-context\nimage over 0,0 0,0 'url(https://a.test/)'"),
		"PostScript":    []byte("%!PS\n(../../etc/passwd) (w) file"),
		"an SVG as PNG": append([]byte("\x89PNG\r\n\x1a\n"), []byte("<svg onload=alert(1)>")...),
	}
	for name, document := range documents {
		t.Run("T-ID-11 T-MED-01 "+name, func(t *testing.T) {
			if _, err := media.Decode(t.Context(), bytes.NewReader(document)); problem.Field(err) != "image" {
				t.Errorf("it is taken: %v", err)
			}
		})
	}
	for kind, build := range pictures {
		t.Run("T-MED-08 a "+kind+" that is also a page", func(t *testing.T) {
			const tail = "<html><script>alert(1)</script>%PDF-1.7PK\x03\x04"
			p, err := media.Decode(t.Context(), bytes.NewReader(append(build("<script>alert(2)</script>"), tail...)))
			if err != nil {
				return // refused
			}
			master, err := p.Master()
			if err != nil || bytes.Contains(master.Bytes, []byte("<script")) || bytes.Contains(master.Bytes, []byte("%PDF")) || bytes.Contains(master.Bytes, []byte("PK\x03\x04")) {
				t.Errorf("it is still in what is kept, %v", err)
			}
		})
	}
	t.Run("T-MED-01 T-MED-02 names from outside", func(t *testing.T) {
		dir := t.TempDir()
		s, err := media.NewStore(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(dir, "secret"), filepath.Join(dir, "media", strings.Repeat("a", 32)+".png")); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{
			"../secret", "/etc/passwd", "..\\secret", "CON", "NUL.png", "a\x00.png", "secret", ".", "", "%2e%2e%2fsecret", strings.Repeat("a", 32) + ".png",
			strings.Repeat("a", 32) + ".png/../../secret", strings.Repeat("A", 32) + ".png", strings.Repeat("a", 32) + ".svg",
		} {
			if b, err := s.Read(name); err == nil {
				t.Errorf("%q gives %q", name, b)
			}
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "/media/x", nil)
			r.URL.Path = "/media/" + name
			if s.Handler().ServeHTTP(w, r); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%q is served: %d %q", name, w.Code, w.Body)
			}
			if name != strings.Repeat("a", 32)+".png" && s.Remove(name) == nil {
				t.Errorf("%q is removed", name)
			}
		}
		for _, kind := range []string{"text/html", "image/svg+xml", "application/activity+json", "image/png; ../../x", ""} {
			if name, err := s.Put([]byte("x"), kind); err == nil {
				t.Errorf("%s is kept as %s", kind, name)
			}
		}
	})
}

func TestRules(t *testing.T) {
	if err := media.ValidateAlt(strings.Repeat("ä", 1500)); err != nil {
		t.Error(err)
	}
	if err := media.ValidateAlt(strings.Repeat("ä", 1501)); problem.Field(err) != "alt" {
		t.Error(err)
	}
	if err := (media.FocalPoint{X: 1, Y: -1}).Validate(); err != nil {
		t.Error(err)
	}
	if err := (media.FocalPoint{X: 1.1}).Validate(); problem.Field(err) != "focus" {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, build := range pictures {
		f.Add(build("x"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := media.Decode(context.Background(), bytes.NewReader(b)); err == nil {
			if _, err := p.Master(); err != nil {
				t.Error(err)
			}
		} else if problem.Field(err) != "image" {
			t.Error(err)
		}
	})
}
