package app

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/object"
)

// stranger is an actor on a server that we have never heard of.
type stranger struct {
	id, keyID string
	signer    signature.Signer
}

// stranger shows an actor at the good address under a path; with a document of
// its own for the key, as GoToSocial has it, or without.
func (o *outside) stranger(t *testing.T, documents map[string]string, host, name string, ownDocument bool) stranger {
	t.Helper()
	key, err := signature.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := signature.EncodePublic(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	id := "https://" + o.name(host, goodIP) + "/" + name
	s := stranger{id: id, keyID: id + "#main-key"}
	if ownDocument {
		s.keyID = id + "/main-key"
	}
	more := fmt.Sprintf(`,"publicKey":{"id":"%s","owner":"%s","publicKeyPem":"%s"}`, s.keyID, id, strings.ReplaceAll(pem, "\n", `\n`))
	documents["/"+name] = person(id, more)
	if ownDocument {
		documents["/"+name+"/main-key"] = person(id, more)
	}
	s.signer = signature.Signer{KeyID: s.keyID, Private: key}
	return s
}

// post delivers an activity as a server does, and gives the status.
func (s stranger) post(t *testing.T, h http.Handler, document string) int {
	t.Helper()
	body := []byte(`{"@context":"https://www.w3.org/ns/activitystreams",` + document[1:])
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://here.test/ap/inbox", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", as2)
	if err := s.signer.Cavage(r, body, time.Now()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// TestFollowByStrangers: one request for the actor is enough, also for many
// activities at once; one more where the key has a document of its own.
func TestFollowByStrangers(t *testing.T) {
	among(t, "T-DOS-04 a follow by a stranger", func(t *testing.T, o *outside) {
		h, err := o.routes(o.queue)
		if err != nil {
			t.Fatal(err)
		}
		documents := map[string]string{}
		for _, tc := range []struct {
			name    string
			own     bool
			fetches int32
		}{{"anna", false, 1}, {"berta", true, 2}} {
			s := o.stranger(t, documents, tc.name+".example", tc.name, tc.own)
			o.documents(documents)
			before := o.asked.Load()
			var all sync.WaitGroup
			for i := range 10 {
				all.Go(func() {
					if status := s.post(t, h, fmt.Sprintf(`{"id":"%s/f/%d","type":"Follow","actor":"%s","object":"%s"}`, s.id, i, s.id, o.club.ID)); status != http.StatusAccepted {
						t.Errorf("%s: status %d", tc.name, status)
					}
				})
			}
			all.Wait()
			if n := o.asked.Load() - before; n != tc.fetches {
				t.Errorf("%s: %d fetches", tc.name, n)
			}
		}
		if n := o.followers(); n != 2 {
			t.Errorf("%d followers", n)
		}
	})
}

// TestFetchesOfOneActivity: whatever an activity names, few requests come of it.
func TestFetchesOfOneActivity(t *testing.T) {
	among(t, "T-DOS-04 one activity that names many", func(t *testing.T, o *outside) {
		h, err := o.routes(o.queue)
		if err != nil {
			t.Fatal(err)
		}
		documents := map[string]string{}
		anna := o.stranger(t, documents, "anna.example", "anna", false)
		host := strings.TrimSuffix(anna.id, "/anna")
		var people, tags, pictures []string
		for i := range 150 {
			people = append(people, fmt.Sprintf(`"%s/p%d"`, host, i))
			tags = append(tags, fmt.Sprintf(`{"type":"Mention","href":"%s/p%d","name":"@p%d"}`, host, i, i))
			pictures = append(pictures, fmt.Sprintf(`{"type":"Document","mediaType":"image/png","url":"%s/i%d.png"}`, host, i))
		}
		e := o.event("Sommerfest")
		many := fmt.Sprintf(`{"id":"%s/n","type":"Note","attributedTo":"%s/%%s","to":["https://www.w3.org/ns/activitystreams#Public",%s],"cc":[%s],"tag":[%s],"attachment":[%s],"inReplyTo":"%s","content":"x","replies":"%s/replies","context":"%s/context"}`,
			host, host, strings.Join(people, ","), strings.Join(people, ","), strings.Join(tags, ","), strings.Join(pictures, ","), e.ID, host, host)
		// What is announced is led about, and so is its author.
		documents["/shared"] = "to " + host + "/shared1"
		documents["/shared1"] = "to " + host + "/shared2"
		documents["/shared2"] = `{"@context":"https://www.w3.org/ns/activitystreams",` + strings.Replace(fmt.Sprintf(many, "writer"), "/n\"", "/shared\"", 1)[1:]
		documents["/writer"] = "to " + host + "/writer1"
		documents["/writer1"] = person(host+"/writer", `,"featured":"`+host+`/featured","outbox":"`+host+`/outbox"`)
		o.documents(documents)
		if status := anna.post(t, h, fmt.Sprintf(`{"id":"%s/c","type":"Create","actor":"%s","object":%s}`, anna.id, anna.id, fmt.Sprintf(many, "anna"))); status != http.StatusAccepted {
			t.Fatalf("status %d", status)
		}
		if n := o.asked.Load(); n != 1 || len(o.texts(object.Viewer{}, e.ID)) != 1 {
			t.Errorf("%d fetches for a note that names many, %d answers", n, len(o.texts(object.Viewer{}, e.ID)))
		}
		crowd := strings.Repeat(people[0]+",", 1000) + people[0]
		if status := anna.post(t, h, fmt.Sprintf(`{"id":"%s/c2","type":"Create","actor":"%s","to":[%s],"object":"%s/shared"}`, anna.id, anna.id, crowd, host)); status != http.StatusBadRequest {
			t.Errorf("for more recipients than are read: status %d", status)
		}
		o.follows(anna.id)
		before := o.asked.Load()
		if r := o.receive(`{"id":"%s/s","type":"Announce","actor":"%s","object":"%s/shared"}`, anna.id, anna.id, host); r.State != "applied" {
			t.Errorf("%+v", r)
		}
		if n := o.asked.Load() - before; n < 2 || n > 20 {
			t.Errorf("%d fetches for an announced note", n)
		}
	})
}
