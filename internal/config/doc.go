// Package config holds what the operator of a town decides: one struct, read
// from defaults, a TOML file and the environment, and checked before anything
// else starts. docs/configuration.md is generated from it.
//
// It must not know what the rest of the program does with a value, and it opens
// nothing: no database, no socket, no certificate.
package config

//go:generate go run ./generate
