package activitystreams

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// Context is the @context of a document. Peers read plain keys; the terms are
// there for those few that expand JSON-LD.
type Context []any

const namespace = "https://www.w3.org/ns/activitystreams"

type terms = map[string]any

// The contexts of what we send. Every extension is defined inline: no peer has
// to fetch a context, but the one of the security vocabulary that all know.
var (
	ContextActivity = Context{namespace}
	ContextActor    = Context{namespace, "https://w3id.org/security/v1", terms{
		"manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
		"alsoKnownAs":               terms{"@id": "as:alsoKnownAs", "@type": "@id"},
		"movedTo":                   terms{"@id": "as:movedTo", "@type": "@id"},
		"toot":                      "http://joinmastodon.org/ns#",
		"discoverable":              "toot:discoverable", "indexable": "toot:indexable",
		"featured": terms{"@id": "toot:featured", "@type": "@id"},
		"schema":   "http://schema.org#", "PropertyValue": "schema:PropertyValue", "value": "schema:value",
		"webfinger": terms{"@id": "https://purl.archive.org/socialweb/webfinger#webfinger"},
		"mz":        "https://joinmobilizon.org/ns#",
		"members":   terms{"@id": "mz:members", "@type": "@id"}, "resources": terms{"@id": "mz:resources", "@type": "@id"},
		"posts": terms{"@id": "mz:posts", "@type": "@id"}, "todos": terms{"@id": "mz:todos", "@type": "@id"},
		"discussions": terms{"@id": "mz:discussions", "@type": "@id"}, "events": terms{"@id": "mz:events", "@type": "@id"},
		"sec": "https://w3id.org/security#", "Multikey": "sec:Multikey", "controller": terms{"@id": "sec:controller", "@type": "@id"},
		"assertionMethod":    terms{"@id": "sec:assertionMethod", "@type": "@id", "@container": "@set"},
		"publicKeyMultibase": terms{"@id": "sec:publicKeyMultibase", "@type": "sec:multibase"},
	}}
	ContextObject = Context{namespace, objectTerms}
	// ContextQuote is that of who may quote what (FEP-044f).
	ContextQuote = Context{namespace, terms{
		"gts":                "https://gotosocial.org/ns#",
		"interactingObject":  terms{"@id": "gts:interactingObject", "@type": "@id"},
		"interactionTarget":  terms{"@id": "gts:interactionTarget", "@type": "@id"},
		"QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
		"QuoteRequest":       "https://w3id.org/fep/044f#QuoteRequest",
	}}
	ContextEvent = Context{namespace, merged(objectTerms, terms{
		"sc": "http://schema.org#", "mz": "https://joinmobilizon.org/ns#", "pt": "https://joinpeertube.org/ns#",
		"ical": "http://www.w3.org/2002/12/cal/ical#", "ev": "https://w3id.org/fep/8a8e/",
		"PostalAddress": "sc:PostalAddress", "address": "sc:address", "streetAddress": "sc:streetAddress", "postalCode": "sc:postalCode",
		"addressLocality": "sc:addressLocality", "addressRegion": "sc:addressRegion", "addressCountry": "sc:addressCountry",
		"category": "sc:category", "inLanguage": "sc:inLanguage", "maximumAttendeeCapacity": "sc:maximumAttendeeCapacity",
		"timezone": "mz:timezone", "joinMode": "mz:joinMode", "externalParticipationUrl": "mz:externalParticipationUrl",
		"participantCount": "mz:participantCount", "anonymousParticipationEnabled": "mz:anonymousParticipationEnabled",
		"isOnline": "mz:isOnline", "commentsEnabled": "pt:commentsEnabled", "status": "ical:status",
		"draft": "mz:draft", "displayEndTime": "ev:displayEndTime",
		"eventStatus": terms{"@id": "ev:eventStatus", "@type": "@vocab"},
		"organizers":  terms{"@id": "ev:organizers", "@type": "@id"}, "attendees": terms{"@id": "ev:attendees", "@type": "@id"},
	})}
)

var objectTerms = terms{
	"Hashtag": "as:Hashtag", "sensitive": "as:sensitive",
	"toot":       "http://joinmastodon.org/ns#",
	"focalPoint": terms{"@container": "@list", "@id": "toot:focalPoint"}, "blurhash": "toot:blurhash",
	"gts":               "https://gotosocial.org/ns#",
	"interactionPolicy": terms{"@id": "gts:interactionPolicy", "@type": "@id"},
	"canQuote":          terms{"@id": "gts:canQuote", "@type": "@id"},
	"automaticApproval": terms{"@id": "gts:automaticApproval", "@type": "@id"},
}

