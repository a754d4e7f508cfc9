package activitystreams

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

func TestGuard(t *testing.T) {
	wrap := func(more string) string {
		return `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://b.test/1","type":"Note","attributedTo":"https://b.test/eve"` + more + `}`
	}
	for name, tc := range map[string]struct {
		body string
		ok   bool
	}{
		"a note":                               {wrap(""), true},
		"a BOM":                                {"\xef\xbb\xbf" + wrap(""), true},
		"null is nothing":                      {wrap(`,"name":null,"tag":[null]`), true},
		"the context in a list":                {strings.Replace(wrap(""), `"https://www.w3.org/ns/activitystreams"`, `["https://www.w3.org/ns/activitystreams",{"x":"y"}]`, 1), true},
		"no context":                           {strings.Replace(wrap(""), `"@context":"https://www.w3.org/ns/activitystreams",`, "", 1), true},
		"terms of its own alone":               {strings.Replace(wrap(""), `"https://www.w3.org/ns/activitystreams"`, `[{"Hashtag":"as:Hashtag"}]`, 1), true},
		"terms of its own and another context": {strings.Replace(wrap(""), `"https://www.w3.org/ns/activitystreams"`, `[{"Hashtag":"as:Hashtag"},"https://schema.org/"]`, 1), false},
		"a context that is a number":           {strings.Replace(wrap(""), `"https://www.w3.org/ns/activitystreams"`, `1`, 1), false},
		"another context":                      {strings.Replace(wrap(""), "https://www.w3.org/ns/activitystreams", "https://schema.org/", 1), false},
		"31 levels":                            {wrap(`,"x":` + strings.Repeat("[", 30) + strings.Repeat("]", 30)), true},
		"too deep":                             {wrap(`,"x":` + strings.Repeat("[", 33) + strings.Repeat("]", 33)), false},
		"500 levels":                           {wrap(`,"x":` + strings.Repeat(`{"object":`, 500) + "1" + strings.Repeat("}", 500)), false},
		"too many tokens":                      {wrap(`,"x":[` + strings.Repeat("1,", 10_001) + "1]"), false},
		"a key twice":                          {wrap(`,"type":"Event"`), false},
		"an inner key twice":                   {wrap(`,"x":{"a":1,"a":2}`), false},
		"something after":                      {wrap("") + "{}", false},
		"garbage after":                        {wrap("") + "x", false},
		"a list":                               {"[" + wrap("") + "]", false},
		"not UTF-8":                            {wrap(`,"name":"` + "\xff" + `"`), false},
		"a NUL":                                {wrap(`,"name":"a\u0000b"`), false},
		"a long text":                          {wrap(`,"content":"` + strings.Repeat("a", maxString+1) + `"`), false},
		"more than 1 MB":                       {wrap(`,"content":["` + strings.Repeat(strings.Repeat("a", 200_000)+`","`, 6) + `"]`), false},
		"half of it":                           {wrap("")[:80], false},
		"nothing":                              {"", false},
		"a page":                               {"<!DOCTYPE html>", false},
		"a number that is too big":             {wrap(`,"width":1e400`), true},
		"T-ID-07 several authors":              {strings.Replace(wrap(""), `"https://b.test/eve"`, `["https://b.test/eve","https://a.test/alice"]`, 1), false},
		"T-ID-07 an author twice":              {strings.Replace(wrap(""), `"https://b.test/eve"`, `["https://b.test/eve",{"id":"https://b.test/eve"}]`, 1), true},
		"T-ID-07 an author inside":             {strings.Replace(wrap(""), `"https://b.test/eve"`, `[["https://b.test/eve"]]`, 1), false},
		"an author without address":            {strings.Replace(wrap(""), "https://b.test/eve", "eve", 1), false},
		"a graph":                              {wrap(`,"@graph":[{"type":"Note"}]`), false},
		"null, and then something":             {wrap(`,"name":null,"name":"x"`), false},
		"an id that is a script":               {strings.Replace(wrap(""), "https://b.test/1", "javascript:x", 1), false},
	} {
		_, err := DecodeObject([]byte(tc.body))
		if (err == nil) != tc.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHost(t *testing.T) {
	for id, want := range map[string]string{
		"https://b.test/x": "b.test", "https://B.TEST./x": "b.test", "https://b.test:443/x": "b.test", "http://b.test:80/": "b.test",
		"https://b.test:8443/x": "b.test:8443", "https://müsterdorf.example/": "xn--msterdorf-q9a.example", "https://ｂ.test/": "b.test",
		"https://b。test/": "b.test", "https://xn--msterdorf-q9a.example/": "xn--msterdorf-q9a.example", "https://[2606:4700::1]/": "[2606:4700::1]",
		"": "", "b.test": "", "/x": "", "//b.test/": "", "javascript:x": "", "mailto:a@b.test": "", "https://u@b.test/": "", "https://u:p@b.test/": "",
		"https://b.test\\@c.test/": "", "https://b .test/": "", "https://b.test%2e/": "", "ftp://b.test/": "", "https://": "", "https:///x": "",
		"https://" + strings.Repeat("a", 3000) + ".test/": "",
	} {
		if got := Host(id); got != want {
			t.Errorf("Host(%.60q) = %q, want %q", id, got, want)
		}
	}
	t.Run("T-ID-17 spellings of one host", hostSpellings)
	for _, pair := range [][2]string{{"https://b.test/1", "https://B.test:443/2"}, {"https://b.test:8443/", "https://b.test:8443/x"}} {
		if !SameOrigin(pair[0], pair[1]) {
			t.Errorf("%v are not the same", pair)
		}
	}
	for _, pair := range [][2]string{{"https://b.test/", "http://b.test/"}, {"https://b.test/", "https://b.test:8443/"}, {"https://b.test/", "https://a.b.test/"}, {"", ""}, {"x", "x"}} {
		if SameOrigin(pair[0], pair[1]) {
			t.Errorf("%v are the same", pair)
		}
	}
}

// hostSpellings: whatever way a host is spelt, it is one host or none, and its
// canonical form stays what it is.
func hostSpellings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same every time
	wide := func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r + 0xfee0
		}
		return r
	}
	for _, host := range []string{"b.test", "a-b.sub.b.test", "xn--msterdorf-q9a.example", "b.test:8443", "0x.test"} {
		name, port, _ := strings.Cut(host, ":")
		for range 500 {
			spelt := strings.Map(func(r rune) rune {
				switch {
				case r == '.':
					return []rune{'.', '。', '．', '｡'}[random.IntN(4)]
				case random.IntN(3) == 0:
					return unicode.ToUpper(r)
				case random.IntN(3) == 0 && r != '-':
					return wide(r)
				}
				return r
			}, name) + []string{"", "."}[random.IntN(2)]
			scheme, end := "https", []string{"", ":443"}[random.IntN(2)]
			if port != "" {
				end = ":" + port
			}
			if random.IntN(2) == 0 {
				scheme = "HTTPS"
			}
			id := scheme + "://" + spelt + end + "/x"
			if got := Host(id); got != host {
				t.Fatalf("Host(%q) = %q, want %q", id, got, host)
			}
			if !SameOrigin(id, "https://"+host) || Host("https://"+Host(id)) != Host(id) {
				t.Fatalf("%q is another origin than %s", id, host)
			}
			for _, bad := range []string{"u@", "u:p@", "\\", " ", "\t", "\n", "\x00", "%2e", "%", "\u200b@", "\u202e"} {
				at := random.IntN(len(host) + 1)
				if got := Host("https://" + host[:at] + bad + host[at:] + "/"); got != "" {
					t.Fatalf("with %q at %d: %q", bad, at, got)
				}
				if got := Host("https://" + bad + host + "/"); got != "" {
					t.Fatalf("with %q in front: %q", bad, got)
				}
			}
		}
	}
}

