package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// profiler is laid over the program when it is to be profiled, and never part
// of it: SIGUSR1 begins a CPU profile and SIGUSR2 ends it.
const profiler = `package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

func init() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		var file *os.File
		for s := range signals {
			if s == syscall.SIGUSR1 {
				if file, _ = os.Create(os.Getenv("AUSHANG_BENCH_PROFILE")); file != nil {
					_ = pprof.StartCPUProfile(file)
				}
				continue
			}
			pprof.StopCPUProfile()
			_ = file.Close()
		}
	}()
}
`

// overlay writes the profiler beside the program's main package and gives the
// arguments of go build that lay it over (go help build, -overlay).
func overlay(dir string) ([]string, error) {
	source, list := filepath.Join(dir, "profiler.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(source, []byte(profiler), 0o600); err != nil {
		return nil, err
	}
	place, err := filepath.Abs("cmd/aushang/profiler.go")
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{place: source}})
	if err != nil {
		return nil, err
	}
	return []string{"-overlay", list}, os.WriteFile(list, text, 0o600)
}

// profiled measures a part and leaves its CPU profile in folder.
func (b *bench) profiled(p part, folder string) error {
	if folder == "" {
		return p.run(b)
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	if err := b.town.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	if err := p.run(b); err != nil {
		return err
	}
	if err := b.town.cmd.Process.Signal(syscall.SIGUSR2); err != nil {
		return err
	}
	time.Sleep(window) // it is written
	return os.Rename(b.town.profile, filepath.Join(folder, p.name+".pprof"))
}
