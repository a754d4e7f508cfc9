package actor

import (
	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// Activity gives the document of a local actor as other servers read it
// (ActivityPub 4.1; docs/federation.md, actors). It carries no @context, so
// that it can be embedded.
func (s *Actors) Activity(a *Actor) *as.Actor {
	doc := &as.Actor{
		ID: a.ID, Type: a.Type, PreferredUsername: a.PreferredUsername, Webfinger: a.Acct,
		Name: a.Name, Summary: a.Summary, URL: a.URL,
		Inbox: a.Inbox, Outbox: a.Outbox, Followers: a.Followers, Following: a.ID + "/following",
		Endpoints:    &as.Endpoints{SharedInbox: a.SharedInbox},
		Discoverable: a.Type == Group, Indexable: a.Type == Group, Attachment: a.Attachment,
		AlsoKnownAs: a.AlsoKnownAs, MovedTo: a.MovedTo,
		Published: a.Published, Updated: a.Updated,
		PublicKey: &as.PublicKey{ID: a.KeyID, Owner: a.ID, PublicKeyPem: a.PublicKeyPEM}, AssertionMethod: a.AssertionMethod,
	}
	if a.Type == Person { // it follows nobody, and nobody follows it
		doc.Following = ""
	}
	if a.State == Archived {
		farewell := ""
		if s.Farewell != nil {
			farewell = s.Farewell()
		}
		doc.Summary, doc.Discoverable, doc.Indexable = farewell+a.Summary, false, false
	}
	if a.IconURL != "" {
		doc.Icon = &as.Image{Type: "Image", MediaType: a.IconMediaType, URL: a.IconURL, Name: a.IconName, Summary: a.IconName}
	}
	if a.Type == Group {
		doc.Featured = a.Featured()
		// Mobilizon reads these seven in this order and stops at the first
		// that is missing.
		doc.Endpoints.Events = a.ID + "/events"
		doc.Endpoints.Members = a.ID + "/empty/members"
		doc.Endpoints.Resources = a.ID + "/empty/resources"
		doc.Endpoints.Posts = a.ID + "/empty/posts"
		doc.Endpoints.Todos = a.ID + "/empty/todos"
		doc.Endpoints.Discussions = a.ID + "/empty/discussions"
	}
	return doc
}
