package feed

import (
	"encoding/xml"
	"time"
)

// rssDocument is RSS 2.0 with what is widely read beside it: links of Atom, the
// author's name of Dublin Core, and Media RSS, which alone knows alternative
// texts.
type rssDocument struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Dublin  string     `xml:"xmlns:dc,attr"`
	Media   string     `xml:"xmlns:media,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title         string    `xml:"title"`
	Link          string    `xml:"link"`
	Description   string    `xml:"description"`
	Language      string    `xml:"language"`
	LastBuildDate string    `xml:"lastBuildDate"`
	Image         *rssImage `xml:"image"`
	Links         []link    `xml:"atom:link"`
	Items         []rssItem `xml:"item"`
}

type rssImage struct {
	URL   string `xml:"url"`
	Title string `xml:"title"`
	Link  string `xml:"link"`
}

type rssItem struct {
	Title       string        `xml:"title"`
	Link        string        `xml:"link"`
	Description string        `xml:"description"`
	Creator     string        `xml:"dc:creator"`
	GUID        rssGUID       `xml:"guid"`
	PubDate     string        `xml:"pubDate"`
	Updated     string        `xml:"atom:updated"`
	Enclosure   *rssEnclosure `xml:"enclosure"`
	Media       []rssMedia    `xml:"media:content"`
}

type rssGUID struct {
	IsPermaLink bool   `xml:"isPermaLink,attr"`
	ID          string `xml:",chardata"`
}

type rssEnclosure struct {
	URL    string `xml:"url,attr"`
	Length int64  `xml:"length,attr"`
	Type   string `xml:"type,attr"`
}

type rssMedia struct {
	URL         string          `xml:"url,attr"`
	Type        string          `xml:"type,attr"`
	Medium      string          `xml:"medium,attr"`
	Size        int64           `xml:"fileSize,attr,omitempty"`
	Width       int             `xml:"width,attr,omitempty"`
	Height      int             `xml:"height,attr,omitempty"`
	Description *rssDescription `xml:"media:description"`
}

type rssDescription struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// rss writes RSS 2.0. An item has one enclosure, as its readers expect; all
// pictures stand as media:content.
func rss(d *document) ([]byte, error) {
	c := rssChannel{
		Title: d.Title, Link: d.Page, Description: d.Subtitle, Language: d.Language, LastBuildDate: d.Updated.UTC().Format(time.RFC1123Z),
		Links: append([]link{{Rel: "self", Type: "application/rss+xml", Href: d.Self}}, parts(d)...),
	}
	if d.Icon != "" {
		c.Image = &rssImage{d.Icon, d.Title, d.Page}
	}
	for _, e := range d.Entries {
		item := rssItem{
			Title: e.Title, Link: e.URL, Description: e.HTML, Creator: e.Author, GUID: rssGUID{ID: e.ID},
			PubDate: e.Published.Format(time.RFC1123Z), Updated: stamp(e.Updated),
		}
		for i, p := range e.Pictures {
			if i == 0 {
				item.Enclosure = &rssEnclosure{p.URL, p.Size, p.MediaType}
			}
			m := rssMedia{URL: p.URL, Type: p.MediaType, Medium: "image", Size: p.Size, Width: p.Width, Height: p.Height}
			if p.Alt != "" {
				m.Description = &rssDescription{"plain", p.Alt}
			}
			item.Media = append(item.Media, m)
		}
		c.Items = append(c.Items, item)
	}
	return marshal(rssDocument{
		Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Dublin: "http://purl.org/dc/elements/1.1/", Media: "http://search.yahoo.com/mrss/", Channel: c,
	})
}
