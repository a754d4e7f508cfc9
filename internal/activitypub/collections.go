package activitypub

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/object"
	"codeberg.org/aushang/aushang/web/prepared"
)

// perPage is how many items a page of a collection has.
const perPage = 20

// outbox lists what the actor published, newest first, as the activities that
// were sent: Gancio and Mobilizon read embedded objects (ActivityPub 5.1).
func (s *Surface) outbox(w http.ResponseWriter, r *http.Request) error {
	a, err := s.found(r)
	if err != nil {
		return err
	}
	root := a.ID + "/outbox"
	if !isPage(r) {
		total, err := s.Activities.CountOutbox(r.Context(), a.ID)
		if err != nil {
			return err
		}
		s.keep(r, a.ID, "/outbox", prepared.Terms{})
		return write(w, http.StatusOK, ordered(root, total, true))
	}
	bodies, next, err := s.Activities.Outbox(r.Context(), a.ID, s.after(r, "activities"), perPage)
	if err != nil {
		return err
	}
	items := make([]any, 0, len(bodies))
	for _, b := range bodies {
		items = append(items, b)
	}
	s.keepPage(r, a.ID, "/outbox", len(items), prepared.Terms{})
	return write(w, http.StatusOK, page(root, r, items, next))
}

// followers says how many there are, never who (docs/federation.md, privacy).
func (s *Surface) followers(w http.ResponseWriter, r *http.Request) error {
	a, err := s.found(r)
	if err != nil {
		return err
	}
	n, err := s.Actors.Followers(r.Context(), s.Actors.Reader(), a.ID)
	if err != nil {
		return err
	}
	s.keep(r, a.ID, "/followers", prepared.Terms{})
	return write(w, http.StatusOK, ordered(a.ID+"/followers", n, false))
}

func (s *Surface) following(w http.ResponseWriter, r *http.Request) error {
	a, err := s.found(r)
	if err != nil {
		return err
	}
	n, err := s.Actors.Following(r.Context(), s.Actors.Reader(), a.ID)
	if err != nil {
		return err
	}
	s.keep(r, a.ID, "/following", prepared.Terms{})
	return write(w, http.StatusOK, ordered(a.ID+"/following", n, false))
}

// featured lists the ids of what a club has pinned to the top of its page:
// Mastodon drops embedded events. What is over falls out by the clock.
func (s *Surface) featured(w http.ResponseWriter, r *http.Request) error {
	a, err := s.found(r)
	if err != nil {
		return err
	}
	timely := prepared.Terms{Until: prepared.NextMinute()}
	list, err := s.Objects.Pinned(r.Context(), a.ID)
	if err != nil {
		return err
	}
	c := ordered(a.Featured(), len(list), false)
	c.OrderedItems = []any{}
	for _, o := range list {
		c.OrderedItems = append(c.OrderedItems, o.ID)
	}
	s.keep(r, a.ID, "/featured", timely)
	return write(w, http.StatusOK, c)
}

// empty answers for the collections that Mobilizon asks of a Group and that we
// have not.
func (s *Surface) empty(w http.ResponseWriter, r *http.Request) error {
	return s.emptyCollection(w, r, "/empty/"+chi.URLParam(r, "name"))
}

func (s *Surface) emptyCollection(w http.ResponseWriter, r *http.Request, path string) error {
	a, err := s.found(r)
	if err != nil {
		return err
	}
	c := ordered(a.ID+path, 0, false)
	c.OrderedItems = []any{}
	return write(w, http.StatusOK, c)
}

// events lists the ids of the club's events that have not ended, the next one
// first (FEP-8a8e, upcomingEvents; Mobilizon's events).
func (s *Surface) events(w http.ResponseWriter, r *http.Request) error {
	a, err := s.found(r)
	if err != nil {
		return err
	}
	timely := prepared.Terms{Until: prepared.NextMinute()}
	ids, total, err := s.Upcoming(r.Context(), a.ID, s.after(r, "objects"), perPage+1)
	if err != nil {
		return err
	}
	root := a.ID + "/events"
	if !isPage(r) {
		s.keep(r, a.ID, "/events", timely)
		return write(w, http.StatusOK, ordered(root, total, true))
	}
	next := ""
	if len(ids) > perPage {
		ids = ids[:perPage]
		next = ids[perPage-1]
	}
	items := make([]any, 0, len(ids))
	for _, id := range ids {
		items = append(items, id)
	}
	s.keepPage(r, a.ID, "/events", len(items), timely)
	return write(w, http.StatusOK, page(root, r, items, next))
}

