package page

import (
	"strings"

	"codeberg.org/aushang/aushang/web"
)

// The forms of every feed: what stands after its address, and what programs
// call it.
var feedForms = []struct{ ending, name, mediaType string }{
	{".atom", "Atom", "application/atom+xml"},
	{".rss", "RSS", "application/rss+xml"},
	{".json", "JSON Feed", "application/feed+json"},
}

// Subscribe is how what stands in a list is read elsewhere: in feed readers, in
// a calendar, in the Fediverse ("page/subscribe").
type Subscribe struct {
	// Origin is the town's.
	Origin string
	// Feed is the path of the list, such as "/pinnwand" or "/vereine/tsv"; "" for
	// what has no feed. Query narrows it as it does the list, or is "".
	Feed, Query string
	// Calendar is the path of the calendar with its query, or "".
	Calendar string
	// Follow leads to the page from where people of other servers follow, or "".
	Follow string
}

// FeedLink is a feed in one of its forms.
type FeedLink struct{ Href, Name, MediaType string }

// Feeds gives the feed in each of its forms.
func (s Subscribe) Feeds() []FeedLink {
	if s.Feed == "" {
		return nil
	}
	query := s.Query
	if query != "" {
		query = "?" + strings.TrimPrefix(query, "?")
	}
	var all []FeedLink
	for _, f := range feedForms {
		all = append(all, FeedLink{strings.TrimSuffix(s.Feed, "/") + "/feed" + f.ending + query, f.name, f.mediaType})
	}
	return all
}

// Address is the full address of the calendar, or "".
func (s Subscribe) Address() string {
	if !strings.HasPrefix(s.Calendar, "/") {
		return ""
	}
	return s.Origin + s.Calendar
}

// Head gives the same for the head of the page; title says what it is about.
func (s Subscribe) Head(title string) []web.Feed {
	var all []web.Feed
	if s.Calendar != "" {
		all = append(all, web.Feed{Type: "text/calendar", Title: title, Href: s.Calendar})
	}
	for _, f := range s.Feeds() {
		all = append(all, web.Feed{Type: f.MediaType, Title: title + " (" + f.Name + ")", Href: f.Href})
	}
	return all
}
