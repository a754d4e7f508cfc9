package database

import (
	"strings"
)

// A List is an argument of a Statement that stands for several values. It must
// not be empty, and may hold at most 30,000: SQLite takes no more arguments.
type List[T any] []T

// listed is a List of any type.
type listed interface {
	len() int
	appendTo(args []any, n int) []any
}

func (l List[T]) len() int { return len(l) }

// appendTo adds n values, the last one again and again where there are fewer.
func (l List[T]) appendTo(args []any, n int) []any {
	for i := range n {
		args = append(args, l[min(i, len(l)-1)])
	}
	return args
}

const (
	// keptList is the most values of a list with which a statement is kept parsed.
	keptList = 64
	// longestList is how many values a list may have.
	longestList = 30_000
)

// roomFor gives how many places a list of n values gets: a power of two, so that
// a statement has few texts.
func roomFor(n int) int {
	room := 1
	for room < n {
		room *= 2
	}
	return min(room, max(n, longestList))
}

// withRoom gives the statement with as many places as the lists among args
// need, and the arguments one by one.
func (s *Statement) withRoom(args []any) (*Statement, []any) {
	var rooms []int
	for _, arg := range args {
		if l, ok := arg.(listed); ok {
			rooms = append(rooms, roomFor(l.len()))
		}
	}
	if len(rooms) == 0 {
		return s, args
	}
	var flat []any
	next := 0
	for _, arg := range args {
		if l, ok := arg.(listed); ok {
			flat = l.appendTo(flat, rooms[next])
			next++
			continue
		}
		flat = append(flat, arg)
	}
	return s.longerBy(rooms), flat
}

// listSizes are the rooms of the lists of a statement, up to three.
type listSizes [3]int

func (s *Statement) longerBy(rooms []int) *Statement {
	var sizes listSizes
	copy(sizes[:], rooms)
	if known, ok := s.longer.Load(sizes); ok {
		return known.(*Statement)
	}
	parts := strings.SplitAfterN(s.text, "(?)", len(rooms)+1)
	seldom := false
	for i, room := range rooms {
		parts[i] = strings.TrimSuffix(parts[i], "?)") + "?" + strings.Repeat(", ?", room-1) + ")"
		seldom = seldom || room > keptList
	}
	made := NewStatement(strings.Join(parts, ""))
	made.seldom = seldom
	if seldom {
		return made
	}
	known, _ := s.longer.LoadOrStore(sizes, made)
	return known.(*Statement)
}
