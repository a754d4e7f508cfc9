package app

import (
	"testing"

	"codeberg.org/aushang/aushang/internal/config"
)

// TestStyle: the page with all parts is there for who works on the look, in each
// language, and nowhere else.
func TestStyle(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	for _, path := range []string{"/stil", "/stil?lang=en"} {
		if w := v.get(path, html); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	town := found(t, migrated.SQLite(t), func(c *config.Config) { c.Demo = config.Off })
	if w := town.get("/stil", html); w.Code != 404 {
		t.Errorf("a real town has the page: %d", w.Code)
	}
}
