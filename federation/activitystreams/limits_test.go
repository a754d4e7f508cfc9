package activitystreams

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// of gives a document of a kind with one more property.
func of(kind, key string, value any) []byte {
	doc := map[string]any{
		"@context": namespace, "id": "https://b.test/1", "type": kind, "attributedTo": "https://b.test/eve", "actor": "https://b.test/eve",
		"inbox": "https://b.test/inbox", "object": "https://b.test/2", "preferredUsername": "eve",
	}
	doc[key] = value
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err) // maps, lists and texts only
	}
	return body
}

// letters are n characters of two bytes each.
func letters(n int) string { return strings.Repeat("ä", n) }

// bytesOf are n bytes in a row.
func bytesOf(n int) string { return strings.Repeat("a", n) }

// address is a web address of n bytes.
func address(n int) string { return "https://b.test/" + bytesOf(n-len("https://b.test/")) }

// times is a list of n times v.
func times(n int, v any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// within is a property inside of an object under a key.
func within(key string, inner any) map[string]any { return map[string]any{key: inner} }

// cutting is a field of which more than limit leaves beyond. left sends n of it
// and gives how much of that is kept.
type cutting struct {
	limit, beyond int
	left          func(n int) int
}

// atLimits sends each field at its limit and beyond, and wants the first whole
// and of the second as much as the limit says: none where half of it would mean
// nothing.
func atLimits(t *testing.T, cases map[string]cutting) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.left(tc.limit); got != tc.limit {
				t.Errorf("of %d are left %d", tc.limit, got)
			}
			if got := tc.left(tc.limit + 1); got != tc.beyond {
				t.Errorf("of %d are left %d, want %d", tc.limit+1, got, tc.beyond)
			}
		})
	}
}

