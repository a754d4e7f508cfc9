// Package mail sends letters by SMTP. A letter is written down in the
// transaction of its cause and sent by a job afterwards, so that it exists
// exactly when its cause does; a second one for the same cause is not written.
//
// It goes out by a library of its own and not by federation/transport, which
// speaks HTTP to strangers: the one machine it speaks to is the operator's
// choice (docs/adr/0022). It must not know what any letter is about.
package mail
