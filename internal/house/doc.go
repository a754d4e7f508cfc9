// Package house checks the plan of the house: who may import whom, that every
// exported name has a sentence, that files and functions stay short, and that
// tests show what docs/security.toml promises. ARCHITECTURE.md explains the
// plan; the tables in direction.go are its letter.
//
// It reads source only. It must not know what any package does.
package house

//go:generate go run ./cmd/security
