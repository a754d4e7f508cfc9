package moderation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/ledger"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// maxLists is how many lists a town may have at a time.
const maxLists = 20

// A List is a list of platforms by others that somebody looks through: sent in
// once, or fetched again each day.
type List struct {
	bun.BaseModel `bun:"table:host_lists,alias:list"`

	ID string `bun:"id,pk"`
	// URL is where it is fetched, "" for one that was sent in.
	URL  string `bun:"url"`
	Name string
	// Allows says that it lists who is let in.
	Allows bool
	// Body is the list as it came last.
	Body string
	// Auto applies without a look what does not concern who we are joined to.
	Auto bool
	// Fault is the key of the word for why it could not be fetched last, or "".
	Fault string
	// Due is how many entries differed when it came or was applied last.
	Due     int
	Created time.Time
	// Fetched is when it came, Tried when it was asked for last.
	Fetched time.Time `bun:",nullzero"`
	Tried   time.Time `bun:",nullzero"`
	// ByAccount is who entered it, "" for the operator or who has left.
	ByAccount string
}

// Subscribed tells whether it is fetched again.
func (l *List) Subscribed() bool { return l.URL != "" }

// Lists gives all lists, the oldest first, without their bodies.
func (s *Moderation) Lists(ctx context.Context) ([]*List, error) {
	var list []*List
	if err := s.db.Read().NewSelect().Model(&list).ExcludeColumn("body").OrderExpr("created, id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list lists of platforms: %w", err)
	}
	return list, nil
}

// List gives one list.
func (s *Moderation) List(ctx context.Context, db bun.IDB, id string) (*List, error) {
	l := new(List)
	err := db.NewSelect().Model(l).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.NotFoundf("there is no list %s", id)
	}
	if err != nil {
		return nil, fmt.Errorf("find list %s: %w", id, err)
	}
	return l, nil
}

// AddList keeps a list to look through: its body, or where it is fetched. Nothing
// of it holds before somebody says so.
func (s *Moderation) AddList(ctx context.Context, by string, l List) (*List, error) {
	var errs problem.Fields
	l.Name = markup.Name(l.Name, maxPlace)
	if l.URL = strings.TrimSpace(l.URL); l.URL != "" {
		u, err := url.Parse(l.URL)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(l.URL) > 500 {
			errs.Add("url", "%q is no address of a list; it begins with https://.", l.URL)
		}
		if l.Name == "" && err == nil {
			l.Name = u.Host
		}
	} else {
		switch l.Auto = false; {
		case strings.TrimSpace(l.Body) == "":
			errs.Add("list", "Please choose a file or paste the list.")
		case len(l.Body) > MaxList:
			errs.Add("list", "The list has more than %d kB; please split it.", MaxList>>10)
		}
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	l.ID, l.Created, l.ByAccount = uuid.Must(uuid.NewV7()).String(), s.now(), person(by)
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*List)(nil)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxLists {
			errs.Add("list", "There are %d lists already; please remove one first.", maxLists)
			return errs.Err()
		}
		if !l.Subscribed() {
			l.Fetched = l.Created
			plan, err := s.plan(ctx, tx, &l)
			if err != nil {
				return err
			}
			l.Due = plan.Due()
		}
		if _, err = tx.NewInsert().Model(&l).Exec(ctx); err != nil || !l.Subscribed() {
			return err // what was sent in changes nothing before it is looked at
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "block.subscribe", Target: l.URL})
	})
	if err != nil {
		return nil, fmt.Errorf("keep a list: %w", err)
	}
	return &l, nil
}

// DropList forgets a list. What was taken from it goes on to hold, as entries of
// the town's own.
func (s *Moderation) DropList(ctx context.Context, by, id string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model((*actor.Block)(nil)).Set("list_id = ''").Where("list_id = ?", id).Exec(ctx); err != nil {
			return fmt.Errorf("keep the entries of list %s: %w", id, err)
		}
		l, err := s.List(ctx, tx, id)
		if problem.KindOf(err) == problem.NotFound {
			return nil // pressed twice
		}
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*List)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "block.unsubscribe", Target: l.Name})
	})
}

// The keys of the words for why a list could not be fetched.
const (
	faultUnreachable = "hosts.list.fault.unreachable"
	faultUnreadable  = "hosts.list.fault.unreadable"
)

// FetchList asks for a list again through fetch, and applies of it what it may.
func (s *Moderation) FetchList(ctx context.Context, id string) error {
	l, err := s.List(ctx, s.db.Read(), id)
	if err != nil || !l.Subscribed() || s.Fetch == nil {
		return err
	}
	body, err := s.Fetch(ctx, l.URL, MaxList)
	l.Tried, l.Fault = s.now(), ""
	switch text := strings.ToValidUTF8(string(body), "\ufffd"); {
	case err != nil:
		l.Fault = faultUnreachable
	case strings.ContainsRune(text, 0):
		l.Fault = faultUnreadable
	default:
		// A page of another kind, or an empty answer, must not take away all.
		if entries, _ := s.ReadList(text, l.Allows); len(entries) == 0 {
			l.Fault = faultUnreadable
			break
		}
		l.Body, l.Fetched = text, l.Tried
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		plan, err := s.plan(ctx, tx, l)
		if err != nil {
			return err
		}
		if l.Auto && l.Fault == "" {
			var domains []string
			for _, c := range slices.Concat(plan.New, plan.Changed, plan.Gone) {
				if !c.Any() {
					domains = append(domains, c.Domain)
				}
			}
			if plan, err = s.applyList(ctx, tx, l, plan, domains, ""); err != nil {
				return err
			}
			if len(domains) > 0 {
				if err := ledger.Note(ctx, tx, ledger.Entry{Act: "block.list", Target: l.Name, Detail: fmt.Sprint(len(domains))}); err != nil {
					return err
				}
			}
		}
		l.Due = plan.Due()
		// Nothing where it was dropped meanwhile.
		_, err = tx.NewUpdate().Model(l).Column("body", "fetched", "tried", "fault", "due").WherePK().Exec(ctx)
		return err
	})
}

