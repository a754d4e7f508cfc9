package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
)

// full is a feed with everything that may stand in one, and what may not.
func full() *document {
	day := time.Date(2026, 7, 10, 19, 30, 0, 0, time.FixedZone("", 7200))
	return &document{
		ID: "https://stadt.example/pinnwand", Page: "https://stadt.example/pinnwand", First: "https://stadt.example/pinnwand/feed",
		Self: "https://stadt.example/pinnwand/feed?vor=9", Next: "https://stadt.example/pinnwand/feed?a=1&vor=3", Icon: "https://stadt.example/media/logo.png",
		Title: "Pinnwand: A & B <c>", Subtitle: "Was \x01 angepinnt ist", Language: "de", Town: "Mühlrode", Updated: day.Add(time.Hour),
		Entries: []entry{
			{
				ID: "https://stadt.example/ap/objects/1", URL: "https://stadt.example/pinnwand/1", Title: "TSV: Schlüssel ]]> & <b>", HTML: "<p>Ein &amp; zwei ]]> 🎉</p>",
				Author: "TSV", AuthorURL: "https://stadt.example/vereine/tsv", Language: "en", Published: day, Updated: day.Add(time.Hour),
				Pictures: []picture{{"https://stadt.example/media/a.jpg", "image/jpeg", `Ein "Bild" & <mehr>`, 1234, 800, 600}, {URL: "https://stadt.example/media/b.png", MediaType: "image/png"}},
			},
			{ID: "https://stadt.example/ap/objects/2", URL: "https://stadt.example/pinnwand/2", Title: "Zweites", Author: "Chor", AuthorURL: "https://stadt.example/vereine/chor", Published: day.Add(-time.Hour), Updated: day.Add(-time.Hour)},
		},
	}
}

// TestFormsAreRead: a reader that is not ours finds everything in each form.
func TestFormsAreRead(t *testing.T) {
	for ending, f := range forms {
		t.Run(ending, func(t *testing.T) {
			d := full()
			body, err := f.write(d)
			if err != nil {
				t.Fatal(err)
			}
			got, err := gofeed.NewParser().Parse(bytes.NewReader(body))
			if err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			if got.Title != d.Title || got.Link != d.Page || got.FeedLink != d.Self || got.Language != "de" || !strings.HasPrefix(got.Description, "Was ") || got.UpdatedParsed == nil && ending != ".json" {
				t.Errorf("the feed is %+v", got)
			}
			if len(got.Items) != 2 {
				t.Fatalf("it has %d entries", len(got.Items))
			}
			for i, e := range d.Entries {
				item := got.Items[i]
				text := item.Content
				if ending == ".rss" {
					text = item.Description
				}
				if item.GUID != e.ID || item.Link != e.URL || item.Title != e.Title || text != e.HTML || len(item.Authors) != 1 || item.Authors[0].Name != e.Author {
					t.Errorf("entry %d is %+v", i, item)
				}
				if !item.PublishedParsed.Equal(e.Published) || item.UpdatedParsed != nil && !item.UpdatedParsed.Equal(e.Updated) {
					t.Errorf("entry %d is of %v and %v", i, item.PublishedParsed, item.UpdatedParsed)
				}
			}
			enclosed := got.Items[0].Enclosures
			if want := map[string]int{".rss": 1, ".atom": 2, ".json": 2}[ending]; len(enclosed) != want || enclosed[0].URL != d.Entries[0].Pictures[0].URL || enclosed[0].Type != "image/jpeg" || enclosed[0].Length != "1234" {
				t.Errorf("its pictures are %+v", enclosed)
			}
			for _, part := range []string{d.Next, `Ein "Bild" & <mehr>`} {
				if !bytes.Contains(unescaped(t, ending, body), []byte(part)) {
					t.Errorf("it does not say %s", part)
				}
			}
		})
	}
}

// unescaped gives all texts and attributes of a feed, one a line.
func unescaped(t *testing.T, ending string, body []byte) []byte {
	t.Helper()
	var all bytes.Buffer
	if ending == ".json" {
		d := json.NewDecoder(bytes.NewReader(body))
		for {
			token, err := d.Token()
			if err == io.EOF {
				return all.Bytes()
			}
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := token.(string); ok {
				all.WriteString(s + "\n")
			}
		}
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all.Bytes()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.CharData:
			all.WriteString(string(x) + "\n")
		case xml.StartElement:
			for _, a := range x.Attr {
				all.WriteString(a.Value + "\n")
			}
		}
	}
}

