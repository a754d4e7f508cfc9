package mail

import "time"

// Kept says for how long letters are tried.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{"letter": life}
}
