package pledge

import (
	"strings"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/application"
)

// TestDue: of what a club says a few notices become letters, none of what is over,
// and none for which there are no words.
func TestDue(t *testing.T) {
	many := make([]as.HelperNotice, 40)
	for i := range many {
		many[i] = as.HelperNotice{Kind: application.TellMessage, Text: strings.Repeat("ä", 5000)}
	}
	one := func(kind string) []as.HelperNotice { return []as.HelperNotice{{Kind: kind}} }
	for name, c := range map[string]struct {
		was, state, cause string
		notices           []as.HelperNotice
		want              int
		kind              string
	}{
		"many":                {application.Asked, application.Asked, "", many, mostNotices, application.TellMessage},
		"after it was taken":  {application.Withdrawn, application.Accepted, "", many, 0, ""},
		"thanks":              {application.Done, application.Done, "", one(application.TellThanks), 1, application.TellThanks},
		"refused by the club": {application.Asked, application.Declined, application.ByClub, one(application.TellEnded), 1, application.TellDeclined},
		"asked twice":         {application.Asked, application.Declined, application.ByHelper, one(application.TellEnded), 1, application.TellDeclined},
		"expired":             {application.Asked, application.Declined, application.IsExpired, one(application.TellEnded), 1, application.TellEnded},
		"over":                {application.Accepted, application.Done, application.IsOver, one(application.TellEnded), 0, ""},
		"unknown":             {application.Asked, application.Asked, "", one("advert"), 0, ""},
	} {
		got := due(c.was, &as.Helper{State: c.state, Cause: c.cause}, c.notices)
		if len(got) != c.want || c.want > 0 && got[0].Kind != c.kind {
			t.Errorf("%s: %d notices %+v", name, len(got), got[:min(len(got), 1)])
		}
		for _, n := range got {
			if len([]rune(n.Text)) > mostText {
				t.Errorf("%s: a text of %d characters", name, len([]rune(n.Text)))
			}
		}
	}
}
