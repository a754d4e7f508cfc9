// Package federationtest is the rest of the Fediverse in a box, as
// net/http/httptest is the rest of the web: many servers with names,
// certificates, actors, keys and recorded inboxes, behind a few TLS listeners on
// loopback. Each can be made slow, silent, hanging, unreachable or unwilling.
//
// A program under test reaches them by name: build it with
//
//	-ldflags "-X net.hostsFilePath=HOSTS_FILE"
//
// give it the file of the authority in SSL_CERT_FILE, and let its address guard
// through to loopback at Port. A client in the same process uses DialContext and
// Roots.
//
// What arrives is kept as it came and checked when asked for, so that checking
// costs nothing while somebody measures.
package federationtest
