package actor

import (
	"strings"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// FuzzFromActivity: whoever another server shows, its inbox and its key are on
// that server, and its address cannot be taken for another one.
func FuzzFromActivity(f *testing.F) {
	for _, s := range []string{
		`{"id":"https://b.test/eve","type":"Person","preferredUsername":"eve","name":"<b>Eve</b>","inbox":"https://b.test/eve/inbox","endpoints":{"sharedInbox":"https://b.test/inbox"},"publicKey":{"id":"https://b.test/eve#main-key","owner":"https://b.test/eve","publicKeyPem":"x"}}`,
		`{"id":"https://b.test/eve","type":"Person","preferredUsername":"eve@here.test","inbox":"https://c.test/inbox"}`,
		`{"id":"https://b.test/","type":["Group","Person"],"preferredUsername":"\u202e","inbox":"https://b.test:443/inbox","url":["https://c.test/"],"icon":[{"url":"data:x"}]}`,
		`{"id":"https://b.test/1","type":"Service","preferredUsername":null,"inbox":"https://b.test/inbox","publicKey":{"owner":"https://b.test/2"}}`,
	} {
		f.Add([]byte(`{"@context":"https://www.w3.org/ns/activitystreams",` + s[1:]))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := as.DecodeActor(body)
		if err != nil {
			return
		}
		a, err := fromActivity(doc)
		if err != nil {
			return
		}
		if a.Host != as.Host(a.ID) || a.Host == "" || !as.SameOrigin(a.Inbox, a.ID) || a.KeyID != "" && !as.SameOrigin(a.KeyID, a.ID) {
			t.Errorf("%+v", a)
		}
		if a.SharedInbox != "" && as.Host(a.SharedInbox) != a.Host || as.Host(a.URL) != a.Host {
			t.Errorf("%+v", a)
		}
		name, host, _ := strings.Cut(a.Acct, "@")
		if name == "" || host != a.Host || strings.ContainsAny(name, "@/:\\ <>\"") {
			t.Errorf("%q is called %q", body, a.Acct)
		}
	})
}
