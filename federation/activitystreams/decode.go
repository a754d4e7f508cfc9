package activitystreams

import (
	"bytes"
	"cmp"
	"encoding/json"
	"unicode/utf8"
)

// Decode reads an activity as it arrives at an inbox: it has a type, and names
// exactly one actor. The error wraps ErrMalformed.
func Decode(body []byte) (*Activity, error) {
	d, err := parseDocument(body)
	if err != nil {
		return nil, err
	}
	a, err := d.activity()
	if err != nil {
		return nil, err
	}
	if a.Actor == "" {
		return nil, malformed("an activity without an actor")
	}
	a.Raw = json.RawMessage(bytes.TrimPrefix(body, bom))
	return a, nil
}

// DecodeItem reads a fetched document, whatever it is. The error wraps
// ErrMalformed.
func DecodeItem(body []byte) (Item, error) {
	d, err := parseDocument(body)
	if err != nil {
		return Item{}, err
	}
	return item(map[string]any(d))
}

// DecodeObject reads a fetched object. The error wraps ErrMalformed.
func DecodeObject(body []byte) (*Object, error) {
	i, err := DecodeItem(body)
	if err != nil {
		return nil, err
	}
	if i.Object == nil {
		return nil, malformed("it is a %s and no object", i.Type())
	}
	return i.Object, nil
}

// DecodeActor reads a fetched actor. The error wraps ErrMalformed.
func DecodeActor(body []byte) (*Actor, error) {
	i, err := DecodeItem(body)
	if err != nil {
		return nil, err
	}
	if i.Actor == nil {
		return nil, malformed("it is a %s and no actor", i.Type())
	}
	return i.Actor, nil
}

// parseDocument reads a document that stands alone. One that names contexts, but
// not that of ActivityStreams, is of something else. One that names none, as
// Gancio sends it, is ActivityStreams all the same (ActivityStreams 2.0 2.1).
func parseDocument(body []byte) (document, error) {
	m, err := parse(body)
	if err != nil {
		return nil, err
	}
	d := document(m)
	if _, ok := d["@graph"]; ok { // to others it would be another document
		return nil, malformed("it is a graph")
	}
	other := false
	for _, c := range d.many("@context") {
		switch c := c.(type) {
		case string:
			if c == namespace || c == Namespace || c == "http://www.w3.org/ns/activitystreams" {
				return d, nil
			}
			other = true
		case map[string]any: // terms of its own
		default:
			other = true
		}
	}
	if other {
		return nil, malformed("its @context is not that of ActivityStreams")
	}
	return d, nil
}

// actorTypes are the types of actors (ActivityStreams vocabulary 3.2).
var actorTypes = map[string]bool{"Application": true, "Group": true, "Organization": true, "Person": true, "Service": true}

// activityTypes are the types of activities that are read as such when they
// are embedded.
var activityTypes = map[string]bool{
	"Accept": true, "Add": true, "Announce": true, "Block": true, "Create": true, "Delete": true, "Dislike": true, "EmojiReact": true,
	"Flag": true, "Follow": true, "Ignore": true, "Invite": true, "Join": true, "Leave": true, "Like": true, "Move": true, "Offer": true,
	"QuoteRequest": true, "Reject": true, "Remove": true, "TentativeAccept": true, "TentativeReject": true, "Undo": true, "Update": true,
}

// objectTypes are the types of objects that are known (ActivityStreams
// vocabulary 3.3), with those of FEP-044f.
var objectTypes = map[string]bool{
	"Article": true, "Audio": true, "Collection": true, "CollectionPage": true, "Document": true, "Emoji": true, "Event": true, "Hashtag": true,
	"Image": true, "Link": true, "Mention": true, "Note": true, "OrderedCollection": true, "OrderedCollectionPage": true, "Page": true, "Place": true,
	"PropertyValue": true, "Question": true, "QuoteAuthorization": true, "Tombstone": true, "Video": true, "VirtualLocation": true,
}

// item reads what an activity is about.
func item(v any) (Item, error) {
	switch v := v.(type) {
	case nil:
		return Item{}, nil
	case string:
		if !IsPublic(v) && Host(v) == "" {
			return Item{}, malformed("an id that is no web address")
		}
		return Item{ID: v}, nil
	case map[string]any:
		return document(v).item()
	}
	return Item{}, malformed("something that is neither an id nor an object")
}

func (d document) item() (Item, error) {
	kind := d.kind()
	id, err := d.id("id")
	if err != nil {
		return Item{}, err
	}
	i := Item{ID: id, other: kind}
	switch {
	case actorTypes[kind]:
		i.Actor, err = d.actor()
	case activityTypes[kind]:
		i.Activity, err = d.activity()
	case kind != "":
		i.Object, err = d.asObject()
	case id == "":
		err = malformed("something without a type and an id")
	}
	return i, err
}

