// Package club is the slice of the clubs and groups of a town: their profile,
// their page and the directory. A club is an ActivityPub Group, and what the
// others need of it (address, key, followers) is its actor.
//
// It must not know what clubs publish.
package club
