package care

import "time"

// Kept says for how long it is known what a reader said was wrong: once it was
// dealt with, and at most.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{"hint": hintLife, "hint-open": oldestHint}
}
