// Package place is the surface of the gazetteer: suggestions while somebody
// writes the name of a place, and where the town hall says where the town is.
//
// It must not know what is looked for near a place.
package place
