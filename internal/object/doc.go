// Package object keeps what actors publish, ours and that of others, in the
// form all kinds share (ActivityStreams 2.0 Object): who wrote it, to whom,
// when, and as what reply. Replies, likes, announces, visibility and deletion
// are here once for every kind.
//
// It must not know any single kind: kinds are handed in as a table (Kinds).
package object
