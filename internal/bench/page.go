package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// The table of the page stands between these lines; all else is written by hand.
const (
	tableBegins = "<!-- make bench writes from here -->\n"
	tableEnds   = "<!-- to here -->\n"
)

// writePage puts the table into the page in place of the one that is there.
func writePage(file, table string) error {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write table: %w", err)
	}
	page, err := replaceTable(string(text), table)
	if err != nil {
		return fmt.Errorf("write table into %s: %w", file, err)
	}
	return os.WriteFile(file, []byte(page), 0o644) //nolint:gosec // a document for everybody
}

func replaceTable(page, table string) (string, error) {
	if page == "" {
		return tableBegins + "\n" + table + "\n" + tableEnds, nil
	}
	before, rest, ok := strings.Cut(page, tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !ok || !ends {
		return "", errors.New("the lines between which it stands are not there")
	}
	return before + tableBegins + "\n" + table + "\n" + tableEnds + after, nil
}
