package inbox

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"codeberg.org/aushang/aushang/federation/signature"
)

// FuzzHandler: a delivery by a proven sender is kept or refused, and what is
// kept is by that sender.
func FuzzHandler(f *testing.F) {
	good := follow("https://b.test/f/1", eve)
	f.Add("application/activity+json", "", []byte(good))
	f.Add(`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "identity", []byte(good))
	f.Add("application/json; charset=utf-8", "gzip", []byte("\x1f\x8b"))
	f.Add("text/html", "", []byte("<p>"))
	f.Add("application/activity+json;", "", []byte(follow("https://c.test/f/1", "https://c.test/eve")))
	f.Add("application/activity+json", "", []byte(`{"type":"Delete","TYPE":"Create"}`))
	f.Fuzz(func(t *testing.T, kind, code string, body []byte) {
		w := world{key: signature.Key{Owner: eve}, known: true}
		r := httptest.NewRequest(http.MethodPost, "/ap/inbox", bytes.NewReader(body))
		r.Header["Content-Type"], r.Header["Content-Encoding"] = []string{kind}, []string{code}
		answer := httptest.NewRecorder()
		w.handler().ServeHTTP(answer, r)
		if (answer.Code == http.StatusAccepted) != (len(w.received) == 1) || answer.Code != http.StatusAccepted && answer.Code/100 != 4 {
			t.Errorf("%d, %d are kept: %q", answer.Code, len(w.received), body)
		}
		for _, got := range w.received {
			if got.ActorID != eve || got.Activity.Actor != eve || got.ActivityID == "" {
				t.Errorf("%+v of %q", got, body)
			}
		}
	})
}
