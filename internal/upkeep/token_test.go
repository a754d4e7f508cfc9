package upkeep

import (
	"testing"
	"time"
)

const anna = "0192a3b4-0000-7000-8000-000000000001"

func TestToken(t *testing.T) {
	key, now := []byte("key"), time.Date(2027, 7, 1, 12, 0, 0, 0, time.UTC)
	token := Token(key, anna, now.Add(tokenLife))
	if id, ok := readToken(key, token, now.Add(tokenLife)); id != anna || !ok {
		t.Errorf("%q %v", id, ok)
	}
	for name, of := range map[string]struct {
		key   []byte
		token string
		now   time.Time
	}{
		"one too old":       {key, token, now.Add(tokenLife + time.Second)},
		"another key":       {[]byte("other"), token, now},
		"a piece":           {key, token[:len(token)-1], now},
		"another person":    {key, "1" + token[1:], now},
		"nobody":            {key, Token(key, "anna", now), now},
		"nothing":           {key, "", now},
		"points":            {key, "..", now},
		"one without a day": {key, anna + ".." + seal(key, anna+"."), now},
	} {
		if _, ok := readToken(of.key, of.token, of.now); ok {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzReadToken(f *testing.F) {
	key, now := []byte("key"), time.Date(2027, 7, 1, 12, 0, 0, 0, time.UTC)
	f.Add(Token(key, anna, now))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if id, ok := readToken(key, token, now); ok && len(id) < 32 {
			t.Errorf("%q is read as %q", token, id)
		}
	})
}
