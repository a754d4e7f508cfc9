package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/media"
	"codeberg.org/aushang/aushang/internal/media/mediatest"
)

// portrait is what the server at the good address shows in these tests.
func portrait() []byte { return mediatest.JPEG("ZAUBERWORT") }

// pictured lets lena have a picture at url.
func (v *village) pictured(id, url string) {
	v.t.Helper()
	err := v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*actor.Actor)(nil)).Set("icon_url = ?", url).Where("id = ?", id).Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// copied are the addresses of pictures from elsewhere in a page.
var copied = regexp.MustCompile(`src="(/bild/[^"]+)"`)

// foreignPage gives the addresses of pictures in a page. No page may load
// anything from elsewhere.
func (v *village) foreignPage(path string) []string {
	v.t.Helper()
	w := v.get(path, html)
	if w.Code != http.StatusOK {
		v.t.Fatalf("%s: %d", path, w.Code)
	}
	if regexp.MustCompile(`(src|srcset|poster)="(https?:)?//`).MatchString(w.Body.String()) {
		v.t.Errorf("%s loads from elsewhere", path)
	}
	var all []string
	for _, m := range copied.FindAllStringSubmatch(w.Body.String(), -1) {
		all = append(all, m[1])
	}
	return all
}

// copies are the files that are kept.
func (v *village) copies() []string {
	v.t.Helper()
	entries, err := os.ReadDir(filepath.Join(v.Config.Data, "foreign"))
	if err != nil {
		v.t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// letters fails unless w is our own drawing in place of a picture.
func lettersOnly(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "image/svg+xml" || w.Header().Get("Cache-Control") != "no-store" ||
		!strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%s: %d %v", what, w.Code, w.Header())
	}
}

// keepOut blocks a domain.
func (v *village) keepOut(domain string) {
	v.t.Helper()
	if _, err := v.Moderation.Block(v.t.Context(), actor.Operator, domain); err != nil {
		v.t.Fatal(err)
	}
}

// answered makes an answer by lena with a picture of her own and one in it.
func (o *outside) answered(t *testing.T) (page string, host string) {
	t.Helper()
	host = o.name("pictures.example", goodIP)
	o.foreign.Patience = time.Minute
	e := o.event("Sommerfest")
	o.meet(lena)
	o.pictured(lena, "https://"+host+"/lena.jpg")
	n := note("https://b.test/n/1", lena, public, e.ID, "Schön", fmt.Sprintf(
		`,"attachment":[{"type":"Document","mediaType":"image/jpeg","url":"https://%[1]s/cake.jpg","name":"Ein \"Kuchen\""},{"type":"Document","mediaType":"video/mp4","url":"https://%[1]s/film.mp4"}]`, host))
	o.receive("%s", create("https://b.test/c/1", lena, n))
	return path(e.URL), host
}

func TestForeignPictures(t *testing.T) {
	among(t, "T-SSRF-16 pictures are fetched when a reader wants them", func(t *testing.T, o *outside) {
		o.serve(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || !strings.HasPrefix(r.UserAgent(), "Aushang/") {
				t.Errorf("it is asked with %v", r.Header)
			}
			_, _ = w.Write(portrait())
		})
		page, _ := o.answered(t)
		there := o.foreignPage(page)
		if len(there) != 2 || o.asked.Load() != 0 {
			t.Fatalf("the page has %v, and %d requests were made for it", there, o.asked.Load())
		}
		for i, address := range there {
			w := o.ask("GET", address)
			img, err := jpeg.Decode(bytes.NewReader(w.Body.Bytes()))
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/jpeg" || err != nil {
				t.Fatalf("%s: %d %v %v", address, w.Code, w.Header(), err)
			}
			if got, want := img.Bounds().Dx(), []int{128, 800}[i]; got != want {
				t.Errorf("it is %d pixels wide, want %d", got, want)
			}
			if bytes.Contains(w.Body.Bytes(), []byte("ZAUBERWORT")) || bytes.Contains(w.Body.Bytes(), []byte("Exif")) {
				t.Error("what was hidden in it is in the copy")
			}
			h := w.Header()
			if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Cache-Control") != "public, max-age=86400" {
				t.Errorf("it comes with %v", h)
			}
			if again := o.ask("GET", address, "If-None-Match", h.Get("ETag")); again.Code != http.StatusNotModified {
				t.Errorf("what is known is answered %d", again.Code)
			}
			if head := o.ask("HEAD", address); head.Code != http.StatusOK || head.Body.Len() != 0 {
				t.Errorf("HEAD is answered %d with %d bytes", head.Code, head.Body.Len())
			}
		}
		if n := o.asked.Load(); n != 2 || len(o.copies()) != 2 {
			t.Errorf("%d requests, %v", n, o.copies())
		}
		if body := o.get(page, html).Body.String(); !strings.Contains(body, `alt="Ein &#34;Kuchen&#34;"`) || !strings.Contains(body, `alt=""`) || strings.Contains(body, "film") {
			t.Error("the pictures have other descriptions")
		}
	})
	among(t, "T-SSRF-01 a picture in a private network", func(t *testing.T, o *outside) {
		page, _ := o.answered(t)
		for _, url := range []string{"https://" + o.name("inside.example", badIP) + "/a.jpg", "https://127.0.0.3:" + o.port + "/a.jpg", "http://169.254.169.254/a.jpg", "file:///etc/passwd", "https://here.test/media/a.jpg", "nonsense"} {
			o.pictured(lena, url)
			lettersOnly(t, url, o.ask("GET", o.foreignPage(page)[0]))
		}
		o.serve(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://"+o.name("inside.example", badIP)+"/a.jpg", http.StatusFound)
		})
		o.pictured(lena, "https://"+o.name("pictures.example", goodIP)+"/led.jpg")
		lettersOnly(t, "a redirect inside", o.ask("GET", o.foreignPage(page)[0]))
		if n := o.arrived.Load(); n != 0 || len(o.copies()) != 0 {
			t.Errorf("%d connections were made, and %v is kept", n, o.copies())
		}
	})
}