func (d document) activity() (*Activity, error) {
	a := &Activity{
		Type: d.kind(), Published: d.time("published"), Updated: d.time("updated"), Content: cut(d.natural("content"), maxComment), Agreement: d.agreement(),
	}
	if a.Type == "EmojiReact" || a.Type == "Like" {
		a.Content = cut(a.Content, maxReaction)
	}
	if a.Type == "" {
		return nil, malformed("an activity without a type")
	}
	var err error
	if a.To, err = d.audience("to"); err != nil {
		return nil, err
	}
	if a.Cc, err = d.audience("cc"); err != nil {
		return nil, err
	}
	for key, to := range map[string]*string{"id": &a.ID, "actor": &a.Actor, "target": &a.Target} {
		if *to, err = d.id(key); err != nil {
			return nil, err
		}
	}
	if a.Instrument, err = item(d.one("instrument")); err != nil {
		return nil, err
	}
	if a.Result, err = item(d.one("result")); err != nil {
		return nil, err
	}
	objects := d.many("object")
	if len(objects) > 1 { // a Flag
		a.Object.IDs = d.ids("object")
		return a, nil
	}
	a.Object, err = item(d.one("object"))
	return a, err
}

func (d document) asObject() (*Object, error) {
	o := &Object{
		Type: d.kind(),
		Name: cut(d.natural("name"), maxName), Summary: cut(d.natural("summary"), maxSummary), Content: cutBytes(d.natural("content"), maxContent),
		URL: d.link("url"), InReplyTo: d.address("inReplyTo"),
		Published: d.time("published"), Updated: d.time("updated"), Deleted: d.time("deleted"), FormerType: d.term("formerType"),
		StartTime: d.time("startTime"), EndTime: d.time("endTime"), DisplayEndTime: d.flag("displayEndTime"), Timezone: d.term("timezone"),
		Category: d.term("category"), InLanguage: d.term("inLanguage"), Status: cmp.Or(d.term("status"), d.term("ical:status")), EventStatus: d.term("eventStatus"),
		JoinMode: d.term("joinMode"), ExternalParticipationURL: d.link("externalParticipationUrl"), MaximumAttendeeCapacity: d.size("maximumAttendeeCapacity"),
		IsOnline: d.flag("isOnline"), Draft: d.flag("draft"),
		AnonymousParticipationEnabled: d.flag("anonymousParticipationEnabled"), CommentsEnabled: d.flag("commentsEnabled"),
		InteractingObject: d.address("interactingObject"), InteractionTarget: d.address("interactionTarget"),
		Conversation: d.name("context"), Location: d.place(), Image: d.image("image"), Attachment: d.attachments(), Tag: d.tags(),
		Language: d.language(), Purpose: d.term("purpose"), Publishes: d.intent(), UnitBased: d.flag("unitBased"), Opportunity: d.opportunity(),
	}
	if o.Type == Agreement {
		o.Stipulates, o.Helper = d.commitment(), d.helper()
	}
	if sensitive := d.flag("sensitive"); sensitive != nil {
		o.Sensitive = *sensitive
	}
	var err error
	if o.To, err = d.audience("to"); err != nil {
		return nil, err
	}
	if o.Cc, err = d.audience("cc"); err != nil {
		return nil, err
	}
	if o.ID, err = d.id("id"); err != nil {
		return nil, err
	}
	if o.AttributedTo, err = d.id("attributedTo"); err != nil {
		return nil, err
	}
	o.Actor, err = d.id("actor")
	return o, err
}

func (d document) actor() (*Actor, error) {
	a := &Actor{
		Type: d.kind(), PreferredUsername: d.text("preferredUsername"), Webfinger: d.within("webfinger", maxUsername),
		Name: cut(d.natural("name"), maxName), Summary: cut(d.natural("summary"), maxBiography),
		URL: d.link("url"), Outbox: d.link("outbox"), Followers: d.link("followers"), Following: d.link("following"), Featured: d.link("featured"),
		Published: d.time("published"), Updated: d.time("updated"), Icon: d.image("icon"), Image: d.image("image"), MovedTo: d.address("movedTo"),
		Attachment: d.fields(), Tag: d.tags(), AssertionMethod: d.multikeys(),
	}
	if utf8.RuneCountInString(a.PreferredUsername) > maxUsername {
		return nil, malformed("a name of more than %d characters", maxUsername)
	}
	for key, to := range map[string]*bool{
		"manuallyApprovesFollowers": &a.ManuallyApprovesFollowers, "discoverable": &a.Discoverable, "indexable": &a.Indexable,
	} {
		if b := d.flag(key); b != nil {
			*to = *b
		}
	}
	if a.AlsoKnownAs = d.ids("alsoKnownAs"); len(a.AlsoKnownAs) > maxAliases {
		a.AlsoKnownAs = a.AlsoKnownAs[:maxAliases]
	}
	if e, ok := d.object("endpoints"); ok {
		a.Endpoints = &Endpoints{SharedInbox: e.link("sharedInbox")}
	}
	var err error
	if a.ID, err = d.id("id"); err != nil {
		return nil, err
	}
	if a.Inbox, err = d.id("inbox"); err != nil {
		return nil, err
	}
	if k, ok := d.object("publicKey"); ok {
		a.PublicKey = &PublicKey{ID: k.address("id"), Owner: k.address("owner"), PublicKeyPem: k.within("publicKeyPem", maxKey)}
	}
	return a, nil
}

