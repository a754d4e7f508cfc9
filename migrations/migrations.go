// Package migrations holds the schema as numbered SQL files, twins for SQLite
// and PostgreSQL, embedded into the program. It is for internal/database alone
// and must not know what the tables mean. A file is never edited after release.
package migrations

import "embed"

// SQLite holds the migrations of the SQLite dialect, under "sqlite".
//
//go:embed sqlite/*.sql
var SQLite embed.FS

// Postgres holds the migrations of the PostgreSQL dialect, under "postgres".
//
//go:embed postgres/*.sql
var Postgres embed.FS
