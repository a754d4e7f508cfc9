package main

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/federation/federationtest"
)

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for n := 100; n > 0; n-- {
		hundred = append(hundred, time.Duration(n))
	}
	for name, tc := range map[string]struct {
		values []time.Duration
		p      int
		want   time.Duration
	}{
		"of none":            {nil, 99, 0},
		"of one":             {[]time.Duration{7}, 50, 7},
		"the middle":         {[]time.Duration{9, 1, 5}, 50, 5},
		"99 of a hundred":    {hundred, 99, 99},
		"all of a hundred":   {hundred, 100, 100},
		"of a few the worst": {[]time.Duration{3, 1, 2}, 99, 3},
	} {
		if got := percentile(tc.values, tc.p); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
	if hundred[0] != 100 {
		t.Error("the values are in another order afterwards")
	}
}

// TestFloorIsBound: a slow floor makes no figure look better.
func TestFloorIsBound(t *testing.T) {
	for name, tc := range map[string]struct {
		f     figure
		ratio float64
		row   string
	}{
		"no floor and no goal": {
			figure{what: "a", unit: megabytes, value: 30},
			0, "| a | 30.0 MB |  |  |  |  |",
		},
		"a goal of its own": {
			figure{what: "a", unit: milliseconds, value: 14.2, goal: most(15)},
			0, "| a | 14.2 ms |  |  | at most 15.0 ms | yes |",
		},
		"the floor is quicker than its bound": {
			figure{what: "a", unit: milliseconds, value: 1, floor: 0.8, bound: 1.25, goal: mostOfFloor(1.07)},
			1.25, "| a | 1.000 ms | 0.800 ms (bound 1.250 ms) | 1.25 | at most 1.07 of the floor | **no** |",
		},
		"the floor is slower than its bound": {
			figure{what: "a", unit: milliseconds, value: 1, floor: 2, bound: 0.5, goal: mostOfFloor(1.07)},
			2, "| a | 1.000 ms | 2.000 ms (bound 0.500 ms) | 2.00 | at most 1.07 of the floor | **no** |",
		},
		"at least so much of the floor": {
			figure{what: "a", unit: perSecond, value: 950, floor: 1000, goal: leastOfFloor(0.9)},
			0.95, "| a | 950 /s | 1000 /s | 0.95 | at least 0.90 of the floor | yes |",
		},
		"at least so much": {
			figure{what: "a", unit: perSecond, value: 2499, goal: least(2500)},
			0, "| a | 2499 /s |  |  | at least 2500 /s | **no** |",
		},
	} {
		if got := tc.f.ratio(); got != tc.ratio {
			t.Errorf("%s: ratio %v, want %v", name, got, tc.ratio)
		}
		if d := cmp.Diff(tc.row, tc.f.row()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestOnlyTheTableIsReplaced(t *testing.T) {
	page := "# Performance\n\nBefore.\n\n" + tableBegins + "\nold\n" + tableEnds + "\n## What was tried\n"
	got, err := replaceTable(page, "new\n")
	want := "# Performance\n\nBefore.\n\n" + tableBegins + "\nnew\n\n" + tableEnds + "\n## What was tried\n"
	if err != nil || got != want {
		t.Errorf("%v: %s", err, cmp.Diff(want, got))
	}
	if again, err := replaceTable(got, "new\n"); err != nil || again != got {
		t.Errorf("a second time: %v: %s", err, cmp.Diff(got, again))
	}
	for _, broken := range []string{"# Performance\n", tableBegins + "old", tableEnds + tableBegins} {
		if _, err := replaceTable(broken, "new"); err == nil {
			t.Errorf("%q is written over", broken)
		}
	}
}

// TestAnswersAreReadToTheirEnd: the next answer on a connection begins where
// the one before ends.
func TestAnswersAreReadToTheirEnd(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	answers := "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello" +
		"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n" +
		"HTTP/1.1 404 Not Found\r\n\r\nHTTP/1.1 2x0 OK\r\n\r\n"
	go func() {
		for answer := range strings.SplitAfterSeq(answers, "\r\n") {
			if _, err := there.Write([]byte(answer)); err != nil {
				return
			}
		}
		_ = there.Close()
	}()
	c := &conn{silent{here}, bufio.NewReader(here)}
	for _, want := range []int{200, 202, 404} {
		if got, err := c.do(nil); got != want || err != nil {
			t.Fatalf("status %d, %v, want %d", got, err, want)
		}
	}
	if got, err := c.do(nil); err == nil {
		t.Errorf("status %d of what is no answer", got)
	}
}

// silent takes what is written and sends nothing.
type silent struct{ net.Conn }

func (silent) Write(b []byte) (int, error) { return len(b), nil }

func TestRequestsAreWrittenAsTheyWereSigned(t *testing.T) {
	r := &http.Request{
		Method: http.MethodPost, URL: &url.URL{Scheme: "https", Host: "dorf.test", Path: "/ap/inbox", RawQuery: "a=b"},
		Header: http.Header{"Host": {"dorf.test"}, "Date": {"now"}},
	}
	want := "POST /ap/inbox?a=b HTTP/1.1\r\nHost: dorf.test\r\nDate: now\r\nContent-Length: 2\r\n\r\n{}"
	if d := cmp.Diff(want, string(raw(r, []byte("{}")))); d != "" {
		t.Error(d)
	}
}

func TestLateDeliveriesElsewhereAreLeftOut(t *testing.T) {
	list := to([]string{"https://a.test:1/inbox"}, []federationtest.Delivery{
		{Host: "a.test:1", Path: "/inbox"}, {Host: "b.test:1", Path: "/inbox"}, {Host: "a.test:1", Path: "/users/x/inbox"},
	})
	if len(list) != 2 || list[0].Inbox() != "https://a.test:1/inbox" || list[1].Path != "/users/x/inbox" {
		t.Errorf("%v", list)
	}
}
