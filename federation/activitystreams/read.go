package activitystreams

import (
	"cmp"
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	boolean "github.com/superseriousbusiness/activity/streams/values/boolean"
	datetime "github.com/superseriousbusiness/activity/streams/values/dateTime"
	float "github.com/superseriousbusiness/activity/streams/values/float"
	langstring "github.com/superseriousbusiness/activity/streams/values/langString"
	nonnegativeinteger "github.com/superseriousbusiness/activity/streams/values/nonNegativeInteger"
)

// document is a guarded JSON object with one accessor for each shape, which
// checks and use share. Values are read by the vocabulary package;
// its types are not used here: they cost 30 MB of program, panic on a type that
// is a list, and rewrite ids (docs/adr/0005).
type document map[string]any

// many gives the entries of a property that may be one value or a list.
func (d document) many(key string) []any {
	switch v := d[key].(type) {
	case nil:
		return nil
	case []any:
		return v[:min(len(v), maxList)]
	default:
		return []any{v}
	}
}

// one gives the first entry.
func (d document) one(key string) any {
	if all := d.many(key); len(all) > 0 {
		return all[0]
	}
	return nil
}

// kind is the type: of several the first that is known here, as Mastodon does
// it, or else the first.
func (d document) kind() string {
	first := ""
	for _, v := range d.many("type") {
		s, ok := v.(string)
		if !ok || len(s) > maxTerm {
			continue
		}
		if actorTypes[s] || activityTypes[s] || objectTypes[s] {
			return s
		}
		if first == "" {
			first = s
		}
	}
	return first
}

// text gives a plain string; "" for anything else.
func (d document) text(key string) string {
	s, _ := d.one(key).(string)
	return s
}

// within gives a plain string of at most n bytes; "" for anything else.
func (d document) within(key string, n int) string {
	if s := d.text(key); len(s) <= n {
		return s
	}
	return ""
}

// term gives a word of a vocabulary.
func (d document) term(key string) string { return d.within(key, maxTerm) }

// natural gives a natural language value: the plain one, or any of its map.
func (d document) natural(key string) string {
	if s := d.text(key); s != "" {
		return s
	}
	m, err := langstring.DeserializeLangString(d[key+"Map"])
	if err != nil {
		return ""
	}
	best := ""
	for language := range m {
		if best == "" || language < best {
			best = language
		}
	}
	return m[best]
}

// idOf gives the id of a value that is one or carries one.
func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		s, _ := v["id"].(string)
		return s
	}
	return ""
}

// id gives the id that a property names, "" when there is none. Several
// different ones are an error: nobody must see another one than the check did.
func (d document) id(key string) (string, error) {
	found := ""
	for _, v := range d.many(key) {
		id := idOf(v)
		if id == "" || found != "" && found != id {
			return "", malformed("%s does not name one thing", key)
		}
		found = id
	}
	if found != "" && Host(found) == "" {
		return "", malformed("%s is no web address", key)
	}
	return found, nil
}

// address gives the web address that a property names first; "" when it is
// none.
func (d document) address(key string) string {
	if id := idOf(d.one(key)); Host(id) != "" {
		return id
	}
	return ""
}

// name gives the URI that a property names first, which may lead nowhere.
func (d document) name(key string) string {
	if id := idOf(d.one(key)); len(id) <= maxID && !strings.ContainsFunc(id, strange) {
		return id
	}
	return ""
}

// ids gives all ids that a property names, without those that are none.
func (d document) ids(key string) []string {
	var list []string
	for _, v := range d.many(key) {
		if id := idOf(v); IsPublic(id) || Host(id) != "" {
			list = append(list, id)
		}
	}
	return list
}

// audience gives the ids in to or cc. More than are read here is an error: a
// list that is cut would be another audience.
func (d document) audience(key string) ([]string, error) {
	if list, ok := d[key].([]any); ok && len(list) > maxRecipients {
		return nil, malformed("%s names more than %d", key, maxRecipients)
	}
	return d.ids(key), nil
}

