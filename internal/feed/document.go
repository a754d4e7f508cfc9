package feed

import (
	"context"
	"fmt"
	"html"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/object"
)

// document is a feed, or a part of one, before it is written in a form.
type document struct {
	// ID never changes. Page is the page that shows the same; Self, First and
	// Next are parts of the feed (RFC 5005 3), Next is "" for the last.
	ID, Page, Self, First, Next string
	// Title and Subtitle are plain text. Icon is the address of a picture, or "".
	Title, Subtitle, Icon string
	// Language is a BCP 47 tag. Town is the name of who publishes the feed.
	Language, Town string
	Updated        time.Time
	Entries        []entry
}

// entry is one thing in a feed.
type entry struct {
	// ID stays when the page at URL moves.
	ID, URL, Title string
	// HTML is clean.
	HTML              string
	Author, AuthorURL string
	// Language is "" for that of the feed.
	Language           string
	Published, Updated time.Time
	Pictures           []picture
}

// picture is a picture of an entry; Size is in bytes, 0 when unknown.
type picture struct {
	URL, MediaType, Alt string
	Size                int64
	Width, Height       int
}

// maxTitle is after how many characters titles are cut.
const maxTitle = 80

// entry gives an object as an entry; named says that its title begins with who
// published it.
func (s *Surface) entry(ctx context.Context, o *object.Object, named bool) (entry, error) {
	e := entry{
		ID: o.ID, URL: o.URL, Author: o.Author.DisplayName(), AuthorURL: o.Author.URL, Language: o.Language,
		Published: o.Published.UTC(), Updated: o.Version().UTC(),
	}
	title, line := o.Name, ""
	if describe := s.Describe[o.Type]; describe != nil {
		var err error
		if title, line, err = describe(ctx, o); err != nil {
			return e, fmt.Errorf("describe %s: %w", o.ID, err)
		}
	}
	if title == "" {
		title = markup.Text(o.Teaser())
	}
	if e.Title = markup.Teaser(title, maxTitle); e.Title == "" {
		e.Title = e.Author // a picture without words
	} else if named {
		e.Title = e.Author + ": " + e.Title
	}
	var text strings.Builder
	if line != "" {
		fmt.Fprintf(&text, "<p><strong>%s</strong></p>", html.EscapeString(line))
	}
	text.WriteString(o.Teaser())
	if o.Warning != "" {
		e.HTML = text.String()
		return e, nil
	}
	for _, a := range o.Attachment {
		fmt.Fprintf(&text, `<p><img src="%s" alt="%s"></p>`, html.EscapeString(a.URL), html.EscapeString(a.Name))
		e.Pictures = append(e.Pictures, picture{URL: a.URL, MediaType: a.MediaType, Alt: a.Name, Size: s.Size(a.URL), Width: a.Width, Height: a.Height})
	}
	e.HTML = text.String()
	return e, nil
}
