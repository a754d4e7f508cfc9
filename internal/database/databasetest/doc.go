// Package databasetest hands tests an empty database: a SQLite file or a fresh database on a PostgreSQL server of
// their own, so that the same test runs on both.
//
// The server is Debian's PostgreSQL, started once per test binary on a Unix socket in a temporary directory, and it ends
// with the test binary however that ends. A missing PostgreSQL is a failure that names the package, never a silent skip.
//
// It must not know what is stored: it imports no driver and no schema, and only test files may import it.
package databasetest
