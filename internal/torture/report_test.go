package torture

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// The table of the page stands between these lines; all else is written by hand.
const (
	tableBegins = "<!-- make torture writes from here -->\n"
	tableEnds   = "<!-- to here -->\n"
)

// report collects the rows of the table.
type report struct {
	where string
	rows  []string
}

func newReport() *report {
	commit, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	return &report{where: fmt.Sprintf("%s, %d cores, %s, commit %s, %s", processor(), runtime.NumCPU(), runtime.Version(),
		strings.TrimSpace(string(commit)), time.Now().UTC().Format(time.DateOnly))}
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

func (r *report) add(what string, c cells) {
	r.rows = append(r.rows, fmt.Sprintf("| %s | %d | %s | %d | %s | %s | %s | %s |",
		what, c.kills, c.work, c.lost, c.doubled, c.flight, c.twice, c.took.Round(time.Second)))
}

// String gives the table in Markdown, with where and when.
func (r *report) String() string {
	return r.where + "\n\n| what | kills | work | lost | doubled | in flight at the kill | must be 0 | took |\n|---|---|---|---|---|---|---|---|\n" +
		strings.Join(r.rows, "\n") + "\n"
}

// writePage puts the table into the page in place of the one that is there.
func writePage(file, table string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !ok || !ends {
		return fmt.Errorf("write table into %s: the lines between which it stands are not there", file)
	}
	return os.WriteFile(file, []byte(before+tableBegins+"\n"+table+"\n"+tableEnds+after), 0o644) //nolint:gosec // a document for everybody
}
