package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// verify checks a signature by draft-cavage with a key that is known.
func (d directory) verify(r *http.Request) bool {
	key := d[keyID(r)]
	return key != nil && holds(r, key)
}

func keyID(r *http.Request) string { return param(r.Header.Get("Signature"), "keyId") }

func holds(r *http.Request, key *rsa.PublicKey) bool {
	params := r.Header.Get("Signature")
	var signed strings.Builder
	for name := range strings.SplitSeq(param(params, "headers"), " ") {
		if signed.Len() > 0 {
			signed.WriteByte('\n')
		}
		signed.WriteString(name + ": ")
		switch name {
		case "(request-target)":
			signed.WriteString(strings.ToLower(r.Method) + " " + r.RequestURI)
		case "host":
			signed.WriteString(r.Host)
		default:
			signed.WriteString(r.Header.Get(name))
		}
	}
	signature, err := base64.StdEncoding.DecodeString(param(params, "signature"))
	sum := sha256.Sum256([]byte(signed.String()))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
}

func param(params, name string) string {
	_, after, _ := strings.Cut(params, name+`="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// inbox verifies, parses once, and answers when the rows are on disk.
type inbox struct {
	keys   directory
	queue  *queue
	sender *sender
}

type activity struct {
	ID, Type, Actor string
	To, Cc          []string
	Object          object
}

type object struct {
	ID, Type, AttributedTo, InReplyTo, Content, Published, URL string
	Tag                                                        []struct{ Type, Name, Href string }
}

// UnmarshalJSON also takes an id alone, as a Like has.
func (o *object) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &o.ID)
	}
	type plain object
	return json.Unmarshal(text, (*plain)(o))
}

func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	sum := sha256.Sum256(body)
	t := &task{done: make(chan error, 1)}
	if r.Header.Get("Digest") != "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]) || !i.proven(r, t) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if err := json.Unmarshal(body, &t.activity); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	i.queue.wait <- t
	if err := <-t.done; err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	if t.stranger != nil && t.activity.Type == "Follow" {
		go i.sender.accept(t.stranger, t.activity.ID)
	}
}

// proven verifies with the known key, or with the one that a stranger shows.
func (i *inbox) proven(r *http.Request, t *task) bool {
	if key := i.keys[keyID(r)]; key != nil {
		return holds(r, key)
	}
	a, err := i.sender.meet(r.Context(), keyID(r))
	if err != nil {
		return false
	}
	t.stranger = a
	return holds(r, a.key)
}

type task struct {
	activity activity
	stranger *actor // who is to be stored too; nil when known
	done     chan error
}

// queue commits whatever waits in one transaction.
type queue struct {
	wait                                     chan *task
	conn                                     *sql.Conn
	receive, object, audience, actor, follow *sql.Stmt
}

const schema = `
CREATE TABLE inbox (seq INTEGER PRIMARY KEY, activity_id TEXT NOT NULL, actor_id TEXT NOT NULL, UNIQUE (activity_id, actor_id));
CREATE TABLE objects (id TEXT PRIMARY KEY, type TEXT, attributed_to TEXT, in_reply_to TEXT, content TEXT, url TEXT, published TEXT);
CREATE INDEX objects_in_reply_to ON objects (in_reply_to, published);
CREATE TABLE audience (object_id TEXT, recipient TEXT, PRIMARY KEY (object_id, recipient));
CREATE TABLE actors (id TEXT PRIMARY KEY, inbox TEXT, key_id TEXT, public_key_pem TEXT);
CREATE INDEX actors_key_id ON actors (key_id);
CREATE TABLE follows (id TEXT, actor_id TEXT, object_id TEXT, PRIMARY KEY (actor_id, object_id))`

func openQueue(file string) (*queue, error) {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return nil, err
	}
	q := &queue{wait: make(chan *task, 1024)}
	if q.conn, err = db.Conn(ctx); err != nil {
		return nil, err
	}
	if _, err := q.conn.ExecContext(ctx, schema); err != nil {
		return nil, err
	}
	for text, s := range map[string]**sql.Stmt{
		"INSERT INTO inbox (activity_id, actor_id) VALUES (?, ?) ON CONFLICT DO NOTHING":                    &q.receive,
		"INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING":                           &q.object,
		"INSERT INTO audience (object_id, recipient) VALUES (?, ?) ON CONFLICT DO NOTHING":                  &q.audience,
		"INSERT INTO actors (id, inbox, key_id, public_key_pem) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING": &q.actor,
		"INSERT INTO follows (id, actor_id, object_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING":             &q.follow,
	} {
		if *s, err = q.conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (q *queue) run() {
	for t := range q.wait {
		group := []*task{t}
	gather:
		for len(group) < 100 {
			select {
			case t := <-q.wait:
				group = append(group, t)
			default:
				break gather
			}
		}
		err := q.commit(group)
		for _, t := range group {
			t.done <- err
		}
	}
}

func (q *queue) commit(group []*task) error {
	ctx := context.Background()
	if _, err := q.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, t := range group {
		if err := q.store(t); err != nil {
			return err
		}
	}
	_, err := q.conn.ExecContext(ctx, "COMMIT")
	return err
}

func (q *queue) store(t *task) error {
	a, o := &t.activity, &t.activity.Object
	if _, err := q.receive.Exec(a.ID, a.Actor); err != nil {
		return err
	}
	if t.stranger != nil {
		if _, err := q.actor.Exec(t.stranger.ID, t.stranger.Inbox, t.stranger.PublicKey.ID, t.stranger.PublicKey.PublicKeyPem); err != nil {
			return err
		}
	}
	if a.Type == "Follow" {
		_, err := q.follow.Exec(a.ID, a.Actor, o.ID)
		return err
	}
	if _, err := q.object.Exec(o.ID, o.Type, o.AttributedTo, o.InReplyTo, o.Content, o.URL, o.Published); err != nil {
		return err
	}
	for _, mention := range o.Tag {
		if _, err := q.audience.Exec(o.ID, mention.Href); err != nil {
			return err
		}
	}
	return nil
}
