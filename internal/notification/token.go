package notification

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Token names a person and kinds of news, so that who has it can end mails of
// these kinds to this person and do nothing else. key is the town's secret for
// it.
func Token(key []byte, accountID string, kinds []Kind) string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	said := accountID + "." + strings.Join(names, "-")
	return said + "." + seal(key, said)
}

// ReadToken reads what Token gave; ok is false for anything else.
func ReadToken(key []byte, token string) (accountID string, kinds []Kind, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !hmac.Equal([]byte(seal(key, parts[0]+"."+parts[1])), []byte(parts[2])) {
		return "", nil, false
	}
	for _, name := range strings.Split(parts[1], "-") {
		if slices.Contains(Kinds, Kind(name)) {
			kinds = append(kinds, Kind(name))
		}
	}
	_, err := uuid.Parse(parts[0])
	return parts[0], kinds, err == nil && len(kinds) > 0
}

func seal(key []byte, said string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("unsubscribe " + said))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
