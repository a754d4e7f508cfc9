// Package draft keeps what editors have begun and not published yet, publishes
// it when it is due, and keeps the forms from which they begin. A draft is what
// stands in the fields of a form; it is the club's and nobody's else: no object,
// in no list, feed or search, and never sent.
//
// It must not know any single kind: how one is published is handed in.
package draft
