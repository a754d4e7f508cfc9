package actor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/internal/database"
)

// A Severity says how far another server is let in.
type Severity string

// The severities, those of Mastodon. With Noop nothing but what the entry says besides is refused;
// what comes from a limited server shows only to who follows its author or has
// the address; from a blocked one nothing comes, shows or goes. Allowed servers
// are let in while all others are kept out.
const (
	Noop    Severity = "noop"
	Limited Severity = "limit"
	Blocked Severity = "block"
	Allowed Severity = "allow"
)

// Everyone is the domain of the entry that keeps out whoever no entry allows.
const Everyone = "*"

// A Block says what holds for a domain and all below it.
type Block struct {
	bun.BaseModel `bun:"table:blocks,alias:block"`

	// Domain is in canonical form: ASCII, lower case, no port; or Everyone.
	Domain   string `bun:"domain,pk"`
	Severity Severity
	// RejectMedia and RejectReports refuse pictures and reports from there.
	RejectMedia, RejectReports bool
	// PublicComment is for everybody, PrivateComment for the town hall.
	PublicComment, PrivateComment string
	// Obfuscate asks to show the domain to readers with stars in it only.
	Obfuscate bool
	// Unlisted keeps the entry out of what readers see.
	Unlisted bool
	// ByAccount is who entered it, "" for the operator, a list or who has left.
	ByAccount string
	// ListID is the list from which it came, or "".
	ListID  string
	Created time.Time
}

// PublicDomain gives the domain as readers see it: with stars in its middle where
// the entry asks for that, as Mastodon does.
func (b *Block) PublicDomain() string {
	if !b.Obfuscate {
		return b.Domain
	}
	runes := []rune(b.Domain)
	shown := len(runes) / 4
	for i, r := range runes {
		if i > shown && i < len(runes)-shown && r != '.' {
			runes[i] = '*'
		}
	}
	return string(runes)
}

// PutBlock keeps domain out, at once on every page.
func (s *Actors) PutBlock(ctx context.Context, tx bun.Tx, domain string) error {
	return s.PutBlocks(ctx, tx, &Block{Domain: domain, Severity: Blocked})
}

// PutBlocks enters what holds for domains, in place of what held before. It
// keeps since when there is an entry.
func (s *Actors) PutBlocks(ctx context.Context, tx bun.Tx, list ...*Block) error {
	for _, b := range list {
		if b.Created.IsZero() {
			b.Created = s.now()
		}
	}
	for some := range slices.Chunk(list, 100) {
		q := tx.NewInsert().Model(&some).On("CONFLICT (domain) DO UPDATE")
		for _, c := range []string{"severity", "reject_media", "reject_reports", "public_comment", "private_comment", "obfuscate", "unlisted", "by_account", "list_id"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("block %s: %w", list[0].Domain, err)
		}
	}
	return s.markHosts(ctx, tx)
}

// RemoveBlock lets domain in again. It tells whether there was an entry.
func (s *Actors) RemoveBlock(ctx context.Context, tx bun.Tx, domain string) (bool, error) {
	return s.RemoveBlocks(ctx, tx, domain)
}

// RemoveBlocks takes the entries of domains away. It tells whether there was any.
func (s *Actors) RemoveBlocks(ctx context.Context, tx bun.Tx, domains ...string) (bool, error) {
	some := false
	for part := range slices.Chunk(domains, 200) {
		res, err := tx.NewDelete().Model((*Block)(nil)).Where("domain IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("unblock %s: %w", domains[0], err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return false, fmt.Errorf("unblock %s: %w", domains[0], err)
		}
		some = some || n > 0
	}
	return some, s.markHosts(ctx, tx)
}

// markHosts writes down at each actor from elsewhere whether its host is kept
// out or limited, so that no query has to compare host names.
func (s *Actors) markHosts(ctx context.Context, tx bun.Tx) error {
	var list []*Block
	if err := tx.NewSelect().Model(&list).Scan(ctx); err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	rules := Rules{}
	for _, b := range list {
		rules[b.Domain] = b
	}
	var hosts []string
	if err := tx.NewSelect().Model((*Actor)(nil)).ColumnExpr("DISTINCT host").Where("NOT local").OrderExpr("host").Scan(ctx, &hosts); err != nil {
		return fmt.Errorf("list hosts: %w", err)
	}
	for _, host := range hosts {
		r := rules.Of(host)
		_, err := tx.NewUpdate().Model((*Actor)(nil)).Set("blocked = ?", r.Blocked).Set("host_limited = ?", r.Limited).
			Where("host = ?", host).Where("NOT local").Where("(blocked <> ? OR host_limited <> ?)", r.Blocked, r.Limited).Exec(ctx)
		if err != nil {
			return fmt.Errorf("mark actors of %s: %w", host, err)
		}
	}
	database.Ring(ctx)
	return nil
}

