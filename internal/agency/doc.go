// Package agency has the pages of "Ich möchte helfen": what people offer, what
// fits it and why, what clubs see of it with a yes, and what the volunteer agency
// does. Its rules are in internal/offer.
package agency
