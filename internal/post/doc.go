// Package post is the slice of the pin board: short notices of clubs. A post
// federates as an ActivityStreams Note, and so does every public answer that
// comes from elsewhere.
package post