// focalPoint gives the point of a picture that must stay visible, two numbers
// from -1 to 1; nil for anything else.
func (d document) focalPoint() []float64 {
	list, ok := d["focalPoint"].([]any)
	if !ok || len(list) != 2 {
		return nil
	}
	var point []float64
	for _, v := range list {
		f, err := float.DeserializeFloat(plain(v))
		if err != nil || !(f >= -1 && f <= 1) {
			return nil
		}
		point = append(point, f)
	}
	return point
}

// link gives a web address: a string, or the href of a Link; of several the
// first page.
func (d document) link(key string) string {
	first := ""
	for _, v := range d.many(key) {
		link := idOf(v)
		if m, ok := v.(map[string]any); ok {
			link = document(m).text("href")
			if link == "" {
				link = document(m).link("url")
			}
			if document(m).text("mediaType") == "text/html" && leads(link) {
				return link
			}
		}
		if first == "" && leads(link) {
			first = link
		}
	}
	return first
}

// object gives an embedded object.
func (d document) object(key string) (document, bool) {
	m, ok := d.one(key).(map[string]any)
	return m, ok
}

// time gives an xsd:dateTime, read by the vocabulary; zero when there is none.
func (d document) time(key string) time.Time {
	s := d.text(key)
	if s == "" {
		return time.Time{}
	}
	t, err := datetime.DeserializeDateTime(s)
	if err != nil || t.Year() < 1 || t.Year() > 9999 || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{} // it could not be written
	}
	return t
}

func (d document) flag(key string) *bool {
	b, err := boolean.DeserializeBoolean(plain(d.one(key)))
	if err != nil {
		return nil
	}
	return &b
}

func (d document) number(key string) (float64, bool) {
	f, err := float.DeserializeFloat(plain(d.one(key)))
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// plain gives a number as the vocabulary takes it.
func plain(v any) any {
	if n, ok := v.(json.Number); ok {
		if f, err := n.Float64(); err == nil {
			return f
		}
	}
	return v
}

// size gives a positive whole number; 0 for anything else.
func (d document) size(key string) int {
	n, err := nonnegativeinteger.DeserializeNonNegativeInteger(plain(d.one(key)))
	if err != nil || n > maxSize {
		return 0
	}
	return n
}

// digits83 are those in which a blurhash is written.
const digits83 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

// blurhash gives the blurred picture of a picture if it has the length that its
// first digit says; "" otherwise.
func (d document) blurhash() string {
	s := d.within("blurhash", maxBlurhash)
	for i := range len(s) {
		if strings.IndexByte(digits83, s[i]) < 0 {
			return ""
		}
	}
	if s == "" {
		return ""
	}
	size := strings.IndexByte(digits83, s[0])
	if x, y := size%9+1, size/9+1; y > 9 || len(s) != 4+2*x*y {
		return ""
	}
	return s
}

// language gives the language that the content is written in: the key of
// contentMap under which the same text stands, or else the one that natural
// takes; without a contentMap what Mobilizon and Lemmy say beside it. "" when
// there is none or it is no BCP 47 tag.
func (d document) language() string {
	langs, ok := d["contentMap"].(map[string]any)
	if len(langs) > maxLanguages {
		return ""
	}
	content, best := d.text("content"), ""
	if !ok {
		beside, _ := d.object("language")
		best = cmp.Or(d.term("inLanguage"), beside.term("identifier"))
	}
	for tag, text := range langs {
		if content != "" && text == content {
			if best == "" || langs[best] != content || tag < best {
				best = tag
			}
		} else if best == "" || langs[best] != content && tag < best {
			best = tag
		}
	}
	if !languageTag.MatchString(best) {
		return ""
	}
	return best
}

// languageTag is what a language tag looks like (RFC 5646 2.1), roughly.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$`)

// cutBytes shortens a text to at most n bytes.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// cut shortens a text to at most n characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
