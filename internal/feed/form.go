package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"time"
)

// form is a way to write a feed.
type form struct {
	mediaType string
	write     func(*document) ([]byte, error)
}

// forms are all of them, by the ending of their address.
var forms = map[string]form{
	".atom": {"application/atom+xml; charset=utf-8", atom},
	".rss":  {"application/rss+xml; charset=utf-8", rss},
	".json": {"application/feed+json; charset=utf-8", jsonFeed},
}

// stamp writes a time as RFC 3339 wants it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// marshal writes XML with its declaration; encoding/xml replaces what XML cannot
// hold.
func marshal(doc any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(doc); err != nil {
		return nil, fmt.Errorf("write feed: %w", err)
	}
	return b.Bytes(), nil
}

// link is an atom:link (RFC 4287 4.2.7), in RSS too.
type link struct {
	Rel    string `xml:"rel,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Title  string `xml:"title,attr,omitempty"`
	Length int64  `xml:"length,attr,omitempty"`
	Href   string `xml:"href,attr"`
}

// jsonDocument is a JSON Feed (version 1.1).
type jsonDocument struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	Description string       `json:"description,omitempty"`
	NextURL     string       `json:"next_url,omitempty"`
	Icon        string       `json:"icon,omitempty"`
	Language    string       `json:"language"`
	Authors     []jsonAuthor `json:"authors"`
	Items       []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type jsonItem struct {
	ID            string           `json:"id"`
	URL           string           `json:"url"`
	Title         string           `json:"title"`
	ContentHTML   string           `json:"content_html"`
	Image         string           `json:"image,omitempty"`
	DatePublished string           `json:"date_published"`
	DateModified  string           `json:"date_modified"`
	Authors       []jsonAuthor     `json:"authors"`
	Language      string           `json:"language,omitempty"`
	Attachments   []jsonAttachment `json:"attachments,omitempty"`
}

type jsonAttachment struct {
	URL      string `json:"url"`
	MIMEType string `json:"mime_type"`
	// Title is the alternative text.
	Title string `json:"title,omitempty"`
	Size  int64  `json:"size_in_bytes,omitempty"`
}

// jsonFeed writes a JSON Feed.
func jsonFeed(d *document) ([]byte, error) {
	doc := jsonDocument{
		Version: "https://jsonfeed.org/version/1.1", Title: d.Title, HomePageURL: d.Page, FeedURL: d.Self, Description: d.Subtitle,
		NextURL: d.Next, Icon: d.Icon, Language: d.Language, Authors: []jsonAuthor{{Name: d.Town}}, Items: []jsonItem{},
	}
	for _, e := range d.Entries {
		item := jsonItem{
			ID: e.ID, URL: e.URL, Title: e.Title, ContentHTML: e.HTML, DatePublished: stamp(e.Published), DateModified: stamp(e.Updated),
			Authors: []jsonAuthor{{e.Author, e.AuthorURL}}, Language: e.Language,
		}
		for i, p := range e.Pictures {
			if i == 0 {
				item.Image = p.URL
			}
			item.Attachments = append(item.Attachments, jsonAttachment{p.URL, p.MediaType, p.Alt, p.Size})
		}
		doc.Items = append(doc.Items, item)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write feed: %w", err)
	}
	return b.Bytes(), nil
}
