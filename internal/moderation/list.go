package moderation

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The limits of a list: its bytes, and how many lines of it are read.
const (
	MaxList  = 900 << 10
	maxLines = 20000
)

// A Fault says what is wrong with a line of a list.
type Fault struct {
	// Line counts from 1.
	Line int
	problem.FieldError
}

// columns are those of Mastodon's file of blocked domains, without their #.
var columns = []string{"domain", "severity", "reject_media", "reject_reports", "public_comment", "obfuscate"}

// severities are the words of the column, of Mastodon and of others.
var severities = map[string]actor.Severity{
	"": actor.Blocked, "suspend": actor.Blocked, "block": actor.Blocked, "silence": actor.Limited, "limit": actor.Limited, "noop": actor.Noop, "none": actor.Noop,
}

// ReadList reads a list of domains in Mastodon's form, or one domain in each
// line. allows says that it lists who is let in. What cannot be read is told by
// its line; of a domain that stands there twice the first counts.
func (s *Moderation) ReadList(body string, allows bool) (list []*actor.Block, faults []Fault) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	at := map[string]int{"domain": 0}
	known := map[string]bool{}
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, faults
		}
		if err != nil {
			var wrong *csv.ParseError
			line := 0
			if errors.As(err, &wrong) {
				line = wrong.Line
			}
			return list, append(faults, Fault{line, fieldError("From here the list cannot be read; please mend this line.")})
		}
		line, _ := r.FieldPos(0)
		if line > maxLines {
			return list, append(faults, Fault{line, fieldError("Only %d lines are read; please split the list.", maxLines)})
		}
		if first && isHeader(row) {
			at = positions(row)
			continue
		}
		if strings.TrimSpace(row[0]) == "" && len(row) == 1 {
			continue
		}
		b, fault := s.readLine(row, at, allows)
		switch {
		case fault != nil:
			faults = append(faults, Fault{line, *fault})
		case known[b.Domain]:
			faults = append(faults, Fault{line, fieldError("%s stands in the list twice; the first line counts.", b.Domain)})
		default:
			known[b.Domain] = true
			list = append(list, b)
		}
	}
}

func fieldError(format string, args ...any) problem.FieldError {
	return problem.FieldError{Field: "list", Format: format, Args: args}
}

func isHeader(row []string) bool {
	return slices.ContainsFunc(row, func(cell string) bool {
		return strings.EqualFold(strings.TrimLeft(strings.TrimSpace(cell), "#"), "domain")
	})
}

func positions(row []string) map[string]int {
	at := map[string]int{}
	for i, cell := range row {
		if name := strings.ToLower(strings.TrimLeft(strings.TrimSpace(cell), "#")); slices.Contains(columns, name) {
			at[name] = i
		}
	}
	return at
}

func (s *Moderation) readLine(row []string, at map[string]int, allows bool) (*actor.Block, *problem.FieldError) {
	cell := func(name string) string {
		if i, ok := at[name]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	yes := func(name string) bool {
		v, err := strconv.ParseBool(strings.ToLower(cell(name)))
		return err == nil && v
	}
	domain := strings.TrimPrefix(cell("domain"), "*.")
	if strings.Contains(domain, "*") {
		wrong := fieldError("%s is hidden with stars; please ask for the whole name.", domain)
		return nil, &wrong
	}
	severity, ok := severities[strings.ToLower(cell("severity"))]
	if !ok {
		wrong := fieldError("%q is no severity; please write suspend, silence or noop.", cell("severity"))
		return nil, &wrong
	}
	b := &actor.Block{
		Domain: domain, Severity: severity, RejectMedia: yes("reject_media"), RejectReports: yes("reject_reports"),
		PublicComment: cutTo(cell("public_comment"), maxComment), Obfuscate: yes("obfuscate"),
	}
	if allows {
		b = &actor.Block{Domain: domain, Severity: actor.Allowed}
	}
	if err := s.check(b); err != nil {
		wrong := problem.FieldsOf(err)[0]
		return nil, &wrong
	}
	return b, nil
}

// WriteList writes the entries as Mastodon reads them; allows asks for those who
// are let in, which Mastodon keeps in a file of their own.
func WriteList(w io.Writer, entries []*actor.Block, allows bool) error {
	out := csv.NewWriter(w)
	head := columns
	if allows {
		head = columns[:1]
	}
	row := make([]string, len(head))
	for i, c := range head {
		row[i] = "#" + c
	}
	if err := out.Write(row); err != nil {
		return err
	}
	words := map[actor.Severity]string{actor.Blocked: "suspend", actor.Limited: "silence", actor.Noop: "noop"}
	for _, b := range entries {
		if (b.Severity == actor.Allowed) != allows {
			continue
		}
		row := []string{b.Domain}
		if !allows {
			row = append(row, words[b.Severity], truth(b.RejectMedia), truth(b.RejectReports), b.PublicComment, truth(b.Obfuscate))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// truth is how Mastodon writes it.
func truth(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
