package upkeep

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// tokenLife is how long the link of a letter is good.
const tokenLife = 60 * 24 * time.Hour

// Token names a person, so that who has it until then can say that what the
// person cares for is still true, and do nothing else. key is the town's secret
// for it.
func Token(key []byte, accountID string, until time.Time) string {
	said := accountID + "." + strconv.FormatInt(until.Unix(), 36)
	return said + "." + seal(key, said)
}

// readToken reads what Token gave; ok is false for anything else, and for what
// is too old.
func readToken(key []byte, token string, now time.Time) (accountID string, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !hmac.Equal([]byte(seal(key, parts[0]+"."+parts[1])), []byte(parts[2])) {
		return "", false
	}
	until, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || now.Unix() > until {
		return "", false
	}
	_, err = uuid.Parse(parts[0])
	return parts[0], err == nil
}

func seal(key []byte, said string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("care " + said))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
