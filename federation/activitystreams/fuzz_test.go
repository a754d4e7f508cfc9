package activitystreams

import (
	"errors"
	"strings"
	"testing"
)

// FuzzDecode: an activity that is taken names one actor, and says the same of
// its actor, its id and its object when its own bytes are read again.
func FuzzDecode(f *testing.F) {
	for _, body := range corpus(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := Decode(body)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if why := sane(Item{Activity: a}); a.Actor == "" || why != "" {
			t.Errorf("%s: %q", why, body)
		}
		again, err := Decode(a.Raw)
		if err != nil || again.Actor != a.Actor || again.ID != a.ID || again.Type != a.Type || again.Object.ID != a.Object.ID {
			t.Errorf("%q is something else when it is read again: %v", body, err)
		}
	})
}

// FuzzDecodeActor: an actor that is taken is within the limits.
func FuzzDecodeActor(f *testing.F) {
	for name, body := range corpus(f) {
		if strings.HasSuffix(name, "-actor") {
			f.Add(body)
		}
	}
	f.Add(of("Person", "attachment", []any{map[string]any{"type": "PropertyValue", "name": "Web", "value": `<a href="https://b.test/">b.test</a>`}}))
	f.Add(of("Group", "publicKey", map[string]any{"id": "https://b.test/1#main-key", "owner": "https://b.test/1", "publicKeyPem": "-----BEGIN PUBLIC KEY-----"}))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := DecodeActor(body)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		if why := sane(Item{Actor: a}); why != "" {
			t.Errorf("%s: %q", why, body)
		}
		if k := a.PublicKey; k != nil && (k.ID != "" && Host(k.ID) == "" || k.Owner != "" && Host(k.Owner) == "" || len(k.PublicKeyPem) > maxKey) {
			t.Errorf("the key %+v", k)
		}
		if size(a.Name) > maxName || size(a.PreferredUsername) > maxUsername || len(a.Attachment) > maxFields || len(a.AssertionMethod) > maxKeys || len(a.AlsoKnownAs) > maxAliases {
			t.Errorf("more than is kept: %q", body)
		}
	})
}

// FuzzBlurhash: what is taken has the length that its first digit says.
func FuzzBlurhash(f *testing.F) {
	for _, s := range []string{"LfEeo%2Y$5SgmaWWjtf7gJfQfQfQ", "00Ss$M", "0", "", "fff", "~" + strings.Repeat("0", 165), "ä00000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := document{"blurhash": s}.blurhash()
		if got != "" && (got != s || len(got) < 6 || len(got) > maxBlurhash || len(got)%2 != 0) {
			t.Errorf("%q", got)
		}
	})
}

// FuzzTime: a time that is read can be written.
func FuzzTime(f *testing.F) {
	for _, s := range []string{
		"2026-07-01T10:00:00Z", "2026-07-01T10:00:00.123+02:00", "2026-07-01T10:00:00", "2026-06-30T23:59:60Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00",
		"2026-02-30T10:00:00Z", "2026-07-01", "26-07-01T10:00Z", "2026-07-01T10:00Z", "-2026-07-01T10:00:00Z", "2026-07-01T10:00:00+99:99",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at := document{"published": s}.time("published")
		if _, err := at.MarshalJSON(); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if _, err := at.UTC().MarshalJSON(); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	})
}
