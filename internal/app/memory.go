package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	// ballastSize is how much memory is taken and never touched, so that it costs
	// none. The collector takes it for a part of the heap and runs when the heap has
	// doubled with it: on a small heap alone it would run many times a second under
	// load (docs/performance.md).
	ballastSize = 24 << 20
	// settled is when what starting has used is given back, tidying how often
	// what a busy time has used is.
	settled = time.Second
	tidying = time.Minute
)

// keepHouse holds the ballast, and gives memory that is not used any more back
// to the machine, until ctx ends.
func keepHouse(ctx context.Context) {
	ballast := make([]byte, ballastSize)
	defer runtime.KeepAlive(ballast)
	next := time.NewTimer(settled)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			debug.FreeOSMemory()
			_ = givePagesBack() // then they stay
			next.Reset(tidying)
		}
	}
}
