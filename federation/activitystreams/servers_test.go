package activitystreams

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// told is what was understood of something, in lines; what is empty has none.
type told []string

func (l *told) say(what string, parts ...any) {
	text := strings.Join(strings.Fields(fmt.Sprintln(parts...)), " ")
	if text = strings.TrimSpace(strings.ReplaceAll(text, "[]", "")); text != "" {
		*l = append(*l, what+" "+text)
	}
}

func (l *told) when(what string, t time.Time) {
	if !t.IsZero() {
		l.say(what, t.Format(time.RFC3339Nano))
	}
}

func (l *told) item(i Item) {
	switch {
	case i.Activity != nil:
		a := i.Activity
		l.say(a.Type, a.ID)
		l.say("by", a.Actor)
		l.say("to", a.To)
		l.say("cc", a.Cc)
		l.when("published", a.Published)
		l.say("says", a.Content)
		l.say("target", a.Target)
		if !a.Instrument.IsZero() {
			l.say("instrument", a.Instrument.Type(), a.Instrument.ID)
		}
		l.item(a.Object)
	case i.Actor != nil:
		l.actor(i.Actor)
	case i.Object != nil:
		l.object(i.Object)
	default:
		l.say("of", i.ID, i.IDs)
	}
}

func (l *told) actor(a *Actor) {
	l.say(a.Type, a.ID)
	l.say("called", a.PreferredUsername, a.Name)
	l.say("says", a.Summary)
	l.say("inbox", a.Inbox, a.SharedInbox())
	l.say("followers", a.Followers)
	l.say("page", a.URL)
	if k := a.PublicKey; k != nil {
		l.say("key", k.ID, k.Owner, len(k.PublicKeyPem))
	}
	if a.Icon != nil {
		l.say("icon", a.Icon.MediaType, a.Icon.URL, a.Icon.Name)
	}
	for _, f := range a.Attachment {
		l.say("field", f.Name, f.Value)
	}
	l.say("once", a.AlsoKnownAs)
}

func (l *told) object(o *Object) {
	l.say(o.Type, o.ID)
	l.say("by", o.AttributedTo)
	l.say("to", o.To)
	l.say("cc", o.Cc)
	l.say("name", o.Name)
	l.say("summary", o.Summary)
	l.say("text", o.Content)
	l.say("language", o.Language)
	l.say("page", o.URL)
	l.say("answers", o.InReplyTo)
	l.say("conversation", o.Conversation)
	l.when("published", o.Published)
	l.when("updated", o.Updated)
	l.when("from", o.StartTime)
	l.when("till", o.EndTime)
	l.say("zone", o.Timezone)
	l.say("status", o.Status, o.EventStatus)
	if p := o.Location; p != nil {
		l.say("at", p.Type, p.Name, p.URL)
		if p.Latitude != nil {
			l.say("coordinates", *p.Latitude, *p.Longitude)
		}
		if a := p.Address; a != nil {
			l.say("address", a.StreetAddress, a.PostalCode, a.AddressLocality, a.AddressRegion, a.AddressCountry)
		}
	}
	for _, a := range o.Attachment {
		l.say("media", a.Type, a.MediaType, a.URL, a.Href, a.Name)
	}
	for _, t := range o.Tag {
		l.say("tag", t.Type, t.Name, t.Href)
	}
}

// TestServersAreUnderstood: of documents as other servers write them the
// meaning is kept: who, to whom, when, what, where. Each has a file with what
// must be understood of it, one line for each field.
func TestServersAreUnderstood(t *testing.T) {
	for name, body := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			for _, form := range [][]byte{body, append([]byte("\xef\xbb\xbf"), body...)} { // Firefish has been seen with a BOM
				i, err := DecodeItem(form)
				if err != nil {
					t.Fatal(err)
				}
				var got told
				got.item(i)
				want, err := os.ReadFile("testdata/" + name + ".txt")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), []string(got)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}
