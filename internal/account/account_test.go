package account_test

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/database/databasetest"
	"codeberg.org/aushang/aushang/internal/problem"
)

const password = "ein ganzer Satz als Passwort"

// each runs a test with the accounts of a fresh town on both databases.
func each(t *testing.T, test func(t *testing.T, s *account.Accounts)) {
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
		test(t, account.New(db, actor.Site{Origin: "https://here.test"}))
	})
}

// shows does so under the name of a row of docs/security.toml.
func shows(t *testing.T, name string, test func(t *testing.T, s *account.Accounts)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { each(t, test) })
}

func add(t *testing.T, s *account.Accounts, email, role, password string) (*account.Account, string) {
	t.Helper()
	a, link, err := s.Create(t.Context(), actor.Operator, account.Draft{Email: email, Name: "Anna", Role: role, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return a, link
}

func TestSignIn(t *testing.T) {
	shows(t, "T-RATE-08 what is wrong is never said more exactly", func(t *testing.T, s *account.Accounts) {
		anna, _ := add(t, s, "anna@example.org", account.Editor, password)
		add(t, s, "bert@example.org", account.Editor, "") // has no password yet
		for _, email := range []string{"anna@example.org", " ANNA@Example.ORG "} {
			a, err := s.SignIn(t.Context(), email, password, "192.0.2.1")
			if err != nil || a.ID != anna.ID {
				t.Errorf("%q: %v", email, err)
			}
		}
		var says []string
		for _, wrong := range [][2]string{{"anna@example.org", "falsch"}, {"anna@example.org", ""}, {"carla@example.org", password}, {"bert@example.org", ""}, {"bert@example.org", password}, {"", ""}, {"anna@example.org", strings.Repeat("x", 1<<20)}} {
			_, err := s.SignIn(t.Context(), wrong[0], wrong[1], "192.0.2.1")
			if problem.KindOf(err) != problem.Invalid {
				t.Errorf("%q: %v", wrong[0], err)
			} else {
				says = append(says, err.Error())
			}
		}
		for _, s := range says {
			if s != says[0] {
				t.Errorf("%q tells more than %q", s, says[0])
			}
		}
	})
}

// TestThrottles: each limit of signing in, by its key.
func TestThrottles(t *testing.T) {
	for name, tc := range map[string]struct {
		admitted int
		email    func(i int) string
		address  func(i int) string
	}{
		"one person from one address": {10, func(int) string { return "anna@example.org" }, func(int) string { return "192.0.2.1" }},
		"in other letters":            {10, func(i int) string { return [2]string{"anna@example.org", "ANNA@example.org"}[i%2] }, func(int) string { return "192.0.2.1" }},
		"many people from one":        {30, func(i int) string { return strings.Repeat("a", i+1) + "@example.org" }, func(int) string { return "192.0.2.1" }},
		"one person from many":        {100, func(int) string { return "anna@example.org" }, func(i int) string { return "192.0.2." + string(rune('0'+i%10)) + strings.Repeat("1", i/10) }},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *account.Accounts) {
				for i := range tc.admitted {
					if _, err := s.SignIn(t.Context(), tc.email(i), "falsch", tc.address(i)); problem.KindOf(err) != problem.Invalid {
						t.Fatalf("try %d: %v", i+1, err)
					}
				}
				if _, err := s.SignIn(t.Context(), tc.email(tc.admitted), "falsch", tc.address(tc.admitted)); problem.KindOf(err) != problem.TooMany {
					t.Errorf("try %d: %v", tc.admitted+1, err)
				}
			})
		})
	}
}

// TestDownloadThrottle: five downloads a day for one person, and none for another one.
func TestDownloadThrottle(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		for i := range 5 {
			if err := s.AdmitDownload(t.Context(), "anna"); err != nil {
				t.Fatalf("download %d: %v", i+1, err)
			}
		}
		if err := s.AdmitDownload(t.Context(), "anna"); problem.KindOf(err) != problem.TooMany {
			t.Errorf("the sixth one: %v", err)
		}
		if err := s.AdmitDownload(t.Context(), "bert"); err != nil {
			t.Errorf("somebody else: %v", err)
		}
	})
}

