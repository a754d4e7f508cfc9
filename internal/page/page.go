// Package page holds the parts of pages that every kind of thing shares: the
// conversation under it, and its picture. It turns what the kernel keeps into
// what web/component shows.
//
// It must not know any single kind.
package page

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// maxReplies is how many answers a page shows.
const maxReplies = 200

// Conversation is what stands under a thing: reactions as counts, and the
// public answers with who wrote them. Templates show it with "replies".
type Conversation struct {
	Counts  component.Counts
	Replies []component.Reply
	// Act leads to the page from where people of other servers take part, Report
	// to where every reader reports the thing.
	Act, Report string
	// tags are the ids of the answers and of who wrote them.
	tags []string
}

// KeepThing keeps the page of o at address, with the conversation under it.
func (g *Guard) KeepThing(r *http.Request, o *object.Object, address string, c Conversation) {
	g.KeepThingUntil(r, o, address, c, time.Time{})
}

// KeepThingUntil keeps it no longer than until; zero is no end.
func (g *Guard) KeepThingUntil(r *http.Request, o *object.Object, address string, c Conversation, until time.Time) {
	if !o.Hidden {
		g.Web.Keep(r, address, until, append(c.tags, o.ID)...)
	}
}

// Under gives the conversation under o as who asks may see it: the public
// answers and, for an editor of its club, those that are for the club alone.
func (g *Guard) Under(r *http.Request, o *object.Object) (Conversation, error) {
	who, err := g.Who(r)
	if err != nil {
		return Conversation{}, err
	}
	n, err := g.Objects.Count(r.Context(), o.ID)
	if err != nil {
		return Conversation{}, err
	}
	public, err := g.Objects.Thread(r.Context(), object.Viewer{}, o.ID, maxReplies)
	if err != nil {
		return Conversation{}, err
	}
	list := public
	if who.Speaks(o.AttributedTo) {
		if list, err = g.Objects.Thread(r.Context(), object.Viewer{Actors: []string{o.AttributedTo}}, o.ID, maxReplies); err != nil {
			return Conversation{}, err
		}
	}
	c := Conversation{Counts: component.Counts{Replies: answers(o, public), Likes: n.Likes, Announces: n.Announces}, Act: Follow(o.ID), Report: Report(o.ID)}
	for _, reply := range list {
		c.Replies = append(c.Replies, g.reply(r.Context(), who, o, reply))
		c.tags = append(c.tags, reply.ID, reply.AttributedTo)
	}
	return c, nil
}

// answers counts the answers to o without its author's own notices: that an
// event has moved is said under it, and answers nobody.
func answers(o *object.Object, list []*object.Object) int {
	n := 0
	for _, reply := range list {
		if reply.AttributedTo != o.AttributedTo || reply.InReplyTo != o.ID {
			n++
		}
	}
	return n
}

func (g *Guard) reply(ctx context.Context, who *Person, o, reply *object.Object) component.Reply {
	shown := component.Reply{
		Name: reply.Author.DisplayName(), Handle: reply.Author.Handle(), Href: reply.URL,
		Content: component.SafeHTML(reply.Content), Published: reply.Published.In(g.Zone), Own: reply.AttributedTo == o.AttributedTo,
		Private: !reply.Open(), Icon: g.Foreign.Icon(ctx, reply.Author), Pictures: g.Foreign.Of(ctx, reply),
		Warning: reply.Before(),
	}
	if reply.Open() && !reply.Hidden {
		shown.Report = Report(reply.ID)
	}
	if reply.Local && !reply.Open() {
		shown.Href = reply.Author.URL // what is for one reader alone has no page
	}
	if !reply.Local && (who.Speaks(o.AttributedTo) || who.Cares(o.AttributedTo)) {
		shown.Manage = ManageHref(reply.ID)
	}
	return shown
}

// ManageHref is where an editor answers, hides or reports what somebody
// elsewhere wrote.
func ManageHref(id string) string { return "/antworten?" + url.Values{"id": {id}}.Encode() }

// ReportPath is where every reader reports what is wrong.
const ReportPath = "/melden"

// Report gives the address of that page for the thing or actor id.
func Report(id string) string { return ReportPath + "?" + url.Values{"was": {id}}.Encode() }

// DecidePath is where the town hall decides about a thing or an actor.
const DecidePath = "/rathaus/entscheiden"

// Decide gives the address of that page for the thing or actor id.
func Decide(id string) string { return DecidePath + "?" + url.Values{"was": {id}}.Encode() }

// Seer gives as whom the page of the thing id is shown: as the public, but for
// what is hidden as an editor to those who published it and to the town hall.
func (g *Guard) Seer(r *http.Request, id string) (object.Viewer, error) {
	who, err := g.Who(r)
	if err != nil || who == nil {
		return object.Viewer{}, err
	}
	o, err := g.Objects.Stored(r.Context(), g.Objects.Reader(), id)
	if problem.KindOf(err) == problem.NotFound {
		return object.Viewer{}, nil
	}
	if err != nil || !o.Hidden || !o.Local || !o.Open() || !who.Speaks(o.AttributedTo) && !who.Cares(o.AttributedTo) {
		return object.Viewer{}, err
	}
	return object.Viewer{Actors: []string{o.AttributedTo}}, nil
}

// FollowPath is the page from where people of other servers follow, answer and
// share.
const FollowPath = "/folgen"

// Follow gives the address of that page for the thing id.
func Follow(id string) string { return FollowPath + "?" + url.Values{"uri": {id}}.Encode() }

// Local gives the path of one of our own addresses, "" for none.
func Local(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

// Picture gives a picture of ours with its smaller copies; nil for one whose
// address leads nowhere: the page is there without it.
func Picture(ctx context.Context, pictures *object.Pictures, a *object.Attachment) (*component.Picture, error) {
	path := Local(a.URL)
	if path == "" {
		return nil, nil
	}
	copies, err := pictures.Variants(ctx, a)
	if err != nil {
		return nil, err
	}
	var srcset []string
	for _, v := range copies {
		srcset = append(srcset, fmt.Sprintf("%s %dw", v.URL(), v.Width))
	}
	p := &component.Picture{URL: path, Alt: a.Name, Width: a.Width, Height: a.Height}
	if len(srcset) > 0 {
		p.Srcset = strings.Join(append(srcset, fmt.Sprintf("%s %dw", p.URL, a.Width)), ", ")
	}
	return p, nil
}

// Redirected leads who asks a page for its ActivityPub document to the id of
// what it shows.
func Redirected(w http.ResponseWriter, r *http.Request, id string) bool {
	w.Header().Add("Vary", "Accept")
	if !web.WantsActivity(r) {
		return false
	}
	http.Redirect(w, r, id, http.StatusSeeOther)
	return true
}
