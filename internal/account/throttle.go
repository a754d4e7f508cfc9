package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/problem"
	"codeberg.org/aushang/aushang/internal/retention"
)

// A limit says how often something may be tried within a time.
type limit struct {
	// key is kept as a hash: it holds addresses of people.
	key   string
	tries int
	per   time.Duration
}

// signInTries are the limits of signing in: for one person from one network
// address, from one network address, and for one person from everywhere. The
// last one is high, so that nobody can keep others out.
func signInTries(email, address string) []limit {
	return []limit{
		{"sign in " + email + " " + address, 10, 15 * time.Minute},
		{"sign in from " + address, 30, 15 * time.Minute},
		{"sign in " + email, 100, time.Hour},
	}
}

// uploadTries is how many pictures may be handed in from one network address
// by who is not signed in any more.
func uploadTries(address string) limit { return limit{"upload from " + address, 20, time.Hour} }

// AdmitUpload gives a problem.TooMany when too many pictures came from address.
func (s *Accounts) AdmitUpload(ctx context.Context, address string) error {
	return s.admit(ctx, uploadTries(address))
}

// questionTries is how often browsers at one network address may be asked for a
// passkey, or be sent to the sign-in service.
func questionTries(address string) limit { return limit{"questions to " + address, 300, time.Hour} }

// reportTries are how many reports may come from one network address, and from
// its whole network, by people without an account. There is none for all
// together: whoever used it up would silence everybody.
func reportTries(address string) []limit {
	return []limit{{"report from " + address, 5, time.Hour}, {"reports from " + network(address), 30, 24 * time.Hour}}
}

// AdmitReport gives a problem.TooMany when too many reports came from address,
// or from its network.
func (s *Accounts) AdmitReport(ctx context.Context, address string) error {
	return s.admit(ctx, reportTries(address)...)
}

// hintTries are how many changes may be reported from one network address, and
// from its whole network, by readers.
func hintTries(address string) []limit {
	return []limit{{"hint from " + address, 5, time.Hour}, {"hints from " + network(address), 30, 24 * time.Hour}}
}

// AdmitHint gives a problem.TooMany when too many changes were reported from
// address, or from its network.
func (s *Accounts) AdmitHint(ctx context.Context, address string) error {
	return s.admit(ctx, hintTries(address)...)
}

// downloadTries is how often a person may download everything about him or her.
func downloadTries(id string) limit { return limit{"download " + id, 5, 24 * time.Hour} }

// mailTries are how many letters pages without a sign-in may send: to one mail
// address however it is written, and caused from one network. Every way that
// sends one shares them. There is none for all together: whoever used it up
// would keep everybody from a new password.
func mailTries(address, email string) []limit {
	return []limit{
		{"mail to " + oneMailbox(email), 3, time.Hour},
		{"mail from " + network(address), 10, time.Hour},
	}
}

// registerTries are how many people may register: as for other letters, and in
// all within a day.
func registerTries(address, email string) []limit {
	return append(mailTries(address, email), limit{"registrations of the day", 300, 24 * time.Hour})
}

// AdmitRegistration gives a problem.TooMany when too many people registered:
// from the network of address, with email, or at all.
func (s *Accounts) AdmitRegistration(ctx context.Context, address, email string) error {
	return s.admit(ctx, registerTries(address, email)...)
}

// AdmitMail gives a problem.TooMany when too many letters were caused by who is
// not signed in: from the network of address, or to email. It counts the same
// whether there is an account or not.
func (s *Accounts) AdmitMail(ctx context.Context, address, email string) error {
	return s.admit(ctx, mailTries(address, email)...)
}

// askTries is how many clubs one person may ask for.
func askTries(accountID string) limit { return limit{"club asked by " + accountID, 5, 24 * time.Hour} }

// inviteTries are how many people one may invite: in all, to one mailbox, which
// shares its limit with the letters of mailTries, and from one network, where
// several who write for clubs may sit.
func inviteTries(accountID, address, email string) []limit {
	return []limit{
		{"invited by " + accountID, 30, 24 * time.Hour},
		mailTries(address, email)[0],
		{"invited from " + network(address), 60, 24 * time.Hour},
	}
}

// helpTries is how often one person, or who has the link of one application, may
// do something about where he or she helps: each tells somebody.
func helpTries(id string) limit { return limit{"help of " + id, 40, time.Hour} }

// AdmitHelp gives a problem.TooMany when id, an account or an application, did too
// much about where somebody helps.
func (s *Accounts) AdmitHelp(ctx context.Context, id string) error {
	return s.admit(ctx, helpTries(id))
}

// answerTries are how many people at one server are answered by themselves who
// say something in public about where help is wanted: one person, and the server.
func answerTries(actorID, host string) []limit {
	return []limit{{"answers to " + actorID, 5, 24 * time.Hour}, {"answers to people of " + host, 60, time.Hour}}
}

// AdmitAnswer gives a problem.TooMany when the actor, or people of its server,
// were answered too often by themselves.
func (s *Accounts) AdmitAnswer(ctx context.Context, tx bun.Tx, actorID, host string) error {
	return s.count(ctx, tx, answerTries(actorID, host)...)
}

