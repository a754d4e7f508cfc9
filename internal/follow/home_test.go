package follow

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/federation/webfinger"
)

func TestParseHome(t *testing.T) {
	lena := []string{"acct:lena@fedi.test"}
	server := []string{"acct:fedi.test@fedi.test", "https://fedi.test/"}
	for typed, want := range map[string][]string{
		"@lena@fedi.test": lena, "lena@fedi.test": lena, " acct:lena@Fedi.test ": lena, "https://fedi.test/@lena": lena, "https://fedi.test/@lena/": lena,
		"fedi.test/@lena": lena, "http://fedi.test/@lena?x=1#y": lena, "https://else.test/@lena@fedi.test": lena, "https://FEDI.test/@lena/1": lena,
		"fedi.test": server, "https://fedi.test": server, "https://fedi.test/": server, "fedi.test/": server,
		"https://fedi.test/users/lena?x=1#y": {"https://fedi.test/users/lena"}, "https://fedi.test/profile/l%C3%A4na": {"https://fedi.test/profile/l%C3%A4na"},
	} {
		h, ok := parseHome(typed)
		if !ok || h.host != "fedi.test" || !slices.Equal(h.resources, want) {
			t.Errorf("%q is %+v, %v; want %v", typed, h, ok, want)
		}
	}
	for _, typed := range []string{
		"", "lena", "@lena", "@lena@", "@@", "lena@", "ftp://fedi.test/@lena", "javascript:alert(1)", "https://user:pw@fedi.test/@lena", "https://[::1]/@lena",
		"https://localhost/@lena", "fedi test", "fedi.test?x", "https:///@lena", "//fedi.test/@lena", "https://fedi.test/@", "https://fe%20di.test/",
		"lena@fedi.test\x00", "@lena@" + strings.Repeat("a", 5000) + ".test", "https://fedi.test/@lena@else.test@x",
	} {
		if h, ok := parseHome(typed); ok {
			t.Errorf("%.60q is %+v", typed, h)
		}
	}
}

func TestIntent(t *testing.T) {
	const id, back = "https://here.test/ap/objects/1?a=b&c#d", "https://here.test/veranstaltungen/1"
	link := func(rel, template string) webfinger.Link { return webfinger.Link{Rel: rel, Template: template} }
	const escaped = "https%3A%2F%2Fhere.test%2Fap%2Fobjects%2F1%3Fa%3Db%26c%23d"
	subscribe := link(relSubscribe, "https://fedi.test/authorize_interaction?uri={uri}")
	object := link(relObject, "https://fedi.test/open?o={object}&then={on-success}&else={on-cancel}&x={unknown}")
	follow := link(relFollow, "https://other.test/follow?o={object}")
	const opened = "https://fedi.test/open?o=" + escaped + "&then=https%3A%2F%2Fhere.test%2Fveranstaltungen%2F1&else=https%3A%2F%2Fhere.test%2Fveranstaltungen%2F1&x="
	for name, tc := range map[string]struct {
		club  bool
		links []webfinger.Link
		want  string
	}{
		"the old way":                 {true, []webfinger.Link{subscribe}, "https://fedi.test/authorize_interaction?uri=" + escaped},
		"a thing is opened":           {false, []webfinger.Link{subscribe, follow, object}, opened},
		"a club is followed":          {true, []webfinger.Link{subscribe, object, follow}, "https://other.test/follow?o=" + escaped},
		"a club is opened":            {true, []webfinger.Link{subscribe, object}, opened},
		"an event cannot be followed": {false, []webfinger.Link{follow}, ""},
		"nothing":                     {true, nil, ""},
		"a script":                    {true, []webfinger.Link{link(relFollow, "javascript:alert('{object}')"), subscribe}, "https://fedi.test/authorize_interaction?uri=" + escaped},
		"not encrypted":               {true, []webfinger.Link{link(relFollow, "http://fedi.test/?o={object}")}, ""},
		"no place for what is meant":  {true, []webfinger.Link{link(relFollow, "https://fedi.test/")}, ""},
		"the place is the host":       {true, []webfinger.Link{link(relFollow, "https://{object}/")}, ""},
		"the place is in the host":    {true, []webfinger.Link{link(relFollow, "https://fedi.test{object}/")}, ""},
		"a user":                      {true, []webfinger.Link{link(relFollow, "https://bank.test@fedi.test/{object}")}, ""},
		"no host":                     {true, []webfinger.Link{link(relFollow, "https:{object}")}, ""},
		"too long":                    {true, []webfinger.Link{link(relFollow, "https://fedi.test/"+strings.Repeat("a", 3000)+"{object}")}, ""},
		"control characters":          {true, []webfinger.Link{link(relFollow, "https://fedi.test/\r\n{object}")}, ""},
		"a href is no template":       {true, []webfinger.Link{{Rel: relFollow, Href: "https://fedi.test/{object}"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if u := intent(&webfinger.JRD{Links: tc.links}, tc.club, id, back); u != nil {
				got = u.String()
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("https://fedi.test/authorize_interaction?uri={uri}")
	f.Add("https://{object}/")
	f.Fuzz(func(t *testing.T, template string) {
		u := expand(template, "https://here.test/1", "https://here.test/2")
		if u == nil {
			return
		}
		if again, err := url.Parse(u.String()); err != nil || again.Scheme != "https" || again.Host == "" || strings.ContainsAny(u.String(), "{}\r\n \"<>") {
			t.Errorf("%q became %q", template, u)
		}
	})
}
