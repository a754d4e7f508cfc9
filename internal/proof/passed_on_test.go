package proof

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestProofPassedOn is about object integrity proofs (FEP-8b32) between Aushang and Fedify, both ways, and about what a third
// server passes on.
func TestProofPassedOn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, database string) {
		s := enter(t, database, rfc9421)
		s.isFoundByHandle()
		s.isFollowed()
		s.post = s.make(t, "post", "add", "--club", "tsv", "--text", "Wer hat einen Schlüsselbund gefunden?")
		s.lena.receives(t, "Create", s.post.ID)
		s.signsModern()
		s.isBelieved()
		s.believes()
	})
}

// signsModern wants every delivery to Fedify, whose actors show Ed25519 keys, to be signed with one and taken at once.
func (s *stage) signsModern() {
	s.Helper()
	n := 0
	for _, e := range s.lena.wire(s.T) {
		if e.Direction != "in" || e.Method != http.MethodPost {
			continue
		}
		n++
		if !strings.Contains(e.Headers["signature-input"], `keyid="`+s.club.ID+`#ed25519-key"`) || e.Status/100 != 2 {
			s.Errorf("POST %s: %d, signed with %q", e.URL, e.Status, e.Headers["signature-input"]+e.Headers["signature"])
		}
	}
	if n < 2 {
		s.Errorf("%d deliveries came", n)
	}
	act(s.T, "all %d deliveries to Fedify were signed with Ed25519 and taken at the first knock", n)
}

// isBelieved lets Fedify look at our proof, and at the same document with one letter changed.
func (s *stage) isBelieved() {
	s.Helper()
	document := ""
	for _, e := range s.lena.wire(s.T) {
		if e.Direction == "in" && strings.Contains(e.Body, `"type":"Create"`) {
			document = e.Body
		}
	}
	for text, want := range map[string]bool{document: true, strings.Replace(document, "Schlüsselbund", "Schlusselbund", 1): false} {
		answer := s.lena.answer(s.T, "proven", s.lena.send(s.T, "proven", values{"document": json.RawMessage(text)}))
		if got := decode[struct{ Holds bool }](s.T, answer).Holds; got != want {
			s.Errorf("Fedify says that the proof holds: %v, want %v\n%s", got, want, text)
		}
	}
	act(s.T, "Fedify believes the proof in our Create, and not with one letter changed")
}

// believes lets a third server pass on what lena has proven: her Like counts, a changed one and one without its proof do not.
func (s *stage) believes() {
	s.Helper()
	proven := string(s.lena.answer(s.T, "prove", s.lena.send(s.T, "prove", values{"object": s.post.ID})))
	members := decode[map[string]json.RawMessage](s.T, []byte(proven))
	delete(members, "proof")
	bare, err := json.Marshal(members)
	if err != nil {
		s.Fatal(err)
	}
	inbox := "https://" + s.host + "/ap/inbox"
	for _, tc := range []struct {
		what, document string
		status         int
	}{
		{"without its proof", string(bare), http.StatusUnauthorized},
		{"with one letter changed", strings.Replace(proven, "/likes/", "/Likes/", 1), http.StatusUnauthorized},
		{"as it is", proven, http.StatusAccepted},
	} {
		if status := s.bystander.passOn(s.T, inbox, []byte(tc.document)); status != tc.status {
			s.Errorf("passed on %s: %d, want %d", tc.what, status, tc.status)
		}
	}
	until(s.T, patience, "the Like counts", func() (int, string) {
		n := s.count(s.T, s.post.ID, "likes")
		if n != 1 {
			return n, "not yet"
		}
		return n, ""
	})
	act(s.T, "a third server passes on a Like that Fedify has proven: it counts; changed, or without the proof, it is refused")
}

// passOn delivers somebody else's activity, signed by the first neighbour, and gives the status.
func (v *neighbours) passOn(t *testing.T, inbox string, document []byte) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, inbox, strings.NewReader(string(document)))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.sign(request, v.actor(0)+"#main-key", document); err != nil {
		t.Fatal(err)
	}
	answer, err := v.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
