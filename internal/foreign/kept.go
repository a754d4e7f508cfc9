package foreign

import "time"

// Kept says after how long a copy goes for which nobody asks.
func Kept() map[string]time.Duration { return map[string]time.Duration{"foreign": unused} }
