package component

import (
	"slices"
	"strings"
)

// Months are numbers by month, a table with a row for each ("months"). On phones
// what is nothing is left out, and months of nothing are named in one sentence.
type Months struct {
	// Key is that of the words that say what the table shows, First that of the
	// words over the months, and Columns are those over the numbers.
	Key, First string
	Columns    []string
	Rows       []MonthRow
}

// A MonthRow is one month: N has a number for each column.
type MonthRow struct {
	Name string
	N    []int
}

// Any tells whether a number of the month is more than nothing.
func (r MonthRow) Any() bool { return slices.ContainsFunc(r.N, func(n int) bool { return n > 0 }) }

// Empty names the months in which there was nothing.
func (m Months) Empty() string {
	var names []string
	for _, r := range m.Rows {
		if !r.Any() {
			names = append(names, r.Name)
		}
	}
	return strings.Join(names, ", ")
}
