// Package activity moves what happens between this town and other servers. It
// publishes what our actors do (the activity and its deliveries are stored in
// the transaction of the deed), keeps the rows that the inbox accepted and the
// lanes of the outbox, decides who may do what with a received activity, and
// applies those that concern every kind: follows, reactions, deletions, moves.
//
// It must not know any single kind nor any page.
package activity
