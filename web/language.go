package web

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"codeberg.org/aushang/aushang/web/locale"
)

// chosen gives the language that the address of a page asks for, "" for none.
func chosen(r *http.Request) string {
	if !strings.Contains(r.URL.RawQuery, "lang=") {
		return "" // nearly always, and reading a query costs
	}
	if lang := r.URL.Query().Get("lang"); slices.Contains(locale.Languages, lang) {
		return lang
	}
	return ""
}

// carry gives a page with the language that its reader chose in every link to
// another page of ours, and in every form: readers have no cookie that could
// remember it.
func carry(page []byte, lang string) []byte {
	var out bytes.Buffer
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if tokens.Err() != io.EOF {
				return page // it is ours: better without than broken
			}
			return out.Bytes()
		}
		raw := bytes.Clone(tokens.Raw())
		if kind != html.StartTagToken {
			out.Write(raw)
			continue
		}
		token := tokens.Token()
		if attr := carrier(&token); attr != nil && within(attr.Val) {
			attr.Val = with(attr.Val, lang)
			out.WriteString(token.String())
			continue
		}
		out.Write(raw)
	}
}

// carrier gives the attribute of a tag that leads to another page, or nil.
func carrier(t *html.Token) *html.Attribute {
	name := map[string]string{"a": "href", "form": "action"}[t.Data]
	for i := range t.Attr {
		if t.Attr[i].Key == name {
			return &t.Attr[i]
		}
	}
	return nil
}

// within tells whether an address is the path of a page of ours.
func within(href string) bool { return strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "//") }

// with gives href in a language, unless it names one.
func with(href, lang string) string {
	u, err := url.Parse(href)
	if err != nil || u.Query().Has("lang") {
		return href
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "lang=" + lang
	return u.String()
}

// KeepLanguage lets who is led on after a form stay in the language that was
// chosen.
func KeepLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lang := chosen(r); lang != "" {
			w = &leading{w, lang}
		}
		next.ServeHTTP(w, r)
	})
}

// leading writes the language into where an answer leads.
type leading struct {
	http.ResponseWriter
	lang string
}

// WriteHeader implements http.ResponseWriter.
func (l *leading) WriteHeader(status int) {
	if to := l.Header().Get("Location"); within(to) {
		l.Header().Set("Location", with(to, l.lang))
	}
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController through.
func (l *leading) Unwrap() http.ResponseWriter { return l.ResponseWriter }
