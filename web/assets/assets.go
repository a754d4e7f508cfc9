// Package assets holds the stylesheet and serves it under a name made from its
// content, so that browsers may keep it for ever.
package assets

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"time"
)

//go:embed aushang.css
var css []byte

// Stylesheet is the path of the stylesheet.
var Stylesheet = func() string {
	sum := sha256.Sum256(css)
	return "/assets/aushang." + hex.EncodeToString(sum[:6]) + ".css"
}()

// Handler serves the stylesheet.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != Stylesheet {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(css))
	})
}
