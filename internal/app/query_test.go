package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/object"
)

// queries are what strangers put where a page expects a key, a day or a name.
var queries = []string{
	"", " ", "\x00", "a\x00b", "\xff", "\xc0\xaf", "\ud7ff\uffff", "../../etc/passwd", "%", "%00", "'", "' OR 1=1 --", `"><script>`, "{{.}}", "-1", "0", "99999999999999999999", "1e400", "NaN", "null", "true", "[]",
	"0000-00-00", "2026-02-30", "9999-12-31", "10000-01-01", "https://c.test/1", "javascript:x", strings.Repeat("a", 3000), strings.Repeat("ä", 1000), "\u202e\u2028", "019f0000-0000-7000-8000-000000000000",
}

// ask asks h for a path.
func ask(h http.Handler, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestQueries: whatever stands in the query or the path of a page, a document
// or a look-up, it is answered, and never taken for a fault of ours.
func TestQueries(t *testing.T) {
	shows(t, "T-DOS-10 odd cursors and names", func(t *testing.T, v *village) {
		e := v.event("Sommerfest")
		h := v.handler()
		club := strings.TrimPrefix(v.club.ID, "https://here.test")
		for _, odd := range queries {
			q, p := url.QueryEscape(odd), url.PathEscape(odd)
			for _, path := range []string{
				"/veranstaltungen?nach=" + q, "/veranstaltungen?tag=" + q, "/veranstaltungen?von=" + q + "&bis=" + q, "/veranstaltungen?verein=" + q, "/veranstaltungen?thema=" + q, "/veranstaltungen?ort=" + q, "/veranstaltungen?wann=" + q, "/kalender.ics?thema=" + q + "&ort=" + q,
				"/veranstaltungen/monat/" + p, "/veranstaltungen/woche/" + p, "/veranstaltungen/monat/2027-07?ort=" + q, "/veranstaltungen?lang=" + q, "/pinnwand?vor=" + q, "/pinnwand?lang=" + q,
				"/veranstaltungen/" + p, "/vereine/" + p, "/pinnwand/" + p, "/ap/objects/" + p, "/ap/actors/" + p, "/ap/activities/" + p, "/ap/places/" + p, "/ap/quotes/" + p, "/media/" + p, "/" + p,
				club + "/outbox?page=" + q, club + "/outbox?page=true&after=" + q, club + "/events?page=true&after=" + q, strings.TrimPrefix(e.ID, "https://here.test") + "/replies?page=true&after=" + q,
				"/.well-known/webfinger?resource=" + q, "/.well-known/webfinger?resource=acct:" + q + "@here.test", "/folgen?uri=" + q, "/nodeinfo/" + p,
			} {
				for _, accept := range []string{html, as2} {
					w := ask(h, path, accept)
					if w.Code >= 500 {
						t.Errorf("%.200s as %s: %d", path, accept, w.Code)
					}
				}
			}
		}
	})
}

// TestBadRows: a row that should not be there breaks neither a list nor a
// calendar nor a document.
func TestBadRows(t *testing.T) {
	shows(t, "T-DOS-10 a bad row in the database", func(t *testing.T, v *village) {
		s := v.sender()
		good := v.event("Sommerfest")
		for i, spoil := range []string{
			"content = '<p><b><i', name = ''", "published = '0001-01-01 00:00:00'", "published = '9999-12-31 23:59:59', updated = '9999-12-31 23:59:59'", "url = '', language = 'quatsch'", "summary = '<script>', url = 'javascript:x'",
		} {
			e := v.event("Fest " + string(rune('A'+i)))
			err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
				if _, err := tx.NewUpdate().Model((*object.Object)(nil)).Set(spoil).Where("id = ?", e.ID).Exec(ctx); err != nil {
					return err
				}
				_, err := tx.NewUpdate().Table("events").Set("timezone = 'Nirgendwo/Quatsch'").Set("end_time = ?", time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)).Where("object_id = ?", e.ID).Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.readable()
		for _, path := range []string{"/outbox?page=true", "/events?page=true"} {
			if w := v.get(strings.TrimPrefix(v.club.ID, "https://here.test")+path, as2); w.Code != http.StatusOK {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		if w := v.get("/veranstaltungen", html); !strings.Contains(w.Body.String(), good.Name) {
			t.Error("the good one is not shown any more")
		}
	})
}
