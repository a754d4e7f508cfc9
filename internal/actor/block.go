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

// Block keeps a domain and all below it out.
type Block struct {
	bun.BaseModel `bun:"table:blocks,alias:block"`

	// Domain is in canonical form: ASCII, lower case, no port.
	Domain  string `bun:"domain,pk"`
	Created time.Time
}

// PutBlock keeps domain out, at once on every page.
func (s *Actors) PutBlock(ctx context.Context, tx bun.Tx, domain string) error {
	_, err := tx.NewInsert().Model(&Block{Domain: domain, Created: s.now()}).On("CONFLICT DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("block %s: %w", domain, err)
	}
	return s.markBlocked(ctx, tx, domain)
}

// RemoveBlock lets domain in again. It tells whether it was kept out.
func (s *Actors) RemoveBlock(ctx context.Context, tx bun.Tx, domain string) (bool, error) {
	res, err := tx.NewDelete().Model((*Block)(nil)).Where("domain = ?", domain).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("unblock %s: %w", domain, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("unblock %s: %w", domain, err)
	}
	return n > 0, s.markBlocked(ctx, tx, domain)
}

// markBlocked writes down at each actor of domain whether its host is kept
// out, so that no query has to compare host names.
func (s *Actors) markBlocked(ctx context.Context, tx bun.Tx, domain string) error {
	var rows []*Actor
	err := tx.NewSelect().Model(&rows).Column("id", "host").Where("NOT local").
		Where("host = ? OR host LIKE ? OR host LIKE ? OR host LIKE ?", domain, domain+":%", "%."+domain, "%."+domain+":%").Scan(ctx)
	if err != nil {
		return fmt.Errorf("find actors of %s: %w", domain, err)
	}
	for _, a := range rows {
		blocked, err := hostBlocked(ctx, tx, a.Host)
		if err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model((*Actor)(nil)).Set("blocked = ?", blocked).Where("id = ?", a.ID).Exec(ctx); err != nil {
			return fmt.Errorf("mark actor of %s: %w", domain, err)
		}
	}
	database.Ring(ctx)
	return nil
}

// Blocks lists the domains that are kept out.
func (s *Actors) Blocks(ctx context.Context) ([]*Block, error) {
	var list []*Block
	if err := s.db.Read().NewSelect().Model(&list).Order("domain").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	return list, nil
}

// Blocked tells whether host (in any spelling, with or without a port) is kept
// out, by itself or with a domain above it.
func (s *Actors) Blocked(ctx context.Context, host string) (bool, error) {
	return hostBlocked(ctx, s.db.Read(), as.Host("https://"+host))
}

// BlockedAmong gives those of hosts that are kept out.
func (s *Actors) BlockedAmong(ctx context.Context, db bun.IDB, hosts []string) (map[string]bool, error) {
	var asked, found []string
	for _, host := range hosts {
		asked = append(asked, domains(host)...)
	}
	err := db.NewSelect().Model((*Block)(nil)).Column("domain").Where("domain IN (?)", bun.List(asked)).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("ask who of %d hosts is blocked: %w", len(hosts), err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	out := map[string]bool{}
	for _, host := range hosts {
		if slices.ContainsFunc(domains(host), func(domain string) bool { return slices.Contains(found, domain) }) {
			out[host] = true
		}
	}
	return out, nil
}

// blocked asks about four domains at a time, more than most hosts have.
var blocked = database.NewStatement("SELECT 1 FROM blocks WHERE domain IN (?, ?, ?, ?)")

func hostBlocked(ctx context.Context, db bun.IDB, host string) (bool, error) {
	for some := range slices.Chunk(domains(host), 4) {
		args := []any{"", "", "", ""}
		for i, domain := range some {
			args[i] = domain
		}
		if yes, err := blocked.Exists(ctx, db, args...); err != nil || yes {
			return yes, err
		}
	}
	return false, nil
}

// domains gives a canonical host, the same without its port, and every domain
// above it.
func domains(host string) []string {
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
