package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTally(t *testing.T) {
	for name, tc := range map[string]struct {
		in, out string
		well    bool
	}{
		"what passed is a line a package": {
			`{"Action":"start","Package":"a"}
{"Action":"output","Package":"a","Test":"TestX","Output":"a word\n"}
{"Action":"pass","Package":"a","Test":"TestX"}
{"Action":"output","Package":"a","Output":"-test.shuffle 1\n"}
{"Action":"output","Package":"a","Output":"ok  \ta\t0.1s\n"}
{"Action":"pass","Package":"a"}
{"Action":"output","Package":"b","Output":"?   \tb\t[no test files]\n"}
{"Action":"skip","Package":"b"}
`,
			"ok  \ta\t0.1s\n1 passed, 0 failed\n", true,
		},
		"a failed test is told whole": {
			`{"Action":"output","Package":"a","Test":"TestX","Output":"--- FAIL: TestX\n"}
{"Action":"fail","Package":"a","Test":"TestX"}
{"Action":"pass","Package":"a","Test":"TestY"}
{"Action":"output","Package":"a","Output":"FAIL\n"}
{"Action":"output","Package":"a","Output":"FAIL\ta\t0.1s\n"}
{"Action":"fail","Package":"a"}
`,
			"--- FAIL: TestX\nFAIL\ta\t0.1s\n1 passed, 1 failed\n", false,
		},
		"what does not build has failed": {
			`{"ImportPath":"a","Action":"build-output","Output":"a.go:1: syntax error\n"}
{"ImportPath":"a","Action":"build-fail"}
{"Action":"output","Package":"a","Output":"FAIL\ta [build failed]\n"}
{"Action":"fail","Package":"a","FailedBuild":"a"}
{"Action":"pass","Package":"b","Test":"TestY"}
`,
			"a.go:1: syntax error\nFAIL\ta [build failed]\n1 passed, 1 failed\n", false,
		},
		"a panic is told": {
			`{"Action":"output","Package":"a","Test":"TestX","Output":"panic: oh\n"}
{"Action":"fail","Package":"a","Test":"TestX"}
{"Action":"fail","Package":"a"}
`,
			"panic: oh\n0 passed, 1 failed\n", false,
		},
		"what was skipped is named": {
			`{"Action":"pass","Package":"a","Test":"TestX"}
{"Action":"skip","Package":"a","Test":"TestY"}
{"Action":"pass","Package":"a"}
`,
			"not run: a TestY\n1 passed, 0 failed\n", true,
		},
		"a test that never ended is told": {
			`{"Action":"output","Package":"a","Test":"TestX","Output":"exit\n"}
{"Action":"fail","Package":"a"}
`,
			"exit\n0 passed, 1 failed\n", false,
		},
		"the go command's own words are passed on": {"go: no such tool\n", "go: no such tool\n0 passed, 0 failed\n", false},
		"nothing is not well":                      {"", "0 passed, 0 failed\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			well := tally(strings.NewReader(tc.in), &out)
			if diff := cmp.Diff(tc.out, out.String()); diff != "" || well != tc.well {
				t.Errorf("well = %v, want %v\n%s", well, tc.well, diff)
			}
		})
	}
}
