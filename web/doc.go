// Package web shows pages to people: it renders templates in the reader's
// language, decides what a client wants, turns errors into pages once, and
// serves them safely. It is HTML, not the municipality: it must not know a
// club or an event.
package web
