package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/erasure"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/problem"
)

// A Subject is somebody of whom something may be kept: with an account, behind a
// mail address, or an actor of another server. What is "" is not looked for.
type Subject struct{ AccountID, Email, ActorID string }

// KnowActors hands in where actors of other servers stand, as Know does for
// people; the application calls it once, while it builds.
func (s *Accounts) KnowActors(traces []Trace) { s.actors = traces }

// A Cell is one value with the name of its column.
type Cell struct {
	Name, Value string
	// Discreet is true for what was meant for somebody else alone, a club perhaps:
	// the town hall hands it on without reading it.
	Discreet bool
}

// A Holding is one kind of what is kept about a Subject.
type Holding struct {
	// Section names the kind, as in the download.
	Section string
	Rows    [][]Cell
	// More is how many rows there are beyond those in Rows.
	More int
}

// others are columns that never go to somebody who asks: secrets, and who else it
// was.
var others = regexp.MustCompile(`(_hash$|^token|secret|^by_account$|^account_id$|^ended_account$|^lease)`)

// subjectTrace is a trace with the value that is looked for in it.
type subjectTrace struct {
	*Trace
	section, value string
	table          *database.Table
}

// subjectTraces gives where a subject may stand, in the order of the download.
func (s *Accounts) subjectTraces(ctx context.Context, db bun.IDB, sub Subject) ([]subjectTrace, error) {
	tables, err := s.tables(ctx, db)
	if err != nil {
		return nil, err
	}
	var list []subjectTrace
	add := func(t *Trace, section, value string) {
		if value != "" && section != "" && tables[t.Table] != nil {
			list = append(list, subjectTrace{t, section, value, tables[t.Table]})
		}
	}
	for i := range s.traces {
		t := &s.traces[i]
		switch {
		case !t.Mail && t.Table != "accounts":
			add(t, t.Section, sub.AccountID)
		case t.Mail && !t.Within && t.Table != "accounts":
			add(t, t.Table, sub.Email)
		case !t.Mail:
			add(t, t.Section, sub.AccountID)
		}
	}
	for i := range s.actors {
		add(&s.actors[i], s.actors[i].Section, sub.ActorID)
	}
	return list, nil
}

// hides tells whether a column is left out of what a subject is given.
func (t *subjectTrace) hides(column string) bool {
	if column == t.Column {
		return t.secret(column)
	}
	return t.secret(column) || others.MatchString(column) || t.Table == "mails" && (column == "letter" || column == "cause")
}

// each calls fn with the rows of one trace. A row of which the account is known
// already, from another column, is left out.
func (s *Accounts) eachOf(ctx context.Context, t *subjectTrace, sub Subject, fn func(row []any) error) error {
	var owners []int // columns by which the same row is given already
	for i, c := range t.table.Columns {
		for j := range s.traces {
			o := &s.traces[j]
			if t.Mail && sub.AccountID != "" && o.Table == t.Table && o.Column == c.Name && !o.Mail && o.Section != "" {
				owners = append(owners, i)
			}
		}
	}
	for offset := 0; ; offset += tracePage {
		rows, err := t.table.Page(ctx, s.db.Read(), t.Column, t.value, t.Within, tracePage, offset)
		if err != nil {
			return err
		}
	rows:
		for _, row := range rows {
			for _, i := range owners {
				if row[i] == sub.AccountID {
					continue rows
				}
			}
			if err := fn(row); err != nil {
				return err
			}
		}
		if len(rows) < tracePage {
			return nil
		}
	}
}

