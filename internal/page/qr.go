package page

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	qrcode "github.com/skip2/go-qrcode"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
)

// QRPath is the folder of the QR codes: below it each page has its own.
const QRPath = "/qr"

// codable are the paths of pages that have a code. It is never one of another
// site, whoever asks.
var codable = regexp.MustCompile(`^(/[a-z0-9_-]{1,64}){1,3}$`)

// QR answers with the code of the page below QRPath, for the site at origin.
func QR(origin string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		path, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, QRPath), ".svg")
		if !ok || !codable.MatchString(path) {
			return problem.NotFoundf("there is no code for %s", r.URL.Path)
		}
		picture, err := DrawQR(origin + path)
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", "image/svg+xml")
		h.Set("Cache-Control", "public, max-age=604800")
		_, _ = w.Write(picture) // who asked may have gone
		return nil
	}
}

// DrawQR gives the code (ISO/IEC 18004) of a text as SVG, black on white in any
// surroundings, with the four modules of light around it that readers need.
func DrawQR(text string) ([]byte, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	rows := code.Bitmap()
	var b strings.Builder
	n := len(rows)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges">`, n, n, n*4, n*4)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, n, n)
	for y, row := range rows {
		for x := 0; x < n; x++ {
			from := x
			for x < n && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1H%dz", from, y, x-from, from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String()), nil
}
