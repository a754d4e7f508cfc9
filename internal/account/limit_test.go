package account

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/problem"
)

// inside runs a test on both databases with accounts whose clock it moves.
func inside(t *testing.T, test func(t *testing.T, s *Accounts, clock *atomic.Int64)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, url string) {
		db, err := database.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := New(db, actor.Site{Origin: "https://here.test"})
		clock := new(atomic.Int64)
		clock.Store(time.Now().Unix())
		s.now = func() time.Time { return time.Unix(clock.Load(), 0).UTC() }
		test(t, s, clock)
	})
}

// stated is what a limit allows.
type stated struct {
	tries int
	per   time.Duration
}

// limits is the table of all limits: each function that gives some, with what
// they allow in its order, for two askers that have nothing in common.
var limits = map[string]struct {
	of   func(who string) []limit
	want []stated
	// shared are the limits that all askers have together, by their place.
	shared map[int]bool
}{
	"signInTries": {
		func(who string) []limit { return signInTries(who+"@example.org", "192.0.2."+who) },
		[]stated{{10, 15 * time.Minute}, {30, 15 * time.Minute}, {100, time.Hour}},
		nil,
	},
	"uploadTries": {func(who string) []limit { return []limit{uploadTries("192.0.2." + who)} }, []stated{{20, time.Hour}}, nil},
	"reportTries": {
		func(who string) []limit { return reportTries("192.0." + who + ".1") }, []stated{{5, time.Hour}, {30, 24 * time.Hour}}, nil,
	},
	"hintTries": {
		func(who string) []limit { return hintTries("192.0." + who + ".1") }, []stated{{5, time.Hour}, {30, 24 * time.Hour}}, nil,
	},
	"mailTries": {
		func(who string) []limit { return mailTries("192.0."+who+".1", who+"@example.org") },
		[]stated{{3, time.Hour}, {10, time.Hour}},
		nil,
	},
	"registerTries": {
		func(who string) []limit { return registerTries("192.1."+who+".1", "new"+who+"@example.org") },
		[]stated{{3, time.Hour}, {10, time.Hour}, {300, 24 * time.Hour}},
		map[int]bool{2: true},
	},
	"questionTries": {func(who string) []limit { return []limit{questionTries("192.0.2." + who)} }, []stated{{300, time.Hour}}, nil},
	"downloadTries": {func(who string) []limit { return []limit{downloadTries(who)} }, []stated{{5, 24 * time.Hour}}, nil},
	"helpTries":     {func(who string) []limit { return []limit{helpTries(who)} }, []stated{{40, time.Hour}}, nil},
	"answerTries": {
		func(who string) []limit { return answerTries("https://"+who+".test/lena", who+".test") }, []stated{{5, 24 * time.Hour}, {60, time.Hour}}, nil,
	},
	"directTries": {
		func(who string) []limit { return directTries("https://"+who+".test/lena", who+".test") }, []stated{{20, time.Hour}, {300, time.Hour}}, nil,
	},
	"askTries": {func(who string) []limit { return []limit{askTries(who)} }, []stated{{5, 24 * time.Hour}}, nil},
	"inviteTries": {
		func(who string) []limit {
			return inviteTries(who, "192.0."+who+".1", "invited"+who+"@example.org")
		},
		[]stated{{30, 24 * time.Hour}, {3, time.Hour}, {60, 24 * time.Hour}},
		nil,
	},
	"codeTries": {codeTries, []stated{{5, 15 * time.Minute}, {100, 24 * time.Hour}}, nil},
}

// TestLimitsAreListed: a limit without a row in the table fails, wherever in the
// package it is made.
func TestLimitsAreListed(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			gives := ok && givesLimits(f)
			if gives {
				found[f.Name.Name] = true
				if _, ok := limits[f.Name.Name]; !ok {
					t.Errorf("%s has no row in the table of limits", f.Name.Name)
				}
			}
			ast.Inspect(d, func(n ast.Node) bool {
				if c, ok := n.(*ast.CompositeLit); ok && !gives && isLimit(c.Type) {
					t.Errorf("%s makes a limit outside of a function that gives limits: no row can name it", e.Name())
				}
				return true
			})
		}
	}
	for name := range limits {
		if !found[name] {
			t.Errorf("the row %s has no limit", name)
		}
	}
}

func givesLimits(f *ast.FuncDecl) bool {
	return f.Type.Results != nil && len(f.Type.Results.List) == 1 && isLimit(f.Type.Results.List[0].Type)
}

// isLimit tells whether a type is limit or []limit.
func isLimit(e ast.Expr) bool {
	if a, ok := e.(*ast.ArrayType); ok {
		e = a.Elt
	}
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "limit"
}

// TestLimits: 200 tries at once, or more, are admitted as often as the limit
// says and not once more; another asker has tries of his own; when the time is
// over it begins anew.
func TestLimits(t *testing.T) {
	t.Run("T-RATE-07 every limit holds to the number", func(t *testing.T) {
		inside(t, func(t *testing.T, s *Accounts, clock *atomic.Int64) {
			for name, row := range limits {
				mine, theirs := row.of("7"), row.of("8")
				if len(mine) != len(row.want) {
					t.Errorf("%s gives %d limits, the table says %d", name, len(mine), len(row.want))
					continue
				}
				for i, want := range row.want {
					l, other := mine[i], theirs[i]
					if l.tries != want.tries || l.per != want.per {
						t.Errorf("%s %d allows %d within %s, the table says %d within %s", name, i, l.tries, l.per, want.tries, want.per)
					}
					if n := s.storm(t, l, max(200, l.tries+20)); n != want.tries {
						t.Errorf("%s %d: %d are admitted, want %d", name, i, n, want.tries)
					}
					if err := s.admit(t.Context(), other); (err == nil) == row.shared[i] {
						t.Errorf("%s %d: another asker gets %v", name, i, err)
					}
					clock.Add(int64(want.per/time.Second) + 1)
					if err := s.admit(t.Context(), l); err != nil {
						t.Errorf("%s %d: after %s it says %v", name, i, want.per, err)
					}
				}
			}
		})
	})
}

// storm tries n times at once and gives how many were admitted.
func (s *Accounts) storm(t *testing.T, l limit, n int) int {
	t.Helper()
	var admitted atomic.Int32
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			switch err := s.admit(t.Context(), l); {
			case err == nil:
				admitted.Add(1)
			case problem.KindOf(err) != problem.TooMany:
				t.Error(err)
			}
		})
	}
	all.Wait()
	return int(admitted.Load())
}

// TestMailboxes: spellings of one mailbox, and neighbours in one network, share
// a limit.
func TestMailboxes(t *testing.T) {
	for one, other := range map[string]string{
		"Anna+aushang@example.org": "anna@example.org", "a.n.n.a@gmail.com": "anna@googlemail.com", " anna@example.org ": "anna@example.org",
	} {
		if oneMailbox(one) != oneMailbox(other) {
			t.Errorf("%s and %s are two mailboxes", one, other)
		}
	}
	if oneMailbox("a.nna@example.org") == oneMailbox("anna@example.org") {
		t.Error("points count elsewhere than at Gmail")
	}
	for one, other := range map[string]string{"192.0.2.1": "192.0.2.254", "2001:db8:0:1::/64": "2001:db8:0:ff::/64"} {
		if network(one) != network(other) {
			t.Errorf("%s and %s are two networks", one, other)
		}
	}
	if network("192.0.2.1") == network("192.0.3.1") {
		t.Error("two networks are one")
	}
}
