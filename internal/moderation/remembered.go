package moderation

import (
	"time"

	"codeberg.org/aushang/aushang/internal/ledger"
)

// Remembered says for how long the log of the town hall and the waves are known.
func Remembered() map[string]time.Duration {
	return map[string]time.Duration{"log": ledger.Kept, "wave": waveLife}
}
