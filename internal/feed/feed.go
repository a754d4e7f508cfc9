// Package feed is the surface of RSS: what is new on the board, of all clubs
// or of one, for feed readers.
//
// It must not know any single kind; which type of thing stands on the board is
// handed in.
package feed

import (
	"context"
	"embed"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/gorilla/feeds"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/prepared"
)

// MediaType is that of a feed.
const MediaType = "application/rss+xml"

// Name is the last segment of the address of every feed.
const Name = "/feed.rss"

// Files are the words of feeds.
//
//go:embed *.toml
var Files embed.FS

// Surface serves the feeds.
type Surface struct {
	Web     *web.Site
	Objects *object.Objects
	// Type is the ActivityStreams type of what is shown.
	Type string
	// Board and Clubs are the paths of the pages beside which feeds lie, such as
	// "/pinnwand" and "/vereine".
	Board, Clubs string
	// Club gives the club with this handle.
	Club func(ctx context.Context, handle string) (*actor.Actor, error)
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r.Get(s.Board+Name, s.Web.Handle(s.board))
	r.Get(s.Clubs+"/{handle}"+Name, s.Web.Handle(s.club))
}

// entries is how many entries a feed has; titles are cut after maxTitle
// characters.
const (
	entries  = 30
	maxTitle = 80
)

func (s *Surface) board(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Objects.ListType(r.Context(), s.Type, object.Page{Limit: entries})
	if err != nil {
		return err
	}
	f := s.feed("feed.board", s.Web.Name, s.Web.Origin+s.Board)
	for _, o := range list {
		f.Items = append(f.Items, item(o, o.Author.DisplayName()+": "))
	}
	return s.write(w, r, s.Board, f)
}

func (s *Surface) club(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Club(r.Context(), chi.URLParam(r, "handle"))
	if err != nil {
		return err
	}
	list, err := s.Objects.ListBy(r.Context(), object.Viewer{}, c.ID, object.Page{Limit: entries}, s.Type)
	if err != nil {
		return err
	}
	f := s.feed("feed.club", c.DisplayName(), c.URL)
	for _, o := range list {
		f.Items = append(f.Items, item(o, ""))
	}
	return s.write(w, r, s.Clubs+"/"+c.PreferredUsername, f)
}

// feed begins a feed in the language of the town: many readers may share one
// copy of it.
func (s *Surface) feed(key, name, page string) *feeds.RssFeed {
	lang := s.Web.Options.Language
	return &feeds.RssFeed{
		Title: s.Web.T(lang, key, name), Description: s.Web.T(lang, key+".text", name), Link: page, Language: lang,
	}
}

// item gives an object as an entry; by stands before its title.
func item(o *object.Object, by string) *feeds.RssItem {
	title := o.Name
	if title == "" {
		title = markup.Text(o.Content)
	}
	if cut := markup.Name(title, maxTitle); cut != markup.Name(title, maxTitle+1) {
		title = cut + " …"
	} else {
		title = cut
	}
	var text strings.Builder
	text.WriteString(o.Content)
	for _, a := range o.Attachment {
		fmt.Fprintf(&text, `<p><img src="%s" alt="%s"></p>`, html.EscapeString(a.URL), html.EscapeString(a.Name))
	}
	return &feeds.RssItem{
		Title: by + title, Link: o.URL, Description: text.String(), PubDate: o.Published.Format(time.RFC1123Z),
		// The id stays when the page moves.
		Guid: &feeds.RssGuid{Id: o.ID, IsPermaLink: "false"},
	}
}

// write answers with the feed f beside the page at path.
func (s *Surface) write(w http.ResponseWriter, r *http.Request, path string, f *feeds.RssFeed) error {
	if len(f.Items) > 0 {
		f.PubDate = f.Items[0].PubDate
	}
	body, err := feeds.ToXML(f)
	if err != nil {
		return fmt.Errorf("write feed: %w", err)
	}
	prepared.Keep(r.Context(), prepared.Terms{Targets: []string{path + Name}})
	w.Header().Set("Content-Type", MediaType+"; charset=utf-8")
	_, _ = w.Write([]byte(body)) // who asked may have gone
	return nil
}
