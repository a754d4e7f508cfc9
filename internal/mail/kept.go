package mail

import "time"

// Kept says for how long letters are tried, and for how long it is remembered
// that one was written.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{"letter": life, "letter-memory": memory}
}
