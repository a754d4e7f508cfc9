// Package foreign shows pictures from other servers without sending readers
// there: of who answers, and what stands in their answers. A page names a picture
// by an address of ours that only we can make. Whoever asks for it gets a small
// copy, made anew; until there is one, letters.
//
// Copies are a cache and no archive: a quota, the least recently used go first,
// and what nobody may see any more goes with whose it was. A host that does not
// answer costs a reader nothing but the picture.
//
// It must not know any kind of thing.
package foreign
