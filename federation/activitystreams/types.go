package activitystreams

import (
	"encoding/json"
	"time"
)

// Namespace is the namespace of ActivityStreams, and the first @context.
const Namespace = "https://www.w3.org/ns/activitystreams#"

// Public is the collection of everybody (ActivityPub 5.6).
const Public = Namespace + "Public"

// The media types of ActivityPub 3.2. MediaType is what this server sends:
// Lemmy and Mobilizon take it in exactly this form only.
const (
	MediaType   = "application/activity+json"
	MediaTypeLD = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
)

// Activity is something that an actor did (ActivityStreams vocabulary 3.1).
type Activity struct {
	// Context is set on documents that stand alone.
	Context    Context   `json:"@context,omitempty"`
	ID         string    `json:"id,omitempty"`
	Type       string    `json:"type"`
	Actor      string    `json:"actor,omitempty"` // absent in an embedded one at most
	Object     Item      `json:"object,omitzero"`
	Target     string    `json:"target,omitempty"`
	Instrument Item      `json:"instrument,omitzero"` // of a QuoteRequest, FEP-044f
	Result     Item      `json:"result,omitzero"`     // of an Accept of a QuoteRequest, or of an Offer
	To         []string  `json:"to,omitempty"`
	Cc         []string  `json:"cc,omitempty"`
	Published  time.Time `json:"published,omitzero"`
	Updated    time.Time `json:"updated,omitzero"`
	Content    string    `json:"content,omitempty"` // of a Flag or an EmojiReact
	// Agreement are the terms of a Follow between two towns, and of its answer.
	Agreement *Peering `json:"agreement,omitempty"`
	// Raw is the document that it was decoded from.
	Raw json.RawMessage `json:"-"`
}

// Object is a thing that an actor published (ActivityStreams vocabulary 3.3):
// a Note, an Event after FEP-8a8e, a Tombstone, a QuoteAuthorization.
type Object struct {
	Context      Context           `json:"@context,omitempty"`
	ID           string            `json:"id"`
	Type         string            `json:"type"`
	AttributedTo string            `json:"attributedTo,omitempty"`
	Actor        string            `json:"actor,omitempty"` // Mobilizon's organiser
	To           []string          `json:"to,omitempty"`
	Cc           []string          `json:"cc,omitempty"`
	Name         string            `json:"name,omitempty"`
	Summary      string            `json:"summary,omitempty"`
	Content      string            `json:"content,omitempty"`
	ContentMap   map[string]string `json:"contentMap,omitempty"`
	URL          string            `json:"url,omitempty"`
	InReplyTo    string            `json:"inReplyTo,omitempty"`
	Conversation string            `json:"context,omitempty"` // FEP-7888
	Published    time.Time         `json:"published,omitzero"`
	Updated      time.Time         `json:"updated,omitzero"`
	// Deleted and FormerType are of a Tombstone.
	Deleted    time.Time `json:"deleted,omitzero"`
	FormerType string    `json:"formerType,omitempty"`

	Attachment []Attachment `json:"attachment,omitempty"`
	Tag        []Tag        `json:"tag,omitempty"`
	Image      *Image       `json:"image,omitempty"`
	Replies    *Collection  `json:"replies,omitempty"`
	Likes      *Collection  `json:"likes,omitempty"`
	Shares     *Collection  `json:"shares,omitempty"`
	Sensitive  bool         `json:"sensitive,omitempty"`

	InteractionPolicy *InteractionPolicy `json:"interactionPolicy,omitempty"`
	// InteractingObject and InteractionTarget are of a QuoteAuthorization.
	InteractingObject string `json:"interactingObject,omitempty"`
	InteractionTarget string `json:"interactionTarget,omitempty"`

	// What follows is of an Event. StartTime and EndTime keep their offset.
	StartTime                     time.Time   `json:"startTime,omitzero"`
	EndTime                       time.Time   `json:"endTime,omitzero"`
	DisplayEndTime                *bool       `json:"displayEndTime,omitempty"`
	Timezone                      string      `json:"timezone,omitempty"`
	Location                      *Place      `json:"location,omitempty"`
	Category                      string      `json:"category,omitempty"`
	InLanguage                    string      `json:"inLanguage,omitempty"`
	Status                        string      `json:"status,omitempty"`
	EventStatus                   string      `json:"eventStatus,omitempty"`
	JoinMode                      string      `json:"joinMode,omitempty"`
	ExternalParticipationURL      string      `json:"externalParticipationUrl,omitempty"`
	ParticipantCount              *int        `json:"participantCount,omitempty"`
	MaximumAttendeeCapacity       int         `json:"maximumAttendeeCapacity,omitempty"`
	AnonymousParticipationEnabled *bool       `json:"anonymousParticipationEnabled,omitempty"`
	IsOnline                      *bool       `json:"isOnline,omitempty"`
	CommentsEnabled               *bool       `json:"commentsEnabled,omitempty"`
	Draft                         *bool       `json:"draft,omitempty"`
	Organizers                    *Collection `json:"organizers,omitempty"`
	Attendees                     *Collection `json:"attendees,omitempty"`

	// What follows is of a Note that asks for help (FEP-0837, and our own).
	Purpose     string       `json:"purpose,omitempty"`
	Publishes   *Intent      `json:"publishes,omitempty"`
	UnitBased   *bool        `json:"unitBased,omitempty"`
	Opportunity *Opportunity `json:"opportunity,omitempty"`

	// What follows is of an Agreement (FEP-0837, and our own).
	Stipulates *Commitment `json:"stipulates,omitempty"`
	Helper     *Helper     `json:"helper,omitempty"`

	// Language is the key of a decoded contentMap under which Content stands.
	Language string `json:"-"`
}

