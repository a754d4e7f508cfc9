package component

import (
	"html/template"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// TestWritesTextAsText: whatever stands in an event stays text, also in the
// value of an attribute.
func TestWritesTextAsText(t *testing.T) {
	const evil = `<evil onx="'&amp;'"> ' " onx=`
	row := AgendaRow{Href: "/v/" + evil, Name: evil, Lang: evil, Clock: evil, Start: evil, Place: evil, By: evil, Badge: evil, Why: evil}
	list := Days{{ID: "day", Heading: evil, Near: evil, Leaf: &Leaf{Time: time.Now()}, Rows: []AgendaRow{row}, Lang: "de"}, {ID: evil, Heading: evil}}
	grid := &Month{Noun: evil, Nouns: evil, Off: evil, More: func(int) string { return evil }, Weeks: [][]MonthDay{{
		{Day: 1, Href: evil, Before: evil, After: evil, N: 4, More: 1, Items: []MonthItem{{evil, evil, evil, evil, true}}},
	}}}
	for what, written := range map[string]template.HTML{"a list": list.HTML(), "a row": row.HTML(), "facts": row.Facts(), "a month": "<table>" + grid.Body() + "</table>"} {
		said := 0
		for tokens := html.NewTokenizer(strings.NewReader(string(written))); ; {
			kind := tokens.Next()
			if kind == html.ErrorToken {
				break
			}
			token := tokens.Token()
			if token.Data == "evil" {
				t.Errorf("%s: there is a tag in %s", what, written)
			}
			for _, a := range token.Attr {
				if a.Key == "onx" {
					t.Errorf("%s: there is an attribute in %s", what, written)
				}
			}
			if strings.Contains(token.Data, evil) {
				said++
			}
		}
		if said == 0 {
			t.Errorf("%s does not say what was written", what)
		}
	}
}

// TestMonthSaysWhatIsCancelled: also where there is no room for titles.
func TestMonthSaysWhatIsCancelled(t *testing.T) {
	grid := &Month{Noun: "Veranstaltung", Nouns: "Veranstaltungen", Off: "Abgesagt", More: func(int) string { return "" }, Weeks: [][]MonthDay{{
		{Day: 1, Href: "/1", N: 2}, {Day: 2, Href: "/2", N: 3, Off: 1}, {Day: 3, Href: "/3", N: 1, Off: 1}, {Day: 4, Href: "/4", N: 2, Off: 2, Today: true},
	}}}
	body := string(grid.Body())
	for _, want := range []string{
		`<td><a rel="nofollow" href="/1">1<span class="visually-hidden"></span><span class="month__n">2<span class="visually-hidden"> Veranstaltungen</span>`,
		`<td><a rel="nofollow" href="/2">2<span class="visually-hidden"></span><span class="month__n"><span aria-hidden="true">2 <s>1</s></span><span class="visually-hidden"> 3 Veranstaltungen, 1 abgesagt</span>`,
		`<td class="off"><a rel="nofollow" href="/3">3<span class="visually-hidden"></span><span class="month__n"><span aria-hidden="true"><s>1</s></span><span class="visually-hidden"> 1 Veranstaltung, 1 abgesagt</span>`,
		`<td class="today off" aria-current="date"><a rel="nofollow" href="/4">`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}
