package club

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Path is where the pages of clubs are.
const Path = "/vereine/"

// Files are the templates and words of clubs.
//
//go:embed *.html *.toml
var Files embed.FS

// Published gives what a club has published, for its page. The application
// composes it from the slices.
type Published struct {
	Events []component.EventRow
	Posts  []component.PostCard
	Jobs   []component.Job
	// Upcoming counts all its events to come, of which Events are the first.
	Upcoming int
	// MorePosts tells whether there are more than Posts.
	MorePosts bool
	// MoreJobs tells whether there are more than Jobs.
	MoreJobs bool
}

// Composed gives what the application joins from other slices.
type Composed struct {
	// Published gives what stands on a club's page.
	Published func(ctx context.Context, actorID, lang string) (Published, error)
	// Upcoming counts the events to come of many clubs, by the ids of the clubs.
	Upcoming func(ctx context.Context, ids []string) (map[string]int, error)
	Pins
}

// Pages shows clubs to readers.
type Pages struct {
	*Clubs
	*page.Guard
	web *web.Site
	Composed
}

// Pages gives the pages of clubs; guard stands before those for editors.
func (s *Clubs) Pages(guard *page.Guard, composed Composed) *Pages {
	return &Pages{s, guard, guard.Web, composed}
}

// Mount enters the routes into r.
func (p *Pages) Mount(r chi.Router) {
	r.Get("/vereine", p.web.Handle(p.list))
	r.Get(Path+"{handle}", p.web.Handle(p.show))
	r.Get(Path+"{handle}"+page.PosterPath, p.web.Handle(p.onward(p.poster)))
	p.mountForms(r)
}

type showView struct {
	Crumbs []component.Crumb
	Club   *actor.Actor
	// User and Server are the handle, broken before its second @.
	User, Server string
	Icon         string
	Letters      string
	// Field is the key of the word for what the club does, or "", and FieldHref
	// leads to its like.
	Field, FieldHref string
	Summary          component.SafeHTML
	// Website is an address, or "", and Site the same as people read it.
	Website, Site string
	// Imprint is what the club says of itself because the law wants it, or "".
	Imprint component.SafeHTML
	// Now is where the club lives now, nil when that is here.
	Now *actor.Actor
	// Pinned stands above all else.
	Pinned []Pinned
	// Followers counts who follows the club.
	Followers int
	// Follow leads to the page from where people of other servers follow.
	Follow string
	// These lead to all that the club has announced and pinned up.
	EventsHref, PostsHref, JobsHref string
	Subscribe                       page.Subscribe
	Share                           page.Share
	// Verified is since when the town hall knows the club, zero when it does not.
	Verified time.Time
	// Early says that the club is not public yet.
	Early bool
	// Report leads to where every reader reports the club.
	Report string
	// Tools are links for those who may speak for the club.
	Tools []tool
	// Agree says that an owner has still to accept the agreement on data care.
	Agree bool
	// Checked is nil for a club that is not public yet.
	Checked *page.Checked
	Published
}

