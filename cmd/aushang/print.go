package main

import (
	"encoding/json"
	"fmt"
)

// made is what a verb prints of a thing that it made or changed.
type made struct {
	ID  string `json:"id"`
	URL string `json:"url"`
	// Handle is the address of a club, "@name@domain".
	Handle string `json:"handle,omitempty"`
	// OneTimeURL lets a new person in once.
	OneTimeURL string `json:"one_time_url,omitempty"`
}

// print writes v as one JSON value with --json, and otherwise the line.
func (c *call) print(v any, format string, args ...any) error {
	if c.cli.JSON {
		return c.printJSON(v)
	}
	_, err := fmt.Fprintf(c.out, format+"\n", args...)
	return err
}

func (c *call) printJSON(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
