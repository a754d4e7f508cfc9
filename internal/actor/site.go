package actor

import (
	"net/url"
	"strings"

	"github.com/google/uuid"

	"codeberg.org/aushang/aushang/federation/activitystreams"
)

// Site says where this town lives on the web and mints its ids. The zero Site
// is not usable.
type Site struct {
	// Origin is "https://host[:port]" without a trailing slash.
	Origin string
	// HandleDomain is the domain in @club@domain; it may be shorter than the
	// origin's host.
	HandleDomain string
	// Name is what the town calls itself.
	Name string
}

// Host is the canonical host, with a port where it is not the default one.
func (s Site) Host() string { return activitystreams.Host(s.Origin) }

// Scheme is "https", or "http" for a trial.
func (s Site) Scheme() string {
	u, err := url.Parse(s.Origin)
	if err != nil {
		return "https"
	}
	return u.Scheme
}

// Owns tells whether id was minted here.
func (s Site) Owns(id string) bool {
	return activitystreams.SameOrigin(id, s.Origin)
}

// InstanceID is the id of the actor that stands for the whole town's server.
// It never changes and is readable without a signature.
func (s Site) InstanceID() string { return s.Origin + "/ap/instance" }

// RelayID is the id of the actor by whom the town shares with other towns what its
// clubs publish. It never changes: others know its address.
func (s Site) RelayID() string { return s.Origin + "/relay" }

// SharedInbox is where other servers deliver to all of us at once.
func (s Site) SharedInbox() string { return s.Origin + "/ap/inbox" }

// ActorID gives the id of the actor with the last segment key.
func (s Site) ActorID(key string) string { return s.Origin + "/ap/actors/" + key }

// ObjectID gives the id of the object with the last segment key.
func (s Site) ObjectID(key string) string { return s.Origin + "/ap/objects/" + key }

// NewActorID mints an id for an actor.
func (s Site) NewActorID() string { return s.ActorID(newKey()) }

// NewObjectID mints an id for an object.
func (s Site) NewObjectID() string { return s.ObjectID(newKey()) }

// ActivityID gives the id of the activity with the last segment key.
func (s Site) ActivityID(key string) string { return s.Origin + "/ap/activities/" + key }

// NewActivityID mints an id for an activity.
func (s Site) NewActivityID() string { return s.ActivityID(newKey()) }

// NewQuoteID mints an id for a QuoteAuthorization.
func (s Site) NewQuoteID() string { return s.Origin + "/ap/quotes/" + newKey() }

// newKey gives a UUIDv7: unique, opaque, and in the order of time.
func newKey() string { return uuid.Must(uuid.NewV7()).String() }

// Key is the last segment of an id.
func Key(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
