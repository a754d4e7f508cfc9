// Package activitystreams holds the things of the Fediverse as plain structs:
// activities, objects, actors and collections (ActivityStreams 2.0,
// ActivityPub). What leaves is written in one strict profile that every known
// peer reads; what comes in is guarded, normalised and read tolerantly.
//
// It must not know what anybody does with them.
package activitystreams