// directTries are how many messages of one person elsewhere, and of its server,
// count as applications or go to the talk about one. What is beyond that is a
// message as any other.
func directTries(actorID, host string) []limit {
	return []limit{{"direct by " + actorID, 20, time.Hour}, {"direct from " + host, 300, time.Hour}}
}

// AdmitDirect gives a problem.TooMany when the actor, or people of its server,
// wrote too often about where they want to help.
func (s *Accounts) AdmitDirect(ctx context.Context, tx bun.Tx, actorID, host string) error {
	return s.count(ctx, tx, directTries(actorID, host)...)
}

// AdmitAsk gives a problem.TooMany when the person asked for too many clubs.
func (s *Accounts) AdmitAsk(ctx context.Context, accountID string) error {
	return s.admit(ctx, askTries(accountID))
}

// AdmitInvite gives a problem.TooMany when the person invited too many people,
// too many came from the network of address, or too many letters went to email.
func (s *Accounts) AdmitInvite(ctx context.Context, accountID, address, email string) error {
	return s.admit(ctx, inviteTries(accountID, address, email)...)
}

// network gives the net that an address belongs to: one of /24, or of /56 for
// IPv6. Somebody who has one address has its neighbours too.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if p, bad := netip.ParsePrefix(address); bad == nil {
		ip, err = p.Addr(), nil
	}
	if err != nil {
		return address
	}
	bits := 24
	if ip = ip.Unmap(); ip.Is6() {
		bits = 56
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

// oneMailbox gives a mail address as its provider reads it: without what stands
// after a plus sign, and without points where they do not count.
func oneMailbox(email string) string {
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	local, _, _ = strings.Cut(local, "+")
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

// codeTries are how many codes of a second factor a person may try.
func codeTries(id string) []limit {
	return []limit{{"code of " + id, 5, 15 * time.Minute}, {"codes of " + id, 100, 24 * time.Hour}}
}

// throttle counts tries until it expires.
type throttle struct {
	bun.BaseModel `bun:"table:throttles"`
	Key           string `bun:"key,pk"`
	Tries         int
	Expires       time.Time
}

func (l limit) hash() string {
	sum := sha256.Sum256([]byte(l.key))
	return hex.EncodeToString(sum[:])
}

// admit counts one try against each limit and gives a problem.TooMany when one
// is exceeded. Counting and comparing are one statement, so that tries at the
// same time cannot slip through.
func (s *Accounts) admit(ctx context.Context, limits ...limit) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.count(ctx, tx, limits...) })
}

// count is admit in a transaction.
func (s *Accounts) count(ctx context.Context, tx bun.Tx, limits ...limit) error {
	for _, l := range limits {
		row := &throttle{Key: l.hash(), Tries: 1, Expires: s.now().Add(l.per)}
		_, err := tx.NewInsert().Model(row).On("CONFLICT (key) DO UPDATE").
			Set("tries = CASE WHEN throttle.expires <= ? THEN 1 ELSE throttle.tries + 1 END", s.now()).
			Set("expires = CASE WHEN throttle.expires <= ? THEN EXCLUDED.expires ELSE throttle.expires END", s.now()).
			Returning("tries").Exec(ctx)
		if err != nil {
			return fmt.Errorf("count tries: %w", err)
		}
		if row.Tries > l.tries {
			return problem.TooManyf("too many tries; wait %s", l.per)
		}
	}
	return nil
}

// forget starts a limit anew.
func (s *Accounts) forget(ctx context.Context, l limit) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.forgetTries(ctx, tx, l) })
}

// wasRight takes back what a try that was right counted: the first limit starts
// anew, the others have one try less. So those who share an address, as a town
// hall or a school does, do not use up each other's tries, and a guesser who
// signs in as himself gains none.
func (s *Accounts) wasRight(ctx context.Context, tries []limit) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.forgetTries(ctx, tx, tries[0]); err != nil {
			return err
		}
		for _, l := range tries[1:] {
			if _, err := tx.NewUpdate().Model((*throttle)(nil)).Set("tries = tries - 1").Where("key = ?", l.hash()).Where("tries > 0").Exec(ctx); err != nil {
				return fmt.Errorf("take a try back: %w", err)
			}
		}
		return nil
	})
}

// Sweep drops what has expired: sessions, limits, links and invitations.
func (s *Accounts) Sweep(ctx context.Context) error {
	events, err := retention.Of(ctx, s.db.Read(), retention.SignIns)
	if err != nil {
		return err
	}
	errs := []error{
		s.db.Prune(ctx, "sessions", "token", "seen < ?", s.now().Add(-SessionIdle)),
		s.db.Prune(ctx, "address_changes", "account_id", "expires < ?", s.now()),
		s.db.Prune(ctx, "factors", "account_id", "confirmed IS NULL AND created < ?", s.now().Add(-24*time.Hour)),
		s.db.Prune(ctx, "account_events", "id", "created < ?", s.now().Add(-events)),
	}
	for table, key := range map[string]string{"sessions": "token", "throttles": "key", "sign_in_links": "token_hash", "registrations": "token_hash", "ceremonies": "token_hash", "invitations": "id"} {
		errs = append(errs, s.db.Prune(ctx, table, key, "expires < ?", s.now()))
	}
	return errors.Join(errs...)
}
