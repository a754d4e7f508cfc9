package watch

import "time"

// Kept says for how long what belongs to searches stays.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{"search-unconfirmed": unconfirmed, "search-told": remembered}
}
