package assets

import (
	"net/http"
	"strconv"
	"strings"
)

// media are the types of what is served.
var media = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}

// Handler serves the files under their paths, and lists nothing.
func Handler() http.Handler { return served }

// ServeHTTP answers with a file, in the content coding that is wanted most.
func (s set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	body, tag := f.plain, f.hash
	if len(f.coded) > 0 {
		h.Set("Vary", "Accept-Encoding")
		if c := coding(strings.Join(r.Header["Accept-Encoding"], ","), f.coded); c != "" {
			h.Set("Content-Encoding", c)
			body, tag = f.coded[c], tag+"-"+c
		}
	}
	tag = strconv.Quote(tag)
	h.Set("Etag", tag)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // who asked may have gone
	}
}

// coding chooses what a client takes best (RFC 9110 12.5.3), of equals the one
// that is smaller; "" for the bytes as they are, which we send to everybody who
// takes none of ours.
func coding(accept string, have map[string][]byte) string {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(value, 64); err != nil || !(q >= 0 && q <= 1) {
				continue
			}
		}
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			weights[name] = q
		}
	}
	best, most := "", weights["identity"]
	for _, name := range []string{"br", "gzip"} {
		q, named := weights[name]
		if !named {
			q = weights["*"]
		}
		if _, ok := have[name]; ok && q > 0 && (q > most || q == most && best == "") {
			best, most = name, q
		}
	}
	return best
}
