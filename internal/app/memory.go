package app

import (
	"context"
	"runtime/debug"
	"time"
)

// ballast is memory that nobody touches, so that it costs none. The collector
// takes it for a part of the heap and runs when the heap has doubled with it: on
// a small heap alone it would run many times a second under load, for a tenth of
// all work (docs/performance.md).
var ballast []byte

const (
	ballastSize = 24 << 20
	// settled is when what starting has used is given back, tidying how often
	// what a busy time has used is.
	settled = time.Second
	tidying = time.Minute
)

// keepHouse holds the ballast, and gives memory that is not used any more back
// to the machine, until ctx ends.
func keepHouse(ctx context.Context) {
	ballast = make([]byte, ballastSize)
	next := time.NewTimer(settled)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			debug.FreeOSMemory()
			next.Reset(tidying)
		}
	}
}
