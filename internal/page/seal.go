package page

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
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

// Trap is a field that people do not see: who fills it in is a program.
const Trap = "homepage"

// Seal gives a value that proves later when the form with this name was handed
// out.
func (s *Sessions) Seal(ctx context.Context, form string, at time.Time) (string, error) {
	key, err := s.actors.Secret(ctx, SealPurpose)
	if err != nil {
		return "", err
	}
	return Sealed(key, form, at), nil
}

// Sealed gives the seal that a secret makes.
func Sealed(key []byte, form string, at time.Time) string {
	stamp := binary.BigEndian.AppendUint64(nil, uint64(at.Unix())) //nolint:gosec // after 1970
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(form))
	mac.Write(stamp)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(stamp))
}

// Unhurried tells whether a form with this seal was handed out by us, was not
// sent at once by a program, and did not lie too long.
func (s *Sessions) Unhurried(ctx context.Context, form, seal string, now time.Time) (bool, error) {
	key, err := s.actors.Secret(ctx, SealPurpose)
	if err != nil {
		return false, err
	}
	at, ok := unsealed(key, form, seal)
	return ok && now.Sub(at) >= soonest && now.Sub(at) <= latest, nil
}

// Stamp notes in a form when it was handed out, unless it says so already.
func (s *Sessions) Stamp(ctx context.Context, form string, in *Input) error {
	if in.Get("time") != "" {
		return nil
	}
	stamp, err := s.Seal(ctx, form, time.Now())
	if err != nil {
		return err
	}
	in.Set("time", stamp)
	return nil
}

// Hasty tells whether a form was sent as programs do: at once, after too long,
// or with the Trap filled in. It is handed out anew then, with all else that was
// typed.
func (s *Sessions) Hasty(ctx context.Context, form string, in *Input) (bool, error) {
	unhurried, err := s.Unhurried(ctx, form, in.Get("time"), time.Now())
	if err != nil || unhurried && in.Get(Trap) == "" {
		return false, err
	}
	in.Del(Trap)
	in.Del("time")
	return true, nil
}

// unsealed gives when a seal was made.
func unsealed(key []byte, form, seal string) (time.Time, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(seal)
	if err != nil || len(b) != 8+sha256.Size {
		return time.Time{}, false
	}
	at := time.Unix(int64(binary.BigEndian.Uint64(b)), 0) //nolint:gosec // only compared when it is ours
	return at, hmac.Equal([]byte(Sealed(key, form, at)), []byte(seal))
}

// CheckRules gives a problem unless the box is ticked that says that the rules
// of the house are known.
func CheckRules(in *Input) error {
	var errs problem.Fields
	if in.Get("rules") == "" {
		errs.Add("rules", "Please read the rules of the house and tick the box.")
	}
	return errs.Err()
}
