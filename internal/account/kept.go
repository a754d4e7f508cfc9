package account

import "time"

// Kept says for how long what belongs to people stays, by what it is. Accounts
// themselves stay until they are deleted.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{
		"session": SessionLife, "event": eventLife, "application": applicationLife, "registration": registrationLife, "invitation": invitationLife,
		"link": linkLife, "reset": resetLife, "address": stopTime,
	}
}