func merged(a, b terms) terms {
	all := terms{}
	for _, m := range []terms{a, b} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// Float is a number that is always written with a decimal point: Mobilizon
// stores no coordinate without one.
type Float float64

// MarshalJSON implements json.Marshaler.
func (f Float) MarshalJSON() ([]byte, error) {
	b := strconv.AppendFloat(nil, float64(f), 'f', -1, 64)
	if !bytes.ContainsRune(b, '.') {
		b = append(b, ".0"...)
	}
	return b, nil
}

// Bool gives a pointer to b, for optional fields.
func Bool(b bool) *bool { return &b }

// Int gives a pointer to n, for optional fields.
func Int(n int) *int { return &n }

// Item is what an activity is about: an id, several ids (of a Flag), or the
// embedded thing itself. At most one of the pointers is set.
type Item struct {
	ID       string
	IDs      []string
	Object   *Object
	Actor    *Actor
	Activity *Activity
	// Fetched is the address at which the embedded thing was read; "" for what
	// came inside of another document and is the word of its sender only.
	Fetched string
	// other is the type of an embedded thing that is none of these.
	other string
}

// IsZero tells whether the item says nothing.
func (i Item) IsZero() bool {
	return i.ID == "" && len(i.IDs) == 0 && i.Object == nil && i.Actor == nil && i.Activity == nil
}

// Type is the type of the embedded thing; "" when only an id is known.
func (i Item) Type() string {
	switch {
	case i.Object != nil:
		return i.Object.Type
	case i.Actor != nil:
		return i.Actor.Type
	case i.Activity != nil:
		return i.Activity.Type
	}
	return i.other
}

// MarshalJSON implements json.Marshaler.
func (i Item) MarshalJSON() ([]byte, error) {
	switch {
	case i.Object != nil:
		return json.Marshal(i.Object)
	case i.Actor != nil:
		return json.Marshal(i.Actor)
	case i.Activity != nil:
		return json.Marshal(i.Activity)
	case len(i.IDs) > 0:
		return json.Marshal(i.IDs)
	}
	return json.Marshal(i.ID)
}

// instant gives a time as it is written: to the second, in UTC.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// MarshalJSON implements json.Marshaler: times are written to the second.
func (a Activity) MarshalJSON() ([]byte, error) {
	type plain Activity
	a.Published, a.Updated = instant(a.Published), instant(a.Updated)
	return json.Marshal(plain(a))
}

// MarshalJSON implements json.Marshaler: the lists that peers iterate over are
// there even when they are empty, but not on a Tombstone or a permission. Times
// are written to the second; start and end keep their offset.
func (o Object) MarshalJSON() ([]byte, error) {
	type plain Object
	o.Published, o.Updated, o.Deleted = instant(o.Published), instant(o.Updated), instant(o.Deleted)
	o.StartTime, o.EndTime = o.StartTime.Truncate(time.Second), o.EndTime.Truncate(time.Second)
	if o.Type == "Tombstone" || o.Type == "QuoteAuthorization" {
		return json.Marshal(plain(o))
	}
	return json.Marshal(struct {
		plain
		To         []string     `json:"to"`
		Cc         []string     `json:"cc"`
		Tag        []Tag        `json:"tag"`
		Attachment []Attachment `json:"attachment"`
	}{plain(o), list(o.To), list(o.Cc), list(o.Tag), list(o.Attachment)})
}

// MarshalJSON implements json.Marshaler: attachment and tag are always lists,
// times are written to the second.
func (a Actor) MarshalJSON() ([]byte, error) {
	type plain Actor
	a.Published, a.Updated = instant(a.Published), instant(a.Updated)
	a.Attachment, a.Tag = list(a.Attachment), list(a.Tag)
	return json.Marshal(plain(a))
}

func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// MarshalJSON implements json.Marshaler.
func (c Collection) MarshalJSON() ([]byte, error) {
	type plain Collection
	switch {
	case c.Type == "":
		return json.Marshal(c.ID)
	case c.FirstPage != nil:
		return json.Marshal(struct {
			plain
			First *Collection `json:"first"`
		}{plain(c), c.FirstPage})
	case c.First != "":
		return json.Marshal(struct {
			plain
			First string `json:"first"`
		}{plain(c), c.First})
	}
	return json.Marshal(plain(c))
}
