package feed

import (
	"context"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/prepared"
)

// A Map lists the public pages of the town for search engines (sitemaps.org
// 0.9), and says what is not for them (RFC 9309).
type Map struct {
	Web     *web.Site
	Objects *object.Objects
	// Lists are the pages with all things of one type; Clubs is the one with all
	// clubs, and Handles gives those of all clubs that have a page.
	Lists   []List
	Clubs   string
	Handles func(ctx context.Context) ([]string, error)
	// Others are the paths of further pages.
	Others []string
	// Closed are the beginnings of paths that no search engine needs.
	Closed []string
}

const (
	mapPath = "/sitemap.xml"
	// maxPages is how many pages a part of the map lists, the newest first.
	maxPages = 3000
	mapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"
)

// part gives the path of the part of the map for the list at path.
func part(path string) string { return "/sitemap-" + strings.Trim(path, "/") + ".xml" }

// Mount enters the routes into r.
func (m *Map) Mount(r chi.Router) {
	r.Get("/robots.txt", m.Web.Handle(m.robots))
	r.Get(mapPath, m.Web.Handle(m.index))
	r.Get(part(m.Clubs), m.Web.Handle(m.clubs))
	for _, l := range m.Lists {
		r.Get(part(l.Path), m.Web.Handle(func(w http.ResponseWriter, r *http.Request) error { return m.list(w, r, l) }))
	}
}

// location is a page in a map, or a part of one.
type location struct {
	Address string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

type pageMap struct {
	XMLName xml.Name   `xml:"urlset"`
	Space   string     `xml:"xmlns,attr"`
	Pages   []location `xml:"url"`
}

type partMap struct {
	XMLName xml.Name   `xml:"sitemapindex"`
	Space   string     `xml:"xmlns,attr"`
	Parts   []location `xml:"sitemap"`
}

func (m *Map) index(w http.ResponseWriter, r *http.Request) error {
	doc := partMap{Space: mapSpace, Parts: []location{{Address: m.Web.Origin + part(m.Clubs)}}}
	for _, l := range m.Lists {
		if !m.Web.Open(l.Path) {
			continue
		}
		doc.Parts = append(doc.Parts, location{Address: m.Web.Origin + part(l.Path)})
	}
	return m.write(w, r, mapPath, doc)
}

// clubs lists the clubs, and before them the pages that are always there.
func (m *Map) clubs(w http.ResponseWriter, r *http.Request) error {
	handles, err := m.Handles(r.Context())
	if err != nil {
		return err
	}
	doc := pageMap{Space: mapSpace}
	for _, path := range m.Others {
		if !m.Web.Open(path) {
			continue
		}
		doc.Pages = append(doc.Pages, location{Address: m.Web.Origin + path})
	}
	doc.Pages = append(doc.Pages, location{Address: m.Web.Origin + m.Clubs})
	for _, handle := range handles[:min(len(handles), maxPages)] {
		doc.Pages = append(doc.Pages, location{Address: m.Web.Origin + m.Clubs + "/" + handle})
	}
	return m.write(w, r, part(m.Clubs), doc)
}

func (m *Map) list(w http.ResponseWriter, r *http.Request, l List) error {
	found, err := m.Objects.Pages(r.Context(), l.Type, maxPages)
	if err != nil {
		return err
	}
	doc := pageMap{Space: mapSpace, Pages: []location{{Address: m.Web.Origin + l.Path}}}
	for _, o := range found {
		doc.Pages = append(doc.Pages, location{o.URL, stamp(o.Version())})
	}
	return m.write(w, r, part(l.Path), doc)
}

func (m *Map) write(w http.ResponseWriter, r *http.Request, path string, doc any) error {
	body, err := marshal(doc)
	if err != nil {
		return err
	}
	prepared.Keep(r.Context(), prepared.Terms{Targets: []string{path}})
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = w.Write(body) // who asked may have gone
	return nil
}

func (m *Map) robots(w http.ResponseWriter, r *http.Request) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, path := range m.Closed {
		if !m.Web.Open(path) {
			continue
		}
		b.WriteString("Disallow: " + path + "\n")
	}
	b.WriteString("\nSitemap: " + m.Web.Origin + mapPath + "\n")
	prepared.Keep(r.Context(), prepared.Terms{Targets: []string{"/robots.txt"}})
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(b.String())) // who asked may have gone
	return nil
}