// Actor is a subject (ActivityPub 4).
type Actor struct {
	Context           Context `json:"@context,omitempty"`
	ID                string  `json:"id"`
	Type              string  `json:"type"`
	PreferredUsername string  `json:"preferredUsername"`
	// Webfinger is "name@domain" (FEP-2c59).
	Webfinger string `json:"webfinger,omitempty"`
	Name      string `json:"name,omitempty"`
	Summary   string `json:"summary"`
	URL       string `json:"url,omitempty"`
	Inbox     string `json:"inbox"`
	Outbox    string `json:"outbox,omitempty"`
	Followers string `json:"followers,omitempty"`
	Following string `json:"following,omitempty"`
	Featured  string `json:"featured,omitempty"`

	Endpoints                 *Endpoints   `json:"endpoints,omitempty"`
	ManuallyApprovesFollowers bool         `json:"manuallyApprovesFollowers"`
	Discoverable              bool         `json:"discoverable"`
	Indexable                 bool         `json:"indexable"`
	Published                 time.Time    `json:"published,omitzero"`
	Updated                   time.Time    `json:"updated,omitzero"`
	Icon                      *Image       `json:"icon,omitempty"`
	Image                     *Image       `json:"image,omitempty"`
	Attachment                []Attachment `json:"attachment"`
	Tag                       []Tag        `json:"tag"`
	AlsoKnownAs               []string     `json:"alsoKnownAs,omitempty"`
	MovedTo                   string       `json:"movedTo,omitempty"`
	PublicKey                 *PublicKey   `json:"publicKey,omitempty"`
	// AssertionMethod lists further keys (FEP-521a).
	AssertionMethod []Multikey `json:"assertionMethod,omitempty"`
}

// SharedInbox is where the actor's server takes what is for many of its actors
// at once, or "".
func (a *Actor) SharedInbox() string {
	if a.Endpoints == nil {
		return ""
	}
	return a.Endpoints.SharedInbox
}

// Endpoints are further addresses of an actor (ActivityPub 4.1). All but the
// first are what Mobilizon asks of a Group.
type Endpoints struct {
	SharedInbox string `json:"sharedInbox,omitempty"`
	Members     string `json:"members,omitempty"`
	Resources   string `json:"resources,omitempty"`
	Posts       string `json:"posts,omitempty"`
	Todos       string `json:"todos,omitempty"`
	Discussions string `json:"discussions,omitempty"`
	Events      string `json:"events,omitempty"`
}

