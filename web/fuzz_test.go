package web

import (
	"net/http/httptest"
	"slices"
	"testing"

	"codeberg.org/aushang/aushang/web/locale"
)

// FuzzLanguage: whatever a browser wishes, it gets a language that we speak.
func FuzzLanguage(f *testing.F) {
	for _, s := range [][2]string{{"de-DE,de;q=0.9,en;q=0.8", ""}, {"en", "de"}, {"fr;q=x", "EN"}, {"*;q=0", ""}, {"de_DE", "../de"}, {"x-klingon, i-default, zh-Hant-TW;q=1.1", ""}, {"-", "-"}} {
		f.Add(s[0], s[1])
	}
	s := &Site{Options: Options{Language: "de"}}
	f.Fuzz(func(t *testing.T, wish, chosen string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Accept-Language"] = []string{wish}
		q := r.URL.Query()
		q.Set("lang", chosen)
		r.URL.RawQuery = q.Encode()
		if lang := s.Language(r); !slices.Contains(locale.Languages, lang) {
			t.Errorf("%q %q: %q", wish, chosen, lang)
		}
	})
}
