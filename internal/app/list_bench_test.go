package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/event"
)

// BenchmarkEventPages makes pages of events anew each time: the address is one
// that is not kept. The town has six clubs with 60 events in the next two
// months, half of which stand on the first page.
func BenchmarkEventPages(b *testing.B) {
	c := config.Defaults()
	c.Origin, c.Database, c.Data = "https://here.test", databasetest.SQLite(b), b.TempDir()
	town, err := Open(b.Context(), &c, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = town.Close() })
	last := busyTown(b, town)
	h, err := town.routes(town.Activities.Queue(town.mux, town.log))
	if err != nil {
		b.Fatal(err)
	}
	for name, address := range map[string]string{
		"list": "/veranstaltungen?neu", "filtered": "/veranstaltungen?ort=Marktplatz&thema=musik",
		"month": time.Now().AddDate(0, 0, 30).Format("/veranstaltungen/monat/2006-01") + "?neu", "event": "/veranstaltungen/" + last.Key() + "?neu",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := spent()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, address, nil)
				r.Header.Set("Accept", "text/html")
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
			b.ReportMetric(float64((spent()-before).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// busyTown fills a town and gives its last event.
func busyTown(b *testing.B, town *Town) (last *event.Event) {
	b.Helper()
	for i := range 60 {
		handle := fmt.Sprint("verein", i%6)
		if i < 6 {
			if _, err := town.Clubs.Create(b.Context(), actor.Operator, club.Draft{Handle: handle, Name: "Verein Nummer " + handle, Active: true}); err != nil {
				b.Fatal(err)
			}
		}
		k, err := town.Clubs.Find(b.Context(), handle)
		if err != nil {
			b.Fatal(err)
		}
		last, err = town.Events.Create(b.Context(), actor.Operator, event.Draft{
			AttributedTo: k.ID, Name: fmt.Sprint("Offene Probe mit Gästen ", i), Start: time.Now().AddDate(0, 0, i+1).Format(time.DateOnly) + "T19:00",
			Place: []string{"Marktplatz", "Alte Schule, Saal", ""}[i%3], Category: event.Categories[i%3].Key, Text: "Musik, Kaffee und Kuchen.\n\nBitte mitbringen: eine Decke.",
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return last
}

// spent is the CPU time of this process: on a busy machine the time that passes
// says little.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
