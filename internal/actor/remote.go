package actor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/outbox"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/federation/webfinger"
	"codeberg.org/aushang/aushang/internal/erasure"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The lengths to which we cut what others call themselves, in runes.
const (
	maxName    = 100
	maxAltText = 1500
	// maxAliases is how many other names of an actor are kept, as at Mastodon.
	maxAliases = 256
)

// Fetch reads an ActivityPub document from another server. Our own are never
// fetched. It is signed in the name of the instance, so that it tells nothing
// about who asked for it: with draft-cavage, and after a 400 or 401 by RFC 9421,
// or the other way round where that was what a host took before.
func (s *Actors) Fetch(ctx context.Context, url string) (*transport.Document, error) {
	if s.site.Owns(url) {
		return nil, problem.Invalidf("%s is ours and not fetched", url)
	}
	signer, err := s.Signer(ctx, s.site.InstanceID())
	if err != nil {
		return nil, err
	}
	knock := func(modern bool) (*transport.Document, error) {
		return s.client.Get(ctx, url, func(r *http.Request) error {
			if modern {
				return signer.RFC9421(r, nil, s.now())
			}
			return signer.Cavage(r, nil, s.now())
		})
	}
	host := as.Host(url)
	modern := s.keys.isModern(host)
	doc, err := knock(modern)
	if !refusesKnock(err) {
		return doc, err
	}
	second, err := knock(!modern)
	if err == nil {
		s.keys.setModern(host, !modern)
	}
	return second, err
}

func refusesKnock(err error) bool {
	var status *transport.StatusError
	return errors.As(err, &status) && (status.Code == http.StatusBadRequest || status.Code == http.StatusUnauthorized)
}

// Resolve gives the actor with this id: the stored one, or the one its server
// shows, which is stored.
func (s *Actors) Resolve(ctx context.Context, id string) (*Actor, error) {
	a, err := s.Find(ctx, s.db.Read(), id)
	if err == nil && a.State != Gone || problem.KindOf(err) != problem.NotFound || s.site.Owns(id) {
		return a, err
	}
	return s.Refresh(ctx, id)
}

// Refresh fetches the actor id from its own server and stores it. What another
// server says about it counts for nothing.
func (s *Actors) Refresh(ctx context.Context, id string) (*Actor, error) {
	return s.refresh(ctx, id, "")
}

// refresh does so; acct is the address under which a domain just named the
// actor. It is kept if the actor itself says the same (FEP-2c59).
func (s *Actors) refresh(ctx context.Context, id, acct string) (*Actor, error) {
	doc, err := s.Fetch(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("fetch actor %s: %w", id, err)
	}
	fetched, err := as.DecodeActor(doc.Body)
	if err != nil {
		return nil, problem.Discard(fmt.Errorf("read actor %s: %w", id, err))
	}
	if fetched.ID != id || !as.SameOrigin(doc.URL, id) {
		return nil, problem.Discard(problem.Invalidf("%s answers with the actor %s", id, fetched.ID))
	}
	a, err := fromActivity(fetched)
	if err != nil {
		return nil, problem.Discard(fmt.Errorf("read actor %s: %w", id, err))
	}
	if name, domain, err := webfinger.ParseHandle(fetched.Webfinger); err == nil && acct == strings.ToLower(name+"@"+domain) {
		a.Acct = acct
	}
	a.Fetched = s.now()
	if err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.put(ctx, tx, a, true) }); err != nil {
		return nil, err
	}
	s.keys.doubt()
	return a, nil
}

// Receive stores what an actor says about itself in an Update. Its key and its
// addresses are taken from its own server only, never from here.
func (s *Actors) Receive(ctx context.Context, tx bun.Tx, doc *as.Actor) error {
	a, err := fromActivity(doc)
	if err != nil {
		return problem.Discard(err)
	}
	a.KeyID, a.PublicKeyPEM, a.AssertionMethod = "", "", nil
	return s.put(ctx, tx, a, false)
}

// put stores a remote actor. owned says that the document came from its own
// server, so that key and addresses may change.
func (s *Actors) put(ctx context.Context, tx bun.Tx, a *Actor, owned bool) error {
	rule, err := s.RuleOf(ctx, tx, a.Host)
	if err != nil {
		return err
	}
	a.Blocked, a.HostLimited = rule.Blocked, rule.Limited
	columns := []string{"name", "summary", "url", "icon_url", "icon_media_type", "icon_name", "updated"}
	if owned {
		columns = append(columns, "type", "preferred_username", "acct", "inbox", "shared_inbox", "outbox", "followers",
			"key_id", "public_key_pem", "assertion_method", "also_known_as", "moved_to", "state", "fetched")
	}
	q := tx.NewInsert().Model(a).On("CONFLICT (id) DO UPDATE")
	for _, c := range columns {
		if c == "state" { // who is shut out does not come back by writing about itself
			q = q.Set("state = CASE WHEN actor.state = ? THEN actor.state ELSE EXCLUDED.state END", Suspended)
			continue
		}
		q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	if !owned { // what is pushed may come late
		q = q.Where("actor.state <> ?", Gone).Where("(EXCLUDED.updated IS NULL OR actor.updated IS NULL OR EXCLUDED.updated >= actor.updated)")
	}
	if _, err := q.Where("NOT actor.local").Exec(ctx); err != nil {
		return fmt.Errorf("store actor %s: %w", a.ID, err)
	}
	if owned && len(a.AssertionMethod) > 0 {
		return s.noteEd25519(ctx, tx, a.Host)
	}
	return nil
}

// noteEd25519 tells the outbox that host verifies Ed25519, as it has such keys
// itself, unless it has refused it. Mostly it is known, and then the row must
// not be locked: PostgreSQL does so for a conflict, whatever comes of it.
func (s *Actors) noteEd25519(ctx context.Context, tx bun.Tx, host string) error {
	_, err := tx.NewRaw("INSERT INTO hosts (host, ed25519) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM hosts WHERE host = ? AND ed25519 <> ?) "+
		"ON CONFLICT (host) DO UPDATE SET ed25519 = EXCLUDED.ed25519 WHERE hosts.ed25519 = ?",
		host, outbox.Verifies, host, outbox.Untold, outbox.Untold).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note that %s verifies Ed25519: %w", host, err)
	}
	return nil
}

