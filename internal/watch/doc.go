// Package watch keeps searches of the lists of opportunities and tells by mail
// what has come since: people with an account, and others by a mail address that
// they have confirmed.
//
// It must not know any kind of thing; what is looked for is handed in.
package watch