func TestThrottleIsAtomic(t *testing.T) {
	shows(t, "T-RATE-07 a limit holds to the number", func(t *testing.T, s *account.Accounts) {
		var admitted, refused atomic.Int32
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				switch err := s.AdmitUpload(t.Context(), "192.0.2.1"); {
				case err == nil:
					admitted.Add(1)
				case problem.KindOf(err) == problem.TooMany:
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if admitted.Load() != 20 || refused.Load() != 180 {
			t.Errorf("%d admitted, %d refused", admitted.Load(), refused.Load())
		}
	})
}

// TestManyAtOneAddress: those who know their passwords do not use up the tries of
// their house, and a guesser gains nothing by signing in as himself in between.
func TestManyAtOneAddress(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		add(t, s, "anna@example.org", account.Editor, password)
		for i := range 31 {
			if _, err := s.SignIn(t.Context(), "anna@example.org", password, "192.0.2.1"); err != nil {
				t.Fatalf("sign-in %d: %v", i+1, err)
			}
		}
		for i := range 30 {
			if _, err := s.SignIn(t.Context(), strings.Repeat("b", i+1)+"@example.org", "falsch", "192.0.2.1"); problem.KindOf(err) != problem.Invalid {
				t.Fatalf("guess %d: %v", i+1, err)
			}
			if i%10 != 5 {
				continue
			}
			if _, err := s.SignIn(t.Context(), "anna@example.org", password, "192.0.2.1"); err != nil {
				t.Fatalf("between the guesses: %v", err)
			}
		}
		if _, err := s.SignIn(t.Context(), "anna@example.org", password, "192.0.2.1"); problem.KindOf(err) != problem.TooMany {
			t.Errorf("after thirty guesses: %v", err)
		}
	})
}

