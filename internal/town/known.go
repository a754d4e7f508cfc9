package town

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/assets"
	"codeberg.org/aushang/aushang/web/locale"
)

// Addresses that programs know without a link to them.
const (
	iconPath     = "/favicon.ico"
	securityPath = "/.well-known/security.txt"
)

// valid is how long what stands in security.txt counts at least: RFC 9116 wants
// less than a year.
const valid = 180 * 24 * time.Hour

// icon leads to the arms: browsers ask for it beside what is no page.
func (p *Pages) icon(w http.ResponseWriter, r *http.Request) error {
	path := p.Web.Town().Arms
	if path == "" {
		path = assets.Path("img/wappen.svg")
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.Redirect(w, r, path, http.StatusTemporaryRedirect)
	return nil
}

// security says whom to tell of a weakness (RFC 9116): whom the town names on
// every page. Without a mail address or a telephone there is no such file.
func (p *Pages) security(w http.ResponseWriter, _ *http.Request) error {
	look := p.Web.Town()
	ways := look.Ways()
	if len(ways) == 0 {
		return problem.NotFoundf("the town has not said how it is reached")
	}
	var b strings.Builder
	for _, way := range ways {
		fmt.Fprintf(&b, "Contact: %s\n", way)
	}
	fmt.Fprintf(&b, "Expires: %s\n", time.Now().UTC().Truncate(24*time.Hour).Add(valid).Format(time.RFC3339))
	fmt.Fprintf(&b, "Preferred-Languages: %s\n", strings.Join(locale.Languages, ", "))
	fmt.Fprintf(&b, "Canonical: %s\n", p.origin()+securityPath)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write([]byte(b.String())) // who asked may have gone
	return nil
}
