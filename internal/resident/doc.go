// Package resident shows people their own pages: signing in and out, the
// one-time link, the account with its password and its clubs.
//
// It must not know any other kind; what a person publishes is there.
package resident
