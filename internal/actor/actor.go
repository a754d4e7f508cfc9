package actor

import (
	"fmt"
	"regexp"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The types of actors that this server publishes (ActivityStreams vocabulary
// 3.2), besides Person. A club is a Group, the town's server an Application.
const (
	Group       = "Group"
	Application = "Application"
)

// The states of an actor. Only an active one is seen and heard.
const (
	Requested = "requested"
	Active    = "active"
	Archived  = "archived"
	Gone      = "gone"
	// Suspended is one whom the town hall has shut out.
	Suspended = "suspended"
)

// An Actor is a subject of the federation, of ours or from elsewhere
// (ActivityPub 4).
type Actor struct {
	bun.BaseModel `bun:"table:actors,alias:actor"`

	// ID is the ActivityPub id, an absolute URL.
	ID   string `bun:"id,pk"`
	Type string
	// Local is true for an actor whose key we hold.
	Local bool
	// Host is the canonical host of ID.
	Host string
	// PreferredUsername is the name before the @, without one.
	PreferredUsername string
	// Acct is "name@domain" as WebFinger confirmed it or, before that, as the
	// id's host suggests.
	Acct string
	// Name is plain text.
	Name string
	// Summary is HTML, already cleaned.
	Summary     string
	URL         string `bun:"url"`
	Inbox       string
	SharedInbox string
	Outbox      string
	// Followers is the id of the followers collection, "" when there is none.
	Followers     string
	IconURL       string
	IconMediaType string
	// IconName is the alternative text of the icon.
	IconName string
	// Attachment lists the further fields of a profile of ours, as PropertyValue.
	Attachment   []as.Attachment `bun:",nullzero,default:'[]'"`
	KeyID        string
	PublicKeyPEM string
	// AssertionMethod lists its Ed25519 keys (FEP-521a).
	AssertionMethod []as.Multikey `bun:",nullzero,default:'[]'"`
	AlsoKnownAs     []string      `bun:",nullzero,default:'[]'"`
	// MovedTo is the id of the actor that it is now, elsewhere or, where Merged is
	// set, here; or "".
	MovedTo string
	// Moved is when it moved last; it stays when a move is taken back.
	Moved time.Time `bun:",nullzero"`
	// Merged is since when one of ours is a part of the club MovedTo, for good; zero
	// for all others. It publishes nothing new, and is in no list.
	Merged time.Time `bun:",nullzero"`
	State  string
	// Archived is since when one of ours that was public is not active any more;
	// zero for all others.
	Archived time.Time `bun:",nullzero"`
	// Blocked is true while the actor's host is kept out.
	Blocked bool
	// HostLimited stands beside Limited because each is ended by itself: letting a
	// host in again must not undo what was decided about one of its people. It is
	// true while the actor's host is limited: what it writes shows
	// only to who follows it, or by its address.
	HostLimited bool
	// Stale is greater than 0 for a club whose profile nobody has confirmed for
	// long: lists show it greyed with 1, and leave it out with 2 (internal/care).
	Stale int
	// Limited is true for an actor that public lists leave out.
	Limited   bool
	Published time.Time
	Updated   time.Time `bun:",nullzero"`
	// Fetched is when we last read a remote actor's own document.
	Fetched time.Time `bun:",nullzero"`

	// keys is set between Mint and Create only.
	keys *privateKey
}

// Handle is the address as people write it, "@name@domain".
func (a *Actor) Handle() string { return "@" + a.Acct }

// Featured is the id of the collection of what a club of ours has pinned.
func (a *Actor) Featured() string { return a.ID + "/featured" }

// Version is the time of the present version, to the second.
func (a *Actor) Version() time.Time {
	if a.Updated.After(a.Published) {
		return a.Updated
	}
	return a.Published
}

// renew makes the version of a one of now, or of the second after the present
// one: two versions of one second could not be told apart.
func (a *Actor) renew(now time.Time) {
	last := a.Version()
	if a.Updated = now; !a.Updated.After(last) {
		a.Updated = last.Add(time.Second)
	}
}

// DisplayName is the name, or the user name of who has none.
func (a *Actor) DisplayName() string {
	if a.Name != "" {
		return a.Name
	}
	return a.PreferredUsername
}

// DeliveryInbox is where a public activity for this actor goes: the inbox its
// server shares, or its own (ActivityPub 7.1.3).
func (a *Actor) DeliveryInbox() string {
	if a.SharedInbox != "" {
		return a.SharedInbox
	}
	return a.Inbox
}

// usernames are what every peer accepts (docs/federation.md, actors).
var usernames = regexp.MustCompile(`^[a-z0-9_]{2,30}$`)

// reserved are names that belong to the server or would mislead.
var reserved = map[string]bool{
	"admin": true, "administrator": true, "instance": true, "relay": true, "root": true, "postmaster": true,
	"abuse": true, "webmaster": true, "security": true, "noreply": true, "support": true,
}

// ValidateUsername gives a problem on field unless name may be a handle here.
func ValidateUsername(field, name string) error {
	var errs problem.Fields
	switch {
	case !usernames.MatchString(name):
		errs.Add(field, "A handle has 2 to 30 characters, only a to z, 0 to 9 and _ (write ä as ae, ß as ss).")
	case reserved[name]:
		errs.Add(field, "This handle is reserved for the server; please take another one.")
	}
	return errs.Err()
}

// A Draft is what a new local actor starts from.
type Draft struct {
	Type              string
	PreferredUsername string
	Name              string
	Summary           string
	// URL is the actor's page.
	URL   string
	State string
	// ID is that of an actor whose address others know; "" mints one.
	ID string
}

// Mint prepares a local actor with fresh keys. It is slow (the RSA key) and
// touches nothing: call it before the transaction that stores it with Create.
func (s *Actors) Mint(d Draft) (*Actor, error) {
	id := d.ID
	if id == "" {
		id = s.site.NewActorID()
	}
	keys, public, err := s.mintKeys(id)
	if err != nil {
		return nil, fmt.Errorf("mint actor: %w", err)
	}
	return &Actor{
		ID: id, Type: d.Type, Local: true, Host: s.site.Host(),
		PreferredUsername: d.PreferredUsername, Acct: d.PreferredUsername + "@" + s.site.HandleDomain,
		Name: d.Name, Summary: d.Summary, URL: d.URL,
		Inbox: id + "/inbox", SharedInbox: s.site.SharedInbox(), Outbox: id + "/outbox", Followers: id + "/followers",
		KeyID: id + mainKey, PublicKeyPEM: public, AssertionMethod: []as.Multikey{keys.multikey}, AlsoKnownAs: []string{},
		State: d.State, Published: s.now(), keys: keys,
	}, nil
}