// tool is a link for those who speak for a club.
type tool struct{ Key, Href, Icon string }

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	until := prepared.NextMinute()
	c, err := p.Clubs.Find(r.Context(), chi.URLParam(r, "handle"))
	if problem.KindOf(err) == problem.NotFound {
		if led, wrong := p.toWhole(w, r); led || wrong != nil {
			return wrong
		}
		if c, err = p.early(r, err); problem.KindOf(err) == problem.NotFound {
			return p.away(w, r, err)
		}
	}
	if err != nil {
		return err
	}
	if c.State == actor.Active && page.Redirected(w, r, c.ID) {
		return nil
	}
	view := p.view(c)
	if view.Now, err = p.Now(r.Context(), c); err != nil {
		return err
	}
	if view.Now != nil { // nobody new follows it here
		view.Subscribe.Follow, view.Share.Follow = "", ""
	}
	if view.Followers, err = p.actors.Followers(r.Context(), p.db.Read(), c.ID); err != nil {
		return err
	}
	if view.Tools, err = p.tools(r, c); err != nil {
		return err
	}
	if view.Agree, err = p.lacksTerms(r, c); err != nil {
		return err
	}
	if view.Published, err = p.Composed.Published(r.Context(), c.ID, p.web.Language(r)); err != nil {
		return err
	}
	if view.Pinned, err = p.pinsOf(r, c.Actor); err != nil {
		return err
	}
	if c.State == actor.Active {
		if view.Checked, err = p.Checked(r, c.ID, c.ID, c.Version(), c.Stale); err != nil {
			return err
		}
		p.web.Keep(r, Path+c.PreferredUsername, until, c.ID)
	} else {
		w.Header().Set("Cache-Control", "private, no-store")
		view.Early = true
		return p.web.Render(w, r, http.StatusOK, "club/show", web.Page{Title: c.DisplayName(), NoIndex: true, View: view})
	}
	return p.web.Render(w, r, http.StatusOK, "club/show", web.Page{
		Title: c.DisplayName(), Description: markup.Name(markup.Text(c.Summary), 200), Alternate: c.ID, Canonical: c.URL,
		Image: c.IconURL, ImageAlt: c.IconName, Type: "profile", Data: p.schema(c, p.web.Language(r)), View: view,
		Feeds: view.Subscribe.Head(c.DisplayName()), NoIndex: view.Checked.Unlisted(), Scripts: []string{page.CopyScript},
	})
}

// view is what the page of a club says of the club itself.
func (p *Pages) view(c *Club) showView {
	path := Path + c.PreferredUsername
	user, server := c.Handle(), ""
	if i := strings.LastIndexByte(user, '@'); i > 0 {
		user, server = user[:i], user[i:]
	}
	follow := page.Follow(c.ID)
	view := showView{
		Crumbs: []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}, {Text: c.DisplayName()}},
		Club:   c.Actor, User: user, Server: server, Icon: page.Local(c.IconURL), Letters: component.Letters(c.DisplayName()), Summary: component.SafeHTML(c.Summary),
		Report:  page.Report(c.ID),
		Website: c.Website, Site: shownAddress(c.Website), Imprint: component.SafeHTML(markup.Paragraphs(c.Imprint)), Follow: follow,
		EventsHref: "/veranstaltungen?verein=" + c.PreferredUsername, PostsHref: "/pinnwand?verein=" + c.PreferredUsername, JobsHref: "/ehrenamt?verein=" + c.PreferredUsername,
		Subscribe: page.Subscribe{Origin: p.actors.Site().Origin, Feed: path, Calendar: path + "/kalender.ics", Follow: follow},
		Share:     page.Share{URL: c.URL, Title: c.DisplayName(), Follow: follow, Poster: path + page.PosterPath},
	}
	if !p.web.Open(view.Subscribe.Calendar) {
		view.Subscribe.Calendar = ""
	}
	if !c.Verified.IsZero() {
		view.Verified = c.Verified.In(p.Zone)
	}
	if c.Field != "" {
		view.Field, view.FieldHref = FieldKey(c.Field), p.fieldHref(c.Field)
	}
	return view
}

// early gives a club that is not public yet to those who may see it: its
// editors and the town hall. For others there is none.
func (p *Pages) early(r *http.Request, missing error) (*Club, error) {
	who, err := p.Who(r)
	if err != nil || who == nil || web.WantsActivity(r) {
		return nil, errors.Join(err, missing)
	}
	c, err := p.find(r.Context(), p.db.Read(), chi.URLParam(r, "handle"), actor.Requested)
	if err == nil && !who.Speaks(c.ID) && !who.Cares(c.ID) {
		err = missing
	}
	return c, err
}

type awayView struct {
	Crumbs []component.Crumb
	// Text says which club it was, or is "".
	Text  string
	Empty component.Empty
}

