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
			return s.message(lang, key, d)
		},
		// say is for parts that write themselves.
		"say": func() component.Say {
			return func(key string) (string, error) { return s.message(lang, key, nil) }
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
		"tn": func(key string, n int) (string, error) {
			words, err := s.words.Plural(lang, key, n)
			return locale.Hold(words, n), err
		},
		// date and dateTime leave out the year when it is that of now; fullDate says
		// it always, for what is kept. lately also knows today and yesterday.
		"date":     func(t time.Time) string { return locale.ShortDate(lang, t, time.Now()) },
		"fullDate": func(t time.Time) string { return locale.Date(lang, t) },
		"dateTime": func(t time.Time) string { return locale.ShortDateTime(lang, t, time.Now()) },
		"lately":   func(t time.Time) string { return locale.Lately(lang, t, time.Now()) },
		"month":    func(t time.Time) string { return locale.Month(lang, t) },
		"above":    component.Above,
		"inc":      func(i int) int { return i + 1 },
		"day":      func(t time.Time) string { return locale.Day(lang, t) },
		"weekday":  func(t time.Time) string { return locale.Weekday(lang, t) },
		"iso":      func(t time.Time) string { return t.Format(time.RFC3339) },
		// asset gives the path of a drawing, script or font; "" when the program has none.
		"asset": assets.Path,
		// open tells whether an address leads somewhere in this town.
		"open":     s.Open,
		"webcal":   s.webcal,
		"soft":     soft,
		"otpauth":  otpauth,
		"safeHTML": func(s component.SafeHTML) template.HTML { return template.HTML(s) }, //nolint:gosec // cleaned before it was called safe
	}
}

// soft lets a long address break where people read a pause: behind its @ and
// before its dots.
func soft(address string) template.HTML {
	safe := template.HTMLEscapeString(address)
	return template.HTML(strings.NewReplacer("@", "@<wbr>", ".", "<wbr>.").Replace(safe)) //nolint:gosec // escaped, and nothing but <wbr> is added
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
