// Package database opens the one database of a town, SQLite or PostgreSQL,
// keeps its schema up to date, and gives out the two ways in: Read for looking
// and Write for changing. It also carries the bell, by which processes on the
// same database wake each other.
//
// It is the only package that knows a driver. It must not know what any table
// means.
package database
