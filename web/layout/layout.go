// Package layout holds the shell of every page: head, header with navigation,
// main, footer.
package layout

import "embed"

// Files are the template of the shell and its words.
//
//go:embed *.html *.toml
var Files embed.FS
