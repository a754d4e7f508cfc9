package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// unit is what a figure counts.
type unit string

const (
	milliseconds unit = "ms"
	microseconds unit = "us"
	perSecond    unit = "/s"
	megabytes    unit = "MB"
	kilobytes    unit = "KB"
	times        unit = "x"
	count        unit = ""
)

func (u unit) format(v float64) string {
	digits := 1
	switch {
	case u == perSecond || u == count && v == float64(int64(v)):
		digits = 0
	case u == milliseconds && v < 10, u == times:
		digits = 3
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", digits, v, u))
}

// in gives a duration in a unit of time.
func in(u unit, d time.Duration) float64 {
	if u == microseconds {
		return float64(d) / float64(time.Microsecond)
	}
	return float64(d) / float64(time.Millisecond)
}

// figure is a row of the table.
type figure struct {
	what  string
	unit  unit
	value float64
	// floor is what the floor program took in the same run, and bound the most
	// that a floor may take; 0 where there is none.
	floor, bound float64
	// goal is the limit, of the figure or of its ratio to the floor; 0 when
	// there is none.
	goal goal
}

// goal is what a figure should reach.
type goal struct {
	limit   float64
	least   bool // at least the limit, not at most
	ofFloor bool // the limit is for the ratio
}

func most(v float64) goal         { return goal{limit: v} }
func least(v float64) goal        { return goal{limit: v, least: true} }
func mostOfFloor(v float64) goal  { return goal{limit: v, ofFloor: true} }
func leastOfFloor(v float64) goal { return goal{limit: v, ofFloor: true, least: true} }

// yardstick is the floor that counts: nobody gains by a slow one.
func (f figure) yardstick() float64 {
	if f.bound > 0 && (f.floor == 0 || f.bound < f.floor) {
		return f.bound
	}
	return f.floor
}

// ratio is the figure as a multiple of its floor; 0 when there is none.
func (f figure) ratio() float64 {
	if y := f.yardstick(); y > 0 {
		return f.value / y
	}
	return 0
}

// reached tells whether the goal is met; ok is false when there is none.
func (f figure) reached() (yes, ok bool) {
	if f.goal.limit == 0 {
		return false, false
	}
	v := f.value
	if f.goal.ofFloor {
		v = f.ratio()
	}
	if f.goal.least {
		return v >= f.goal.limit, true
	}
	return v <= f.goal.limit, true
}

// row writes the figure as a row in Markdown.
func (f figure) row() string {
	cells := []string{f.what, f.unit.format(f.value), "", "", "", ""}
	if f.floor > 0 {
		cells[2] = f.unit.format(f.floor)
	}
	if f.bound > 0 {
		cells[2] = strings.TrimSpace(cells[2] + " (bound " + f.unit.format(f.bound) + ")")
	}
	if r := f.ratio(); r > 0 {
		cells[3] = fmt.Sprintf("%.2f", r)
	}
	if yes, ok := f.reached(); ok {
		cells[4] = f.goal.sentence(f.unit)
		cells[5] = map[bool]string{true: "yes", false: "**no**"}[yes]
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

func (g goal) sentence(u unit) string {
	text := "at most "
	if g.least {
		text = "at least "
	}
	if g.ofFloor {
		return fmt.Sprintf("%s%.2f of the floor", text, g.limit)
	}
	return text + strings.Replace(u.format(g.limit), ".000 ", " ", 1)
}

// table collects figures and says them as they come.
type table struct {
	// where and when, known from the start: the tree may change meanwhile.
	where   string
	figures []figure
}

func newTable() table {
	commit, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	return table{where: fmt.Sprintf("%s, %d cores, %s, commit %s, %s", processor(), runtime.NumCPU(), runtime.Version(),
		strings.TrimSpace(string(commit)), time.Now().UTC().Format(time.DateOnly))}
}

func (t *table) add(f figure) {
	if len(t.figures) == 0 {
		fmt.Println(t.where + "\n\n" + head)
	}
	t.figures = append(t.figures, f)
	fmt.Println(f.row())
}

const head = "| what | figure | floor | times the floor | goal | reached |\n|---|---|---|---|---|---|"

// String gives the table in Markdown, with where and when.
func (t *table) String() string {
	lines := []string{t.where, "", head}
	for _, f := range t.figures {
		lines = append(lines, f.row())
	}
	return strings.Join(lines, "\n") + "\n"
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	_, after, _ := strings.Cut(string(text), "model name\t: ")
	line, _, _ := strings.Cut(after, "\n")
	return line
}
