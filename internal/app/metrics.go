package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"codeberg.org/aushang/aushang/internal/metrics"
	"codeberg.org/aushang/aushang/web"
)

// classes are the kinds of routes that are told apart, by how their pattern
// begins; the first that fits counts, and every other is a page.
var classes = []struct{ begin, class string }{
	{"/ap/inbox", "inbox"},
	{"/inbox", "inbox"},
	{"/ap/actors/{key}/inbox", "inbox"},
	{"/ap/instance/inbox", "inbox"},
	{"/ap/actors", "actor"},
	{"/ap/instance", "actor"},
	{"/ap/", "object"},
	{"/.well-known/webfinger", "webfinger"},
	{"/.well-known/", "discovery"},
	{"/nodeinfo", "discovery"},
	{"/assets", "asset"},
	{"/media", "media"},
	{"/healthz", "probe"},
	{"/readyz", "probe"},
	{"/rathaus", "townhall"},
	{"/", "page"},
}

// classOf gives the class of a route's pattern, or "none" when there is no
// such route.
func classOf(pattern string) string {
	for _, c := range classes {
		if strings.HasPrefix(pattern, c.begin) {
			return c.class
		}
	}
	return "none"
}

var (
	classLabel = metrics.Label{Name: "class", Values: []string{
		"page", "townhall", "asset", "media", "actor", "object", "inbox", "webfinger", "discovery", "probe", "none",
	}}
	requests = metrics.NewCounter("aushang_requests_total", "Requests that were answered by the routes, by kind and status; those answered from memory are counted apart.",
		classLabel, metrics.Label{Name: "status", Values: []string{
			"200", "201", "202", "204", "206", "301", "302", "303", "304", "400", "401", "403", "404", "405", "406", "409", "410", "413", "415", "422", "429", "500", "503", "other",
		}})
	remembered = metrics.NewCounter("aushang_requests_from_memory_total", "Requests that were answered from memory, by kind.", classLabel)
	panicked   = metrics.NewCounter("aushang_panics_total", "Requests that ended in a panic. It should stay 0.")
)

// observe counts a request that was answered.
func observe(pattern string, status int) { requests.Inc(classOf(pattern), strconv.Itoa(status)) }

// metricsServer answers with the metrics on an address of their own until ctx
// ends; without such an address it does nothing.
func (t *Town) metricsServer(ctx context.Context) (run func(), err error) {
	if t.Config.MetricsListen == "" {
		return func() {}, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", t.Config.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s for metrics: %w", t.Config.MetricsListen, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", t.metrics())
	return func() {
		if err := web.Serve(ctx, l, mux, "", ""); err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.log.Error("metrics", "error", err)
		}
	}, nil
}

func (t *Town) metrics() http.Handler {
	return metrics.Handler(Version, append(append(append(t.Activities.Gauges(), t.Mail.Gauges()...), t.queue.Gauge()), metrics.Gauge{
		Name: "aushang_standby", Help: "1 while a restored town waits to be called the only copy.", Read: metrics.Single(func(context.Context) (float64, error) {
			if t.standby.Load() {
				return 1, nil
			}
			return 0, nil
		}),
	})...)
}