// node is an element of a feed.
type node struct {
	XMLName xml.Name
	Attr    []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func (n node) all(name string) []node {
	var list []node
	for _, m := range n.Nodes {
		if m.XMLName.Local == name && m.XMLName.Space == "http://www.w3.org/2005/Atom" {
			list = append(list, m)
		}
	}
	return list
}

func (n node) attr(name string) string {
	for _, a := range n.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// TestAtomKeepsItsRules: the MUSTs of RFC 4287 that are about what we write.
func TestAtomKeepsItsRules(t *testing.T) {
	empty := full()
	empty.Entries, empty.Next, empty.Self, empty.Icon, empty.Subtitle = nil, "", empty.First, "", ""
	for name, d := range map[string]*document{"full": full(), "empty": empty} {
		body, err := atom(d)
		if err != nil {
			t.Fatal(err)
		}
		var feed node
		if err := xml.Unmarshal(body, &feed); err != nil {
			t.Fatal(err)
		}
		if feed.XMLName.Local != "feed" || feed.XMLName.Space != "http://www.w3.org/2005/Atom" || feed.attr("lang") != "de" {
			t.Errorf("%s: it is %v", name, feed.XMLName)
		}
		seen := map[string]bool{}
		for i, n := range append([]node{feed}, feed.all("entry")...) {
			for _, once := range []string{"id", "title", "updated", "author"} { // 4.1.1 and 4.1.2
				if len(n.all(once)) != 1 {
					t.Errorf("%s: part %d has %d of %s", name, i, len(n.all(once)), once)
				}
			}
			if u, err := url.Parse(n.all("id")[0].Text); err != nil || !u.IsAbs() { // 4.2.6
				t.Errorf("%s: the id of part %d is %s", name, i, n.all("id")[0].Text)
			}
			if seen[n.all("id")[0].Text] {
				t.Errorf("%s: two parts have one id", name)
			}
			seen[n.all("id")[0].Text] = true
			for _, when := range append(n.all("updated"), n.all("published")...) { // 3.3
				if at, err := time.Parse(time.RFC3339, when.Text); err != nil || at.IsZero() {
					t.Errorf("%s: part %d is of %q", name, i, when.Text)
				}
			}
			if n.all("author")[0].all("name")[0].Text == "" { // 3.2.1
				t.Errorf("%s: the author of part %d has no name", name, i)
			}
			alternate := map[string]bool{}
			for _, l := range n.all("link") { // 4.2.7.1, and no two of a kind
				if l.attr("href") == "" || l.attr("rel") == "alternate" && alternate[l.attr("type")+l.attr("hreflang")] {
					t.Errorf("%s: part %d has the link %v", name, i, l.Attr)
				}
				alternate[l.attr("type")+l.attr("hreflang")] = l.attr("rel") == "alternate"
			}
			if i > 0 && (len(n.all("content")) != 1 || n.all("content")[0].attr("type") != "html") { // 4.1.3
				t.Errorf("%s: the content of part %d is not HTML", name, i)
			}
		}
		rels := map[string]string{}
		for _, l := range feed.all("link") {
			rels[l.attr("rel")] = l.attr("href")
		}
		want := map[string]string{"self": d.Self, "alternate": d.Page}
		if d.Next != "" { // RFC 5005 3
			want["first"], want["next"] = d.First, d.Next
		}
		if len(rels) != len(want) {
			t.Errorf("%s: the links are %v", name, rels)
		}
		for rel, href := range want {
			if rels[rel] != href {
				t.Errorf("%s: %s is %s, want %s", name, rel, rels[rel], href)
			}
		}
	}
}

// TestRSSKeepsItsRules: what the specification of RSS 2.0 and its best practices
// want.
func TestRSSKeepsItsRules(t *testing.T) {
	body, err := rss(full())
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Version string `xml:"version,attr"`
		Channel []struct {
			Language string `xml:"language"`
			Built    string `xml:"lastBuildDate"`
			Items    []struct {
				GUID struct {
					PermaLink string `xml:"isPermaLink,attr"`
				} `xml:"guid"`
				PubDate   string `xml:"pubDate"`
				Enclosure []struct {
					URL    string `xml:"url,attr"`
					Length string `xml:"length,attr"`
					Type   string `xml:"type,attr"`
				} `xml:"enclosure"`
			} `xml:"item"`
		} `xml:"channel"`
	}
	if err := xml.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != "2.0" || len(doc.Channel) != 1 || doc.Channel[0].Language != "de" {
		t.Fatalf("%+v", doc)
	}
	c := doc.Channel[0]
	for _, when := range []string{c.Built, c.Items[0].PubDate, c.Items[1].PubDate} {
		if _, err := time.Parse(time.RFC1123Z, when); err != nil {
			t.Error(err)
		}
	}
	if e := c.Items[0].Enclosure; len(e) != 1 || e[0].Length != "1234" || e[0].Type != "image/jpeg" || len(c.Items[1].Enclosure) != 0 {
		t.Errorf("the enclosures are %+v", e)
	}
	if c.Items[0].GUID.PermaLink != "false" {
		t.Error("an id is called an address of a page")
	}
}

// TestJSONFeedKeepsItsRules: the version, and what is required.
func TestJSONFeedKeepsItsRules(t *testing.T) {
	empty := full()
	empty.Entries = nil
	for _, d := range []*document{full(), empty} {
		body, err := jsonFeed(d)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatal(err)
		}
		if doc["version"] != "https://jsonfeed.org/version/1.1" || doc["title"] == "" || doc["feed_url"] != d.Self || doc["next_url"] != d.Next {
			t.Errorf("%v", doc)
		}
		items, ok := doc["items"].([]any)
		if !ok || len(items) != len(d.Entries) {
			t.Errorf("its items are %v", doc["items"])
		}
		for _, i := range items {
			item := i.(map[string]any)
			if item["id"] == "" || item["content_html"] == nil {
				t.Errorf("an item is %v", item)
			}
		}
	}
}
