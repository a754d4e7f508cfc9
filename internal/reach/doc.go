// Package reach tells editors how far what their club publishes goes: who
// follows it, by server and by month, how others react, and how many read its
// calendar and feeds. It follows nobody: readers are counted by a hash of a
// day, which is held in memory only, and one number is kept.
//
// It must not know any kind of thing: what things are called is handed in.
package reach