// away answers who looks for a club that is not shown. A reader is told that an
// archived one is not active any more, with its name if it was public; what it
// said is not shown. Other servers are led to its actor, which says the same.
func (p *Pages) away(w http.ResponseWriter, r *http.Request, missing error) error {
	if !web.WantsActivity(r) && !web.WantsHTML(r) {
		return missing
	}
	c, err := p.find(r.Context(), p.db.Read(), chi.URLParam(r, "handle"), actor.Archived)
	if problem.KindOf(err) == problem.NotFound {
		return missing
	}
	if err != nil {
		return err
	}
	if web.WantsActivity(r) {
		if c.Archived.IsZero() || !page.Redirected(w, r, c.ID) {
			return missing
		}
		return nil
	}
	text := ""
	if lang := p.web.Language(r); !c.Archived.IsZero() {
		text = p.web.T(lang, "club.archived.was", c.DisplayName())
	}
	return p.web.Render(w, r, http.StatusGone, "club/away", web.Page{
		Title: p.web.T(p.web.Language(r), "club.archived"), NoIndex: true,
		View: awayView{
			Crumbs: []component.Crumb{{Key: "nav.clubs", Href: "/vereine"}},
			Text:   text,
			Empty:  component.Empty{Key: "club.archived.next", TextKey: "club.archived.text", Href: "/vereine", ActionKey: "club.list.all"},
		},
	})
}

// schema describes a club in the words of schema.org.
func (p *Pages) schema(c *Club, lang string) *page.Schema {
	d := page.Organization(c.Actor)
	d.Context, d.Image, d.SameAs = page.Vocabulary, c.IconURL, c.Website
	if c.Field != "" {
		d.Keywords = p.web.T(lang, FieldKey(c.Field))
	}
	return d
}

// lacksTerms tells whether who asks is an owner of the club and it has not
// accepted the agreement on data care.
func (p *Pages) lacksTerms(r *http.Request, c *Club) (bool, error) {
	who, err := p.Who(r)
	if err != nil || who == nil || c.State != actor.Active || !slices.ContainsFunc(who.Clubs, func(m page.Membership) bool { return m.ID == c.ID && m.Role == actor.Owner }) {
		return false, err
	}
	agreed, err := p.Care.Agreed(r.Context())
	return agreed[c.ID] == nil, err
}

// tools are what who asks may do for the club.
func (p *Pages) tools(r *http.Request, c *Club) ([]tool, error) {
	who, err := p.Who(r)
	if err != nil {
		return nil, err
	}
	var links []tool
	if c.State == actor.Requested && who.Owns(c.ID) {
		links = append(links, tool{"club.tools.ask", Path + c.PreferredUsername + askPath, "list"})
	}
	path, active := Path+c.PreferredUsername, c.State == actor.Active
	if who.Speaks(c.ID) && active && c.MovedTo == "" {
		links = append(links, tool{"club.tools.event", "/veranstaltungen/neu?verein=" + c.PreferredUsername, "calendar"},
			tool{"club.tools.post", "/pinnwand/neu?verein=" + c.PreferredUsername, "pin"},
			tool{"club.tools.help", "/ehrenamt/neu?verein=" + c.PreferredUsername, "heart"},
			tool{"club.tools.applications", page.ApplicationsPath, "list"},
			tool{"club.tools.deletions", Path + c.PreferredUsername + deletionsPath, "x"})
	}
	if who.Speaks(c.ID) && active {
		links = append(links, tool{"club.tools.care", page.CarePath, "check"}, tool{"club.tools.pins", path + page.PinsPath, "pin"}, tool{"club.tools.reach", path + page.ReachPath, "list"})
	}
	if who.Owns(c.ID) {
		links = append(links, tool{"club.tools.profile", path + "/aendern", "edit"})
	}
	if who.Owns(c.ID) && active {
		links = append(links, tool{"club.tools.move", path + movePath, "globe"})
	}
	if who.Cares(c.ID) && active {
		links = append(links, tool{"tools.decide", page.Decide(c.ID), "shield"})
	}
	if who.Speaks(c.ID) || who.Cares(c.ID) {
		links = append(links, tool{"club.tools.people", Path + c.PreferredUsername + peoplePath, "people"})
	}
	return p.offered(links), nil
}

// offered leaves out what leads to a part that the town does not use.
func (p *Pages) offered(links []tool) []tool {
	return slices.DeleteFunc(links, func(l tool) bool { return !p.web.Open(l.Href) })
}