func note(t *testing.T, key string, value any) *Object {
	t.Helper()
	o, err := DecodeObject(of("Note", key, value))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func person(t *testing.T, key string, value any) *Actor {
	t.Helper()
	a, err := DecodeActor(of("Person", key, value))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// said is the content of an activity.
func said(t *testing.T, kind string, n int) string {
	t.Helper()
	a, err := Decode(of(kind, "content", letters(n)))
	if err != nil {
		t.Fatal(err)
	}
	return a.Content
}

func picture(more map[string]any) map[string]any {
	more["type"], more["url"] = "Document", "https://b.test/1.png"
	return more
}

func attached(t *testing.T, key string, value any) Attachment {
	t.Helper()
	return note(t, "attachment", []any{picture(within(key, value))}).Attachment[0]
}

func place(t *testing.T, key string, value any) *Place {
	t.Helper()
	return note(t, "location", map[string]any{"type": "Place", "name": "Anger", key: value}).Location
}

func size(s string) int { return utf8.RuneCountInString(s) }

func TestLimitsOfObjects(t *testing.T) {
	atLimits(t, map[string]cutting{
		"T-DOS-05 a title":         {maxName, maxName, func(n int) int { return size(note(t, "name", letters(n)).Name) }},
		"T-DOS-05 a summary":       {maxSummary, maxSummary, func(n int) int { return size(note(t, "summary", letters(n)).Summary) }},
		"T-DOS-05 a text in bytes": {maxContent, maxContent, func(n int) int { return len(note(t, "content", bytesOf(n)).Content) }},
		"T-DOS-05 tags":            {maxTags, maxTags, func(n int) int { return len(note(t, "tag", times(n, map[string]any{"type": "Mention"})).Tag) }},
		"T-DOS-05 the name of a tag": {maxName, maxName, func(n int) int {
			return size(note(t, "tag", map[string]any{"type": "Emoji", "name": letters(n)}).Tag[0].Name)
		}},
		"T-DOS-05 attachments":            {maxAttachments, maxAttachments, func(n int) int { return len(note(t, "attachment", times(n, picture(map[string]any{}))).Attachment) }},
		"T-DOS-05 the address of a page":  {maxURL, 0, func(n int) int { return len(note(t, "url", address(n)).URL) }},
		"T-DOS-05 what it answers":        {maxID, 0, func(n int) int { return len(note(t, "inReplyTo", address(n)).InReplyTo) }},
		"T-DOS-05 a conversation":         {maxID, 0, func(n int) int { return len(note(t, "context", bytesOf(n)).Conversation) }},
		"T-DOS-05 who may attend":         {maxSize, 0, func(n int) int { return note(t, "maximumAttendeeCapacity", n).MaximumAttendeeCapacity }},
		"T-DOS-05 a time zone":            {maxTerm, 0, func(n int) int { return len(note(t, "timezone", bytesOf(n)).Timezone) }},
		"T-DOS-05 a category":             {maxTerm, 0, func(n int) int { return len(note(t, "category", bytesOf(n)).Category) }},
		"T-DOS-05 a language":             {maxTerm, 0, func(n int) int { return len(note(t, "inLanguage", bytesOf(n)).InLanguage) }},
		"T-DOS-05 a status":               {maxTerm, 0, func(n int) int { return len(note(t, "status", bytesOf(n)).Status) }},
		"T-DOS-05 the status of FEP-8a8e": {maxTerm, 0, func(n int) int { return len(note(t, "eventStatus", bytesOf(n)).EventStatus) }},
		"T-DOS-05 how to join":            {maxTerm, 0, func(n int) int { return len(note(t, "joinMode", bytesOf(n)).JoinMode) }},
		"T-DOS-05 a former type":          {maxTerm, 0, func(n int) int { return len(note(t, "formerType", bytesOf(n)).FormerType) }},
	})
}

func TestLimitsOfPicturesAndPlaces(t *testing.T) {
	atLimits(t, map[string]cutting{
		"T-DOS-05 what a picture shows":    {maxDescription, maxDescription, func(n int) int { return size(attached(t, "name", letters(n)).Name) }},
		"T-DOS-05 what else it shows":      {maxDescription, maxDescription, func(n int) int { return size(attached(t, "summary", letters(n)).Summary) }},
		"T-DOS-05 a media type":            {maxTerm, 0, func(n int) int { return len(attached(t, "mediaType", bytesOf(n)).MediaType) }},
		"T-DOS-05 the width of a picture":  {maxSize, 0, func(n int) int { return attached(t, "width", n).Width }},
		"T-DOS-05 the height of a picture": {maxSize, 0, func(n int) int { return attached(t, "height", n).Height }},
		"T-DOS-05 a blurhash":              {maxBlurhash, 0, func(n int) int { return len(attached(t, "blurhash", "|"+bytesOf(n-1)).Blurhash) }},
		"T-DOS-05 the address of a picture": {maxURL, 0, func(n int) int {
			return len(note(t, "attachment", map[string]any{"type": "Image", "url": address(n)}).Attachment[0].URL)
		}},
		"T-DOS-05 the name of a place": {maxName, maxName, func(n int) int { return size(place(t, "name", letters(n)).Name) }},
		"T-DOS-05 the id of a place":   {maxID, 0, func(n int) int { return len(place(t, "id", address(n)).ID) }},
		"T-DOS-05 a street": {maxAddress, maxAddress, func(n int) int {
			return size(place(t, "address", within("streetAddress", letters(n))).Address.StreetAddress)
		}},
		"T-DOS-05 a postal address in a line": {maxAddress, maxAddress, func(n int) int { return size(place(t, "address", letters(n)).Address.StreetAddress) }},
		"T-DOS-05 a postal code":              {maxAddress, maxAddress, func(n int) int { return size(place(t, "address", within("postalCode", letters(n))).Address.PostalCode) }},
		"T-DOS-05 a town": {maxAddress, maxAddress, func(n int) int {
			return size(place(t, "address", within("addressLocality", letters(n))).Address.AddressLocality)
		}},
		"T-DOS-05 a region": {maxAddress, maxAddress, func(n int) int {
			return size(place(t, "address", within("addressRegion", letters(n))).Address.AddressRegion)
		}},
		"T-DOS-05 a country": {maxAddress, maxAddress, func(n int) int {
			return size(place(t, "address", within("addressCountry", letters(n))).Address.AddressCountry)
		}},
		"T-DOS-05 a place in plain words": {maxName, maxName, func(n int) int { return size(note(t, "location", letters(n)).Location.Name) }},
	})
}

func TestLimitsOfActorsAndActivities(t *testing.T) {
	field := map[string]any{"type": "PropertyValue", "name": "a", "value": "b"}
	multikey := map[string]any{"type": "Multikey", "id": "https://b.test/1#k", "controller": "https://b.test/1", "publicKeyMultibase": "z"}
	atLimits(t, map[string]cutting{
		"T-DOS-05 a display name":      {maxName, maxName, func(n int) int { return size(person(t, "name", letters(n)).Name) }},
		"T-DOS-05 a biography":         {maxBiography, maxBiography, func(n int) int { return size(person(t, "summary", letters(n)).Summary) }},
		"T-DOS-05 fields of a profile": {maxFields, maxFields, func(n int) int { return len(person(t, "attachment", times(n, field)).Attachment) }},
		"T-DOS-05 the name of a field": {maxField, maxField, func(n int) int {
			return size(person(t, "attachment", map[string]any{"type": "PropertyValue", "name": letters(n)}).Attachment[0].Name)
		}},
		"T-DOS-05 the value of a field": {maxField, maxField, func(n int) int {
			return size(person(t, "attachment", map[string]any{"type": "PropertyValue", "value": letters(n)}).Attachment[0].Value)
		}},
		"T-DOS-05 former names": {maxAliases, maxAliases, func(n int) int { return len(person(t, "alsoKnownAs", times(n, "https://b.test/old")).AlsoKnownAs) }},
		"T-DOS-05 a new place":  {maxID, 0, func(n int) int { return len(person(t, "movedTo", address(n)).MovedTo) }},
		"T-DOS-05 a PEM": {maxKey, 0, func(n int) int {
			return len(person(t, "publicKey", within("publicKeyPem", bytesOf(n))).PublicKey.PublicKeyPem)
		}},
		"T-DOS-05 the id of a key": {maxID, 0, func(n int) int { return len(person(t, "publicKey", within("id", address(n))).PublicKey.ID) }},
		"T-DOS-05 Multikeys":       {maxKeys, maxKeys, func(n int) int { return len(person(t, "assertionMethod", times(n, multikey)).AssertionMethod) }},
		"T-DOS-05 a Multikey": {maxKey, 0, func(n int) int {
			return len(person(t, "assertionMethod", map[string]any{"type": "Multikey", "publicKeyMultibase": bytesOf(n)}).AssertionMethod[0].PublicKeyMultibase)
		}},
		"T-DOS-05 a handle of the actor's own": {maxUsername, 0, func(n int) int { return len(person(t, "webfinger", bytesOf(n)).Webfinger) }},
		"T-DOS-05 a shared inbox":              {maxURL, 0, func(n int) int { return len(person(t, "endpoints", within("sharedInbox", address(n))).SharedInbox()) }},
		"T-DOS-05 the comment of a report":     {maxComment, maxComment, func(n int) int { return size(said(t, "Flag", n)) }},
		"T-DOS-05 the emoji of a reaction":     {maxReaction, maxReaction, func(n int) int { return size(said(t, "EmojiReact", n)) }},
	})
}

// TestLimitsRefuse sends what would be something else if it were cut.
func TestLimitsRefuse(t *testing.T) {
	decode := func(body []byte) error { _, err := DecodeItem(body); return err }
	receive := func(body []byte) error { _, err := Decode(body); return err }
	mention := map[string]any{"type": "Mention", "href": "https://b.test/u", "name": "@u@b.test"}
	numbered := func(n int) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = fmt.Sprintf("https://b.test/%d", i)
		}
		return list
	}
	for name, tc := range map[string]struct {
		decode        func(body []byte) error
		taken, beyond []byte
	}{
		"T-DOS-04 recipients":               {receive, of("Create", "to", numbered(maxRecipients)), of("Create", "to", numbered(maxRecipients+1))},
		"T-DOS-04 copies":                   {receive, of("Create", "cc", numbered(maxRecipients)), of("Create", "cc", numbered(maxRecipients+1))},
		"T-DOS-04 5,000 recipients":         {decode, of("Note", "to", numbered(maxRecipients)), of("Note", "to", numbered(5000))},
		"T-DOS-04 5,000 mentions":           {decode, of("Note", "tag", times(1000, mention)), of("Note", "tag", times(5000, mention))},
		"T-DOS-04 5,000 attachments":        {decode, of("Note", "attachment", times(1000, mention)), of("Note", "attachment", times(5000, mention))},
		"T-DOS-05 10,000 attachments":       {decode, of("Note", "attachment", times(1000, mention)), of("Note", "attachment", times(10_000, "https://b.test/1.png"))},
		"T-DOS-05 100,000 options":          {decode, of("Question", "oneOf", times(1000, within("name", "ja"))), of("Question", "oneOf", times(100_000, within("name", "ja")))},
		"T-DOS-05 100,000 recipients":       {receive, of("Create", "to", "https://b.test/1"), of("Create", "to", numbered(100_000))},
		"T-DOS-05 any text":                 {decode, of("Note", "x", bytesOf(maxString)), of("Note", "x", bytesOf(maxString+1))},
		"T-DOS-05 a name of 1 MB":           {decode, of("Person", "name", bytesOf(maxString)), of("Person", "name", bytesOf(1<<20))},
		"T-DOS-05 a text of 300 kB":         {decode, of("Note", "content", bytesOf(200_000)), of("Note", "content", bytesOf(300_000))},
		"T-DOS-05 any key":                  {decode, of("Note", bytesOf(maxString), 1), of("Note", bytesOf(maxString+1), 1)},
		"T-DOS-05 any number":               {decode, of("Note", "x", json.Number(strings.Repeat("1", maxNumber))), of("Note", "x", json.Number(strings.Repeat("1", maxNumber+1)))},
		"T-DOS-05 a user name":              {decode, of("Person", "preferredUsername", letters(maxUsername)), of("Person", "preferredUsername", letters(maxUsername+1))},
		"T-DOS-05 an id":                    {decode, of("Note", "id", address(maxID)), of("Note", "id", address(maxID+1))},
		"T-DOS-05 an author":                {decode, of("Note", "attributedTo", address(maxID)), of("Note", "attributedTo", address(maxID+1))},
		"T-DOS-05 an inbox":                 {decode, of("Person", "inbox", address(maxID)), of("Person", "inbox", address(maxID+1))},
		"T-DOS-05 the id of an activity":    {receive, of("Like", "id", address(maxID)), of("Like", "id", address(maxID+1))},
		"T-DOS-05 what an activity is of":   {receive, of("Like", "object", address(maxID)), of("Like", "object", address(maxID+1))},
		"T-DOS-05 a type":                   {decode, of(bytesOf(maxTerm), "id", nil), of(bytesOf(maxTerm+1), "id", nil)},
		"T-DOS-05 a host":                   {decode, of("Note", "id", "https://"+strings.Repeat("a.", 120)+"test/"), of("Note", "id", "https://"+strings.Repeat("a.", 130)+"test/")},
		"T-DOS-05 a document of 1 MB":       {decode, of("Note", "x", times(5, bytesOf(200_000))), of("Note", "x", times(6, bytesOf(200_000)))},
		"T-DOS-05 keys and values":          {decode, of("Note", "x", times(9000, 1)), of("Note", "x", times(10_000, 1))},
		"T-DOS-05 levels":                   {decode, of("Note", "x", nested(maxDepth-1)), of("Note", "x", nested(maxDepth))},
		"T-DOS-05 activities in activities": {receive, of("Announce", "object", announces(20)), of("Announce", "object", announces(40))},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tc.decode(tc.taken); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			if err := tc.decode(tc.beyond); !errors.Is(err, ErrMalformed) {
				t.Errorf("beyond it: %v", err)
			}
		})
	}
}

// nested is a list in a list, n levels deep.
func nested(n int) any {
	var v any = 1
	for range n {
		v = []any{v}
	}
	return v
}

// announces is an Announce of an Announce, n levels deep.
func announces(n int) any {
	var v any = "https://b.test/2"
	for i := range n {
		v = map[string]any{"type": "Announce", "id": fmt.Sprintf("https://b.test/a/%d", i), "actor": "https://b.test/eve", "object": v}
	}
	return v
}
