package proof

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Words that lena says about helping, each in one message alone.
const (
	wantsOpenly = "Pflaumenmus"
	wantsAlone  = "Zwetschgendatschi"
	saysMore    = "Quarkstrudel"
)

// hearsWhoHelps is how somebody with an account elsewhere comes to help: a public
// reply is answered to her alone, a direct message is an application, and what
// the club says to it comes as direct messages.
func (s *stage) hearsWhoHelps() {
	s.Helper()
	reply := s.lena.do(s.T, "reply", values{"object": s.need.ID, "text": wantsOpenly, "visibility": "public"})
	hint := s.told(reply)
	for _, want := range []string{"keine Bewerbung", "Kuchen verkaufen", s.need.URL + "/mitmachen"} {
		if !strings.Contains(hint.Content, want) {
			s.Errorf("the answer to a public reply does not say %q: %s", want, hint.Content)
		}
	}
	act(s.T, "a public reply to the opportunity is answered to %s alone: where one applies", s.lena.handle)

	message := s.lena.do(s.T, "whisper", values{"actor": s.club.ID, "answers": s.need.ID, "text": wantsAlone})
	received := s.told(message)
	link := regexp.MustCompile(`href="(` + regexp.QuoteMeta(s.origin) + `/einsatz/[^"]+)"`).FindStringSubmatch(received.Content)
	if link == nil || !strings.Contains(received.Content, "Bewerbung") {
		s.Fatalf("the answer to an application says %s", received.Content)
	}
	s.shows(link[1], wantsAlone, s.lena.handle, "Beworben")
	act(s.T, "a direct message becomes an application, and the answer has its link")

	anna := s.editor("anna@example.org")
	list := s.need.URL + "/bewerbungen"
	anna.visit(list)
	one := regexp.MustCompile(`href="([^"]*/bewerbungen/[0-9a-f-]{36})"`).FindStringSubmatch(anna.page)
	if one == nil || !strings.Contains(anna.page, s.lena.handle) || !strings.Contains(anna.page, "von Mastodon") {
		s.Fatalf("the club's list does not show who applied:\n%s", anna.page)
	}
	anna.visit(s.origin + one[1])
	anna.press("Nachricht senden", "text", "Können Sie Kopfrechnen?")
	asked := s.told(message)
	if !strings.Contains(asked.Content, "Können Sie Kopfrechnen?") {
		s.Errorf("lena is asked %s", asked.Content)
	}
	more := s.lena.do(s.T, "whisper", values{"actor": s.club.ID, "answers": asked.ID, "text": saysMore})
	anna.visit(s.origin + one[1])
	if !strings.Contains(anna.page, saysMore) {
		s.Errorf("the club does not see what lena answers")
	}
	anna.press("Zusagen")
	yes := s.told(more)
	if !strings.Contains(yes.Content, "zugesagt") {
		s.Errorf("lena is told %s", yes.Content)
	}
	s.shows(link[1], "Zugesagt", saysMore)
	act(s.T, "the club writes and accepts on its page, and lena has both as direct messages; her answer is in the talk")

	found := answers{}
	for _, address := range []string{
		s.origin + "/", s.need.ID, s.need.URL, s.need.ID + "/replies", s.club.ID, s.club.URL, s.club.ID + "/outbox", s.origin + "/ehrenamt", s.origin + "/ehrenamt/feed.atom",
		s.origin + "/ehrenamt/angebote.jsonld", s.origin + "/suche?q=" + wantsAlone[1:], s.origin + "/pinnwand", s.origin + "/feed.atom",
	} {
		for _, accept := range []string{html, activityJSON} {
			found[accept+" "+address] = s.get(s.T, address, accept).body
		}
	}
	found.never(s.T, wantsAlone, saysMore, message, more)
	for _, word := range []string{wantsAlone, saysMore} {
		if all := s.stores(s.T, word); len(all) > 0 {
			s.Errorf("%s is stored besides the application: %+v", word, all)
		}
	}
	s.lena.do(s.T, "retract", values{"actor": s.club.ID, "note": message})
	s.shows(link[1], "Zurückgezogen")
	act(s.T, "what she said is found nowhere by others; she deletes her message, and her application is withdrawn")
}

// told gives the Note that the club sent to lena alone in reply to a note of
// hers, as Fedify verified and read it, the last one that came.
func (s *stage) told(note string) *thing {
	s.Helper()
	s.heard++
	want := s.heard
	got := until(s.T, patience, "the club answers "+note, func() (activity, string) {
		var direct []activity
		for _, a := range s.lena.received(s.T) {
			if a.Type == "Create" && a.Object != nil && slices.Equal(a.To, []string{s.lena.actor}) {
				direct = append(direct, a)
			}
		}
		if len(direct) < want {
			return activity{}, "no further direct message"
		}
		return direct[want-1], ""
	})
	o := got.Object
	if o.InReplyTo != note || got.Actor != s.club.ID || len(got.Cc) > 0 || !slices.Equal(o.To, []string{s.lena.actor}) || !slices.Equal(o.Mentions, []string{s.lena.actor}) {
		s.Errorf("the answer to %s is %+v", note, got)
	}
	return o
}

// editor is somebody who speaks for the club, signed in.
func (s *stage) editor(email string) *visitor {
	s.Helper()
	added := decode[struct {
		Link string `json:"one_time_url"`
	}](s.T, s.verb(s.T, "person", "add", "--email", email, "--name", "Anna", "--role", "editor", "--json"))
	s.verb(s.T, "club", "editor", "--club", "tsv", "--email", email, "--role", "editor")
	v := newVisitor(s.T, s.town)
	v.visit(added.Link)
	v.press("Passwort festlegen und anmelden", "password", "ein ganzer Satz als Passwort")
	if v.status != http.StatusOK || !strings.Contains(v.page, "Mein Konto") {
		s.Fatalf("the editor does not come in: %d\n%s", v.status, v.page)
	}
	return v
}
