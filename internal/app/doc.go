// Package app builds the town from its parts and lists everything that exists:
// the kinds, the routes, the activities, the jobs. It decides nothing.
package app
