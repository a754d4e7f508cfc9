package application

import "time"

// Kept says for how long what belongs to applications stays, where the town hall
// cannot set it (internal/retention).
func Kept() map[string]time.Duration {
	return map[string]time.Duration{"helper-unconfirmed": confirmLife}
}
