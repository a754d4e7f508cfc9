package torture

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/database/databasetest"
)

// TestTorture is make torture: few kills as a test among others, many with
// -kills.
func TestTorture(t *testing.T) {
	r := newReport()
	databasetest.Each(t, func(t *testing.T, url string) {
		name := t.Name()[strings.LastIndex(t.Name(), "/")+1:]
		t.Run("FanOut", func(t *testing.T) {
			s := newFanOut(t, url, "", "fan"+strings.ToLower(name), *hosts).torture(*kills)
			r.add(fmt.Sprintf("%s, kill -9 in the fan-out to %d hosts", name, *hosts), s.cells())
			if err := s.err(); err != nil {
				t.Error(err)
			}
		})
		t.Run("Inbox", func(t *testing.T) {
			s := newFlood(t, other(t, url), "", "box"+strings.ToLower(name), *many).torture(*kills)
			r.add(fmt.Sprintf("%s, kill -9 at the inbox while %d activities come in", name, *many), s.cells())
			if err := s.err(); err != nil {
				t.Error(err)
			}
		})
	})
	t.Log("\n" + r.String())
	if *page != "" && !t.Failed() {
		if err := writePage(*page, r.String()); err != nil {
			t.Fatal(err)
		}
	}
}

// kind gives "sqlite" or "postgres".
func kind(url string) string {
	k, _, _ := strings.Cut(url, ":")
	return k
}

// other gives another empty database of the same kind as url.
func other(t *testing.T, url string) string {
	t.Helper()
	if strings.HasPrefix(url, "sqlite:") {
		return databasetest.SQLite(t)
	}
	return databasetest.PostgreSQL(t)
}

func (s sent) cells() cells {
	return cells{
		kills: s.kills, work: fmt.Sprintf("%d deliveries", s.deliveries), lost: s.lost,
		doubled: fmt.Sprintf("%d (%.2f of 100 deliveries, %.1f for each kill, %d at most)", s.doubled,
			100*float64(s.doubled)/float64(max(1, s.deliveries)), float64(s.doubled)/float64(max(1, s.kills)), s.most),
		flight: fmt.Sprintf("%.1f, %d at most", float64(s.begun)/float64(max(1, s.kills)), s.mostBegun),
		twice:  fmt.Sprint(s.unknown) + " doubled without having been begun", took: s.took,
	}
}

func (r received) cells() cells {
	return cells{
		kills: r.kills, work: fmt.Sprintf("%d answered with 2xx, %d sent again", r.answered, r.repeats), lost: r.lost,
		twice: fmt.Sprint(r.twice) + " applied twice", took: r.took,
	}
}

// cells are the figures of a row.
type cells struct {
	kills                  int
	work                   string
	lost                   int
	doubled, flight, twice string
	took                   time.Duration
}
