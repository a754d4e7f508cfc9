// Command house checks the module in the working folder against the plan of the
// house and ends with 1 when something is not as planned: make lint calls it.
package main

import (
	"context"
	"fmt"
	"os"

	"codeberg.org/aushang/aushang/internal/house"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "house takes no arguments: it checks the module in the working folder.")
		os.Exit(2)
	}
	findings, err := house.Check(context.Background(), ".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(1)
	}
	for _, f := range findings {
		fmt.Fprintln(os.Stderr, f)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}
