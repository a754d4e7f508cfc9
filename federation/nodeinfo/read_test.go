package nodeinfo

import (
	"context"
	"errors"
	"testing"
)

// TestProgram: a server is called what it says that it is, in a word, and only
// by a document of its own.
func TestProgram(t *testing.T) {
	const links = "https://a.test/.well-known/nodeinfo"
	one := func(version, href string) string {
		return `{"rel":"http://nodeinfo.diaspora.software/ns/schema/` + version + `","href":"` + href + `"}`
	}
	for name, c := range map[string]struct {
		docs map[string]string
		want string
	}{
		"the newest schema counts": {map[string]string{links: `{"links":[` + one("2.0", "https://a.test/20") + `,` + one("2.1", "https://a.test/21") + `]}`, "https://a.test/21": `{"software":{"name":"Mastodon"}}`}, "mastodon"},
		"another server":           {map[string]string{links: `{"links":[` + one("2.0", "https://b.test/20") + `]}`, "https://b.test/20": `{"software":{"name":"mastodon"}}`}, ""},
		"no word":                  {map[string]string{links: `{"links":[` + one("2.0", "https://a.test/20") + `]}`, "https://a.test/20": `{"software":{"name":"<b>Kauft</b>"}}`}, ""},
		"no name":                  {map[string]string{links: `{"links":[` + one("2.0", "https://a.test/20") + `]}`, "https://a.test/20": `{"software":{"name":["x"]}}`}, ""},
		"no links":                 {map[string]string{links: `{"links":[{"rel":3,"href":null}]}`}, ""},
		"no JSON":                  {map[string]string{links: `<html>`}, ""},
		"nothing":                  {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Program(t.Context(), "https://a.test", func(_ context.Context, address string) ([]byte, error) {
				if d, ok := c.docs[address]; ok {
					return []byte(d), nil
				}
				return nil, errors.New("not found")
			})
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("it runs %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

// FuzzProgram: whatever others answer, the program is called a word or nothing.
func FuzzProgram(f *testing.F) {
	f.Add(`{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"https://a.test/"}]}`, `{"software":{"name":"gancio"}}`)
	f.Add(`[]`, `{}`)
	f.Fuzz(func(t *testing.T, links, doc string) {
		got, err := Program(t.Context(), "https://a.test", func(_ context.Context, address string) ([]byte, error) {
			if address == "https://a.test/.well-known/nodeinfo" {
				return []byte(links), nil
			}
			return []byte(doc), nil
		})
		if word(got) != got || (got == "") != (err != nil) {
			t.Errorf("it runs %q, %v", got, err)
		}
	})
}