// username gives the name before the @ without what would make a handle look
// like another one: letters, digits and a few marks are left. Who has none of
// these is called by the end of the id.
func username(doc *as.Actor) string {
	plain := func(s string) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_.-", r) {
				return r
			}
			return -1
		}, s), ".-")
	}
	for _, s := range []string{doc.PreferredUsername, Key(doc.ID)} {
		if s = markup.Name(plain(s), maxName); s != "" {
			return s
		}
	}
	return "actor"
}

func fromActivity(doc *as.Actor) (*Actor, error) {
	host := as.Host(doc.ID)
	switch {
	case host == "":
		return nil, problem.Invalidf("an actor without a web address as id")
	case !as.SameOrigin(doc.ID, doc.Inbox):
		return nil, problem.Invalidf("the inbox of %s is on another server", doc.ID)
	case doc.PublicKey != nil && doc.PublicKey.Owner != doc.ID:
		return nil, problem.Invalidf("the key of %s belongs to someone else", doc.ID)
	case doc.PublicKey != nil && !as.SameOrigin(doc.PublicKey.ID, doc.ID):
		return nil, problem.Invalidf("the key of %s is on another server", doc.ID)
	}
	name := username(doc)
	a := &Actor{
		ID: doc.ID, Type: doc.Type, Host: host, PreferredUsername: name,
		Acct: strings.ToLower(name + "@" + host), Name: markup.Name(doc.Name, maxName), Summary: markup.Sanitize(doc.Summary),
		Inbox: doc.Inbox, Outbox: doc.Outbox, Followers: doc.Followers, AlsoKnownAs: doc.AlsoKnownAs[:min(len(doc.AlsoKnownAs), maxAliases)], MovedTo: doc.MovedTo,
		State: Active, Published: doc.Published, Updated: doc.Updated,
	}
	if as.Host(doc.SharedInbox()) == host {
		a.SharedInbox = doc.SharedInbox()
	}
	if a.URL = doc.ID; as.Host(doc.URL) == host {
		a.URL = doc.URL
	}
	if doc.PublicKey != nil {
		a.KeyID, a.PublicKeyPEM = doc.PublicKey.ID, doc.PublicKey.PublicKeyPem
	}
	for _, m := range doc.AssertionMethod {
		if _, err := signature.ParseMultikey(m.PublicKeyMultibase); err == nil && m.Controller == doc.ID && as.SameOrigin(m.ID, doc.ID) {
			a.AssertionMethod = append(a.AssertionMethod, m)
		}
	}
	if doc.Icon != nil {
		a.IconURL, a.IconMediaType, a.IconName = doc.Icon.URL, doc.Icon.MediaType, markup.Name(doc.Icon.Name, maxAltText)
	}
	return a, nil
}

// Lookup gives the actor with the handle "@name@domain", asking its domain by
// WebFinger and then the actor's own server.
func (s *Actors) Lookup(ctx context.Context, handle string) (*Actor, error) {
	name, domain, err := webfinger.ParseHandle(handle)
	if err != nil {
		var errs problem.Fields
		errs.Add("who", err.Error())
		return nil, errs.Err()
	}
	if domain == s.site.HandleDomain || domain == s.site.Host() {
		return nil, problem.Invalidf("%s is one of ours", handle)
	}
	get := func(ctx context.Context, url, accept string, limit int64) ([]byte, error) {
		doc, err := s.client.Plain(ctx, url, accept, limit)
		if err != nil {
			return nil, err
		}
		return doc.Body, nil
	}
	id, err := webfinger.Lookup(ctx, get, handle)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", handle, err)
	}
	if s.site.Owns(id) {
		return nil, problem.Invalidf("%s is one of ours", handle)
	}
	return s.refresh(ctx, id, strings.ToLower(name+"@"+domain))
}

// MarkGone remembers that a remote actor has left for good.
func (s *Actors) MarkGone(ctx context.Context, tx bun.Tx, id string) error {
	res, err := tx.NewUpdate().Model((*Actor)(nil)).Set("state = ?", Gone).Set("name = ''").Set("summary = ''").
		Set("icon_url = ''").Where("id = ?", id).Where("NOT local").Exec(ctx)
	if err != nil {
		return fmt.Errorf("mark actor gone: %w", err)
	}
	if n, err := res.RowsAffected(); err == nil && n > 0 {
		if err := erasure.Note(ctx, tx, erasure.Actor, id); err != nil {
			return err
		}
	}
	_, err = tx.NewDelete().Model((*Follow)(nil)).Where("actor_id = ? OR object_id = ?", id, id).Exec(ctx)
	return err
}
