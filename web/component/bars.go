package component

// Bars are numbers side by side, each with a small bar ("bars"). The numbers
// are text: the bars say nothing more.
type Bars struct {
	// Key is that of the heading, Name and Number are those of the columns.
	Key, Name, Number string
	List              []Bar
}

// A Bar is one number. Text says of what.
type Bar struct {
	Text string
	N    int
}

// Most is the largest number, at least 1.
func (b Bars) Most() int {
	most := 1
	for _, one := range b.List {
		most = max(most, one.N)
	}
	return most
}

// Any tells whether any number is more than nothing.
func (b Bars) Any() bool {
	for _, one := range b.List {
		if one.N > 0 {
			return true
		}
	}
	return false
}
