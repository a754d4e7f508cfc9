package app

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/town"
)

// lookAtLaw lets the town federate and register people when nothing is missing
// in the pages that the law asks for, and always when it is a trial. It gives
// what is missing.
func (t *Town) lookAtLaw(ctx context.Context) ([]town.Lack, error) {
	if !t.Config.Public() {
		t.lawful.Store(true)
		return nil, nil
	}
	lacks, err := t.Settings.Lacks(ctx, t.Config.Language)
	if err != nil {
		return nil, err
	}
	if len(lacks) == 0 {
		t.lawful.Store(true)
	}
	return lacks, nil
}

// unlawful tells whether federation and registration wait for what the law asks
// for.
func (t *Town) unlawful() bool { return !t.lawful.Load() }

// lacking names what is missing as the command line calls it.
func lacking(lacks []town.Lack) string {
	var names []string
	for _, l := range lacks {
		names = append(names, l.Name())
	}
	return strings.Join(names, ", ")
}

// lawMend says how what is missing is filled in.
func lawMend(origin string) string {
	return "Fill it in at " + origin + "/rathaus/recht, or with aushang site set (docs/operation.md)."
}

// awaitLaw returns true as soon as the pages that the law asks for are whole, at
// once when they were at the start; false when ctx ends before. What is emptied
// later is said by check and the desk; it does not tear the town from the others.
func (t *Town) awaitLaw(ctx context.Context) bool {
	if t.lawful.Load() {
		return true
	}
	rings, stop := t.db.Bell()
	defer stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for said := ""; ; {
		lacks, err := t.lookAtLaw(ctx)
		if err != nil {
			t.log.LogAttrs(ctx, slog.LevelError, "read what the law asks for", slog.String("error", err.Error()))
		} else if t.lawful.Load() {
			t.log.Info("the pages that the law asks for are whole: federation and registration are on")
			return true
		} else if now := lacking(lacks); now != said {
			t.log.Warn("Federation and registration wait until the pages that the law asks for are whole. Missing: " + now + ". " + lawMend(t.Config.Origin))
			said = now
		}
		select {
		case <-ctx.Done():
			return false
		case <-rings:
		case <-tick.C:
		}
	}
}

// unlessUnlawful asks who delivers to come again until the town has said who it
// is.
func (t *Town) unlessUnlawful(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t.unlawful() {
			w.Header().Set("Retry-After", standbyRetry)
			http.Error(w, "this server does not federate yet; try again later", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// errUnlawful is why nothing is asked of other servers.
func (t *Town) errUnlawful() error {
	return problem.Unavailablef("federation waits until the pages that the law asks for are whole: %s", lawMend(t.Config.Origin))
}
