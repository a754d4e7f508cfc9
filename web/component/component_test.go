package component

import "testing"

func TestLetters(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "!!! 12": "", "TSV": "T", "Gesangverein Harmonie 1887": "GH", "„Hand in Hand“": "HH", "Förderverein der Grundschule am Kirchplatz": "FK", "ärzte ohne": "ÄO",
	} {
		if got := Letters(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestDates: what people write becomes what a browser's field takes, and what is
// no day stays as it was written.
func TestDates(t *testing.T) {
	for _, tc := range []struct{ kind, value, typ, shown string }{
		{"date", "", "date", ""},
		{"date", "2026-07-24", "date", "2026-07-24"},
		{"date", "24.7.2026", "date", "2026-07-24"},
		{"date", "24.07.2026", "date", "2026-07-24"},
		{"date", "übermorgen", "text", "übermorgen"},
		{"date", "31.2.2026", "text", "31.2.2026"},
		{"time", "19:30", "time", "19:30"},
		{"time", "19.30", "time", "19:30"},
		{"time", "19 Uhr", "text", "19 Uhr"},
		{"text", "24.7.2026", "text", "24.7.2026"},
	} {
		if f := (Field{Kind: tc.kind, Value: tc.value}); f.Type() != tc.typ || f.Shown() != tc.shown {
			t.Errorf("%s %q: %s %q", tc.kind, tc.value, f.Type(), f.Shown())
		}
	}
}

func FuzzDates(f *testing.F) {
	f.Add("24.7.2026")
	f.Add("19 Uhr")
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range []string{"date", "time"} {
			field := Field{Kind: kind, Value: value}
			if field.Type() == "text" && field.Shown() != value {
				t.Errorf("%q is shown as %q", value, field.Shown())
			}
			again := Field{Kind: kind, Value: field.Shown()}
			if again.Shown() != field.Shown() {
				t.Errorf("%q does not stay", value)
			}
		}
	})
}

func TestFormParts(t *testing.T) {
	one := Form{Groups: []Group{{Fields: []Field{{Name: "a"}}}, {Key: "x", Fields: []Field{{Name: "b", Required: true}}}}}
	if one.Long() || one.Short() || one.Parts()[1].Number != "" {
		t.Error("one named group is no long form")
	}
	two := Form{Groups: append(one.Groups, Group{Key: "y", Fields: []Field{{Name: "c"}, {Name: "d", Half: true}, {Name: "e", Half: true}, {Name: "f", Half: true}}})}
	parts := two.Parts()
	if !two.Long() || parts[0].Number != "" || parts[1].Number != "1" || parts[2].Number != "2" || parts[1].Optional() || !parts[2].Optional() {
		t.Errorf("%+v", parts)
	}
	if rows := parts[2].Rows(); len(rows) != 3 || len(rows[1]) != 2 {
		t.Errorf("%d rows", len(rows))
	}
	if !(Form{Buttons: []Button{{}}}).Short() {
		t.Error("a button alone is a short form")
	}
}
