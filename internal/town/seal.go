package town

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// The form of somebody without an account takes a person at least this long,
// and lies at most this long before it is sent.
const (
	soonest = 3 * time.Second
	latest  = 24 * time.Hour
)

// SealPurpose is the purpose of the secret with which forms are sealed, see
// actor.Actors.Secret.
const SealPurpose = "when a form was handed out"

// seal gives a value that proves later when a form was handed out.
func (s *Settings) seal(ctx context.Context, at time.Time) (string, error) {
	key, err := s.actors.Secret(ctx, SealPurpose)
	if err != nil {
		return "", err
	}
	return sealed(key, at), nil
}

func sealed(key []byte, at time.Time) string {
	stamp := binary.BigEndian.AppendUint64(nil, uint64(at.Unix())) //nolint:gosec // after 1970
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("barrier form"))
	mac.Write(stamp)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(stamp))
}

// unhurried tells whether a form with this seal was handed out by us, was not
// sent at once by a program, and did not lie too long.
func (s *Settings) unhurried(ctx context.Context, seal string, now time.Time) (bool, error) {
	key, err := s.actors.Secret(ctx, SealPurpose)
	if err != nil {
		return false, err
	}
	at, ok := unsealed(key, seal)
	return ok && now.Sub(at) >= soonest && now.Sub(at) <= latest, nil
}

// unsealed gives when a seal was made.
func unsealed(key []byte, seal string) (time.Time, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(seal)
	if err != nil || len(b) != 8+sha256.Size {
		return time.Time{}, false
	}
	at := time.Unix(int64(binary.BigEndian.Uint64(b)), 0) //nolint:gosec // only compared when it is ours
	return at, hmac.Equal([]byte(sealed(key, at)), []byte(seal))
}
