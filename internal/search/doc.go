// Package search finds what the town shows, by words: an index that is kept in
// the transaction that changes a thing, and the page that asks it.
//
// German is searched as people type it: umlauts and ß in any spelling, endings
// left aside, parts of compound words (docs/adr/0021). The same words are stored
// in SQLite and in PostgreSQL, so that both find the same.
//
// It must not know any single kind; kinds are handed in as a table (Kind).
package search
