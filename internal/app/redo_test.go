package app

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/erasure"
	"codeberg.org/aushang/aushang/internal/inquiry"
	"codeberg.org/aushang/aushang/internal/problem"
)

// empties gives a fresh database of the same kind.
func empties(t *testing.T, v *village) string {
	t.Helper()
	if v.db.Dialect() == database.Postgres {
		return databasetest.PostgreSQL(t)
	}
	return databasetest.SQLite(t)
}

// regretted is a town of which a backup was made before much was deleted.
type regretted struct {
	*village
	person, post, kept, gone, stays string
	backup, list                    string
}

// regret makes a backup, and lets people, things of ours and of others, somebody who leaves another server, and a mail address go after it.
func (v *village) regret() *regretted {
	v.t.Helper()
	t, ctx := v.t, v.t.Context()
	v.hinted(berta)
	r := &regretted{village: v, gone: v.meet("https://far.test/users/anna"), backup: filepath.Join(t.TempDir(), "town.zip"), list: filepath.Join(v.Config.Data, erasure.Folder)}
	r.person, r.stays = v.person("xaver@example.org", account.Editor, "tsv").ID, v.person("otto@example.org", account.Admin).ID
	r.post, r.kept = v.post("Das bereue ich").ID, v.post("Das bleibt").ID
	v.meet(lena)
	v.receive("%s", create("https://b.test/c/1", lena, note("https://b.test/n/1", lena, public, r.kept, "Ihr Wort", "")))
	v.receive("%s", create("https://far.test/c/1", r.gone, note("https://far.test/n/1", r.gone, public, r.kept, "Ihr anderes Wort", "")))
	if _, err := v.Backup(ctx, r.backup, false); err != nil {
		t.Fatal(err)
	}
	v.receive(`{"id":"https://b.test/d/1","type":"Delete","actor":"%s","object":"https://b.test/n/1"}`, lena)
	v.receive(`{"id":"https://far.test/d/1","type":"Delete","actor":"%s","object":"%s"}`, r.gone, r.gone)
	_, _, err := v.RemovePerson(ctx, actor.Operator, r.person)
	if err == nil {
		err = v.Activities.DeleteObject(ctx, actor.Operator, r.post)
	}
	var q *inquiry.Request
	if err == nil {
		q, err = v.Requests.Enter(ctx, actor.Operator, inquiry.Draft{Contact: berta, Wanted: inquiry.Erasure, Channel: "mail"})
	}
	if err == nil {
		err = v.Requests.Check(ctx, actor.Operator, q.ID, "answer")
	}
	if err == nil {
		err = v.Requests.Erase(ctx, actor.Operator, q.ID)
	}
	if err == nil {
		err = v.erased.Follow(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// restored makes the town of the backup elsewhere, with the list of deletions.
func (r *regretted) restored() *Town {
	r.t.Helper()
	c := elsewhere(r.t, r.village, empties(r.t, r.village))
	if err := TakeDeletions(c, r.list); err != nil {
		r.t.Fatal(err)
	}
	if _, err := Restore(r.t.Context(), c, r.backup, true); err != nil {
		r.t.Fatal(err)
	}
	town := reopen(r.t, c, slog.New(slog.DiscardHandler))
	if _, err := town.Accounts.Find(r.t.Context(), r.person); err != nil {
		r.t.Fatalf("the backup has not whom it should: %v", err)
	}
	return town
}

// TestWhatWasDeletedStaysDeleted: what goes after a backup is gone again after it was restored, with Tombstones and 410, and all else is there; once
// more it does nothing.
func TestWhatWasDeletedStaysDeleted(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx, r := t.Context(), v.regret()
		for _, e := range must(v.erased.Read()) {
			if strings.Contains(e.Mark, r.person) || e.Kind == "" {
				t.Errorf("the list says %+v", e)
			}
		}
		town := r.restored()
		n, err := town.Redo(ctx)
		if err != nil || n < 5 {
			t.Errorf("%d were deleted once more, %v", n, err)
		}
		if _, err := town.Accounts.Find(ctx, r.person); problem.KindOf(err) != problem.NotFound {
			t.Errorf("Xaver came back: %v", err)
		}
		if _, err := town.Accounts.Find(ctx, r.stays); err != nil {
			t.Errorf("Otto is gone: %v", err)
		}
		for _, id := range []string{r.post, "https://b.test/n/1", "https://far.test/n/1"} {
			if o, err := town.Objects.Stored(ctx, town.db.Read(), id); err != nil || !o.Tombstone() || o.Content != "" {
				t.Errorf("%s is %+v, %v", id, o, err)
			}
		}
		if who, err := town.Actors.Find(ctx, town.db.Read(), r.gone); err != nil || who.State != actor.Gone {
			t.Errorf("who left another server is %+v, %v", who, err)
		}
		w := &village{Town: town, t: t, club: v.club}
		if left := w.places(berta, r.person, "xaver@example.org"); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		b := w.browser()
		for id, status := range map[string]int{r.post: 410, r.kept: 200} {
			q := httptest.NewRequest("GET", path(id), nil)
			q.Header.Set("Accept", "application/activity+json")
			answer := httptest.NewRecorder()
			b.h.ServeHTTP(answer, q)
			if answer.Code != status || status == 410 && !strings.Contains(answer.Body.String(), "Tombstone") {
				t.Errorf("%s answers %d: %s", id, answer.Code, answer.Body)
			}
		}
		if n, err := town.Redo(ctx); n != 0 || err != nil {
			t.Errorf("once more: %d, %v", n, err)
		}
	})
}

// TestTwoDeleteOnceMore: two processes that start on a restored database both delete what came back, or each a part.
func TestTwoDeleteOnceMore(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		r := v.regret()
		one := r.restored()
		two := reopen(t, one.Config, slog.New(slog.DiscardHandler))
		errs := make(chan error, 2)
		for _, town := range []*Town{one, two} {
			go func() {
				_, err := town.Redo(t.Context())
				errs <- err
			}()
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Errorf("side by side: %v", err)
			}
		}
		if _, err := one.Accounts.Find(t.Context(), r.person); problem.KindOf(err) != problem.NotFound {
			t.Errorf("Xaver came back: %v", err)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestListOfDeletions: it follows the database wherever it was left, a line that broke off harms nothing, and what two processes write twice counts once.
func TestListOfDeletions(t *testing.T) {
	each(t, func(t *testing.T, v *village) {
		ctx := t.Context()
		for range 3 {
			if err := v.Activities.DeleteObject(ctx, actor.Operator, v.post("Weg").ID); err != nil {
				t.Fatal(err)
			}
		}
		one, two := erasure.NewList(v.db, v.Config.Data), erasure.NewList(v.db, v.Config.Data)
		for _, l := range []*erasure.List{one, two, one} {
			if err := l.Follow(ctx); err != nil {
				t.Fatal(err)
			}
		}
		files, err := filepath.Glob(filepath.Join(v.Config.Data, erasure.Folder, "*.jsonl"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		whole, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		lines := slices.Collect(strings.Lines(string(whole)))
		// A process died in the middle of the last line, and two wrote the first.
		if err := os.WriteFile(files[0], []byte(lines[0]+strings.Join(lines[:2], "")+lines[2][:20]), 0o600); err != nil {
			t.Fatal(err)
		}
		if list := must(one.Read()); len(list) != 2 {
			t.Errorf("%d entries", len(list))
		}
		later := erasure.NewList(v.db, v.Config.Data)
		if err := later.Follow(ctx); err != nil {
			t.Fatal(err)
		}
		if list := must(later.Read()); len(list) != 3 {
			t.Errorf("%d entries after another start", len(list))
		}
		if list := must(later.Unknown(ctx, list0(t, later).At)); len(list) != 0 {
			t.Errorf("the database does not know %v", list)
		}
		if err := later.Forget(ctx, list0(t, later).At.Add(2*erasure.Life)); err != nil {
			t.Fatal(err)
		}
		if list := must(later.Read()); len(list) != 0 || v.count("erasures") != 0 {
			t.Errorf("after its life: %v", list)
		}
	})
}

func list0(t *testing.T, l *erasure.List) *erasure.Entry {
	t.Helper()
	list := must(l.Read())
	if len(list) == 0 {
		t.Fatal("nothing is on the list")
	}
	return list[0]
}