func TestForeignPicturesAreNoProxy(t *testing.T) {
	among(t, "T-DOS-14 a proxy of pictures for readers alone", func(t *testing.T, o *outside) {
		o.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(portrait()) })
		page, host := o.answered(t)
		there := o.foreignPage(page)
		_, rest, _ := strings.Cut(strings.TrimPrefix(there[0], "/bild/"), "/")
		signature := strings.Split(there[0], "/")[2]
		someone := base64.RawURLEncoding.EncodeToString([]byte("https://b.test/someone"))
		url := base64.RawURLEncoding.EncodeToString([]byte("https://" + host + "/other.jpg"))
		for _, address := range []string{
			"/bild/x/" + rest, "/bild/" + signature[1:] + "A/" + rest, "/bild/" + signature + "/" + someone, "/bild/" + signature + "/" + url,
			"/bild/" + signature + "/0." + rest, "/bild/" + signature + "/" + strings.Split(there[1], "/")[3], "/bild/" + signature + "/%00", "/bild/" + signature + "/...",
		} {
			if w := o.ask("GET", address); w.Code != http.StatusNotFound {
				t.Errorf("%s is answered %d", address, w.Code)
			}
		}
		// Another town that would pass it on, as a proxy in front of a proxy.
		if w := o.ask("GET", there[0], "User-Agent", "Aushang/1.0 (+https://there.test/)"); w.Code != http.StatusNotFound {
			t.Errorf("another town is answered %d", w.Code)
		}
		if w := o.ask("GET", there[0], "Via", "1.1 Aushang"); w.Code != http.StatusNotFound {
			t.Errorf("a chain is answered %d", w.Code)
		}
		if n := o.asked.Load(); n != 0 {
			t.Errorf("%d requests were made", n)
		}
		// With another picture the old address means nothing any more.
		o.pictured(lena, "https://"+host+"/new.jpg")
		lettersOnly(t, "the old address", o.ask("GET", there[0]))
		if w := o.ask("GET", o.foreignPage(page)[0]); w.Code != http.StatusOK {
			t.Errorf("the new address is answered %d", w.Code)
		}
		lettersOnly(t, "the old address", o.ask("GET", there[0]))
	})
}

// bomb is a PNG that says it has w by h pixels.
func bomb(w, h uint32) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	file := b.Bytes()
	for i, n := range []uint32{w, h} {
		file[16+4*i], file[17+4*i], file[18+4*i], file[19+4*i] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	}
	sum := crc32.ChecksumIEEE(file[12:29])
	file[29], file[30], file[31], file[32] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
	return file
}

