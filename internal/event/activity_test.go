package event

import (
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// TestDetailsOf: what other servers say of where an Event is and whether it
// takes place is what is stored.
func TestDetailsOf(t *testing.T) {
	for name, tc := range map[string]struct {
		more                  string
		place, online, status string
	}{
		"a place":                         {`"location":{"type":"Place","name":"Anger"}`, "Anger", "", Confirmed},
		"online (FEP-8a8e)":               {`"location":[{"type":"VirtualLocation","name":"Besprechung","url":"https://meet.example/amt"}]`, "", "https://meet.example/amt", Confirmed},
		"a place and online":              {`"location":[{"type":"VirtualLocation","url":"https://meet.example/"},{"type":"Place","name":"Anger"}]`, "Anger", "", Confirmed},
		"online by a link":                {`"isOnline":true,"attachment":[{"type":"Link","href":"https://meet.example/amt","name":"Online"}]`, "", "https://meet.example/amt", Confirmed},
		"a link that is only a page":      {`"isOnline":false,"attachment":[{"type":"Link","href":"https://chor.example/"}]`, "", "", Confirmed},
		"online at no web address":        {`"location":{"type":"VirtualLocation","url":"javascript:x"}`, "", "", Confirmed},
		"cancelled (FEP-8a8e)":            {`"eventStatus":"EventCancelled"`, "", "", Cancelled},
		"cancelled (Mobilizon)":           {`"ical:status":"CANCELLED"`, "", "", Cancelled},
		"cancelled (Mobilizon, expanded)": {`"status":"CANCELLED"`, "", "", Cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := as.DecodeObject([]byte(`{"id":"https://b.test/1","type":"Event","attributedTo":"https://b.test/amt","name":"Fest","startTime":"2027-07-01T19:00:00Z",` + tc.more + `}`))
			if err != nil {
				t.Fatal(err)
			}
			d, err := detailsOf(doc)
			if err != nil || d.Place != tc.place || d.OnlineURL != tc.online || d.Status != tc.status {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}
