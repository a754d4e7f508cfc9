// Package registration lets people and clubs in who come by themselves: the
// form, the letter with its link, and what the town hall decides on them.
//
// It must not know any kind of thing; what it does to clubs is handed in.
package registration