func TestForeignPicturesThatAreNone(t *testing.T) {
	among(t, "T-MED-08 what is no picture, or too much of one", func(t *testing.T, o *outside) {
		page, host := o.answered(t)
		for name, answer := range map[string]http.HandlerFunc{
			"a page": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "image/png")
				_, _ = w.Write([]byte("<html><script>alert(1)</script>"))
			},
			"a drawing with a script": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "image/svg+xml")
				_, _ = w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`))
			},
			"more pixels than fit":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bomb(60_000, 60_000)) },
			"a picture that is torn": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bomb(4000, 4000)) },
			"more bytes than fit": func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(append(portrait(), make([]byte, media.MaxBytes)...))
			},
			"something compressed": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(portrait())
			},
			"nothing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		} {
			o.serve(answer)
			o.pictured(lena, "https://"+host+"/"+strings.ReplaceAll(name, " ", "-"))
			w := o.ask("GET", o.foreignPage(page)[0])
			lettersOnly(t, name, w)
			if body := w.Body.String(); strings.Contains(body, "script") || !strings.Contains(body, ">L</text>") {
				t.Errorf("%s: %s", name, body)
			}
			before := o.asked.Load()
			lettersOnly(t, name+" once more", o.ask("GET", o.foreignPage(page)[0]))
			if o.asked.Load() != before {
				t.Errorf("%s is asked for again at once", name)
			}
		}
		if len(o.copies()) != 0 {
			t.Errorf("%v is kept", o.copies())
		}
	})
}

func TestForeignPicturesGoWithTheirAuthor(t *testing.T) {
	for name, leave := range map[string]func(o *outside, host string){
		"T-MED-12 pictures of who is deleted": func(o *outside, _ string) {
			o.receive(`{"id":"https://b.test/d/1","type":"Delete","actor":"%[1]s","object":"%[1]s"}`, lena)
		},
		"T-MED-12 T-MOD-01 pictures of who is kept out": func(o *outside, _ string) { o.keepOut("b.test") },
		"T-MED-12 T-MOD-01 pictures on a host that is kept out": func(o *outside, host string) {
			name, _, _ := strings.Cut(host, ":")
			o.keepOut(name)
		},
	} {
		among(t, name, func(t *testing.T, o *outside) {
			o.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(portrait()) })
			page, host := o.answered(t)
			there := o.foreignPage(page)
			for _, address := range there {
				if w := o.ask("GET", address); w.Code != http.StatusOK {
					t.Fatalf("%s: %d", address, w.Code)
				}
			}
			if err := o.foreign.Sweep(t.Context()); err != nil || len(o.copies()) != 2 {
				t.Fatalf("%v, %v", o.copies(), err)
			}
			leave(o, host)
			for _, address := range there {
				lettersOnly(t, address, o.ask("GET", address))
			}
			if err := o.foreign.Sweep(t.Context()); err != nil || len(o.copies()) != 0 {
				t.Errorf("%v is left, %v", o.copies(), err)
			}
			if n := o.asked.Load(); n != 2 {
				t.Errorf("%d requests were made", n)
			}
		})
	}
	among(t, "T-MED-12 pictures of what is hidden", func(t *testing.T, o *outside) {
		o.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(portrait()) })
		page, _ := o.answered(t)
		there := o.foreignPage(page)
		if err := o.Activities.Hide(t.Context(), actor.Operator, "https://b.test/n/1", true); err != nil {
			t.Fatal(err)
		}
		lettersOnly(t, "a hidden picture", o.ask("GET", there[1]))
		if n := o.asked.Load(); n != 0 {
			t.Errorf("%d requests were made", n)
		}
	})
}

func TestForeignPicturesAfterAStart(t *testing.T) {
	among(t, "T-MED-01 the same address and copy after a start", func(t *testing.T, o *outside) {
		o.serve(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(portrait()) })
		page, _ := o.answered(t)
		there := o.foreignPage(page)
		if w := o.ask("GET", there[0]); w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
		var err error
		if o.foreign, err = o.foreignPictures(); err != nil {
			t.Fatal(err)
		}
		if again := o.foreignPage(page); again[0] != there[0] {
			t.Errorf("%s is called %s now", there[0], again[0])
		}
		if w := o.ask("GET", there[0]); w.Code != http.StatusOK || o.asked.Load() != 1 {
			t.Errorf("%d after %d requests", w.Code, o.asked.Load())
		}
		for _, name := range o.copies() {
			if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(name) {
				t.Errorf("a copy is called %s", name)
			}
		}
	})
}
