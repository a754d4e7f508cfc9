package foreign

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
)

// Mount enters the route into r.
func (p *Pictures) Mount(r chi.Router, site *web.Site) {
	r.Get(Path+"{signature}/{of}", site.Handle(p.serve))
}

// serve answers with a copy or, until there is one, with letters and 404.
func (p *Pictures) serve(w http.ResponseWriter, r *http.Request) error {
	if proxied(r) {
		return problem.NotFoundf("pictures are for readers and not for servers that pass them on")
	}
	s, err := p.asked(r)
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Gone {
		return none(w, "")
	}
	if err != nil {
		return err
	}
	name := s.name()
	if p.give(w, r, name) {
		return nil
	}
	if landed := p.fetch(s); landed != nil {
		wait := time.NewTimer(p.Patience)
		defer wait.Stop()
		select {
		case <-landed:
		case <-wait.C:
		case <-r.Context().Done():
		}
		if p.give(w, r, name) {
			return nil
		}
	}
	return none(w, s.letters)
}

// proxied tells whether another server asks, to pass the picture on: that would
// make chains of us (CVE-2024-49363).
func proxied(r *http.Request) bool {
	return strings.HasPrefix(r.UserAgent(), "Aushang/") || strings.Contains(strings.ToLower(r.Header.Get("Via")), "aushang")
}

// asked gives the picture of the address. One that we did not make is a
// problem.NotFound.
func (p *Pictures) asked(r *http.Request) (*source, error) {
	s, err := p.source(r.Context(), chi.URLParam(r, "of"))
	if err != nil {
		return nil, err
	}
	key, err := p.key(r.Context())
	if err != nil {
		return nil, err
	}
	if !hmac.Equal([]byte(chi.URLParam(r, "signature")), []byte(sign(key, s.of, s.url))) {
		return nil, problem.NotFoundf("this address of a picture is not ours")
	}
	return s, nil
}

// secure keeps a browser from making anything of a picture but a picture.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
}

// give answers with the copy; false when there is none.
func (p *Pictures) give(w http.ResponseWriter, r *http.Request, name string) bool {
	f, err := p.cache.open(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			p.Log.Error("open the copy of a picture", "error", err)
		}
		return false
	}
	defer f.Close() //nolint:errcheck // read only
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	// Not for ever: who was deleted shall not be seen much longer.
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("ETag", `"`+name+`"`)
	secure(h)
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(f, f.begin, f.size))
	return true
}

// portrait and picture are what stands for the picture of somebody, and for
// one in an answer.
const (
	portrait = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48"><path fill="#e6e1d6" d="M0 0h48v48H0z"/>` +
		`<text x="24" y="31" text-anchor="middle" font-family="sans-serif" font-size="19" font-weight="600" fill="#33405c">%s</text></svg>`
	picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="320" height="180"><path fill="#e6e1d6" d="M0 0h320v180H0z"/>` +
		`<path fill="none" stroke="#6b7080" stroke-width="4" stroke-linejoin="round" d="M120 60h80v60h-80zm4 56 24-28 16 18 12-12 20 22M176 78a5 5 0 1 0 10 0 5 5 0 1 0-10 0"/></svg>`
)

// none answers that there is no picture, with letters that stand for it or, with
// "", a drawing.
func none(w http.ResponseWriter, letters string) error {
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "no-store")
	secure(h)
	w.WriteHeader(http.StatusNotFound)
	drawing := picture
	if letters != "" {
		drawing = fmt.Sprintf(portrait, letters)
	}
	_, _ = w.Write([]byte(drawing)) // who asked may have gone
	return nil
}

// letters gives the first letters of the first two words of a name. They mean
// nothing in HTML.
func letters(name string) string {
	var all []rune
	for _, word := range strings.Fields(name) {
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				all = append(all, unicode.ToUpper(r))
				break
			}
		}
		if len(all) == 2 {
			break
		}
	}
	return string(all)
}
