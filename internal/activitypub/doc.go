// Package activitypub is the surface that other servers see: the ids of actors
// and objects and their collections, the inboxes, WebFinger, host-meta and
// NodeInfo, over every kind.
//
// It must not know any single kind; what kinds contribute is handed in.
package activitypub
