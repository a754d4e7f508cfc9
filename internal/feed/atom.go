package feed

import "encoding/xml"

// atomFeed is an Atom feed (RFC 4287 4.1.1).
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Author   atomPerson  `xml:"author"`
	Logo     string      `xml:"logo,omitempty"`
	Links    []link      `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

// atomEntry is an entry (RFC 4287 4.1.2).
type atomEntry struct {
	Language  string     `xml:"xml:lang,attr,omitempty"`
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Author    atomPerson `xml:"author"`
	Links     []link     `xml:"link"`
	Content   atomText   `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// atom writes an Atom feed. The alternative text of a picture is the title of
// its link.
func atom(d *document) ([]byte, error) {
	doc := atomFeed{
		Language: d.Language, ID: d.ID, Title: d.Title, Subtitle: d.Subtitle, Updated: stamp(d.Updated), Author: atomPerson{Name: d.Town},
		Logo: d.Icon, Links: []link{{Rel: "self", Type: "application/atom+xml", Href: d.Self}, {Rel: "alternate", Type: "text/html", Href: d.Page}},
	}
	doc.Links = append(doc.Links, parts(d)...)
	for _, e := range d.Entries {
		entry := atomEntry{
			Language: e.Language, ID: e.ID, Title: e.Title, Published: stamp(e.Published), Updated: stamp(e.Updated),
			Author: atomPerson{e.Author, e.AuthorURL}, Links: []link{{Rel: "alternate", Type: "text/html", Href: e.URL}},
			Content: atomText{"html", e.HTML},
		}
		for _, p := range e.Pictures {
			entry.Links = append(entry.Links, link{Rel: "enclosure", Type: p.MediaType, Title: p.Alt, Length: p.Size, Href: p.URL})
		}
		doc.Entries = append(doc.Entries, entry)
	}
	return marshal(doc)
}

// parts are the links to the other parts of a paged feed (RFC 5005 3); none
// when it has one.
func parts(d *document) []link {
	var all []link
	if d.Next != "" || d.Self != d.First {
		all = append(all, link{Rel: "first", Href: d.First})
	}
	if d.Next != "" {
		all = append(all, link{Rel: "next", Href: d.Next})
	}
	return all
}
