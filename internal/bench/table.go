package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/federation/signature"
)

// The floors: what a server cannot do without.
const (
	// deliveryRest is what a delivery may cost besides its signature.
	deliveryRest = 150 * time.Microsecond
	// inboxFloor is verify, parse and commit in groups.
	inboxFloor = 250 * time.Microsecond
)

const introduction = `# Performance

What ` + "`make bench`" + ` measured last: the real program as a process of its own, over TLS on loopback, on a machine whose cores it
shares with what plays the other servers. Absolute figures move from run to run; CPU per unit is the honest one. The floor of a delivery
is an RSA signature of the same run and 0.15 ms, that of a received activity 0.25 ms.

`

type (
	megabytes float64
	kilobytes float64
	perSecond float64
)

// table collects figures.
type table struct {
	rows      []string
	signature time.Duration
	verify    time.Duration
}

// calibrate measures what this machine does of RSA-2048.
func (t *table) calibrate() error {
	key, err := signature.NewKey()
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte("bench"))
	const rounds = 300
	var signed []byte
	start := time.Now()
	for range rounds {
		if signed, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]); err != nil {
			return err
		}
	}
	t.signature = time.Since(start) / rounds
	start = time.Now()
	for range rounds {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signed); err != nil {
			return err
		}
	}
	t.verify = time.Since(start) / rounds
	t.add("RSA-2048 signature (calibration)", t.signature, 0)
	t.add("RSA-2048 verification (calibration)", t.verify, 0)
	return nil
}

// add notes a figure; with a floor also how many times that it is.
func (t *table) add(name string, value any, floor time.Duration) {
	text, multiple := "", ""
	switch v := value.(type) {
	case time.Duration:
		text = fmt.Sprintf("%.3f ms", float64(v)/float64(time.Millisecond))
		if floor > 0 {
			multiple = fmt.Sprintf("%.2f x %.3f ms", float64(v)/float64(floor), float64(floor)/float64(time.Millisecond))
		}
	case megabytes:
		text = fmt.Sprintf("%.1f MB", float64(v))
	case kilobytes:
		text = fmt.Sprintf("%.1f KB", float64(v))
	case perSecond:
		text = fmt.Sprintf("%.0f /s", float64(v))
	}
	t.rows = append(t.rows, fmt.Sprintf("| %s | %s | %s |", name, text, multiple))
}

// String gives the table in Markdown, with where and when.
func (t *table) String() string {
	commit, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	return fmt.Sprintf("%s, %d cores, %s, commit %s, %s\n\n| what | figure | times its floor |\n|---|---|---|\n%s\n",
		processor(), runtime.NumCPU(), runtime.Version(), strings.TrimSpace(string(commit)), time.Now().UTC().Format(time.DateOnly), strings.Join(t.rows, "\n"))
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	_, after, _ := strings.Cut(string(text), "model name\t: ")
	line, _, _ := strings.Cut(after, "\n")
	return line
}