// Gather gives what is kept about a subject for people to read, at most limit
// rows of each kind; kinds of which there is nothing are left out.
func (s *Accounts) Gather(ctx context.Context, sub Subject, limit int) ([]*Holding, error) {
	traces, err := s.subjectTraces(ctx, s.db.Read(), sub)
	if err != nil {
		return nil, err
	}
	var list []*Holding
	for i := range traces {
		t := &traces[i]
		k := &Holding{Section: t.section}
		if n := len(list); n > 0 && list[n-1].Section == t.section {
			k = list[n-1]
		}
		err := s.eachOf(ctx, t, sub, func(row []any) error {
			if len(k.Rows) >= limit {
				k.More++
				return nil
			}
			k.Rows = append(k.Rows, t.readable(row))
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(k.Rows)+k.More > 0 && (len(list) == 0 || list[len(list)-1] != k) {
			list = append(list, k)
		}
	}
	return list, nil
}

// readable gives the values of a row that say something.
func (t *subjectTrace) readable(row []any) []Cell {
	var cells []Cell
	for i, c := range t.table.Columns {
		if t.hides(c.Name) || c.Name == t.Column && !t.Mail {
			continue
		}
		text := ""
		switch v := row[i].(type) {
		case nil:
		case bool:
			if v {
				text = "✓"
			}
		case time.Time:
			text = v.UTC().Format("2006-01-02 15:04 UTC")
		case []byte:
			text = fmt.Sprintf("%d bytes", len(v))
			if utf8.Valid(v) {
				text = string(v)
			}
		default:
			text = fmt.Sprint(v)
		}
		if text = strings.TrimSpace(text); text != "" && text != "0" && text != "[]" {
			cells = append(cells, Cell{c.Name, text, slices.Contains(t.Discreet, c.Name)})
		}
	}
	return cells
}

// WriteSubject writes everything that is kept about a subject as one JSON value,
// each kind a list of rows by the names of their columns.
func (s *Accounts) WriteSubject(ctx context.Context, w io.Writer, sub Subject) error {
	traces, err := s.subjectTraces(ctx, s.db.Read(), sub)
	if err != nil {
		return err
	}
	all := map[string][]map[string]any{}
	for i := range traces {
		t := &traces[i]
		err := s.eachOf(ctx, t, sub, func(row []any) error {
			values := map[string]any{}
			for i, c := range t.table.Columns {
				if t.hides(c.Name) {
					continue
				}
				switch v := row[i].(type) {
				case time.Time:
					values[c.Name] = v.Format(time.RFC3339)
				case []byte:
					if values[c.Name] = any(v); utf8.Valid(v) {
						values[c.Name] = string(v)
					}
				default:
					values[c.Name] = v
				}
			}
			all[t.section] = append(all[t.section], values)
			return nil
		})
		if err != nil {
			return err
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

// ReplaceMail puts another mail address wherever one stands that belongs to no
// account, and gives in how many places. Where the other one stands already and
// may stand once only, it is a problem.Fields at "email".
func (s *Accounts) ReplaceMail(ctx context.Context, tx bun.Tx, from, to string) (n int, err error) {
	n, err = s.eachMail(ctx, tx, from, func(t *Trace, where string, args []any) (int, error) {
		return affected(tx.NewUpdate().Table(t.Table).Set("? = ?", bun.Ident(t.Column), to).Where(where, args...).Exec(ctx))
	})
	if database.IsConflict(err) {
		var errs problem.Fields
		errs.Add("email", "The same is kept of this address already, perhaps for one opportunity; please let the person withdraw one of them first.")
		return 0, errs.Err()
	}
	return n, err
}

// ForgetMail forgets a mail address that belongs to no account: with each place
// where it stands is done what is done when somebody leaves. It gives in how many
// places it stood.
func (s *Accounts) ForgetMail(ctx context.Context, tx bun.Tx, email string) (int, error) {
	n, err := s.eachMail(ctx, tx, email, func(t *Trace, where string, args []any) (int, error) {
		if t.Fate == Erased {
			return affected(tx.NewDelete().Table(t.Table).Where(where, args...).Exec(ctx))
		}
		return affected(tx.NewUpdate().Table(t.Table).Set("? = ''", bun.Ident(t.Column)).Where(where, args...).Exec(ctx))
	})
	if err != nil {
		return n, err
	}
	known, err := s.mailMark(ctx, email)
	if err == nil {
		err = erasure.Note(ctx, tx, erasure.Mail, known)
	}
	if err != nil {
		return n, err
	}
	database.Ring(ctx)
	return n, s.forgetTries(ctx, tx, signInTries(email, "")[2])
}

// mailMark stands for a mail address where it is forgotten: without the secret of
// the town nobody can try which one it was.
func (s *Accounts) mailMark(ctx context.Context, email string) (string, error) {
	key, err := s.secret(ctx, "forgotten addresses")
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(email))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// affected gives how many rows a statement changed.
func affected(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// CleanEmail is a mail address as it is kept, from what somebody typed.
func CleanEmail(s string) string { return strings.ToLower(markup.Typed(s)) }

// IsEmail tells whether s is written as a mail address.
func IsEmail(s string) bool { return addresses.MatchString(s) && len(s) <= maxAddress }

func (s *Accounts) eachMail(ctx context.Context, tx bun.Tx, email string, do func(t *Trace, where string, args []any) (int, error)) (int, error) {
	tables, err := s.tables(ctx, tx)
	if err != nil {
		return 0, err
	}
	all := 0
	for i := range s.traces {
		t := &s.traces[i]
		table := tables[t.Table]
		if !t.Mail || t.Within || table == nil || t.Table == "accounts" || email == "" {
			continue
		}
		where, args := table.Where(t.Column, email, false)
		n, err := do(t, where, args)
		if err != nil {
			return all, fmt.Errorf("change %s.%s: %w", t.Table, t.Column, err)
		}
		all += n
	}
	return all, nil
}
