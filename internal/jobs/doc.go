// Package jobs runs work that is neither per activity nor per delivery: media
// variants, reminders, expiry, clean-up, periodic work. A job is inserted in
// the transaction that causes it, so the fact and its work commit together, and
// it is worked at least once: every job must be safe to run twice.
//
// It is the only package that knows River. It must not know what any job does.
package jobs
