package style

import (
	"testing"

	"codeberg.org/aushang/aushang/web/locale"
)

// TestShow: what is shown is the same in each language, but for its words, and
// every icon and part has something to show.
func TestShow(t *testing.T) {
	for _, lang := range locale.Languages {
		v := show(lang, "https://here.test")
		if len(v.Rows) == 0 || len(v.Notes) == 0 || len(v.Clubs) == 0 || len(v.Talk.Replies) == 0 || len(v.Notices) == 0 {
			t.Errorf("%s: a part has nothing to show", lang)
		}
		wrong := 0
		for _, g := range v.Wrong.Groups {
			for _, f := range g.Fields {
				if f.Error != "" {
					wrong++
				}
			}
		}
		if wrong != v.Wrong.Wrong {
			t.Errorf("%s: %d fields are wrong, and the form says %d", lang, wrong, v.Wrong.Wrong)
		}
	}
}
