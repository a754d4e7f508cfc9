package volunteer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/google/uuid"
)

// LinkPurpose is the purpose of the secret that seals the links of who has no
// account, see actor.Actors.Secret.
const LinkPurpose = "links of who applies without an account"

// Token names an application, so that who has it may do what the person may. It
// is good as long as the application is kept.
func Token(key []byte, id string) string {
	return strings.ReplaceAll(id, "-", "") + "." + seal(key, id)
}

// readToken reads what Token gave; ok is false for anything else.
func readToken(key []byte, token string) (id string, ok bool) {
	short, mac, found := strings.Cut(token, ".")
	u, err := uuid.Parse(short)
	if !found || err != nil || len(short) != 32 {
		return "", false
	}
	return u.String(), hmac.Equal([]byte(seal(key, u.String())), []byte(mac))
}

func seal(key []byte, id string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("volunteer " + id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// tokenOf gives the token of an application.
func tokenOf(ctx context.Context, secret func(ctx context.Context, purpose string) ([]byte, error), id string) (string, error) {
	key, err := secret(ctx, LinkPurpose)
	if err != nil {
		return "", err
	}
	return Token(key, id), nil
}
