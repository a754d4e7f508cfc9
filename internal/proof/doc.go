// Package proof holds the independent proof: tests that build the program, run it as an operator would and let servers
// written by other people talk to it. There is no code of the program here and none is imported; what is known of it is its
// contract: verbs, configuration keys, URLs and the documents on the wire.
//
//	go test -run Proof -v ./internal/proof            prints one line per act
//	go test -run Proof ./internal/proof -update       writes docs/wire/ anew
//
// The other server is a small application of Fedify in fedify/ (its packages come with `make deps`). Names are resolved
// on loopback without touching the machine: the program is built with a hosts file of the test's own, and certificates come
// from an authority made for the run.
package proof
