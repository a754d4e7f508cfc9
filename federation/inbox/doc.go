// Package inbox takes what other servers deliver (ActivityPub 5.2, 7): it
// limits, verifies, reads, and hands on to a Queue that keeps it safe before
// the sender is told so. Its Mux is the table of what is done with each kind of
// activity.
//
// It must not know what an activity means, nor where it is kept.
package inbox
