// Package opportunity is the slice of volunteering: what clubs need hands for,
// with shifts, through page, federation, calendar and export.
//
// It must not know who applies: that is handed in as Applications.
package opportunity
