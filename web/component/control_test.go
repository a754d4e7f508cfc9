package component

import "testing"

func TestControl(t *testing.T) {
	for _, c := range []struct {
		name  string
		field Field
		want  string
	}{
		{
			"an input",
			Field{Kind: "email", Name: "mail", Value: `"<a@b>"`, Autocomplete: "email", Required: true},
			`<input class="kern-form-input__input" id="mail" name="mail" type="email" value="&#34;&lt;a@b&gt;&#34;" autocomplete="email" required>`,
		},
		{
			"with a fault",
			Field{Kind: "text", Name: "n", Prefix: "p-", Hint: "x", Error: "y"},
			`<input class="kern-form-input__input kern-form-input__input--error" id="p-n" name="n" type="text" value="" aria-describedby="p-n-hint p-n-error" aria-invalid="true">`,
		},
		{
			"a date as people write it",
			Field{Kind: "date", Name: "d", Value: "3.4.2026"},
			`<input class="kern-form-input__input" id="d" name="d" type="date" value="2026-04-03">`,
		},
		{
			"a file keeps no value",
			Field{Kind: "file", Name: "f", Value: "x", Accept: "image/png"},
			`<input class="kern-form-input__input" id="f" name="f" type="file" accept="image/png">`,
		},
		{
			"a textarea",
			Field{Kind: "textarea", Name: "t", Value: "\n</textarea>"},
			"<textarea class=\"kern-form-input__input\" id=\"t\" name=\"t\" rows=\"8\">\n\n&lt;/textarea&gt;</textarea>",
		},
		{
			"a select is never required",
			Field{Kind: "select", Name: "s", Required: true, Error: "y", Options: []Option{{Value: "&", Label: "<"}, {Value: "b", Selected: true}}},
			"<div class=\"kern-form-input__select-wrapper kern-form-input__select-wrapper--error\"><select class=\"kern-form-input__select\" id=\"s\" name=\"s\" aria-describedby=\"s-error\" aria-invalid=\"true\">" +
				"\n    <option value=\"&amp;\">&lt;</option>\n    <option value=\"b\" selected></option>\n  </select></div>",
		},
	} {
		if got := string(c.field.Control()); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
