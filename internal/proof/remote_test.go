package proof

import (
	"encoding/json"
	"testing"
)

// stored is one line of `aushang remote list`.
type stored struct {
	id, author, text string
	hidden           bool
}

// stores lists what the town stores from elsewhere that matches a text.
func (w *town) stores(t *testing.T, match string) []stored {
	t.Helper()
	var lines []struct {
		ID           string
		Author       string
		AttributedTo string
		Text         string
		Content      string
		Hidden       bool
	}
	printed := w.verb(t, "remote", "list", "--match", match, "--json")
	if err := json.Unmarshal(printed, &lines); err != nil {
		t.Fatalf("remote list --json: %v\n%s", err, printed)
	}
	var all []stored
	for _, l := range lines {
		all = append(all, stored{id: l.ID, author: l.Author + l.AttributedTo, text: l.Text + l.Content, hidden: l.Hidden})
	}
	return all
}

// remote waits until an object with a text is stored.
func (w *town) remote(t *testing.T, match, id string) stored {
	t.Helper()
	return until(t, patience, w.host+" stores "+id, func() (stored, string) {
		all := w.stores(t, match)
		for _, s := range all {
			if s.id == id {
				return s, ""
			}
		}
		return stored{}, "it is not among those"
	})
}
