package component

import (
	"errors"
	"testing"
)

// said gives a key in angle brackets, and knows no empty one.
func said(key string) (string, error) {
	if key == "" {
		return "", errors.New("no key")
	}
	return "<" + key + ">", nil
}

func TestChips(t *testing.T) {
	for _, c := range []struct {
		name string
		chip Chip
		want string
	}{
		{
			"a choice",
			Chip{Key: "a", Href: "/x?b=1&c=2", Current: true, Far: true, Icon: "leaf", Count: Count(3)},
			`<a class="chip chip--big" href="/x?b=1&amp;c=2" rel="nofollow" aria-current="true"><span class="icon icon--leaf" aria-hidden="true"></span>&lt;a&gt; <span class="chip__n">3</span></a>`,
		},
		{
			"what is set",
			Chip{Text: "<b>", Href: "?", Remove: true},
			`<a class="chip chip--big chip--remove" href="?"><span class="visually-hidden">&lt;chip.remove&gt; </span><bdi>&lt;b&gt;</bdi><span class="icon icon--x" aria-hidden="true"></span></a>`,
		},
		{"a word that leads nowhere", Chip{Text: "x"}, `<span class="chip"><bdi>x</bdi></span>`},
		{"a script", Chip{Text: "x", Href: "javascript:alert(1)"}, `<a class="chip chip--big" href="#"><bdi>x</bdi></a>`},
		{"another server", Chip{Text: "x", Href: "https://a.test/:"}, `<a class="chip chip--big" href="https://a.test/:"><bdi>x</bdi></a>`},
	} {
		got, err := Chips{Label: "l", List: []Chip{c.chip}}.HTML(said)
		if want := `<div class="heads" role="group" aria-label="&lt;l&gt;">` + c.want + "</div>"; err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, got, want)
		}
	}
	if _, err := (Chips{Label: "l", List: []Chip{{}}}).HTML(said); err == nil {
		t.Error("a chip without words")
	}
}

func TestSegments(t *testing.T) {
	got, err := Segments{Label: "l", List: []Segment{{Key: "a", Href: "/a", Current: true, Icon: "list"}, {Text: "b", Href: "/b"}}}.HTML(said)
	want := `<nav class="segments" aria-label="&lt;l&gt;"><a href="/a" aria-current="page"><span class="icon icon--list" aria-hidden="true"></span>&lt;a&gt;</a><a href="/b"><bdi>b</bdi></a></nav>`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}
