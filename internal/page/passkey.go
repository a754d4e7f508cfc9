package page

import (
	"net/http"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/web/component"
)

// PasskeyScript is the module that asks the device for a passkey.
const PasskeyScript = "js/passkey.js"

// AskPasskeyPath is where it asks for any passkey of the town.
const AskPasskeyPath = "/anmelden/passkey/frage"

// A PasskeyForm is a form that the script fills in ("page/passkey").
type PasskeyForm struct {
	// Act is what the device is asked to do, "create" or "get", and Ask from where
	// the question comes.
	Act, Ask string
	// Prefix begins the names of the fields for the answer.
	Prefix string
	// Offer shows the passkeys in the list of the address field too.
	Offer bool
	Form  component.Form
}

// The fields of the answer of a device, after their prefix.
const (
	fieldToken  = "token"
	fieldAnswer = "answer"
	// confirmPasskey begins them where somebody shows who he or she is.
	confirmPasskey = "confirm-"
)

// HideAnswer adds the fields that the script fills in.
func (f *Form) HideAnswer(prefix string) {
	f.Hide(prefix+fieldToken, "")
	f.Hide(prefix+fieldAnswer, "")
}

// SaysOf gives what err says of one of the fields, which the form does not show;
// "" for nothing.
func (f *Form) SaysOf(err error, fields ...string) string {
	for _, e := range problem.FieldsOf(err) {
		for _, field := range fields {
			if e.Field == field {
				return f.Web.Sentence(f.Lang, e.Format, e.Args...)
			}
		}
	}
	return ""
}

// Shown tells whether a form brings what shows who is signed in.
func (in *Input) shown() bool { return in.Has(confirmPassword) || in.Has(confirmPasskey+fieldAnswer) }

// ConfirmInput confirms who is signed in by what a form brings: the answer of a
// passkey, or the password in the field name.
func (g *Guard) ConfirmInput(r *http.Request, who *Person, in *Input, name string) error {
	if !in.Has(confirmPasskey + fieldAnswer) {
		if err := g.accounts.ConfirmPassword(r.Context(), who.ID, in.Get(name), g.Address(r)); err != nil {
			return err
		}
		return g.Confirm(r)
	}
	a, err := g.accounts.SignInWithPasskey(r.Context(), in.Get(confirmPasskey+fieldToken), in.Get(confirmPasskey+fieldAnswer))
	if err != nil {
		return err
	}
	if a.ID != who.ID {
		var errs problem.Fields
		errs.Add(fieldAnswer, "This passkey belongs to somebody else. Please take one of yours.")
		return errs.Err()
	}
	return g.Confirm(r)
}

// confirmByPasskey is the form for that, with all that the form f hides; nil for
// who has no passkey.
func (g *Guard) confirmByPasskey(r *http.Request, who *Person, f *Form, wrong error, action string) (*PasskeyForm, error) {
	w, err := g.accounts.Ways(r.Context(), who.ID)
	if err != nil || w.Passkeys == 0 {
		return nil, err
	}
	p := &Form{Web: f.Web, Lang: f.Lang, In: f.In}
	p.form.Hidden = append(p.form.Hidden, f.form.Hidden...)
	p.HideAnswer(confirmPasskey)
	p.Notice(p.SaysOf(wrong, fieldAnswer))
	return &PasskeyForm{Act: "get", Ask: AskPasskeyPath, Prefix: confirmPasskey, Form: p.Show(action, component.Button{Key: "confirm.passkey", Icon: "shield", Plain: true})}, nil
}
