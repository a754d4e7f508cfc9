package proof

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // Europe/Berlin, whatever the machine has

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// The event of the proof: next summer, in the town's own time as somebody would write it.
var (
	year  = time.Now().Year() + 1
	start = fmt.Sprintf("%d-07-10T19:00", year)
	end   = fmt.Sprintf("%d-07-10T23:00", year)
)

const (
	public  = "https://www.w3.org/ns/activitystreams#Public"
	place   = "Marktplatz"
	altText = "Bunte Lampions über dem Marktplatz"
)

// stage is one run of the independent proof: a town with Aushang, and Fedify.
type stage struct {
	*testing.T
	*town
	lena        *fedify
	bystander   *neighbours // one more follower, elsewhere
	club        made
	event, post made
	need        made // the opportunity
	heard       int  // how many direct messages the club has sent
	documents   *documents
	knock       string
}

func TestProof(t *testing.T) {
	for _, knock := range []string{rfc9421, cavage} {
		t.Run(knock, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, database string) {
				s := enter(t, database, knock)
				s.isFoundByHandle()
				s.isFollowed()
				s.publishesEvent()
				s.publishesPost()
				s.publishesOpportunity()
				s.hearsBack()
				s.hearsWhoHelps()
				s.changes()
				s.deletes()
				s.isUnfollowed()
				s.follows()
				s.knocked()
				s.documents.compare(t)
			})
		})
	}
}

// enter founds the town with its club and starts both servers.
func enter(t *testing.T, database, knock string) *stage {
	t.Helper()
	port := connected(t).freePort(t)
	s := &stage{T: t, town: found(t, "dorf.test", port, database), knock: knock, documents: &documents{}}
	s.club = s.make(t, "club", "add", "--handle", "tsv", "--name", "TSV Dorf", "--summary", "Sport für alle", "--active")
	s.lena = moveIn(t, port, knock)
	s.bystander = settle(t, 1, port)
	s.serve(t)
	return s
}

func (s *stage) isFoundByHandle() {
	s.Helper()
	handle := "@tsv@" + s.host
	found := s.lena.lookup(s.T, handle)
	want := thing{Type: "Group", ID: s.club.ID, Name: "TSV Dorf", PreferredUsername: "tsv", URL: s.club.URL, PublicKey: s.club.ID + "#main-key"}
	got := thing{Type: found.Type, ID: found.ID, Name: found.Name, PreferredUsername: found.PreferredUsername, URL: found.URL, PublicKey: found.PublicKey}
	same(s.T, "the club as Fedify reads it", got, want)
	s.documents.answered(s.T, s.lena, "/.well-known/webfinger", "webfinger")
	s.documents.answered(s.T, s.lena, s.club.ID, "actor")
	act(s.T, "Fedify looks up %s and finds the %s %q with its key", handle, found.Type, found.Name)
}

func (s *stage) isFollowed() {
	s.Helper()
	follow := s.lena.do(s.T, "follow", values{"actor": s.club.ID})
	accept := s.lena.receives(s.T, "Accept", follow)
	if accept.Actor != s.club.ID {
		s.Errorf("the Accept comes from %s, want %s", accept.Actor, s.club.ID)
	}
	s.documents.received(s.T, s.lena, accept.ID, "accept")
	s.documents.sent(s.T, s.lena, follow, "fedify-follow")
	act(s.T, "Fedify follows the club and gets the Accept of its Follow")
	inbox, ok := s.document(s.T, s.club.ID)["inbox"].(string)
	if !ok {
		s.Fatalf("%s has no inbox", s.club.ID)
	}
	s.bystander.allFollow(s.T, 1, s.club.ID, inbox)
	if n := s.count(s.T, s.club.ID, "followers"); n != 2 {
		s.Errorf("the club has %d followers, want 2", n)
	}
	act(s.T, "the club counts its followers")
}

