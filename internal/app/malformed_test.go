package app

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/federationtest/spoil"
	"codeberg.org/aushang/aushang/federation/signature"
	"codeberg.org/aushang/aushang/internal/actor"
)

// all is the environment variable that lets every malformed document through
// the whole server, and not only every so many.
const all = "AUSHANG_MALFORMED"

// some is how many of each kind go through it otherwise.
const some = 40

// sender is another server that signs what it delivers to a village.
type sender struct {
	*village
	http.Handler
	by signature.Signer
	// sent numbers what was delivered: no two have the same id.
	sent int
}

// number is what a document has in place of its number.
const number = "4711"

func (v *village) sender() *sender {
	v.t.Helper()
	key, err := signature.NewKey()
	if err != nil {
		v.t.Fatal(err)
	}
	pem, err := signature.EncodePublic(key.Public())
	if err != nil {
		v.t.Fatal(err)
	}
	v.meet(eve)
	err = v.db.Write(v.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*actor.Actor)(nil)).Set("key_id = ?", eve+"#main-key").Set("public_key_pem = ?", pem).Where("id = ?", eve).Exec(ctx)
		return err
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.follows(eve)
	return &sender{village: v, Handler: v.handler(), by: signature.Signer{KeyID: eve + "#main-key", Private: key}}
}

// deliver signs and posts a document with a number of its own, and gives the
// status.
func (s *sender) deliver(document []byte) int {
	s.t.Helper()
	s.sent++
	body := bytes.ReplaceAll(document, []byte(number), []byte(strconv.Itoa(s.sent)))
	r := httptest.NewRequest(http.MethodPost, "https://here.test/ap/inbox", bytes.NewReader(body))
	r.Header.Set("Content-Type", as.MediaType)
	if err := s.by.Cavage(r, body, time.Now()); err != nil {
		s.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code >= 500 {
		s.t.Errorf("%d: %s\n%.2000s", w.Code, w.Body, body)
	}
	return w.Code
}

// settled waits until everything that was taken has been tried.
func (s *sender) settled() {
	s.t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); s.count("inbox", "state = 'pending'", "attempts = 0") > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatal("the drain does not come to an end")
		}
	}
}

// rows gives all that the town knows, but for what it has received and how
// other hosts are.
func (s *sender) rows() map[string][]string {
	s.t.Helper()
	tables, err := s.db.Tables(s.t.Context(), s.db.Read())
	if err != nil {
		s.t.Fatal(err)
	}
	known := map[string][]string{}
	for _, table := range tables {
		if table.Name == "inbox" || table.Name == "hosts" || strings.HasPrefix(table.Name, "river_") {
			continue
		}
		var rows []map[string]any
		if err := s.db.Read().NewSelect().Table(table.Name).Scan(s.t.Context(), &rows); err != nil {
			s.t.Fatal(err)
		}
		for _, row := range rows {
			known[table.Name] = append(known[table.Name], fmt.Sprint(row))
		}
		slices.Sort(known[table.Name])
	}
	return known
}

// valid are activities of every kind that mean something here, by eve.
func (s *sender) valid() map[string]string {
	e, p := s.event("Sommerfest"), s.post("Hallo")
	id := func(rest string) string { return "https://b.test/" + rest + "/" + number }
	made := note(id("n"), eve, `"to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["`+s.club.ID+`"]`, p.ID, "Hallo",
		`,"contentMap":{"de":"<p>Hallo</p>"},"tag":[{"type":"Mention","name":"@tsv@here.test","href":"`+s.club.ID+`"}],"attachment":[{"type":"Document","mediaType":"image/png","url":"https://b.test/1.png","name":"x","width":8,"height":8}]`)
	fest := `{"id":"` + id("e") + `","type":"Event","attributedTo":"` + eve + `",` + public + `,"cc":["` + s.club.ID + `"],"name":"Konzert","content":"<p>Musik</p>","startTime":"2027-07-01T19:00:00+02:00",
		"endTime":"2027-07-01T21:00:00+02:00","timezone":"Europe/Berlin","location":{"type":"Place","name":"Anger","latitude":48.5,"longitude":9.5,"address":{"type":"PostalAddress","addressLocality":"Dorf"}},"published":"2026-07-01T10:00:00Z"}`
	documents := map[string]string{
		"Follow": `"object":"` + s.club.ID + `"`, "Undo": `"object":{"id":"` + id("f") + `","type":"Follow","actor":"` + eve + `","object":"` + s.club.ID + `"}`,
		"Create": `"object":` + made, "Create Event": `"object":` + fest, "Update": `"object":` + strings.Replace(made, `"published"`, `"updated":"2026-07-02T10:00:00Z","published"`, 1),
		"Update Person": `"object":{"id":"` + eve + `","type":"Person","preferredUsername":"eve","name":"Eve","inbox":"` + eve + `/inbox","summary":"<p>x</p>"}`,
		"Delete":        `"object":{"id":"` + id("n") + `","type":"Tombstone"}`, "Like": `"object":"` + e.ID + `"`, "EmojiReact": `"object":"` + e.ID + `","content":"x"`,
		"Announce": `"object":"` + e.ID + `",` + public, "Block": `"object":"` + s.club.ID + `"`, "Flag": `"object":["` + s.club.ID + `","` + p.ID + `"],"content":"Spam"`,
		"Accept": `"object":{"id":"https://here.test/ap/activities/1","type":"Follow","actor":"` + s.club.ID + `","object":"` + eve + `"}`, "Reject": `"object":"https://here.test/ap/activities/1"`,
		"QuoteRequest": `"object":"` + p.ID + `","instrument":"` + id("q") + `"`, "Move": `"object":"` + eve + `","target":"` + eve + `"`,
	}
	for kind, rest := range documents {
		name, _, _ := strings.Cut(kind, " ")
		documents[kind] = `{"@context":"https://www.w3.org/ns/activitystreams","id":"` + id("a") + `","type":"` + name + `","actor":"` + eve + `",` + rest + `}`
	}
	return documents
}

