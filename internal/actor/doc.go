// Package actor keeps the subjects of the federation: our own clubs and the
// instance, and everybody elsewhere who has to do with us. It knows their
// addresses and keys, who follows whom, and who of our people may speak for
// which club.
//
// It must not know what actors publish: no object, no kind, no page.
package actor
