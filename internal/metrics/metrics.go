// Package metrics counts what the program does and writes it in the text format
// of Prometheus. It is written here because it is little, and the program must
// stay small in memory and on disk.
//
// A label has a fixed list of values: nothing that others choose, no address,
// no id and no name, ever becomes one.
package metrics

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// A Label is one distinction, with all values that it can have. A value that
// is not among them counts as the last one.
type Label struct {
	Name   string
	Values []string
}

// Counter counts, from 0 at the start of the process. Make one with NewCounter.
type Counter struct {
	name, help string
	labels     []Label
	counts     []atomic.Uint64 // one for each combination of values
}

var (
	mu  sync.Mutex
	all []*Counter
)

// NewCounter gives a counter that is part of every page of metrics. Call it for
// a package variable.
func NewCounter(name, help string, labels ...Label) *Counter {
	n := 1
	for _, l := range labels {
		n *= len(l.Values)
	}
	c := &Counter{name: name, help: help, labels: labels, counts: make([]atomic.Uint64, n)}
	mu.Lock()
	defer mu.Unlock()
	all = append(all, c)
	return c
}

// Inc counts one more; values are one for each label.
func (c *Counter) Inc(values ...string) { c.Add(1, values...) }

// Add counts n more.
func (c *Counter) Add(n uint64, values ...string) {
	at := 0
	for i, l := range c.labels {
		v := slices.Index(l.Values, values[i])
		if v < 0 {
			v = len(l.Values) - 1
		}
		at = at*len(l.Values) + v
	}
	c.counts[at].Add(n)
}

// Value gives what was counted.
func (c *Counter) Value(values ...string) uint64 {
	n := uint64(0)
	c.each(func(v []string, count uint64) {
		if slices.Equal(v, values) {
			n = count
		}
	})
	return n
}

func (c *Counter) each(visit func(values []string, n uint64)) {
	values := make([]string, len(c.labels))
	for i := range c.counts {
		rest := i
		for l := len(c.labels) - 1; l >= 0; l-- {
			values[l] = c.labels[l].Values[rest%len(c.labels[l].Values)]
			rest /= len(c.labels[l].Values)
		}
		visit(values, c.counts[i].Load())
	}
}

// Gauge is what is asked for when the page is.
type Gauge struct {
	Name, Help string
	// Label is the name of the only label; "" for a single number.
	Label string
	// Read gives the numbers by the value of the label.
	Read func(ctx context.Context) (map[string]float64, error)
}

// Single makes the Read of a Gauge without label.
func Single(read func(ctx context.Context) (float64, error)) func(ctx context.Context) (map[string]float64, error) {
	return func(ctx context.Context) (map[string]float64, error) {
		n, err := read(ctx)
		return map[string]float64{"": n}, err
	}
}

// Handler answers with all counters, the gauges, and what the runtime knows.
func Handler(version string, gauges ...Gauge) http.Handler {
	gauges = append(gauges, runtimeGauges(version)...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		out := bufio.NewWriter(w)
		write(r.Context(), out, gauges)
		_ = out.Flush() // who asked is gone
	})
}

func write(ctx context.Context, out io.Writer, gauges []Gauge) {
	mu.Lock()
	counters := slices.Clone(all)
	mu.Unlock()
	slices.SortFunc(counters, func(a, b *Counter) int { return strings.Compare(a.name, b.name) })
	for _, c := range counters {
		head(out, c.name, c.help, "counter")
		c.each(func(values []string, n uint64) {
			if n == 0 && len(c.labels) > 1 {
				return // of many combinations most never happen
			}
			var pairs []string
			for i, l := range c.labels {
				pairs = append(pairs, l.Name, values[i])
			}
			line(out, c.name, float64(n), pairs...)
		})
	}
	for _, g := range gauges {
		numbers, err := g.Read(ctx)
		if err != nil {
			unread.Inc()
			continue // the database is away: the page says so by what is missing
		}
		kind := "gauge"
		if strings.HasSuffix(g.Name, "_total") {
			kind = "counter"
		}
		head(out, g.Name, g.Help, kind)
		for _, value := range sorted(numbers) {
			if g.Label == "" {
				line(out, g.Name, numbers[value])
			} else {
				line(out, g.Name, numbers[value], g.Label, value)
			}
		}
	}
}

var unread = NewCounter("aushang_metrics_unread_total", "Numbers that could not be read for this page.")

func sorted(m map[string]float64) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

func head(out io.Writer, name, help, kind string) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func line(out io.Writer, name string, n float64, pairs ...string) {
	var labels []string
	for i := 1; i < len(pairs); i += 2 {
		labels = append(labels, pairs[i-1]+`="`+escape.Replace(pairs[i])+`"`)
	}
	if len(labels) > 0 {
		name += "{" + strings.Join(labels, ",") + "}"
	}
	fmt.Fprintf(out, "%s %s\n", name, strconv.FormatFloat(n, 'g', -1, 64))
}
