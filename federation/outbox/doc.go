// Package outbox delivers activities to the inboxes of other servers
// (ActivityPub 7.1). Each remote host has a lane: deliveries to it go out one
// after the other, in the order of each object; a host that is silent is
// one sleeping lane and delays nobody else.
//
// It must not know what it delivers, nor where lanes are kept: a Store does.
package outbox
