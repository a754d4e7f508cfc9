package component

import (
	"html/template"
	"strconv"
)

// Control gives the element that takes the value of the field, for the kinds
// that have one of their own line: an input, a textarea or a select. A filter
// has several on each list, so they are written as the rows of an agenda are.
func (f Field) Control() template.HTML {
	w := new(writer)
	switch f.Kind {
	case "textarea":
		w.control(&f, "textarea", "kern-form-input__input")
		w.attr("rows", strconv.Itoa(f.height()))
		w.aria(&f, f.Required)
		w.element(">\n", f.Value, "</textarea>")
	case "select":
		w.raw(`<div class="kern-form-input__select-wrapper`, wrong(&f, "kern-form-input__select-wrapper"), `">`)
		w.raw(`<select class="kern-form-input__select"`)
		w.named(&f)
		// A select always has a value: required would ask for an empty first option.
		w.aria(&f, false)
		w.raw(">")
		for i := range f.Options {
			w.option(&f.Options[i])
		}
		w.raw("\n  </select></div>")
	default:
		w.control(&f, "input", "kern-form-input__input")
		w.attr("type", f.Type())
		if f.Kind != "file" {
			w.element(` value="`, f.Shown(), `"`)
		}
		w.attr("accept", f.Accept)
		w.attr("autocomplete", f.Autocomplete)
		w.attr("inputmode", f.Inputmode)
		w.attr("data-suggest", f.Suggest)
		w.aria(&f, f.Required)
		if f.Suggest == "" {
			w.raw(">")
			break
		}
		w.attr("list", f.ID()+"-list")
		w.raw("><datalist")
		w.attr("id", f.ID()+"-list")
		w.raw("></datalist>")
	}
	return w.html()
}

// usualHeight is that of a textarea that says none, in rows.
const usualHeight = 8

func (f *Field) height() int {
	if f.Rows == 0 {
		return usualHeight
	}
	return f.Rows
}

// wrong is the class beside class for a field with an error.
func wrong(f *Field, class string) string {
	if f.Error == "" {
		return ""
	}
	return " " + class + "--error"
}

// control begins an element that takes a value.
func (w *writer) control(f *Field, element, class string) {
	w.raw("<", element, ` class="`, class, wrong(f, class), `"`)
	w.named(f)
}

func (w *writer) named(f *Field) {
	w.attr("id", f.ID())
	w.attr("name", f.Name)
}

// aria says what is wrong with the field, and what describes it.
func (w *writer) aria(f *Field, required bool) {
	if required {
		w.raw(" required")
	}
	w.attr("aria-describedby", f.Describes())
	if f.Error != "" {
		w.raw(` aria-invalid="true"`)
	}
}

func (w *writer) option(o *Option) {
	w.raw("\n    <option value=\"")
	w.text(o.Value)
	w.raw(`"`)
	if o.Selected {
		w.raw(" selected")
	}
	w.element(">", o.Label, "</option>")
}
