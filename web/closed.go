package web

import (
	"net/http"
	"strings"
)

// Open tells whether an address may lead somewhere: everything does but what
// belongs to a part of the program that the town does not use. Templates ask
// before they link there.
func (s *Site) Open(href string) bool {
	town := s.Town()
	return open(town.Closed, strings.TrimPrefix(href, s.Origin))
}

// open tells whether no pattern covers a path, whatever is asked of it.
func open(closed []string, path string) bool {
	if len(closed) == 0 {
		return true
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	for _, pattern := range closed {
		if covers(pattern, path) {
			return false
		}
	}
	return true
}

// covers tells whether a path is that of the pattern or lies below it; "*" in
// the pattern is any one segment.
func covers(pattern, path string) bool {
	for pattern != "" {
		var want, got string
		want, pattern, _ = strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
		if path == "" || path[0] != '/' {
			return false
		}
		got, path = path[1:], ""
		if i := strings.IndexByte(got, '/'); i >= 0 {
			got, path = got[:i], got[i:]
		}
		if want != got && want != "*" {
			return false
		}
	}
	return true
}

// Used answers that there is no such page, for what belongs to a part of the
// program that the town does not use.
func (s *Site) Used(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Open(r.URL.Path) {
			s.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
