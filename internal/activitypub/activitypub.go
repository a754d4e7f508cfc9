package activitypub

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/inbox"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/activity"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web"
	"codeberg.org/aushang/aushang/web/prepared"
)

// Surface answers other servers. Make one with New.
type Surface struct {
	Options
	site actor.Site
	// verifier verifies who reads.
	verifier inbox.Verifier
}

// Options is what the surface stands on.
type Options struct {
	Web        *web.Site
	Actors     *actor.Actors
	Objects    *object.Objects
	Activities *activity.Activities
	// Inbox takes what other servers deliver.
	Inbox http.Handler
	// Verifier gives what verifies who asks with the keys of a directory.
	Verifier func(keys signature.Directory) inbox.Verifier
	// Blocked tells whether a host is kept out.
	Blocked func(ctx context.Context, host string) (bool, error)
	// Upcoming gives the ids of a club's events that have not ended, the next
	// one first, after the id cursor; and how many there are.
	Upcoming func(ctx context.Context, actorID, cursor string, limit int) (ids []string, total int, err error)
	// Place gives the document of a place by the last segment of its id.
	Place func(ctx context.Context, key string) (*as.Place, error)
	// Name gives the name of the town.
	Name func() string
	// Version is the program's.
	Version string
	// Repository is where its source is.
	Repository string
}

// New gives the surface.
func New(o Options) *Surface {
	s := &Surface{Options: o, site: o.Actors.Site()}
	s.verifier = o.Verifier(acquaintances{s})
	return s
}

// Mount enters the routes into r.
func (s *Surface) Mount(r chi.Router) {
	r = r.With(s.admitted)
	r.Method(http.MethodPost, "/ap/inbox", s.Inbox)
	r.Get("/ap/instance", s.handle(s.instance))
	r.Route("/ap/actors/{key}", func(r chi.Router) { s.mountActor(r) })
	r.Route("/ap/instance/", func(r chi.Router) { s.mountActor(r) })
	r.Get(relayPath, s.handle(s.actor))
	r.Route(relayPath+"/", func(r chi.Router) { s.mountActor(r) })
	r.Get("/ap/objects/{key}", s.handle(s.object))
	r.Get("/ap/objects/{key}/replies", s.handle(s.replies))
	r.Get("/ap/objects/{key}/likes", s.handle(s.likes))
	r.Get("/ap/objects/{key}/shares", s.handle(s.shares))
	r.Get("/ap/objects/{key}/organizers", s.handle(s.organizers))
	r.Get("/ap/activities/{key}", s.handle(s.activity))
	r.Get("/ap/quotes/{key}", s.handle(s.quote))
	r.Get("/ap/places/{key}", s.handle(s.place))
	s.mountDiscovery(r)
}

func (s *Surface) mountActor(r chi.Router) {
	r.Get("/", s.handle(s.actor))
	r.Method(http.MethodPost, "/inbox", s.Inbox)
	r.Get("/outbox", s.handle(s.outbox))
	r.Get("/followers", s.handle(s.followers))
	r.Get("/following", s.handle(s.following))
	r.Get("/featured", s.handle(s.featured))
	r.Get("/events", s.handle(s.events))
	r.Get("/empty/{name}", s.handle(s.empty))
}

func (s *Surface) handle(h web.Handler) http.HandlerFunc { return s.Web.Handle(h) }

// relayPath is where the actor is by whom the town shares with others.
const relayPath = "/relay"

// actorID gives the id of the actor that a request is about.
func (s *Surface) actorID(r *http.Request) string {
	if key := chi.URLParam(r, "key"); key != "" {
		return s.site.ActorID(key)
	}
	if r.URL.Path == relayPath || strings.HasPrefix(r.URL.Path, relayPath+"/") {
		return s.site.RelayID()
	}
	return s.site.InstanceID()
}

// found gives the active actor that a request for a collection is about; those of
// residents have none but an empty outbox.
func (s *Surface) found(r *http.Request) (*actor.Actor, error) {
	a, err := s.Actors.FindActive(r.Context(), s.actorID(r))
	if err == nil && a.Type == actor.Person && !strings.HasSuffix(r.URL.Path, "/outbox") {
		return nil, problem.NotFoundf("%s has no such collection", a.ID)
	}
	return a, err
}

