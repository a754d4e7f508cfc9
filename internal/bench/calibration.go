package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"runtime"
	"slices"
	"time"
)

// The most that a floor may cost besides an RSA signature of the same run.
const (
	deliveryRest = 150 * time.Microsecond
	inboxBound   = 250 * time.Microsecond
)

// calibration is what an RSA-2048 signature and its verification cost on this
// machine, measured again and again during the run.
type calibration struct {
	key          *rsa.PrivateKey
	sign, verify []time.Duration
}

const rounds = 150

// measure takes one more sample: CPU time of one thread, so that others at work
// on the machine count as little as they can.
func (c *calibration) measure() error {
	if c.key == nil {
		var err error
		if c.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return err
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	sum := sha256.Sum256([]byte("bench"))
	var signed []byte
	var err error
	begin := clock(threadClock)
	for range rounds {
		if signed, err = rsa.SignPKCS1v15(nil, c.key, crypto.SHA256, sum[:]); err != nil {
			return err
		}
	}
	middle := clock(threadClock)
	for range rounds {
		if err := rsa.VerifyPKCS1v15(&c.key.PublicKey, crypto.SHA256, sum[:], signed); err != nil {
			return err
		}
	}
	c.sign = append(c.sign, (middle-begin)/rounds)
	c.verify = append(c.verify, (clock(threadClock)-middle)/rounds)
	return nil
}

// signature is the median cost of a signature so far.
func (c *calibration) signature() time.Duration { return percentile(c.sign, 50) }

func (c *calibration) report(out *table) {
	out.add(figure{what: "RSA-2048 signature, one core (calibration, median)", unit: milliseconds, value: in(milliseconds, c.signature())})
	out.add(figure{what: "RSA-2048 verification, one core (calibration, median)", unit: milliseconds, value: in(milliseconds, percentile(c.verify, 50))})
}

// percentile gives the value that p of 100 values do not exceed; 0 for none.
func percentile(values []time.Duration, p int) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// median gives the middle of some values; 0 for none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}
