package reach

import "time"

// Kept says for how long the numbers of a day are kept.
func Kept() map[string]time.Duration { return map[string]time.Duration{"readers": keeping} }
