// Package problem says what went wrong in words that belong to no protocol:
// not found, gone, forbidden, invalid. Whoever faces the outside decides once
// what that means there (a status, an exit code). It must not know any
// protocol.
package problem

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is what is wrong. The zero Kind, Internal, is a fault of ours.
type Kind int

// The kinds of problems.
const (
	Internal    Kind = iota
	NotFound         // there is no such thing
	Gone             // there was, and it will not come back
	Forbidden        // who asks may not
	Invalid          // what is asked for makes no sense
	Conflict         // it contradicts what is there
	Unavailable      // not now; later it may work
	TooMany          // it was tried too often; later it may work
	SignedOut        // it is not known who asks
)

// failure is an error of a kind.
type failure struct {
	kind Kind
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func newf(kind Kind, format string, args []any) error {
	return &failure{kind, fmt.Errorf(format, args...)}
}

// NotFoundf gives an error of kind NotFound; it formats like fmt.Errorf.
func NotFoundf(format string, args ...any) error { return newf(NotFound, format, args) }

// Gonef gives an error of kind Gone; it formats like fmt.Errorf.
func Gonef(format string, args ...any) error { return newf(Gone, format, args) }

// Forbiddenf gives an error of kind Forbidden; it formats like fmt.Errorf.
func Forbiddenf(format string, args ...any) error { return newf(Forbidden, format, args) }

// Invalidf gives an error of kind Invalid; it formats like fmt.Errorf. For what
// somebody typed use Fields.
func Invalidf(format string, args ...any) error { return newf(Invalid, format, args) }

// Conflictf gives an error of kind Conflict; it formats like fmt.Errorf.
func Conflictf(format string, args ...any) error { return newf(Conflict, format, args) }

// Unavailablef gives an error of kind Unavailable; it formats like fmt.Errorf.
func Unavailablef(format string, args ...any) error { return newf(Unavailable, format, args) }

// TooManyf gives an error of kind TooMany; it formats like fmt.Errorf.
func TooManyf(format string, args ...any) error { return newf(TooMany, format, args) }

// SignedOutf gives an error of kind SignedOut; it formats like fmt.Errorf.
func SignedOutf(format string, args ...any) error { return newf(SignedOut, format, args) }

// KindOf tells what is wrong with err, through all wrapping; Internal when
// nobody said.
func KindOf(err error) Kind {
	var f *failure
	if errors.As(err, &f) {
		return f.kind
	}
	var fields *fieldsError
	if errors.As(err, &fields) {
		return Invalid
	}
	return Internal
}

// A FieldError says what is wrong with one field.
type FieldError struct {
	Field string
	// Format and Args are the sentence, as fmt.Sprintf takes them. It says how
	// to mend it too. Format is also the key of the sentence in other languages.
	Format string
	Args   []any
}

// Sentence gives the whole sentence in English.
func (e FieldError) Sentence() string {
	if len(e.Args) == 0 {
		return e.Format
	}
	return fmt.Sprintf(e.Format, e.Args...)
}

// Fields collects what is wrong with what somebody typed. The zero Fields is
// ready to use.
type Fields struct{ list []FieldError }

// Add notes that field is wrong; the sentence formats like fmt.Sprintf.
func (f *Fields) Add(field, sentence string, args ...any) {
	f.list = append(f.list, FieldError{field, sentence, args})
}

// Merge notes all that err, made by another Fields, says.
func (f *Fields) Merge(err error) { f.list = append(f.list, FieldsOf(err)...) }

// Err gives an error of kind Invalid, or nil when nothing is wrong.
func (f *Fields) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &fieldsError{f.list}
}

type fieldsError struct{ list []FieldError }

func (e *fieldsError) Error() string {
	parts := make([]string, 0, len(e.list))
	for _, f := range e.list {
		parts = append(parts, f.Field+": "+f.Sentence())
	}
	return strings.Join(parts, " ")
}

// FieldsOf gives what is wrong with each field, in the order of noting; nil
// for an error that names no field.
func FieldsOf(err error) []FieldError {
	var e *fieldsError
	if errors.As(err, &e) {
		return e.list
	}
	return nil
}

// Field gives the first field that err complains of, or "".
func Field(err error) string {
	if list := FieldsOf(err); len(list) > 0 {
		return list[0].Field
	}
	return ""
}

// Rename gives err with what it says of the field from said of the field to,
// for a form that calls it otherwise. Other errors stay as they are.
func Rename(err error, from, to string) error {
	list := FieldsOf(err)
	if len(list) == 0 {
		return err
	}
	var renamed Fields
	for _, f := range list {
		if f.Field == from {
			f.Field = to
		}
		renamed.list = append(renamed.list, f)
	}
	return renamed.Err()
}

// discarded is an error that trying again will not mend.
type discarded struct{ error }

func (d discarded) Unwrap() error { return d.error }

// Discard marks err: trying again will not help. nil stays nil.
func Discard(err error) error {
	if err == nil {
		return nil
	}
	return discarded{err}
}

// IsDiscard tells whether err was marked by Discard.
func IsDiscard(err error) bool {
	var d discarded
	return errors.As(err, &d)
}
