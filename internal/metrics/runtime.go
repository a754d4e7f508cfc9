package metrics

import (
	"context"
	"os"
	"runtime"
	"runtime/metrics"
	"syscall"
	"time"
)

var started = time.Now()

// runtimeGauges are what the runtime of Go and the system know of the process.
func runtimeGauges(version string) []Gauge {
	return []Gauge{
		{"aushang_build_info", "The version of the program and of Go, always 1.", "version", func(context.Context) (map[string]float64, error) {
			return map[string]float64{version + " " + runtime.Version(): 1}, nil
		}},
		number("process_start_time_seconds", "When the process started, in seconds since 1970.", func() float64 { return float64(started.UnixMilli()) / 1000 }),
		{"process_open_fds", "Files and connections that are open.", "", Single(func(context.Context) (float64, error) {
			list, err := os.ReadDir("/proc/self/fd")
			return float64(len(list)), err
		})},
		number("go_goroutines", "Goroutines that exist.", func() float64 { return float64(runtime.NumGoroutine()) }),
		number("go_memory_heap_bytes", "Memory in use on the heap.", func() float64 { return sample("/memory/classes/heap/objects:bytes") }),
		number("go_memory_total_bytes", "Memory that the runtime has from the system, less what it gave back.", func() float64 {
			return sample("/memory/classes/total:bytes") - sample("/memory/classes/heap/released:bytes")
		}),
		number("go_gc_cycles_total", "Times that the garbage was collected.", func() float64 { return sample("/gc/cycles/total:gc-cycles") }),
		number("process_cpu_seconds_total", "Time that the process has computed.", computed),
	}
}

// computed is the CPU time of the process, in seconds.
func computed() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

func number(name, help string, read func() float64) Gauge {
	return Gauge{name, help, "", Single(func(context.Context) (float64, error) { return read(), nil })}
}

func sample(name string) float64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	switch s[0].Value.Kind() {
	case metrics.KindUint64:
		return float64(s[0].Value.Uint64())
	case metrics.KindFloat64:
		return s[0].Value.Float64()
	}
	return 0
}