// PublicKey is the key with which an actor signs (security vocabulary).
type PublicKey struct {
	ID           string `json:"id"`
	Owner        string `json:"owner"`
	PublicKeyPem string `json:"publicKeyPem"`
}

// Multikey is a key with which an actor signs what it says, or requests
// (FEP-521a).
type Multikey struct {
	ID                 string `json:"id"`
	Type               string `json:"type"`
	Controller         string `json:"controller"`
	PublicKeyMultibase string `json:"publicKeyMultibase"`
}

// Image is a picture of an actor or an Event. The alternative text stands in
// Name and in Summary: peers read the one or the other.
type Image struct {
	Type       string    `json:"type"`
	MediaType  string    `json:"mediaType,omitempty"`
	URL        string    `json:"url"`
	Name       string    `json:"name,omitempty"`
	Summary    string    `json:"summary,omitempty"`
	Width      int       `json:"width,omitempty"`  // pixels
	Height     int       `json:"height,omitempty"` // pixels
	Blurhash   string    `json:"blurhash,omitempty"`
	FocalPoint []float64 `json:"focalPoint,omitempty"`
}

// Attachment is a Document, an Image, a Link or a PropertyValue. Name is always
// written: Mobilizon needs it.
type Attachment struct {
	Type       string    `json:"type"`
	MediaType  string    `json:"mediaType,omitempty"`
	URL        string    `json:"url,omitempty"`
	Href       string    `json:"href,omitempty"`
	Name       string    `json:"name"`
	Summary    string    `json:"summary,omitempty"`
	Value      string    `json:"value,omitempty"`
	Width      int       `json:"width,omitempty"`
	Height     int       `json:"height,omitempty"`
	Blurhash   string    `json:"blurhash,omitempty"`
	FocalPoint []float64 `json:"focalPoint,omitempty"`
}

// Tag is a Mention, a Hashtag or an Emoji.
type Tag struct {
	Type string `json:"type"`
	Name string `json:"name"`
	Href string `json:"href,omitempty"`
}

// Place is where an Event is (ActivityStreams vocabulary 3.3): a Place, or a
// VirtualLocation, of which URL leads there (FEP-8a8e).
type Place struct {
	ID        string         `json:"id,omitempty"`
	Type      string         `json:"type"`
	Name      string         `json:"name,omitempty"`
	URL       string         `json:"url,omitempty"`
	Latitude  *Float         `json:"latitude,omitempty"`
	Longitude *Float         `json:"longitude,omitempty"`
	Address   *PostalAddress `json:"address,omitempty"`
	// Radius is how far around it something reaches, in Units; of a Peering alone.
	Radius *Float `json:"radius,omitempty"`
	Units  string `json:"units,omitempty"`
}

// PostalAddress is schema.org's, as Mobilizon writes it.
type PostalAddress struct {
	Type            string `json:"type"`
	StreetAddress   string `json:"streetAddress,omitempty"`
	PostalCode      string `json:"postalCode,omitempty"`
	AddressLocality string `json:"addressLocality,omitempty"`
	AddressRegion   string `json:"addressRegion,omitempty"`
	AddressCountry  string `json:"addressCountry,omitempty"`
}

// InteractionPolicy says who may do what with an object (GoToSocial, FEP-044f).
type InteractionPolicy struct {
	CanQuote *CanQuote `json:"canQuote,omitempty"`
}

// CanQuote says who may quote an object.
type CanQuote struct {
	AutomaticApproval []string `json:"automaticApproval"`
}

// Collection is a Collection, an OrderedCollection or a page of one
// (ActivityStreams 2.0 5). One that has only an ID is written as that string.
type Collection struct {
	Context      Context     `json:"@context,omitempty"`
	ID           string      `json:"id"`
	Type         string      `json:"type"`
	TotalItems   *int        `json:"totalItems,omitempty"`
	First        string      `json:"-"`
	FirstPage    *Collection `json:"-"` // written in place of First
	Next         string      `json:"next,omitempty"`
	Prev         string      `json:"prev,omitempty"`
	PartOf       string      `json:"partOf,omitempty"`
	Items        []any       `json:"items,omitzero"`
	OrderedItems []any       `json:"orderedItems,omitzero"`
}