func (s *stage) publishesEvent() {
	s.Helper()
	s.event = s.make(s.T, "event", "add", "--club", "tsv", "--name", "Sommerfest", "--start", start, "--end", end, "--place", place,
		"--text", "Musik, Grill, Tombola.", "--image", lampions(s.T), "--alt", altText)
	got := s.lena.receives(s.T, "Create", s.event.ID)
	s.documents.received(s.T, s.lena, got.ID, "create-event")
	event := got.Object
	if event == nil {
		s.Fatal("Fedify cannot read the event in the Create")
	}
	same(s.T, "who says it to whom", got.Actor+" "+strings.Join(got.To, " "), s.club.ID+" "+public)
	same(s.T, "type, name and author", []string{event.Type, event.Name, event.AttributedTo, event.URL}, []string{"Event", "Sommerfest", s.club.ID, s.event.URL})
	same(s.T, "start and end", []string{event.StartTime, event.EndTime}, []string{instant(s.T, start), instant(s.T, end)})
	if event.Location == nil || event.Location.Name != place {
		s.Errorf("Fedify reads the place as %+v, want %q", event.Location, place)
	}
	if event.Image == nil || event.Image.Name != altText {
		s.Errorf("Fedify reads the image as %+v, want the alt text %q", event.Image, altText)
	}
	if !slices.ContainsFunc(event.Attachments, func(p picture) bool { return p.Name == altText && p.URL != "" && p.Width > 0 }) {
		s.Errorf("Fedify reads the attachments as %+v, want one with the alt text %q", event.Attachments, altText)
	} else if answer := s.get(s.T, event.Attachments[0].URL, "image/*"); answer.status != http.StatusOK || !strings.HasPrefix(answer.header.Get("Content-Type"), "image/") {
		s.Errorf("GET the picture: %d %s", answer.status, answer.header.Get("Content-Type"))
	}
	act(s.T, "Fedify receives the event, verified, and reads: %s, %s to %s, %s, %q", event.Name, event.StartTime, event.EndTime, place, altText)
}

func (s *stage) publishesPost() {
	s.Helper()
	s.post = s.make(s.T, "post", "add", "--club", "tsv", "--text", "Wer hat einen Schlüsselbund gefunden?")
	got := s.lena.receives(s.T, "Create", s.post.ID)
	s.documents.received(s.T, s.lena, got.ID, "create-note")
	if got.Object == nil || got.Object.Type != "Note" || got.Object.Name != "" || !strings.Contains(got.Object.Content, "Schlüsselbund gefunden") {
		s.Errorf("Fedify reads the post as %+v", got.Object)
	}
	act(s.T, "Fedify receives the post, verified, and reads its text")
}

func (s *stage) publishesOpportunity() {
	s.Helper()
	o := s.make(s.T, "opportunity", "add", "--club", "tsv", "--name", "Kuchen verkaufen", "--text", "Dreißig Bleche wollen verkauft werden.",
		"--start", start, "--end", end, "--place", place, "--places", "4")
	s.need = o
	got := s.lena.receives(s.T, "Create", o.ID)
	note := got.Object
	if note == nil {
		s.Fatal("Fedify cannot read the opportunity in the Create")
	}
	same(s.T, "type, name, author and address", []string{note.Type, note.Name, note.AttributedTo, note.URL}, []string{"Note", "", s.club.ID, o.URL})
	for _, want := range []string{"Helfende gesucht: Kuchen verkaufen", "Dreißig Bleche", place, "Gesucht: 4 Personen", `href="` + o.URL + `"`} {
		if !strings.Contains(note.Content, want) {
			s.Errorf("Fedify does not read %q in %s", want, note.Content)
		}
	}
	same(s.T, "hashtags", note.Hashtags, []string{"#Ehrenamt", "#HelfendeGesucht"})
	if note.Location == nil || note.Location.Name != place {
		s.Errorf("Fedify reads the place as %+v, want %q", note.Location, place)
	}
	same(s.T, "the end of its running time", note.EndTime, instant(s.T, end))
	act(s.T, "Fedify receives the opportunity, verified, and reads text, link and hashtags: %v", note.Hashtags)
}

// hearsBack is everything that comes back to the club, and how readers see it.
func (s *stage) hearsBack() {
	s.Helper()
	for _, id := range []string{s.event.ID, s.post.ID} {
		s.documents.sent(s.T, s.lena, s.lena.do(s.T, "like", values{"object": id}), "fedify-like")
		s.documents.sent(s.T, s.lena, s.lena.do(s.T, "announce", values{"object": id}), "fedify-announce")
		note := s.lena.do(s.T, "reply", values{"object": id, "text": "Wir kommen gern, sagt Lena.", "visibility": "public"})
		s.documents.sentAbout(s.T, s.lena, "Create", note, "fedify-reply")
	}
	for what, m := range map[string]made{"event": s.event, "post": s.post} {
		counted := until(s.T, patience, "Like, Announce and reply are counted", func() (string, string) {
			counts := fmt.Sprintf("%d likes, %d shares, %d replies", s.count(s.T, m.ID, "likes"), s.count(s.T, m.ID, "shares"), s.count(s.T, m.ID, "replies"))
			if counts != "1 likes, 1 shares, 1 replies" {
				return counts, counts
			}
			return counts, ""
		})
		s.shows(m.URL, "Wir kommen gern, sagt Lena.", "Lena Nachbarin")
		act(s.T, "Like, Announce and reply of Fedify arrive and the page of the %s shows them: %s", what, counted)
	}
}

