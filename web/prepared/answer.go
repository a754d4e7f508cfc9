package prepared

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer is one answer with status 200, ready to be sent.
type answer struct {
	variant
	header []field
	etag   string
	body   []byte
	// until ends it; zero is never.
	until time.Time
}

// field is a header with its values, which are never changed.
type field struct {
	name   string
	values []string
}

// variant is what a request asks for besides its address, as far as the answer
// depends on it.
type variant struct {
	accept   int8
	language string
}

// forPages are headers that mean something only for what a browser makes a
// page of, which JSON is not as long as it may not guess the type. More than eight headers in all cost an answer from memory a fifth of
// its time.
var forPages = []string{"Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"}

// newAnswer takes over what a handler has set and written. Where the handler
// says nothing about caches, they must ask again each time.
func newAnswer(h http.Header, body []byte, vary Vary) *answer {
	sum := sha256.Sum256(body)
	a := &answer{etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, body: body}
	h.Del("Accept-Ranges")
	h.Set("ETag", a.etag)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	if h.Del("Vary"); vary != 0 {
		h.Set("Vary", vary.String())
	}
	if strings.Contains(h.Get("Content-Type"), "json") {
		for _, name := range forPages {
			h.Del(name)
		}
	}
	for name, values := range h {
		a.header = append(a.header, field{name, values[:len(values):len(values)]})
	}
	return a
}

// serve sends the answer, or says that it is known already (RFC 9110 13.1.2).
// It gives the status and how many bytes the body has.
func (a *answer) serve(w http.ResponseWriter, r *http.Request) (status, n int) {
	h := w.Header()
	for i := range a.header {
		h[a.header[i].name] = a.header[i].values
	}
	if known := r.Header["If-None-Match"]; len(known) > 0 && a.known(known) {
		delete(h, "Content-Length")
		delete(h, "Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return http.StatusOK, 0
	}
	_, _ = w.Write(a.body) // who asked may have gone
	return http.StatusOK, len(a.body)
}

// known tells whether a list of tags has that of the answer. Weak ones count:
// who compares for GET does not mind (RFC 9110 8.8.3.2).
func (a *answer) known(lists []string) bool {
	for _, list := range lists {
		for tag := range strings.SplitSeq(list, ",") {
			if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == a.etag || tag == "*" {
				return true
			}
		}
	}
	return false
}

// size is about how much memory the answer takes.
func (a *answer) size() int {
	const own, perField = 256, 96
	n := own + len(a.body)
	for _, f := range a.header {
		n += perField + len(f.values[0])
	}
	return n
}
