package activity

import "time"

// Kept says for how long it is known what was received, and who confirmed a
// deletion.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{"received": remember, "deletion": DeletionsKept}
}
