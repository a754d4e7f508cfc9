package account

import "time"

// Kept says for how long what belongs to people stays, by what it is, where the
// town hall cannot set it (internal/retention). Accounts themselves stay until
// they are deleted.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{
		"session": SessionLife, "registration": registrationLife, "link": linkLife, "reset": resetLife, "address": stopTime,
	}
}
