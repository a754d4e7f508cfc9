// Package resident shows people their own pages: signing in and out, the
// one-time link, forgotten passwords, and the account with its password, second
// factor, mail address, devices and clubs.
//
// It must not know any other kind; what a person publishes is there.
package resident
