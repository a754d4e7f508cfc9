// Command security writes docs/security.md from docs/security.toml and the
// names of the tests: make generate calls it.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"codeberg.org/aushang/aushang/internal/house"
)

// root is the folder of the module as seen from internal/house, where go
// generate runs.
const root = "../.."

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "generate the page of known faults:", err)
		os.Exit(1)
	}
}

func write() error {
	m, err := house.Read(context.Background(), root)
	if err != nil {
		return err
	}
	page, err := house.SecurityPage(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "docs/security.md"), page, 0o644) //nolint:gosec // a page for everybody to read
}
