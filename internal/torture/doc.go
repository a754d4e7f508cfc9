// Package torture shows what the program keeps when it is treated badly: real
// processes, killed with kill -9 in the middle of their work, against the
// Fediverse in a box of federation/federationtest.
//
//	make torture                      100 kills in a fan-out and 100 at the inbox, on SQLite and PostgreSQL
//	go test ./internal/torture        the same with few kills, and the other faults
//
// That it would notice is shown too: two builds of the program that do one thing
// in the wrong order (the tags broken_attempt and broken_answer) must be caught.
//
// It must not know how the program works: it knows its verbs, its configuration,
// the wire, and three tables that it looks into.
package torture
