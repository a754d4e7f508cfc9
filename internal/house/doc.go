// Package house checks the plan of the house: who may import whom, that every
// exported name has a sentence, and that files and functions stay short.
// ARCHITECTURE.md explains the plan; the tables in direction.go are its letter.
//
// It reads source only. It must not know what any package does.
package house
