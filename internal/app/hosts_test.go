package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/federation/outbox"
)

func TestHostsHaveAnEnd(t *testing.T) {
	shows(t, "T-DOS-17 many hosts that fail", func(t *testing.T, v *village) {
		const hosts = 3000
		old := time.Now().UTC().Add(-31 * 24 * time.Hour)
		err := v.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			for _, sql := range []string{"DELETE FROM deliveries", "DELETE FROM hosts"} {
				if _, err := tx.ExecContext(ctx, sql); err != nil {
					return err
				}
			}
			type host struct {
				bun.BaseModel `bun:"table:hosts"`
				Host          string
				Failures      int
				Standing      outbox.Standing
				LastFailure   time.Time
			}
			var rows []host
			for i := range hosts {
				rows = append(rows, host{Host: fmt.Sprintf("h%d.test", i), Failures: 21, Standing: outbox.Failing, LastFailure: old})
			}
			rows[0].LastFailure = time.Now().UTC() // failed lately
			_, err := tx.NewInsert().Model(&rows).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Activities.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := v.count("hosts"); n != 1 {
			t.Errorf("%d hosts are remembered for ever", n)
		}
	})
}

// TestHostsTellTheLastAttempt: of many attempts at a host the page shows how the
// newest ended.
func TestHostsTellTheLastAttempt(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		for i, status := range []int{500, 503, 502} {
			l.post(fmt.Sprint("Nummer ", i))
			l.now = l.now.Add(time.Hour)
			lane := l.claim("a")["c.test"]
			lane.Deliveries = lane.Deliveries[:1]
			l.finish("a", lane, outbox.Health{Failures: 1, LastFailure: l.now}, outbox.Result{Outcome: outbox.Failed, Status: status, Error: "it fails", Next: l.now.Add(24 * time.Hour)})
		}
		hosts, err := l.Activities.Hosts(t.Context())
		l.must(err)
		for _, h := range hosts {
			if h.Host == "c.test" && (h.Waiting != 3 || h.Status != 502 || h.Error != "it fails") {
				t.Errorf("%+v", h)
			}
		}
		if len(hosts) != 2 {
			t.Errorf("%+v", hosts)
		}
	})
}

// TestHeardThatAskedForTime: a host that asked to be left alone has its time
// though it speaks to us meanwhile; only a probe comes earlier for that.
func TestHeardThatAskedForTime(t *testing.T) {
	eachLane(t, func(t *testing.T, l *laneTest) {
		l.post("eins")
		long, probe := l.now.Add(-time.Hour), l.now.Add(6*time.Hour)
		lanes := l.claim("a")
		for host, asked := range map[string]time.Time{"b.test": {}, "c.test": l.now.Add(time.Hour)} {
			health := outbox.Health{Failures: 7, LastFailure: long, Strikes: 5, FirstStrike: long, NotBefore: probe, Asked: asked}
			var results []outbox.Result
			for range lanes[host].Deliveries {
				results = append(results, outbox.Result{Outcome: outbox.Failed, Status: 503, Next: l.now.Add(24 * time.Hour)})
			}
			l.finish("a", lanes[host], health, results...)
		}
		l.must(l.Activities.Hearing(l.log).Wake(t.Context(), "b.test", "c.test"))
		if lanes = l.claim("a"); len(lanes) != 1 || len(lanes["b.test"].Deliveries) != 1 {
			t.Errorf("tried are %+v", lanes)
		}
	})
}