// replies lists the ids of the public answers to an object.
func (s *Surface) replies(w http.ResponseWriter, r *http.Request) error {
	o, counts, err := s.counted(r)
	if err != nil {
		return err
	}
	const most = 100
	list, err := s.Objects.Replies(r.Context(), object.Viewer{}, o.ID, most)
	if err != nil {
		return err
	}
	items := make([]any, 0, len(list))
	for _, reply := range list {
		items = append(items, reply.ID)
	}
	s.keep(r, o.ID, "/replies", prepared.Terms{})
	root := o.ID + "/replies"
	first := &as.Collection{ID: root + "?page=true", Type: "CollectionPage", PartOf: root, Items: items}
	return write(w, http.StatusOK, &as.Collection{
		Context: as.ContextActivity, ID: root, Type: "Collection", TotalItems: &counts.Replies, FirstPage: first,
	})
}

func (s *Surface) likes(w http.ResponseWriter, r *http.Request) error {
	o, counts, err := s.counted(r)
	if err != nil {
		return err
	}
	s.keep(r, o.ID, "/likes", prepared.Terms{})
	return write(w, http.StatusOK, count(o.ID+"/likes", counts.Likes))
}

func (s *Surface) shares(w http.ResponseWriter, r *http.Request) error {
	o, counts, err := s.counted(r)
	if err != nil {
		return err
	}
	s.keep(r, o.ID, "/shares", prepared.Terms{})
	return write(w, http.StatusOK, count(o.ID+"/shares", counts.Announces))
}

func (s *Surface) organizers(w http.ResponseWriter, r *http.Request) error {
	o, _, err := s.counted(r)
	if err != nil {
		return err
	}
	s.keep(r, o.ID, "/organizers", prepared.Terms{})
	c := count(o.ID+"/organizers", 1)
	c.Items = []any{o.AttributedTo}
	return write(w, http.StatusOK, c)
}

// counted gives the public object that a request is about, with its counts.
func (s *Surface) counted(r *http.Request) (*object.Object, object.Counts, error) {
	o, err := s.Objects.Find(r.Context(), object.Viewer{}, s.site.ObjectID(chi.URLParam(r, "key")))
	if err != nil {
		return nil, object.Counts{}, err
	}
	counts, err := s.Objects.Count(r.Context(), o.ID)
	return o, counts, err
}

// keepPage keeps a page of a collection unless it is empty: of ids after which
// a page could begin there are too many.
func (s *Surface) keepPage(r *http.Request, id, rest string, items int, t prepared.Terms) {
	if key := r.URL.Query().Get("after"); key != "" {
		rest += "?page=true&after=" + key
	} else {
		rest += "?page=true"
	}
	if items > 0 {
		s.keep(r, id, rest, t)
	}
}

func count(id string, n int) *as.Collection {
	return &as.Collection{Context: as.ContextActivity, ID: id, Type: "Collection", TotalItems: &n}
}

// ordered gives the root of an ordered collection; with pages it says where
// the first one is.
func ordered(id string, total int, pages bool) *as.Collection {
	c := &as.Collection{Context: as.ContextActivity, ID: id, Type: "OrderedCollection", TotalItems: &total}
	if pages {
		c.First = id + "?page=true"
	}
	return c
}

func page(root string, r *http.Request, items []any, next string) *as.Collection {
	c := &as.Collection{
		Context: as.ContextObject, ID: root + "?" + r.URL.RawQuery, Type: "OrderedCollectionPage", PartOf: root, OrderedItems: items,
	}
	if next != "" {
		c.Next = root + "?page=true&after=" + next[strings.LastIndexByte(next, '/')+1:]
	}
	return c
}

func isPage(r *http.Request) bool { return r.URL.Query().Has("page") }

// after gives the id after which a page begins, or "".
func (s *Surface) after(r *http.Request, kind string) string {
	if key := r.URL.Query().Get("after"); key != "" {
		return s.site.Origin + "/ap/" + kind + "/" + key
	}
	return ""
}