// TestMalformed sends malformed activities, signed, through the whole server.
// None ends in a panic or is called a fault of ours, what was refused leaves
// nothing behind, and every page can still be read.
func TestMalformed(t *testing.T) {
	shows(t, "T-DOS-10 T-DOS-22 malformed activities that are signed", func(t *testing.T, v *village) {
		s, panics := v.sender(), panicked.Value()
		refused, taken := s.spoilt()
		s.settled()
		useless := s.useless(taken)
		if len(refused) < 500 || len(useless) == 0 {
			t.Fatalf("only %d refused at the door, %d later", len(refused), len(useless))
		}
		t.Logf("%d sent, %d refused at the door, %d later", s.sent, len(refused), len(useless))
		before, received := s.rows(), s.count("inbox")
		for _, wrong := range refused {
			if status := s.deliver(wrong); status/100 != 4 {
				t.Errorf("it is refused once, and then %d: %.2000s", status, wrong)
			}
		}
		if n := s.count("inbox"); n != received {
			t.Errorf("%d of those that were refused are kept", n-received)
		}
		for _, wrong := range useless {
			s.deliver(wrong)
		}
		s.settled()
		if diff := cmp.Diff(before, s.rows()); diff != "" {
			t.Errorf("what was refused left something: %.3000s", diff)
		}
		if n := panicked.Value(); n != panics {
			t.Errorf("%d panics", n-panics)
		}
		s.readable()
	})
}

// spoilt delivers what package spoil makes of valid activities. It gives those
// that were refused, and those that were taken, by their number.
func (s *sender) spoilt() (refused [][]byte, taken map[string][]byte) {
	s.t.Helper()
	taken = map[string][]byte{}
	wrongs := spoil.Two
	if os.Getenv(all) != "" {
		wrongs = spoil.All
	}
	for kind, document := range s.valid() {
		if status := s.deliver([]byte(document)); status != http.StatusAccepted {
			s.t.Fatalf("a valid %s: %d", kind, status)
		}
		for _, ways := range []iter.Seq[[]byte]{
			spoil.Fields([]byte(document)), spoil.Known([]byte(document)), spoil.Bytes([]byte(document)), spoil.Pairs([]byte(document), wrongs),
		} {
			for wrong := range sample(ways) {
				switch status := s.deliver(wrong); {
				case status/100 == 4:
					refused = append(refused, wrong)
				case status == http.StatusAccepted:
					taken[strconv.Itoa(s.sent)] = wrong
				default:
					s.t.Errorf("%s: %d: %.2000s", kind, status, wrong)
				}
			}
		}
	}
	return refused, taken
}

// sample gives every so many of a sequence.
func sample(documents iter.Seq[[]byte]) iter.Seq[[]byte] {
	every := 1
	if os.Getenv(all) == "" {
		n := 0
		for range documents {
			n++
		}
		every = 1 + n/some
	}
	return func(yield func([]byte) bool) {
		n := 0
		for document := range documents {
			if n++; n%every == 0 && !yield(document) {
				return
			}
		}
	}
}

// useless gives those of what was taken that were refused when they were to be
// applied.
func (s *sender) useless(taken map[string][]byte) [][]byte {
	s.t.Helper()
	var ids []string
	err := s.db.Read().NewSelect().Table("inbox").Column("activity_id").Where("state = 'refused'").Scan(s.t.Context(), &ids)
	if err != nil {
		s.t.Fatal(err)
	}
	var list [][]byte
	for _, id := range ids {
		if body, ok := taken[strings.TrimPrefix(id, "https://b.test/a/")]; ok {
			list = append(list, body)
		}
	}
	return list
}

// readable asks for what shows what others sent.
func (s *sender) readable() {
	s.t.Helper()
	for _, path := range []string{"/", "/veranstaltungen", "/pinnwand", "/vereine", "/kalender.ics", "/vereine/tsv"} {
		if w := s.get(path, html); w.Code != http.StatusOK {
			s.t.Errorf("%s: %d", path, w.Code)
		}
	}
}
