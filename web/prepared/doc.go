// Package prepared answers from memory what it has answered before: the exact
// bytes, with their headers and an ETag, in front of everything else.
//
// An answer is kept only when its handler says so with Keep, and on which terms.
// Whoever knows what has changed calls Renew, which drops what showed it; when
// nobody does for a second, nothing is given from memory any more.
//
// It must not know what the answers say.
package prepared