// actor shows an actor, or leads a browser to its page (ActivityPub 3.2). One
// that is archived says so; what it published and who follows it is not shown.
func (s *Surface) actor(w http.ResponseWriter, r *http.Request) error {
	id := s.actorID(r)
	a, err := s.Actors.FindPublished(r.Context(), id)
	if problem.KindOf(err) == problem.NotFound {
		if gone, err := s.Actors.Retired(r.Context(), id); err != nil {
			return err
		} else if gone {
			return problem.Gonef("%s is gone", id)
		}
	}
	if err != nil {
		return err
	}
	if redirected(w, r, a.URL) {
		return nil
	}
	s.keep(r, a.ID, "", prepared.Terms{Vary: prepared.ByAccept})
	doc := s.Actors.Activity(a)
	doc.Context = as.ContextActor
	return write(w, http.StatusOK, doc)
}

func (s *Surface) instance(w http.ResponseWriter, r *http.Request) error { return s.actor(w, r) }

// object shows an object, its Tombstone with 410 when it was deleted
// (ActivityPub 6.4), or leads a browser to its page.
func (s *Surface) object(w http.ResponseWriter, r *http.Request) error {
	id := s.site.ObjectID(chi.URLParam(r, "key"))
	o, err := s.Objects.Find(r.Context(), object.Viewer{}, id)
	if problem.KindOf(err) == problem.Gone && !web.WantsHTML(r) {
		return s.tombstone(w, r, id)
	}
	if err != nil {
		return err
	}
	if !o.Local {
		return problem.NotFoundf("there is no object %s", id)
	}
	if redirected(w, r, o.URL) {
		return nil
	}
	return s.document(w, r, o)
}

func (s *Surface) document(w http.ResponseWriter, r *http.Request, o *object.Object) error {
	s.keep(r, o.ID, "", prepared.Terms{Vary: prepared.ByAccept})
	doc, err := s.Objects.ReadDocument(r.Context(), o)
	if err != nil {
		return err
	}
	counts, err := s.Objects.CountReactions(r.Context(), o.ID)
	if err != nil {
		return err
	}
	// Mastodon shows these counts when they stand in the object itself.
	doc.Likes = &as.Collection{ID: o.ID + "/likes", Type: "Collection", TotalItems: &counts.Likes}
	doc.Shares = &as.Collection{ID: o.ID + "/shares", Type: "Collection", TotalItems: &counts.Announces}
	doc.Context = as.ContextOf(doc)
	return write(w, http.StatusOK, doc)
}

func (s *Surface) tombstone(w http.ResponseWriter, r *http.Request, id string) error {
	o, err := s.Objects.Grave(r.Context(), id)
	if err != nil {
		return err
	}
	grave := s.Objects.Buried(o)
	grave.Context = as.ContextObject
	return write(w, http.StatusGone, grave)
}

// activity shows one of our public activities as it was sent.
func (s *Surface) activity(w http.ResponseWriter, r *http.Request) error {
	id := s.site.Origin + "/ap/activities/" + chi.URLParam(r, "key")
	body, err := s.Activities.Find(r.Context(), id)
	if err != nil {
		return err
	}
	s.keep(r, id, "", prepared.Terms{})
	return write(w, http.StatusOK, body)
}

// quote shows our permission to quote (FEP-044f).
func (s *Surface) quote(w http.ResponseWriter, r *http.Request) error {
	q, o, err := s.Objects.FindQuote(r.Context(), s.site.Origin+"/ap/quotes/"+chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, q.Activity(o))
}

func (s *Surface) place(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Place(r.Context(), chi.URLParam(r, "key"))
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, struct {
		Context as.Context `json:"@context"`
		*as.Place
	}{as.ContextEvent, p})
}

// keep says that the answer may be given again: it is for everybody and stays
// the same until something about the thing id changes. rest is what stands
// behind the id in the address of the answer.
func (s *Surface) keep(r *http.Request, id, rest string, t prepared.Terms) {
	t.Targets, t.Tags = []string{strings.TrimPrefix(id, s.site.Origin) + rest}, []string{id}
	prepared.Keep(r.Context(), t)
}

// redirected leads a browser from an id to the page of it.
func redirected(w http.ResponseWriter, r *http.Request, page string) bool {
	w.Header().Add("Vary", "Accept")
	if page == "" || !web.WantsHTML(r) {
		return false
	}
	http.Redirect(w, r, page, http.StatusSeeOther)
	return true
}

// write answers with a document. The plain media type is the one that every
// peer accepts.
func write(w http.ResponseWriter, status int, doc any) error {
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write document: %w", err)
	}
	w.Header().Set("Content-Type", as.MediaType)
	w.WriteHeader(status)
	_, err = w.Write(body)
	if err != nil {
		return nil // who asked has gone
	}
	return nil
}
