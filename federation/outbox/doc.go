// Package outbox delivers activities to the inboxes of other servers
// (ActivityPub 7.1). Each remote host has a lane: deliveries to it go out one
// after the other, in the order of each object. A Dispatcher claims lanes that
// are due and begins what is due on them in one step of its Store, sends, and
// writes the results of many lanes in another. What is left to pay for a
// delivery is little more than its signature.
//
// A host that is silent is one sleeping lane and delays nobody else: hosts that
// answered lately, those never heard of and those that fail have slots of
// their own, a lane that takes long gives its slot back, and after five
// failures in ten minutes a host is only probed (Health).
//
// It must not know what it delivers, nor where lanes are kept: a Store does.
// Memory is one to begin with.
package outbox
