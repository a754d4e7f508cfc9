package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// process is a server that is measured, ours or the floor.
type process struct {
	cmd *exec.Cmd
}

// start starts a program that ends when we do.
func start(program string, env []string, log *os.File, args ...string) (*process, error) {
	c := exec.Command(program, args...)
	c.Env, c.Stderr, c.Stdout = env, log, log
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return &process{c}, c.Start()
}

func (p *process) kill() {
	if p != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// usage is what a process has used so far.
type usage struct {
	cpu     time.Duration
	written int64 // bytes to disk
}

func (u usage) minus(before usage) usage {
	return usage{u.cpu - before.cpu, u.written - before.written}
}

func (u usage) plus(more usage) usage { return usage{u.cpu + more.cpu, u.written + more.written} }

func (p *process) usage() usage {
	return usage{clock(processClock(p.cmd.Process.Pid)), p.field("io", "write_bytes:")}
}

// processClock names the CPU clock of a process, user and system, all threads;
// unlike /proc it counts nanoseconds (clock_getcpuclockid(3)).
func processClock(pid int) uintptr { return uintptr(int32(^pid)<<3 | 2) }

// threadClock is the CPU clock of the thread that asks.
const threadClock = 3

func clock(id uintptr) time.Duration {
	var t syscall.Timespec
	if _, _, e := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&t)), 0); e != 0 { //nolint:gosec // the kernel's interface
		return 0
	}
	return time.Duration(t.Nano())
}

// resident gives the memory of the process in MB.
func (p *process) resident() float64 { return float64(p.field("status", "VmRSS:")) / 1024 }

func (p *process) field(file, key string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, file))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), key)
	n, _ := strconv.ParseInt(strings.Fields(after + " 0")[0], 10, 64)
	return n
}

// The process is quiet when it uses at most idle in each of calm windows.
const (
	window = 200 * time.Millisecond
	idle   = 3 * time.Millisecond
	calm   = 3
)

// quiet waits until the process has done what it has to do, and gives what it
// had used when it became so; what it writes later counts too.
func (p *process) quiet() usage {
	last := p.usage()
	since := last // the beginning of the calm
	for still, n := 0, 0; still < calm && n < 150; n++ {
		time.Sleep(window)
		now := p.usage()
		if still++; now.cpu-last.cpu > idle {
			still, since = 0, now
		}
		last = now
	}
	return usage{since.cpu, last.written}
}
