package house

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// The list of known faults, and the page that is made from it and the tests,
// from the root of the module.
const (
	faultsFile   = "docs/security.toml"
	securityFile = "docs/security.md"
)

// faults is the list of what went wrong at other servers.
type faults struct {
	// Issues are the titles of those that a row may wait for.
	Issues []string
	Part   []struct {
		Title string
		Row   []fault
	}

	text string
}

// fault is one class of fault and what must hold here. A test shows it by its
// name; what concerns a thing that is not built yet waits for an issue. A row
// may be shown in part and wait for the rest.
type fault struct {
	ID, Source, Holds, Waits, Because string
}

// ids are those of rows, as they stand in the name of a test.
var ids = regexp.MustCompile(`T-[A-Z]+-[0-9]+`)

// readFaults reads the list; nil when the module has none.
func readFaults(dir string) (*faults, error) {
	text, err := os.ReadFile(filepath.Join(dir, faultsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list := &faults{text: string(text)}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(list); err != nil {
		return nil, fmt.Errorf("read %s: %w", faultsFile, err)
	}
	return list, nil
}

// rows gives the rows of all parts.
func (l *faults) rows() []fault {
	var all []fault
	for _, p := range l.Part {
		all = append(all, p.Row...)
	}
	return all
}

// at gives a finding on the row with this id.
func (l *faults) at(id, format string, args ...any) Finding {
	before, _, _ := strings.Cut(l.text, fmt.Sprintf("id = %q", id))
	return Finding{faultsFile, strings.Count(before, "\n") + 1, id + " " + fmt.Sprintf(format, args...)}
}

// Security gives the rows of the list of known faults that no test shows and
// that wait for nothing, tests that are named after a row and show nothing, and
// tests that the page names and that are there no more.
func Security(m *Module) ([]Finding, error) {
	list, err := readFaults(m.dir)
	if err != nil || list == nil {
		return nil, err
	}
	shown := proofs(m)
	var all []Finding
	known := map[string]bool{}
	for _, row := range list.rows() {
		if known[row.ID] {
			all = append(all, list.at(row.ID, "is there twice"))
		}
		known[row.ID] = true
		all = append(all, list.judge(row, shown)...)
	}
	for _, p := range shown {
		switch {
		case !known[p.id]:
			all = append(all, Finding{p.file, p.line, fmt.Sprintf("%s is no row of %s", p.id, faultsFile)})
		case p.wrong != "":
			all = append(all, Finding{p.file, p.line, fmt.Sprintf("%s %s", p.id, p.wrong)})
		}
	}
	named, err := namedTests(m.dir)
	for _, name := range named {
		if !slices.ContainsFunc(shown, func(p proof) bool { return p.String() == name }) {
			all = append(all, Finding{securityFile, 1, fmt.Sprintf("no test %s shows anything any more: make generate", name)})
		}
	}
	return all, err
}

// judge says what a row lacks.
func (l *faults) judge(row fault, shown []proof) []Finding {
	var all []Finding
	say := func(format string, args ...any) { all = append(all, l.at(row.ID, format, args...)) }
	if !ids.MatchString(row.ID) || row.Source == "" || row.Holds == "" {
		say("needs an id, a source and a sentence that says what holds")
	}
	switch {
	case row.Waits == "" && !slices.ContainsFunc(shown, func(p proof) bool { return p.id == row.ID && p.wrong == "" }):
		say("has neither a test nor an issue that it waits for")
	case row.Waits != "" && !slices.Contains(l.Issues, row.Waits):
		say("waits for %q, which is no issue of the list", row.Waits)
	case (row.Waits == "") != (row.Because == ""):
		say("says only in part what it waits for and why")
	}
	return all
}

// test is a test as the page names it.
var test = regexp.MustCompile("`([^` ]+)` ((Test|Fuzz)[A-Za-z0-9_]+)")

// namedTests lists the tests that the page names; none when there is no page.
func namedTests(dir string) ([]string, error) {
	page, err := os.ReadFile(filepath.Join(dir, securityFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []string
	for _, found := range test.FindAllStringSubmatch(string(page), -1) {
		if !slices.Contains(list, found[0]) {
			list = append(list, found[0])
		}
	}
	return list, err
}

// SecurityPage gives the page that says for each row which tests show it, or
// what it waits for.
func SecurityPage(m *Module) ([]byte, error) {
	list, err := readFaults(m.dir)
	if err != nil {
		return nil, err
	}
	if list == nil {
		return nil, fmt.Errorf("there is no %s", faultsFile)
	}
	shown := proofs(m)
	var parts bytes.Buffer
	for _, part := range list.Part {
		fmt.Fprintf(&parts, "\n## %s\n\n| row | what holds here | known from | shown by |\n|---|---|---|---|\n", part.Title)
		for _, row := range part.Row {
			by := testsOf(row.ID, shown)
			if row.Waits != "" {
				by = append(by, fmt.Sprintf("waits for *%s*: %s", row.Waits, row.Because))
			}
			fmt.Fprintf(&parts, "| %s | %s | %s | %s |\n", row.ID, row.Holds, row.Source, strings.Join(by, "; "))
		}
	}
	return append([]byte(securityHead), parts.Bytes()...), nil
}

const securityHead = `<!-- Generated from docs/security.toml and the names of the tests by "make generate". Do not edit. -->
# What went wrong elsewhere, and what holds here

Each row is a class of fault that other servers had, with the place from which it is known. A test with the name of the row
shows what holds here: ` + "`go test ./... -run '/T-ID-04'`" + ` runs those that are a case of their own. A row about something that is not
built yet names the issue that it waits for; a row with both is shown as far as there is something to show.

` + "`make lint`" + ` fails when a row has neither, and when a test of that name is missing, skipped or empty
([ADR 0015](adr/0015-a-page-of-known-faults.md)).
`

// testsOf lists, without double, the tests that show a row.
func testsOf(id string, shown []proof) []string {
	var list []string
	for _, p := range shown {
		if p.id == id && !slices.Contains(list, p.String()) {
			list = append(list, p.String())
		}
	}
	return list
}