// multikeys reads the embedded keys of an actor; one that is only named is not
// fetched.
func (d document) multikeys() []Multikey {
	var list []Multikey
	for _, v := range d.many("assertionMethod") {
		m, ok := v.(map[string]any)
		if k := document(m); ok && k.kind() == "Multikey" && len(list) < maxKeys {
			list = append(list, Multikey{
				ID: k.address("id"), Type: "Multikey", Controller: k.address("controller"), PublicKeyMultibase: k.within("publicKeyMultibase", maxKey),
			})
		}
	}
	return list
}

func (d document) image(key string) *Image {
	m, ok := d.object(key)
	if !ok {
		if s := d.link(key); s != "" {
			return &Image{Type: "Image", URL: s}
		}
		return nil
	}
	link := m.link("url")
	if link == "" {
		link = m.link("href")
	}
	if link == "" {
		return nil
	}
	return &Image{
		Type: "Image", MediaType: m.term("mediaType"), URL: link,
		Name: cut(m.natural("name"), maxDescription), Summary: cut(m.natural("summary"), maxDescription),
		Width: m.size("width"), Height: m.size("height"), Blurhash: m.blurhash(), FocalPoint: m.focalPoint(),
	}
}

func (d document) attachments() []Attachment {
	var list []Attachment
	for _, v := range d.many("attachment") {
		m, ok := v.(map[string]any)
		if !ok || len(list) == maxAttachments {
			continue
		}
		a := document(m)
		list = append(list, Attachment{
			Type: a.kind(), MediaType: a.term("mediaType"), URL: a.link("url"), Href: a.link("href"),
			Name: cut(a.natural("name"), maxDescription), Summary: cut(a.natural("summary"), maxDescription),
			Value: cut(a.text("value"), maxField), FocalPoint: a.focalPoint(), Width: a.size("width"), Height: a.size("height"), Blurhash: a.blurhash(),
		})
	}
	return list
}

// fields reads what a profile says in lines of a name and a value.
func (d document) fields() []Attachment {
	var list []Attachment
	for _, v := range d.many("attachment") {
		m, ok := v.(map[string]any)
		if f := document(m); ok && f.kind() == "PropertyValue" && len(list) < maxFields {
			list = append(list, Attachment{Type: "PropertyValue", Name: cut(f.natural("name"), maxField), Value: cut(f.natural("value"), maxField)})
		}
	}
	return list
}

func (d document) tags() []Tag {
	var list []Tag
	for _, v := range d.many("tag") {
		m, ok := v.(map[string]any)
		if !ok || len(list) == maxTags {
			continue
		}
		list = append(list, Tag{Type: document(m).kind(), Name: cut(document(m).text("name"), maxName), Href: document(m).link("href")})
	}
	return list
}

// place reads where an Event is: the first physical place of a list, or else the
// first that is only online; a text is taken for its name.
func (d document) place() *Place {
	var online *Place
	for _, v := range d.many("location") {
		switch v := v.(type) {
		case string:
			if Host(v) == "" {
				return &Place{Type: "Place", Name: cut(v, maxName)}
			}
		case map[string]any:
			p := document(v)
			switch p.kind() {
			case "Place", "":
			case "VirtualLocation": // FEP-8a8e
				if online == nil {
					online = &Place{Type: "VirtualLocation", Name: cut(p.natural("name"), maxName), URL: p.link("url")}
				}
				continue
			default:
				continue
			}
			place := &Place{ID: p.address("id"), Type: "Place", Name: cut(p.natural("name"), maxName), Address: p.postalAddress()}
			if lat, ok := p.number("latitude"); ok {
				if lon, ok := p.number("longitude"); ok && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 {
					y, x := Float(lat), Float(lon)
					place.Latitude, place.Longitude = &y, &x
				}
			}
			return place
		}
	}
	return online
}

func (d document) postalAddress() *PostalAddress {
	switch v := d.one("address").(type) {
	case string:
		return &PostalAddress{Type: "PostalAddress", StreetAddress: cut(v, maxAddress)}
	case map[string]any:
		a := document(v)
		line := func(key string) string { return cut(a.text(key), maxAddress) }
		return &PostalAddress{
			Type: "PostalAddress", StreetAddress: line("streetAddress"), PostalCode: line("postalCode"),
			AddressLocality: line("addressLocality"), AddressRegion: line("addressRegion"), AddressCountry: line("addressCountry"),
		}
	}
	return nil
}
