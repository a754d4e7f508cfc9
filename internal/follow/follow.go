// Package follow is the surface for people of other servers: it leads them
// from a club, an event or a post here to the page of their own server on
// which they follow it, answer it or share it.
//
// It must not know any single kind; what can be opened is handed in as types.
package follow

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/federation/webfinger"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/component"
)

// Files are the template and the words of the page.
//
//go:embed *.html *.toml
var Files embed.FS

// Options is what the surface stands on.
type Options struct {
	Web     *web.Site
	Actors  *actor.Actors
	Objects *object.Objects
	// Types are the ActivityStreams types of what can be answered and shared.
	Types []string
	// Get fetches from another server, behind the address guard.
	Get webfinger.Get
}

// Surface shows the page. Make one with New.
type Surface struct {
	Options
	// asking holds one entry for each other server that is being asked.
	asking chan struct{}
}

// The most that visitors can make us ask of other servers: how many at once,
// and for how long.
const (
	atOnce  = 4
	askLong = 8 * time.Second
)

// New gives the surface.
func New(o Options) *Surface { return &Surface{Options: o, asking: make(chan struct{}, atOnce)} }

// Mount enters the routes into r, which must refuse forms of other sites: they
// could make us ask servers of their choice.
func (s *Surface) Mount(r chi.Router) {
	r.Get(page.FollowPath, s.Web.Handle(s.show))
	r.Post(page.FollowPath, s.Web.Handle(s.lead))
}

// thing is what somebody wants to follow or open.
type thing struct {
	ID string
	// Club is true for what can be followed.
	Club bool
	// Name is plain text; of a post it is "" and By says whose it is.
	Name, By string
	// Copy is what other servers find it by when it is searched there.
	Copy string
	// Href is its page here.
	Href string
	// Icon is the path of the club's logo, or "".
	Icon string
}

// Letters stand for a club without a logo.
func (t *thing) Letters() string { return component.Letters(t.Name) }

// Path is that of its page.
func (t *thing) Path() string { return page.Local(t.Href) }

// find gives the thing of ours with the id that the address names.
func (s *Surface) find(r *http.Request) (*thing, error) {
	id := r.URL.Query().Get("uri")
	if !s.Actors.Site().Owns(id) {
		return nil, problem.NotFoundf("%.100q is nothing of ours", id)
	}
	club, err := s.Actors.FindActive(r.Context(), id)
	if err == nil && club.Part() {
		club, err = s.Actors.FindActive(r.Context(), club.MovedTo)
	}
	if err == nil && club.Type == actor.Group {
		return &thing{ID: club.ID, Club: true, Name: club.DisplayName(), Copy: club.Handle(), Href: club.URL, Icon: page.Local(club.IconURL)}, nil
	}
	if err != nil && problem.KindOf(err) != problem.NotFound {
		return nil, err
	}
	o, err := s.Objects.Find(r.Context(), object.Viewer{}, id)
	if err != nil {
		return nil, err
	}
	if !o.Local || !slices.Contains(s.Types, o.Type) {
		return nil, problem.NotFoundf("%s cannot be answered", id)
	}
	return &thing{ID: id, Name: o.Name, By: o.Author.DisplayName(), Copy: id, Href: o.URL}, nil
}

type view struct {
	Thing *thing
	Field component.Field
	// Action is where the form goes.
	Action string
	// Link leads to the page on Server; "" as long as it is not known.
	Link, Server string
}

func (s *Surface) show(w http.ResponseWriter, r *http.Request) error {
	t, err := s.find(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, t, view{})
}

func (s *Surface) render(w http.ResponseWriter, r *http.Request, status int, t *thing, v view) error {
	lang := s.Web.Language(r)
	v.Thing, v.Action = t, page.Follow(t.ID)
	v.Field.Kind, v.Field.Name, v.Field.Key, v.Field.Hint, v.Field.Required = "text", "konto", "follow.account", "follow.account.hint", true
	v.Field.Inputmode = "email"
	title := s.Web.T(lang, "follow.act")
	if t.Club {
		title = s.Web.T(lang, "follow.club", t.Name)
	}
	return s.Web.Render(w, r, status, "follow/show", web.Page{Title: title, Narrow: true, NoIndex: true, View: v})
}

// lead answers the form: with the way to the other server, or why there is
// none.
func (s *Surface) lead(w http.ResponseWriter, r *http.Request) error {
	t, err := s.find(r)
	if err != nil {
		return err
	}
	in, err := page.Read(w, r)
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(in.Get("konto"))
	v := view{Field: component.Field{Value: typed}}
	refuse := func(status int, key string, data any) error {
		v.Field.Error = s.Web.T(s.Web.Language(r), key, data)
		return s.render(w, r, status, t, v)
	}
	h, ok := parseHome(typed)
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "follow.wrong", nil)
	}
	if own := s.Actors.Site(); h.host == own.Host() || h.host == own.HandleDomain {
		return refuse(http.StatusUnprocessableEntity, "follow.own", nil)
	}
	select {
	case s.asking <- struct{}{}:
		defer func() { <-s.asking }()
	default:
		w.Header().Set("Retry-After", "30")
		return refuse(http.StatusServiceUnavailable, "follow.busy", nil)
	}
	link, why := s.ask(r.Context(), h, t)
	if why != "" {
		return refuse(http.StatusUnprocessableEntity, why, h.host)
	}
	v.Link, v.Server = link.String(), link.Host
	return s.render(w, r, http.StatusOK, t, v)
}

// ask asks the home of somebody where its people follow or open t. why is the
// key of the words that say why there is no such place, "" when there is one.
func (s *Surface) ask(ctx context.Context, h home, t *thing) (link *url.URL, why string) {
	ctx, cancel := context.WithTimeout(ctx, askLong)
	defer cancel()
	for _, resource := range h.resources {
		jrd, err := webfinger.Find(ctx, s.Get, h.host, resource)
		var status *transport.StatusError
		switch {
		case errors.As(err, &status) && status.Code >= 400 && status.Code < 500:
			why = "follow.unknown"
		case err != nil:
			return nil, "follow.silent" // another name would find it just as silent
		default:
			if link := intent(jrd, t.Club, t.ID, t.Href); link != nil {
				return link, ""
			}
			why = "follow.unable"
		}
	}
	if len(h.resources) > 1 && why == "follow.unknown" {
		why = "follow.name" // of a server alone not all say it
	}
	return nil, why
}
