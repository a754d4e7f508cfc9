package problem

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKindOf(t *testing.T) {
	var fields Fields
	if fields.Err() != nil {
		t.Error("nothing is wrong, and it is an error")
	}
	fields.Add("name", "Please give a name.")
	for name, tc := range map[string]struct {
		err  error
		want Kind
	}{
		"nil":              {nil, Internal},
		"any other":        {errors.New("disk"), Internal},
		"not found":        {NotFoundf("x"), NotFound},
		"wrapped":          {fmt.Errorf("find: %w", Gonef("x")), Gone},
		"discarded":        {Discard(Forbiddenf("x")), Forbidden},
		"fields":           {fmt.Errorf("create: %w", fields.Err()), Invalid},
		"wraps another":    {Unavailablef("database: %w", errors.New("x")), Unavailable},
		"the outer counts": {Conflictf("taken: %w", NotFoundf("x")), Conflict},
	} {
		if got := KindOf(tc.err); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestFields(t *testing.T) {
	var a, b Fields
	a.Add("name", "one")
	b.Add("end", "two")
	a.Merge(fmt.Errorf("check: %w", b.Err()))
	a.Merge(nil)
	err := fmt.Errorf("create event: %w", a.Err())
	if diff := cmp.Diff([]FieldError{{"name", "one", nil}, {"end", "two", nil}}, FieldsOf(err)); diff != "" {
		t.Error(diff)
	}
	if Field(err) != "name" || Field(errors.New("x")) != "" {
		t.Error("the first field")
	}
	if got := Field(Rename(err, "name", "title")); got != "title" {
		t.Errorf("renamed to %s", got)
	}
	plain := errors.New("x")
	if Rename(plain, "a", "b") != plain {
		t.Error("another error was changed")
	}
}

func TestDiscard(t *testing.T) {
	if Discard(nil) != nil {
		t.Error("nil becomes an error")
	}
	if !IsDiscard(fmt.Errorf("job: %w", Discard(errors.New("x")))) || IsDiscard(errors.New("x")) {
		t.Error("IsDiscard")
	}
}
