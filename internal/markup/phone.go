package markup

import "strings"

// Phone tells whether s can be a telephone number as people write it, or is "".
func Phone(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789 +-/().", r) })
}
