package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/config"
)

// sampleLine is a line with a number in the text format of Prometheus.
var sampleLine = regexp.MustCompile(`^[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? [0-9.e+-]+$`)

func (v *village) numbers() (page string, names map[string]bool) {
	v.t.Helper()
	w := httptest.NewRecorder()
	v.metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	names = map[string]bool{}
	for line := range strings.Lines(w.Body.String()) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "# TYPE ") {
			names[strings.Fields(line)[2]] = true
		} else if !strings.HasPrefix(line, "# HELP ") && !sampleLine.MatchString(line) {
			v.t.Errorf("no line of Prometheus: %q", line)
		}
	}
	return w.Body.String(), names
}

// TestMetrics: the numbers count what happens, name nobody, and docs/operation.md lists them all.
func TestMetrics(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		before := requests.Value("none", "404")
		v.furnish()
		v.get("/secret-path-of-"+"somebody", html)
		v.get("/vereine/tsv", html)
		page, names := v.numbers()
		if got := requests.Value("none", "404") - before; got == 0 {
			t.Errorf("a page that is not there was counted %d times", got)
		}
		for _, line := range []string{
			"aushang_panics_total 0", `aushang_requests_total{class="page",status="200"} `, `aushang_inbox_processed_total{state="applied"} `,
			"aushang_inbox_pending 0", `aushang_deliveries_waiting{state="waiting"} `, `aushang_lanes{state="open"} 1`, "aushang_jobs_waiting ", "go_goroutines ",
			"aushang_standby 0", "aushang_database_busy_total ",
		} {
			if !strings.Contains(page, "\n"+line) {
				t.Errorf("there is no line %s", line)
			}
		}
		for _, secret := range []string{"somebody", "far.test", "here.test", "anna", "tsv"} {
			if strings.Contains(page, secret) {
				t.Errorf("the numbers name %s", secret)
			}
		}
		docs, err := os.ReadFile("../../docs/operation.md")
		if err != nil {
			t.Fatal(err)
		}
		listed := map[string]bool{}
		for _, m := range regexp.MustCompile("(?m)^\\| `((?:aushang|go|process)_[a-z_]+)").FindAllStringSubmatch(string(docs), -1) {
			listed[m[1]] = true
		}
		for name := range names {
			if !listed[name] {
				t.Errorf("docs/operation.md does not list %s", name)
			}
		}
		for name := range listed {
			if !names[name] {
				t.Errorf("docs/operation.md lists %s, which is not there", name)
			}
		}
	})
}

// TestClasses: a delivery is counted as one, to whomever it goes.
func TestClasses(t *testing.T) {
	v := found(t, migrated.SQLite(t))
	h := v.handler()
	for _, path := range []string{"/ap/inbox", "/ap/instance/inbox", path(v.club.ID) + "/inbox"} {
		before := requests.Value("inbox", "400")
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", as.MediaType)
		h.ServeHTTP(w, r)
		if got := requests.Value("inbox", "400") - before; w.Code != http.StatusBadRequest || got != 1 {
			t.Errorf("POST %s is answered with %d and counted %d times", path, w.Code, got)
		}
	}
}

// TestMetricsHaveTheirOwnAddress: they are not among the pages, and without an address nowhere.
func TestMetricsHaveTheirOwnAddress(t *testing.T) {
	v := found(t, migrated.SQLite(t), func(c *config.Config) { c.MetricsListen = "" })
	if w := v.get("/metrics", "*/*"); w.Code != http.StatusNotFound {
		t.Errorf("the public address answers %d", w.Code)
	}
	if run, err := v.metricsServer(t.Context()); err != nil {
		t.Error(err)
	} else {
		run() // returns at once
	}
}
