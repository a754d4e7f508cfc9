package component

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
}

// A Group is a part of a form that belongs together; without a Key it has no
// frame.
type Group struct {
	Key    string
	Fields []Field
}

// A Field is one field of a form ("field").
type Field struct {
	// Kind is text, email, password, textarea, select, checkbox, file or shown:
	// the last is a picture that is there already.
	Kind, Name, Value string
	// Prefix begins the field's id where several forms on a page have a field of
	// this name.
	Prefix string
	// Key is that of the label, Hint that of a sentence below it, or "".
	Key, Hint string
	// Error says what is wrong, in the reader's language.
	Error string
	// Old is what stands there now, when the form was sent on an older version
	// and both differ.
	Old          string
	Autocomplete string
	Inputmode    string
	Required     bool
	Checked      bool
	// Rows is the height of a textarea.
	Rows int
	// Accept is what a file field takes.
	Accept  string
	Options []Option
}

// An Option is one choice of a select, or a hidden value.
type Option struct {
	Value, Label string
	Selected     bool
}

// A Button sends a form. Plain buttons are not the main one.
type Button struct {
	Key, Name, Value string
	Plain            bool
}

// ID is the id of the field in its page.
func (f Field) ID() string { return f.Prefix + f.Name }

// Describes lists the ids that describe the field, for aria-describedby.
func (f Field) Describes() string {
	ids := ""
	if f.Hint != "" {
		ids = f.ID() + "-hint"
	}
	if f.Error != "" {
		ids += " " + f.ID() + "-error"
	}
	if f.Old != "" {
		ids += " " + f.ID() + "-old"
	}
	return ids
}