func TestSuccessForgetsTries(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		add(t, s, "anna@example.org", account.Editor, password)
		for range 3 {
			for range 8 {
				_, _ = s.SignIn(t.Context(), "anna@example.org", "falsch", "192.0.2.1")
			}
			if _, err := s.SignIn(t.Context(), "anna@example.org", password, "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestPasswordAndLink(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		a, link := add(t, s, "anna@example.org", account.Editor, "")
		token := link[strings.LastIndexByte(link, '/')+1:]
		if _, err := s.UseLink(t.Context(), token, "kurz"); problem.Field(err) != "password" {
			t.Errorf("a short password: %v", err)
		}
		again, err := s.UseLink(t.Context(), token, password)
		if err != nil || again.Epoch == a.Epoch {
			t.Fatalf("%v, the sessions go on: %v", err, again.Epoch == a.Epoch)
		}
		if _, err := s.UseLink(t.Context(), token, password); problem.KindOf(err) != problem.Gone {
			t.Errorf("a used link: %v", err)
		}
		if err := s.ConfirmPassword(t.Context(), a.ID, "falsch", "192.0.2.1"); problem.Field(err) != "password" {
			t.Errorf("the wrong password: %v", err)
		}
		if err := s.ConfirmPassword(t.Context(), a.ID, password, "192.0.2.1"); err != nil {
			t.Errorf("the right password: %v", err)
		}
		if _, err := s.SetPassword(t.Context(), a.ID, "kurz"); problem.Field(err) != "password" {
			t.Errorf("a short password: %v", err)
		}
		changed, err := s.SetPassword(t.Context(), a.ID, "noch ein Satz")
		if err != nil || changed.Epoch == again.Epoch {
			t.Errorf("%v", err)
		}
		if _, err := s.SignIn(t.Context(), "anna@example.org", password, "192.0.2.1"); err == nil {
			t.Error("the old password still works")
		}
		second, err := s.Invite(t.Context(), actor.Operator, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		third, err := s.Invite(t.Context(), actor.Operator, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		for link, want := range map[string]problem.Kind{second: problem.Gone, third: problem.Internal} {
			if _, err := s.LinkOwner(t.Context(), link[strings.LastIndexByte(link, '/')+1:]); problem.KindOf(err) != want {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestRoles(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		ids := map[string]string{actor.Operator: actor.Operator}
		for _, role := range account.Roles {
			a, _ := add(t, s, role+"@example.org", role, "")
			ids[role] = a.ID
		}
		for by, may := range map[string]map[string]bool{
			account.Resident: {}, account.Editor: {}, account.Office: {}, account.Townhall: {account.Resident: true, account.Editor: true},
			account.Admin: {account.Resident: true, account.Editor: true, account.Office: true, account.Townhall: true, account.Admin: true},
		} {
			for _, role := range account.Roles {
				_, _, err := s.Create(t.Context(), ids[by], account.Draft{Email: by + role + "@example.org", Name: "Neu", Role: role})
				if (err == nil) != may[role] || err != nil && problem.KindOf(err) != problem.Forbidden {
					t.Errorf("%s adds %s: %v", by, role, err)
				}
			}
		}
		if err := s.SetRole(t.Context(), ids[account.Townhall], ids[account.Admin], account.Resident); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("the town hall takes the admin's role: %v", err)
		}
		if err := s.SetRole(t.Context(), ids[account.Townhall], ids[account.Townhall], account.Resident); problem.Field(err) != "role" {
			t.Errorf("one's own role: %v", err)
		}
		if err := s.SetRole(t.Context(), ids[account.Admin], ids[account.Editor], account.Townhall); err != nil {
			t.Error(err)
		}
		_, _, err := s.Create(t.Context(), actor.Operator, account.Draft{Email: "Editor@example.org", Name: "x", Role: account.Editor})
		if problem.KindOf(err) != problem.Conflict {
			t.Errorf("the same address again: %v", err)
		}
	})
}

// TestAddresses: a mail address has one form, in which its domain is what stands
// behind the one @.
func TestAddresses(t *testing.T) {
	shows(t, "T-MOD-08 addresses that look like others", func(t *testing.T, s *account.Accounts) {
		for _, email := range []string{
			"victim%gov.de@relay.test", `"a@b"@c.test`, "a@b.test,c@d.test", "a@b.test;c@d.test", "a@[127.0.0.1]", "a@127.0.0.1", "a@b.test\r\nBcc: c@d.test", "a\n@b.test", "a (x)@b.test", "a@b.test (x)",
			"Anna <a@b.test>", "<a@b.test>", "a@b@c.test", "@b.test", "a@", "a", "", "a@b", "a b@c.test", "a@b..test", ".a@b.test", "a@.test", "a!b@c.test", "a@-b.test", "a@b_c.test", strings.Repeat("a", 300) + "@b.test",
		} {
			if _, _, err := s.Create(t.Context(), actor.Operator, account.Draft{Email: email, Name: "Anna", Role: account.Resident}); problem.Field(err) != "email" {
				t.Errorf("%q: %v", email, err)
			}
		}
		for _, email := range []string{"anna@example.org", "anna.b+c-d_e@sub.example.org", "  ANNA2@Example.ORG "} {
			add(t, s, email, account.Resident, "")
		}
		for _, email := range []string{"Anna@EXAMPLE.org", "anna@example.org "} {
			if _, _, err := s.Create(t.Context(), actor.Operator, account.Draft{Email: email, Name: "Anna", Role: account.Resident}); problem.KindOf(err) != problem.Conflict {
				t.Errorf("%q is another account: %v", email, err)
			}
		}
	})
}

// TestLimitsOfComingIn: letters and reports of who is not signed in, clubs that are asked
// for, and invitations.
func TestLimitsOfComingIn(t *testing.T) {
	one := func(s string) func(int) string { return func(int) string { return s } }
	many := func(i int) string { return strings.Repeat("x", i+1) + "@example.org" }
	for name, tc := range map[string]struct {
		admitted int
		try      func(t *testing.T, s *account.Accounts, i int) error
	}{
		"letters to one mailbox": {3, mail(one("192.0.2.1"), func(i int) string {
			return []string{"a.n.n.a@gmail.com", "anna+1@googlemail.com", "ANNA@gmail.com", "an.na+x+y@GMAIL.com"}[i]
		})},
		"letters with a plus":  {3, mail(one("192.0.2.1"), func(i int) string { return "anna" + strings.Repeat("+1", i) + "@example.org" })},
		"letters from one /24": {10, mail(func(i int) string { return "192.0.2." + strconv.Itoa(i+1) }, many)},
		"letters from one /56": {10, mail(func(i int) string { return "2001:db8:0:" + strconv.Itoa(i+1) + "::/64" }, many)},
		"registrations of a day": {300, func(t *testing.T, s *account.Accounts, i int) error {
			return s.AdmitRegistration(t.Context(), "10."+strconv.Itoa(i/200)+"."+strconv.Itoa(i%200)+".1", many(i))
		}},
		"registrations and other letters to one mailbox": {3, func(t *testing.T, s *account.Accounts, i int) error {
			if i%2 == 0 {
				return s.AdmitMail(t.Context(), "10.2."+strconv.Itoa(i)+".1", "anna@example.org")
			}
			return s.AdmitRegistration(t.Context(), "10.1."+strconv.Itoa(i)+".1", "anna@example.org")
		}},
		"reports from one address": {5, func(t *testing.T, s *account.Accounts, _ int) error { return s.AdmitReport(t.Context(), "192.0.2.1") }},
		"reports from one /24": {30, func(t *testing.T, s *account.Accounts, i int) error {
			return s.AdmitReport(t.Context(), "192.0.2."+strconv.Itoa(i+1))
		}},
		"reports from one /56": {30, func(t *testing.T, s *account.Accounts, i int) error {
			return s.AdmitReport(t.Context(), "2001:db8:0:"+strconv.Itoa(i+1)+"::/64")
		}},
		"clubs of one person": {5, func(t *testing.T, s *account.Accounts, _ int) error { return s.AdmitAsk(t.Context(), "anna") }},
		"invitations of one": {30, func(t *testing.T, s *account.Accounts, i int) error {
			return s.AdmitInvite(t.Context(), "anna", "10.1."+strconv.Itoa(i)+".1", many(i))
		}},
		"invitations of many to one mailbox": {3, func(t *testing.T, s *account.Accounts, i int) error {
			return s.AdmitInvite(t.Context(), many(i), "10.1."+strconv.Itoa(i)+".1", "anna+"+strconv.Itoa(i)+"@example.org")
		}},
		"invitations and other letters to one mailbox": {3, func(t *testing.T, s *account.Accounts, i int) error {
			if i%2 == 0 {
				return s.AdmitMail(t.Context(), "10.2."+strconv.Itoa(i)+".1", "anna@example.org")
			}
			return s.AdmitInvite(t.Context(), many(i), "10.1."+strconv.Itoa(i)+".1", "anna@example.org")
		}},
		"invitations of many from one /24": {60, func(t *testing.T, s *account.Accounts, i int) error {
			return s.AdmitInvite(t.Context(), many(i), "192.0.2."+strconv.Itoa(i+1), many(i))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *account.Accounts) {
				for i := range tc.admitted {
					if err := tc.try(t, s, i); err != nil {
						t.Fatalf("try %d: %v", i+1, err)
					}
				}
				if err := tc.try(t, s, tc.admitted); problem.KindOf(err) != problem.TooMany {
					t.Errorf("try %d: %v", tc.admitted+1, err)
				}
			})
		})
	}
}

// mail causes letters from addresses to mailboxes.
func mail(address, email func(i int) string) func(t *testing.T, s *account.Accounts, i int) error {
	return func(t *testing.T, s *account.Accounts, i int) error {
		t.Helper()
		return s.AdmitMail(t.Context(), address(i), email(i))
	}
}

// TestReportsOfOthers: whoever reports too much silences nobody else.
func TestReportsOfOthers(t *testing.T) {
	each(t, func(t *testing.T, s *account.Accounts) {
		for i := range 400 {
			_ = s.AdmitReport(t.Context(), "192.0."+strconv.Itoa(i%12)+"."+strconv.Itoa(i/12+1))
		}
		if err := s.AdmitReport(t.Context(), "198.51.100.7"); err != nil {
			t.Errorf("a report from elsewhere: %v", err)
		}
	})
}
