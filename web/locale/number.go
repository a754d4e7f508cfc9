package locale

import (
	"strconv"
	"strings"
)

// Number writes a whole number with a mark between thousands: 10.000 in German,
// 10,000 in English.
func Number(language string, n int) string {
	mark := ","
	if language == "de" {
		mark = "."
	}
	s := strconv.Itoa(n)
	from := 0
	if n < 0 {
		from = 1
	}
	for i := len(s) - 3; i > from; i -= 3 {
		s = s[:i] + mark + s[i:]
	}
	return s
}

// Hold keeps a number in words together with what it counts: no line ends
// between "730" and "Tage".
func Hold(words string, n int) string {
	number := strconv.Itoa(n)
	if rest, begins := strings.CutPrefix(words, number+" "); begins {
		return number + hold + rest
	}
	return strings.Replace(words, " "+number+" ", " "+number+hold, 1)
}
