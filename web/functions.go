package web

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/web/assets"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/locale"
)

// functions are what templates can call, in one language.
func (s *Site) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, data ...any) (string, error) {
			var d any
			if len(data) > 0 {
				d = data[0]
			}
			return s.words.Message(lang, key, d)
		},
		"dict": func(pairs ...string) map[string]string {
			m := map[string]string{}
			for i := 1; i < len(pairs); i += 2 {
				m[pairs[i-1]] = pairs[i]
			}
			return m
		},
		// label joins the name of a field and what is wrong with it.
		"label": func(name, sentence string) string {
			if strings.HasSuffix(name, "?") {
				return name + " " + sentence
			}
			return name + ": " + sentence
		},
		"tn":   func(key string, n int) (string, error) { return s.words.Plural(lang, key, n) },
		"date": func(t time.Time) string { return locale.Date(lang, t) },
		// shortDate leaves out the year when it is that of now.
		"shortDate": func(t time.Time) string { return locale.ShortDate(lang, t, time.Now()) },
		"dateTime":  func(t time.Time) string { return locale.DateTime(lang, t) },
		"month":     func(t time.Time) string { return locale.Month(lang, t) },
		"above":     component.Above,
		"inc":       func(i int) int { return i + 1 },
		"day":       func(t time.Time) string { return locale.Day(lang, t) },
		"weekday":   func(t time.Time) string { return locale.Weekday(lang, t) },
		"iso":       func(t time.Time) string { return t.Format(time.RFC3339) },
		// asset gives the path of a drawing, script or font; "" when the program has none.
		"asset":    assets.Path,
		"webcal":   s.webcal,
		"otpauth":  otpauth,
		"safeHTML": func(s component.SafeHTML) template.HTML { return template.HTML(s) }, //nolint:gosec // cleaned before it was called safe
	}
}

// webcal gives the address of a calendar of the site as one that opens calendars
// to subscribe to it; "" for what is elsewhere.
func (s *Site) webcal(address string) template.URL {
	_, host, _ := strings.Cut(s.Origin, "://")
	path, ours := strings.CutPrefix(address, s.Origin+"/")
	if !ours {
		return ""
	}
	u, err := url.Parse(path)
	if err != nil {
		return ""
	}
	return template.URL("webcal://" + host + "/" + u.String()) //nolint:gosec // our own address, with a scheme that html/template does not know
}

// otpauth lets the address through that opens an app for codes: html/template
// knows nothing of its scheme. Any other address stays what it makes of it.
func otpauth(address string) any {
	if !strings.HasPrefix(address, "otpauth://totp/") {
		return address
	}
	return template.URL(address) //nolint:gosec // the scheme is known, and the rest is escaped for its attribute
}