func TestDecodeKeepsTheMeaning(t *testing.T) {
	all := corpus(t)
	decode := func(name string) *Activity {
		t.Helper()
		a, err := Decode(all[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return a
	}
	if o := decode("mastodon-reply").Object.Object; o.AttributedTo != "https://mastodon.example/users/lena" || o.Language != "de" || len(o.To) != 1 || len(o.Cc) != 2 || o.Tag[0].Type != "Mention" || o.Published.Year() != 2026 || o.InReplyTo != "https://here.test/ap/objects/1" || o.Attachment[0].FocalPoint[0] != 0.5 {
		t.Errorf("Mastodon: %+v", o)
	}
	if a := decode("mastodon-undo"); a.Object.Activity == nil || a.Object.Activity.Type != "Announce" || a.Object.Activity.Object.ID != "https://here.test/ap/objects/1" {
		t.Errorf("Mastodon: %+v", a)
	}
	if o := decode("mobilizon-event").Object.Object; o.Name != "Konzert" || o.StartTime.UTC().Hour() != 17 || !o.EndTime.IsZero() || o.Location == nil || o.Location.Name != "Kirche" || *o.Location.Latitude != 48.5 || o.Location.Address.AddressLocality != "Musterdorf" || o.MaximumAttendeeCapacity != 120 || o.Attachment[0].Name != "Banner" || o.Timezone != "Europe/Berlin" || o.JoinMode != "free" {
		t.Errorf("Mobilizon: %+v", o)
	}
	if a := decode("misskey-follow"); a.Object.ID != "https://here.test/ap/actors/1" || a.ID != "https://mk.test/follows/1/2" {
		t.Errorf("Misskey: %+v", a)
	}
	if o := decode("gotosocial-note").Object.Object; len(o.Tag) != 1 || o.To[0] != Public || o.URL != "https://gts.example/@ute/statuses/01H" {
		t.Errorf("GoToSocial: %+v", o)
	}
	if a := decode("wordpress-create"); a.Type != "Create" || a.Actor != "https://wp.test/?author=0" || a.Object.Object.Name != "Titel" || a.Object.Object.URL != "https://wp.test/x" {
		t.Errorf("WordPress: %+v", a)
	}
	if a := decode("friendica-flag"); len(a.Object.IDs) != 2 || a.Content != "Spam" {
		t.Errorf("Friendica: %+v", a)
	}
	if a := decode("lemmy-announce"); a.Object.Activity == nil || a.Object.Activity.Object.Object.Type != "Page" {
		t.Errorf("Lemmy: %+v", a)
	}
	if a := decode("gancio-event"); a.To[0] != Public || a.Object.Object.Location.Name != "Anger" || *a.Object.Object.Location.Latitude != 48 {
		t.Errorf("Gancio: %+v", a)
	}
}

func FuzzHost(f *testing.F) {
	for _, id := range []string{
		"https://b.test:8443/x", "https://b.test/x", "https://b-c.test", "https://b--c.test/", "https://-b.test/", "https://b-.test/", "https://b-/", "https://b./", "https://.b/", "https://b..c/",
		"https://127.0.0.1/", "https://010.0.0.1/", "https://1.2.3/", "https://a_b.test/", "https://b.test/%zz", "https://b.test/ü?x#y", "https://b.test?x", "https://b.test#x", "https:///", "https://",
		"https://" + strings.Repeat("a", 64) + ".test/", "https://" + strings.Repeat("a.", 126) + "b/", "https://" + strings.Repeat("a.", 127) + "b/", "https://ab--cd.test/", "https://xn--a/",
		"http://b.test/", "http://b.test:80/", "https://b.test:443/", "http://b.test:443/", "https://b.test:0443/", "https://b.test:0/", "https://b.test:/", "https://b.test:65536/", "https://b.test:+1/", "https://[::1]:8080/",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if scheme, host, ok := plainOrigin(id); ok {
			if closerScheme, closer := anyOrigin(id); scheme != closerScheme || host != closer {
				t.Errorf("%q: %s %q at a glance, %s %q when looked at closely", id, scheme, host, closerScheme, closer)
			}
		}
		if host := Host(id); host != "" && Host("https://"+host+"/") != host && Host("http://"+host+"/") != host {
			t.Errorf("%q: %q is not canonical", id, host)
		}
	})
}
