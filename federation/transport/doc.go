// Package transport is the only way out: every request that this program makes
// to another server goes through its Client, behind one guard that looks at
// the address a connection really reaches. It has two doors, Get and Post for
// signed ActivityPub and Plain for everything else.
//
// It must not know what is fetched nor why.
package transport