// changes are change, profile change and cancellation.
func (s *stage) changes() {
	s.Helper()
	s.verb(s.T, "event", "change", s.event.ID, "--name", "Großes Sommerfest", "--place", "Festhalle")
	got := s.lena.receives(s.T, "Update", s.event.ID, named("Großes Sommerfest"))
	if got.Object.Location == nil || got.Object.Location.Name != "Festhalle" || got.Object.Updated == "" {
		s.Errorf("Fedify reads the changed event as %+v", got.Object)
	}
	s.documents.received(s.T, s.lena, got.ID, "update-event")
	s.shows(s.event.URL, "Großes Sommerfest", "Festhalle")
	act(s.T, "the change of the event arrives: %s, %s", got.Object.Name, got.Object.Location.Name)

	s.verb(s.T, "club", "change", "tsv", "--name", "TSV Dorf 1901", "--logo", lampions(s.T), "--alt", "Wappen des Vereins")
	profile := s.lena.receives(s.T, "Update", s.club.ID, named("TSV Dorf 1901"))
	if profile.Object.Type != "Group" || profile.Object.Icon == nil || profile.Object.Icon.Name != "Wappen des Vereins" {
		s.Errorf("Fedify reads the changed club as %+v", profile.Object)
	}
	s.documents.received(s.T, s.lena, profile.ID, "update-group")
	act(s.T, "the change of the profile arrives: %s with its logo", profile.Object.Name)

	s.verb(s.T, "event", "cancel", s.event.ID, "--reason", "Unwetter")
	s.cancelled()
}

func (s *stage) cancelled() {
	s.Helper()
	update := s.lena.receives(s.T, "Update", s.event.ID, func(a activity) bool { return a.Object != nil && strings.HasPrefix(a.Object.Name, "Abgesagt") })
	s.documents.received(s.T, s.lena, update.ID, "cancel-event")
	object := s.document(s.T, s.event.ID)
	same(s.T, "status of the cancelled event", []any{object["status"], object["eventStatus"]}, []any{"CANCELLED", "EventCancelled"})
	s.shows(s.event.URL, "Unwetter")
	notice := until(s.T, patience, "a notice for those who see no edits", func() (activity, string) {
		for _, a := range s.lena.received(s.T) {
			if a.Type == "Create" && a.Object != nil && a.Object.InReplyTo == s.event.ID && strings.Contains(a.Object.Content, "Unwetter") {
				return a, ""
			}
		}
		return activity{}, "no Note in reply to the event gives the reason"
	})
	s.documents.received(s.T, s.lena, notice.ID, "create-notice")
	act(s.T, "the cancellation arrives: %s, and a notice with the reason", update.Object.Name)
}

func (s *stage) deletes() {
	s.Helper()
	for _, d := range []struct {
		document string
		made
	}{{"delete-event", s.event}, {"delete-note", s.post}} {
		m := d.made
		s.verb(s.T, "delete", m.ID)
		got := s.lena.receives(s.T, "Delete", m.ID)
		if got.Object == nil || got.Object.Type != "Tombstone" {
			s.Errorf("Fedify reads the deleted thing as %+v, want a Tombstone", got.Object)
		}
		s.documents.received(s.T, s.lena, got.ID, d.document)
		answer := s.get(s.T, m.ID, activityJSON)
		if answer.status != http.StatusGone || !strings.Contains(answer.body, `"Tombstone"`) {
			s.Errorf("GET %s: %d %s, want 410 with a Tombstone", m.ID, answer.status, answer.body)
		}
		s.documents.add("tombstone", []byte(answer.body))
		if answer := s.get(s.T, m.URL, html); answer.status != http.StatusGone {
			s.Errorf("GET %s: %d, want 410", m.URL, answer.status)
		}
	}
	act(s.T, "the deletions arrive as Delete of a Tombstone, and the ids answer 410")
}

