// Package backup makes one file of a whole town while it works, proves such a
// file, and makes a town of it again, on SQLite or PostgreSQL whatever it came
// from. docs/adr/0014 says why the file is as it is.
//
// It must not know what any table means: which files of pictures rows name is
// handed in.
package backup
