package page

import (
	"encoding/csv"
	"io"
	"strings"
)

// A Sheet writes rows for a spreadsheet (RFC 4180), in UTF-8 with a mark that
// tells so. Make one with NewSheet.
type Sheet struct{ w *csv.Writer }

// NewSheet begins a sheet with the names of its columns.
func NewSheet(w io.Writer, names ...string) (*Sheet, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	s := &Sheet{csv.NewWriter(w)}
	s.w.UseCRLF = true
	return s, s.Add(names...)
}

// Add writes a row. What a spreadsheet would calculate stands there as a text:
// others choose what is in these cells.
func (s *Sheet) Add(cells ...string) error {
	safe := make([]string, len(cells))
	for i, c := range cells {
		if safe[i] = c; c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\n|%") || strings.HasPrefix(c, "\uff1d") || strings.HasPrefix(c, "\uff0b") || strings.HasPrefix(c, "\uff0d") || strings.HasPrefix(c, "\uff20") {
			safe[i] = "'" + c
		}
	}
	if err := s.w.Write(safe); err != nil {
		return err
	}
	s.w.Flush()
	return s.w.Error()
}
