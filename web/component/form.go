package component

import (
	"strconv"
	"strings"
	"time"
)

// A Form is a form with its fields ("form"). Label, hint and error of a field
// are wired once, here.
type Form struct {
	// Action is where it goes; Get makes it a question that changes nothing.
	Action string
	Get    bool
	// Hidden are values that the reader does not see.
	Hidden  []Option
	Groups  []Group
	Buttons []Button
	// Wrong is how many fields are wrong. Notice is a warning above the form and
	// Done says what went well; "" for none.
	Wrong        int
	Notice, Done string
	// Still leaves the focus where it is; otherwise it goes to what is said above
	// the form.
	Still bool
}

// Long tells whether the form has several parts: they are numbered then, and on
// phones its buttons stay in sight.
func (f Form) Long() bool {
	n := 0
	for _, g := range f.Groups {
		if g.Key != "" {
			n++
		}
	}
	return n > 1
}

// Inside tells whether the form is one card and nothing else: its buttons stand in
// it then.
func (f Form) Inside() bool {
	return len(f.Groups) == 1 && f.Groups[0].Key != "" && !f.Groups[0].Fold
}

// Short tells whether the form is a button and nothing else.
func (f Form) Short() bool {
	return len(f.Groups) == 0 && f.Notice == "" && f.Done == "" && f.Wrong == 0
}

// Parts are the groups with their numbers.
func (f Form) Parts() []Part {
	long, n := f.Long(), 0
	parts := make([]Part, len(f.Groups))
	for i, g := range f.Groups {
		parts[i].Group = g
		if long && g.Key != "" {
			n++
			parts[i].Number = strconv.Itoa(n)
		}
		parts[i].ID = "part-" + strconv.Itoa(i+1)
		if len(g.Fields) > 0 {
			parts[i].ID = "part-" + g.Fields[0].ID()
		}
	}
	return parts
}

// A Part is a group in its form.
type Part struct {
	Group
	// Number is "" in a short form. ID is that of the heading.
	Number, ID string
}

// A Group is a part of a form that belongs together; without a Key it has no
// frame.
type Group struct {
	// Key is that of its heading, Hint that of a sentence below it, or "".
	Key, Hint string
	// Picture is the path of a picture that stands beside the fields, or "", with
	// PictureKey as the key of its alternative text.
	Picture, PictureKey string
	// Fold folds the fields under the heading: they are rarely needed.
	Fold   bool
	Fields []Field
}

// Open tells whether a folded group must be seen: something in it is filled in
// or wrong.
func (g Group) Open() bool {
	for _, f := range g.Fields {
		if f.Error != "" || f.Old != "" || f.Checked || f.Value != "" {
			return true
		}
		for _, o := range f.Options {
			if o.Selected && o.Value != "" {
				return true
			}
		}
	}
	return false
}

// Optional tells whether nothing in the group must be filled in.
func (g Group) Optional() bool {
	for _, f := range g.Fields {
		if (f.Required || f.Free) && f.Kind != "points" { // which has a value from the beginning
			return false
		}
	}
	return len(g.Fields) > 0
}

// Rows gives the fields by rows: two that are half as wide share one. Where the
// heading says "optional", the fields do not say it again.
func (g Group) Rows() [][]Field {
	var rows [][]Field
	said := g.Key != "" && (g.Fold || g.Optional())
	for _, f := range g.Fields {
		f.Free = f.Free || said && !f.Required
		if last := len(rows) - 1; f.Half && last >= 0 && len(rows[last]) == 1 && rows[last][0].Half {
			rows[last] = append(rows[last], f)
			continue
		}
		rows = append(rows, []Field{f})
	}
	return rows
}

// A Field is one field of a form ("field").
type Field struct {
	// Kind is text, email, password, search, number, date, time, textarea, select,
	// checkbox, checks, radio, cards, points or file, or shown: a picture that is
	// there already. Radio shows its options as cards, and so does cards, of which
	// several can be chosen; points is a field of three by three; each of checks is a
	// box of its own, named Name-Value.
	Kind, Name, Value string
	// Prefix begins the field's id where several forms on a page have a field of
	// this name.
	Prefix string
	// Key is that of the label, Hint that of a sentence below it, or "".
	Key, Hint string
	// Help is the key of words under which more is folded, which has the same key with
	// ".text"; "" for none. Only fields that take text have one.
	Help string
	// Error says what is wrong, in the reader's language.
	Error string
	// Old is what stands there now, when the form was sent on an older version
	// and both differ.
	Old          string
	Autocomplete string
	Inputmode    string
	Required     bool
	// Free leaves out the word "optional", for forms that filter.
	Free    bool
	Checked bool
	// Half lets it share a row with its neighbour.
	Half bool
	// Rows is the height of a textarea.
	Rows int
	// Accept is what a file field takes.
	Accept string
	// Suggest is the path that answers ?q= with what may be meant while somebody
	// writes, as a list of texts in JSON; "" for none. The page names "js/suggest.js"
	// among its scripts, and without it the field is one like others.
	Suggest string
	Options []Option
}

// An Option is one choice of a select, or a hidden value.
type Option struct {
	Value, Label string
	Selected     bool
	// Note is a second line, and Icon the path of a picture beside it; both for
	// cards only.
	Note, Icon string
	// Letters stand in place of the picture, or "".
	Letters string
}

// A Button sends a form. Plain buttons are not the main one, Danger warns.
type Button struct {
	Key, Name, Value string
	Plain, Danger    bool
	// Icon is the name of an icon, or "". Href makes it a way out of the form.
	Icon, Href string
}

// ID is the id of the field in its page.
func (f Field) ID() string { return f.Prefix + f.Name }

// Describes lists the ids that describe the field, for aria-describedby.
func (f Field) Describes() string {
	var ids []string
	for _, d := range []struct{ said, end string }{{f.Hint, "-hint"}, {f.Error, "-error"}, {f.Old, "-old"}} {
		if d.said != "" {
			ids = append(ids, f.ID()+d.end)
		}
	}
	return strings.Join(ids, " ")
}

// Choice tells whether the field is a group of buttons.
func (f Field) Choice() bool { return f.Kind == "radio" || f.Kind == "cards" || f.Kind == "points" }

// Typed tells whether the field has a Control.
func (f Field) Typed() bool {
	return !f.Choice() && f.Kind != "checkbox" && f.Kind != "checks" && f.Kind != "shown"
}

// Anchor is the id that a link from the summary of errors leads to.
func (f Field) Anchor() string {
	if f.Choice() || f.Kind == "checks" {
		return f.ID() + "-1"
	}
	return f.ID()
}

// written are the ways in which people write days and times, for fields that
// browsers fill as ISO 8601 does.
var written = map[string][]string{
	"date": {time.DateOnly, "2.1.2006", "2. 1. 2006"},
	"time": {"15:04", "15:04:05", "15.04"},
}

// Type is the type of the input. What is written in a field for a day or a time
// and is none stays what it is, in a field for text: a browser would empty it.
func (f Field) Type() string {
	if _, native := written[f.Kind]; native && f.Value != "" && f.iso() == "" {
		return "text"
	}
	return f.Kind
}

// Shown is the value as the input takes it.
func (f Field) Shown() string {
	if iso := f.iso(); iso != "" {
		return iso
	}
	return f.Value
}

func (f Field) iso() string {
	for _, layout := range written[f.Kind] {
		if t, err := time.Parse(layout, f.Value); err == nil {
			return t.Format(written[f.Kind][0])
		}
	}
	return ""
}