// A Rule is what holds for one host.
type Rule struct{ Blocked, Limited, RejectMedia, RejectReports bool }

// Rules are the entries by their domains.
type Rules map[string]*Block

// Of gives what holds for a canonical host: of all entries for it and the
// domains above it the most severe. Who is blocked by name is blocked, whoever
// allows it.
func (r Rules) Of(host string) Rule {
	var out Rule
	allowed := false
	for _, domain := range Domains(host) {
		b := r[domain]
		if b == nil {
			continue
		}
		out.Blocked = out.Blocked || b.Severity == Blocked
		out.Limited = out.Limited || b.Severity == Limited
		out.RejectMedia = out.RejectMedia || b.RejectMedia
		out.RejectReports = out.RejectReports || b.RejectReports
		allowed = allowed || b.Severity != Blocked
	}
	if r[Everyone] != nil && !allowed {
		out.Blocked = true
	}
	return out
}

// Blocks lists the entries, by their domains, without the one for everyone.
func (s *Actors) Blocks(ctx context.Context) ([]*Block, error) {
	var list []*Block
	if err := s.db.Read().NewSelect().Model(&list).Where("domain <> ?", Everyone).Order("domain").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	return list, nil
}

// OnlyAllowed gives since when only servers with an entry are let in; nil when
// all are.
func (s *Actors) OnlyAllowed(ctx context.Context) (*Block, error) {
	var list []*Block
	if err := s.db.Read().NewSelect().Model(&list).Where("domain = ?", Everyone).Scan(ctx); err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Blocked tells whether host (in any spelling, with or without a port) is kept
// out, by itself or with a domain above it. We ourselves never are.
func (s *Actors) Blocked(ctx context.Context, host string) (bool, error) {
	r, err := s.RuleOf(ctx, s.db.Read(), as.Host("https://"+host))
	return r.Blocked, err
}

// BlockedAmong gives those of hosts that are kept out.
func (s *Actors) BlockedAmong(ctx context.Context, db bun.IDB, hosts []string) (map[string]bool, error) {
	var asked []string
	for _, host := range hosts {
		asked = append(asked, Domains(host)...)
	}
	var found []*Block
	err := db.NewSelect().Model(&found).Where("domain IN (?)", bun.List(append(asked, Everyone))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask who of %d hosts is blocked: %w", len(hosts), err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	rules, out := Rules{}, map[string]bool{}
	for _, b := range found {
		rules[b.Domain] = b
	}
	for _, host := range hosts {
		if rules.Of(host).Blocked {
			out[host] = true
		}
	}
	return out, nil
}

// ruled asks about four domains at a time, more than most hosts have.
var ruled = database.NewStatement("SELECT domain, severity, reject_media, reject_reports FROM blocks WHERE domain IN (?, ?, ?, ?, ?)")

// RuleOf gives what holds for a canonical host. For our own nothing does.
func (s *Actors) RuleOf(ctx context.Context, db bun.IDB, host string) (Rule, error) {
	if host == s.site.Host() || host == s.site.HandleDomain {
		return Rule{}, nil
	}
	rules := Rules{}
	for some := range slices.Chunk(Domains(host), 4) {
		args := []any{"", "", "", "", Everyone}
		for i, domain := range some {
			args[i] = domain
		}
		var found []*Block
		if err := ruled.All(ctx, db, &found, args...); err != nil {
			return Rule{}, fmt.Errorf("ask whether %s is blocked: %w", host, err)
		}
		for _, b := range found {
			rules[b.Domain] = b
		}
	}
	return rules.Of(host), nil
}

// Domains gives a canonical host, the same without its port, and every domain
// above it: each of them may have an entry that holds for the host.
func Domains(host string) []string {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name = host[:i]
	}
	list := []string{host}
	if name != host {
		list = append(list, name)
	}
	for {
		_, above, ok := strings.Cut(name, ".")
		if !ok {
			return list
		}
		list, name = append(list, above), above
	}
}

// Under gives the condition that a row of actors is from a domain or below it,
// with its arguments.
func Under(domain string) (condition string, args []any) {
	return "NOT local AND (host = ? OR host LIKE ? OR host LIKE ? OR host LIKE ?)", []any{domain, domain + ":%", "%." + domain, "%." + domain + ":%"}
}

// EndFollowsFrom ends what actors from a domain and below it have followed here
// since then. Nobody is told.
func (s *Actors) EndFollowsFrom(ctx context.Context, tx bun.Tx, domain string, since time.Time) error {
	there, args := Under(domain)
	_, err := tx.NewDelete().Model((*Follow)(nil)).Where("created >= ?", since).Where("actor_id IN (SELECT id FROM actors WHERE "+there+")", args...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end follows from %s: %w", domain, err)
	}
	return nil
}
