// Package care knows whether what stands here is still true: when each thing
// was made, changed or confirmed last, from when on that is too long ago, and
// what readers say is wrong.
//
// It must not know any single kind nor any page.
package care
