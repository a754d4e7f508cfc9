// Package feed is the surface of Atom, RSS and JSON Feed: what is new in a list
// of the town or at one club, for feed readers and for other pages. It also
// explains to everybody how to read along.
//
// It must not know any single kind; the lists, and what a kind says of itself
// beside its text, are handed in.
package feed