// FetchLists does so with all of them.
func (s *Moderation) FetchLists(ctx context.Context) error {
	lists, err := s.Lists(ctx)
	if err != nil {
		return err
	}
	for _, l := range lists {
		if err := s.FetchList(ctx, l.ID); err != nil {
			return err
		}
	}
	return nil
}

// A Change is what a list would change about a domain.
type Change struct {
	Domain string
	// Now is nil for a new entry, Next for one that goes.
	Now, Next *actor.Block
	Ties
}

// A Plan is what a list would change.
type Plan struct {
	// New and Changed stand in the list; Gone came from it and does not any more.
	New, Changed, Gone []Change
	// Same is how many entries are as the list has them.
	Same   int
	Faults []Fault
}

// Due is how many entries differ.
func (p *Plan) Due() int { return len(p.New) + len(p.Changed) + len(p.Gone) }

// Plan tells what a list would change now.
func (s *Moderation) Plan(ctx context.Context, l *List) (*Plan, error) {
	return s.plan(ctx, s.db.Read(), l)
}

func (s *Moderation) plan(ctx context.Context, db bun.IDB, l *List) (*Plan, error) {
	var now []*actor.Block
	if err := db.NewSelect().Model(&now).Where("domain <> ?", actor.Everyone).Order("domain").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	ties, err := s.Ties(ctx, db)
	if err != nil {
		return nil, err
	}
	entries, faults := s.ReadList(l.Body, l.Allows)
	plan, has, listed := &Plan{Faults: faults}, map[string]*actor.Block{}, map[string]bool{}
	for _, b := range now {
		has[b.Domain] = b
	}
	for _, next := range entries {
		listed[next.Domain] = true
		c := Change{next.Domain, has[next.Domain], next, ties[next.Domain]}
		switch {
		case c.Now == nil:
			plan.New = append(plan.New, c)
		case same(c.Now, next):
			plan.Same++
		default:
			plan.Changed = append(plan.Changed, c)
		}
	}
	for _, b := range now {
		if b.ListID == l.ID && l.Subscribed() && !listed[b.Domain] {
			plan.Gone = append(plan.Gone, Change{b.Domain, b, nil, ties[b.Domain]})
		}
	}
	return plan, nil
}

// same tells whether a list says of a domain what holds already.
func same(a, b *actor.Block) bool {
	return a.Severity == b.Severity && a.RejectMedia == b.RejectMedia && a.RejectReports == b.RejectReports &&
		a.PublicComment == b.PublicComment && a.Obfuscate == b.Obfuscate
}

// Apply does of what a list would change that about domains, and nothing else. A
// list that was sent in is forgotten then. It gives how much was done.
func (s *Moderation) Apply(ctx context.Context, by, id string, domains []string) (int, error) {
	done := 0
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.actors.May(ctx, tx, by, "", actor.Moderate); err != nil {
			return err
		}
		l, err := s.List(ctx, tx, id)
		if err != nil {
			return err
		}
		plan, err := s.plan(ctx, tx, l)
		if err != nil {
			return err
		}
		left, err := s.applyList(ctx, tx, l, plan, domains, by)
		if err != nil {
			return err
		}
		done = plan.Due() - left.Due()
		if err := ledger.Note(ctx, tx, ledger.Entry{ByAccount: by, Act: "block.list", Target: l.Name, Detail: fmt.Sprint(done)}); err != nil {
			return err
		}
		if !l.Subscribed() {
			_, err = tx.NewDelete().Model((*List)(nil)).Where("id = ?", id).Exec(ctx)
			return err
		}
		_, err = tx.NewUpdate().Model((*List)(nil)).Set("due = ?", left.Due()).Where("id = ?", id).Exec(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("apply list %s: %w", id, err)
	}
	return done, nil
}

// applyList gives what is left of plan.
func (s *Moderation) applyList(ctx context.Context, tx bun.Tx, l *List, plan *Plan, domains []string, by string) (*Plan, error) {
	chosen := map[string]bool{}
	for _, d := range domains {
		chosen[d] = true
	}
	left := &Plan{Same: plan.Same, Faults: plan.Faults}
	var put []*actor.Block
	var gone []string
	split := func(from []Change, rest *[]Change, take func(Change)) {
		for _, c := range from {
			if chosen[c.Domain] {
				take(c)
				continue
			}
			*rest = append(*rest, c)
		}
	}
	enter := func(c Change) {
		b := *c.Next
		b.ByAccount = person(by)
		if l.Subscribed() {
			b.ListID = l.ID
		}
		if c.Now != nil {
			b.PrivateComment, b.Unlisted = c.Now.PrivateComment, c.Now.Unlisted
		}
		put = append(put, &b)
		left.Same++
	}
	split(plan.New, &left.New, enter)
	split(plan.Changed, &left.Changed, enter)
	split(plan.Gone, &left.Gone, func(c Change) { gone = append(gone, c.Domain) })
	if len(put) > 0 {
		if err := s.actors.PutBlocks(ctx, tx, put...); err != nil {
			return nil, err
		}
	}
	if len(gone) > 0 {
		if _, err := s.actors.RemoveBlocks(ctx, tx, gone...); err != nil {
			return nil, err
		}
	}
	return left, nil
}