// isUnfollowed proves that nothing arrives after the Undo: another follower has the post, and then Fedify follows once more
// and gets the Accept, which goes the same way as the post would have gone before it.
func (s *stage) isUnfollowed() {
	s.Helper()
	undo := s.lena.do(s.T, "undoFollow", values{"actor": s.club.ID})
	s.documents.sent(s.T, s.lena, undo, "fedify-undo")
	until(s.T, patience, "the club has one follower less", func() (int, string) {
		n := s.count(s.T, s.club.ID, "followers")
		if n != 1 {
			return n, fmt.Sprintf("%d followers", n)
		}
		return n, ""
	})
	unheard := s.make(s.T, "post", "add", "--club", "tsv", "--text", "Das hört Lena nicht.")
	until(s.T, patience, "the other follower has the post", func() (int, string) {
		n, _ := s.bystander.reached("Create", unheard.ID)
		if n == 0 {
			return n, "not yet"
		}
		return n, ""
	})
	again := s.lena.do(s.T, "follow", values{"actor": s.club.ID})
	s.lena.receives(s.T, "Accept", again)
	for _, a := range s.lena.received(s.T) {
		if a.ObjectID == unheard.ID {
			s.Errorf("Fedify received %s of %s after its Undo", a.Type, a.ObjectID)
		}
	}
	act(s.T, "after its Undo Fedify receives nothing more, while another follower does")
}

// follows is the other direction: our club follows lena.
func (s *stage) follows() {
	s.Helper()
	s.verb(s.T, "club", "follow", "tsv", "--who", s.lena.handle)
	follow := s.lena.receives(s.T, "Follow", s.lena.actor)
	s.documents.received(s.T, s.lena, follow.ID, "follow")
	until(s.T, patience, "our Follow is accepted", func() (int, string) {
		n := s.count(s.T, s.club.ID, "following")
		if n != 1 {
			return n, fmt.Sprintf("the club follows %d", n)
		}
		return n, ""
	})
	note := s.lena.do(s.T, "post", values{"text": "Flohmarkt bei Lena am Samstag."})
	s.documents.sentAbout(s.T, s.lena, "Create", note, "fedify-post")
	r := s.town.remote(s.T, "Flohmarkt bei Lena", note)
	if r.author != s.lena.actor {
		s.Errorf("remote list names %q as the author, want %q", r.author, s.lena.actor)
	}
	act(s.T, "the club follows %s, is accepted and receives the post", s.lena.handle)
}

// knocked looks at the wire: every delivery of Fedify was signed as this run wants it and taken at the first knock.
func (s *stage) knocked() {
	s.Helper()
	knocks := 0
	for _, e := range s.lena.wire(s.T) {
		if e.Direction != "out" || e.Method != http.MethodPost {
			continue
		}
		knocks++
		kind := cavage
		if e.Headers["signature-input"] != "" {
			kind = rfc9421
		}
		if kind != s.knock || e.Status/100 != 2 {
			s.Errorf("POST %s signed with %s: %d %s, want %s and 2xx", e.URL, kind, e.Status, e.Answer, s.knock)
		}
	}
	if knocks == 0 {
		s.Error("Fedify has sent nothing")
	}
	act(s.T, "all %d deliveries of Fedify were signed with %s and taken at the first knock", knocks, s.knock)
}

// shows wants texts on a page for people.
func (s *stage) shows(address string, texts ...string) {
	s.Helper()
	until(s.T, patience, "the page "+address+" shows it", func() (page, string) {
		answer := s.get(s.T, address, html)
		for _, text := range texts {
			if answer.status != http.StatusOK || !strings.Contains(answer.body, text) {
				return answer, fmt.Sprintf("status %d, without %q:\n%s", answer.status, text, answer.body)
			}
		}
		return answer, ""
	})
}

func named(name string) func(activity) bool {
	return func(a activity) bool { return a.Object != nil && a.Object.Name == name }
}

// instant is what a local time in the town is in UTC, as Fedify prints it.
func instant(t *testing.T, local string) string {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", local, berlin)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC().Format(time.RFC3339)
}

// lampions draws a small picture and gives its file.
func lampions(t *testing.T) string {
	t.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for x := range 640 {
		for y := range 360 {
			drawn.Set(x, y, color.RGBA{uint8(x / 3), uint8(y / 2), 120, 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, drawn); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lampions.png")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
