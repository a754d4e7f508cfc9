package activitystreams

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse: what parse reads is what encoding/json reads, without null, and
// what encoding/json refuses it refuses too.
func FuzzParse(f *testing.F) {
	for _, body := range corpus(f) {
		f.Add(body)
	}
	for _, s := range []string{
		`{}`, ` {"a" : [ 1 , -0.5e+3 , true , false , null , "x" ] , "b" : {"c":{}} } `, `{"a":"\"\\\/\b\f\n\r\té\ud83c\udf89\ud83c x\udf89\ud83c\u0041"}`,
		`{"a":null,"a":1}`, `{"a":1,"a":null}`, `{"a":1,}`, `{"a":[1,]}`, `{,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":01}`, `{"a":1.}`, `{"a":+1}`, `{"a":.5}`, `{"a":1e}`,
		`{"a":tru}`, `{"a":nulll}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, "{\"a\":\"\t\"}", `{"a":"`, `{"a":"\`, `{"a":"\u`, `{"a":[`, `{"a":{`, `{"a":1}}`, `[]`, `1`, `"x"`, ``,
		`{"a":NaN}`, `{"a":1 2}`, `{"":""}`, `{"a":[[],[[]]]}`, "{\"a\":\"\x7f\u2028\"}", `{"a":1/**/}`, `{'a':1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parse(body)
		d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, bom)))
		d.UseNumber()
		var want map[string]any
		fault := d.Decode(&want)
		if err == nil && (fault != nil || want == nil || d.More()) {
			t.Fatalf("%q is read, and encoding/json says %v", body, fault)
		}
		if err == nil {
			if diff := cmp.Diff(withoutNull(want), any(got)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, inner := range v {
			if inner != nil {
				m[key] = withoutNull(inner)
			}
		}
		return m
	case []any:
		var list []any
		for _, inner := range v {
			if inner != nil {
				list = append(list, withoutNull(inner))
			}
		}
		return list
	}
	return v
}

// TestParse: everything that is JSON and within the limits is read.
func TestParse(t *testing.T) {
	for body, want := range map[string]any{
		`{"a":"\"\\\/\b\f\n\r\t\u00e9\uD83C\uDF89"}`: "\"\\/\b\f\n\r\té🎉",
		`{"a":"\ud83c!\udf89\ud83c\u0041"}`:          "\ufffd!\ufffd\ufffdA",
		"{\"a\" :\n-12.5E+3\t}\r\n":                  json.Number("-12.5E+3"),
		`{"a":[null,{"b":null},[],false]}`:           []any{map[string]any{}, []any(nil), false},
		`{"a":"","b":null}`:                          "",
	} {
		got, err := parse([]byte(body))
		if diff := cmp.Diff(map[string]any{"a": want}, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", body, err, diff)
		}
	}
}
