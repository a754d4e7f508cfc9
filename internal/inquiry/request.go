// Package inquiry is where the town hall answers what people ask about their own
// data: what is kept about them, that it is corrected, deleted, or not used
// (GDPR, Articles 15 to 18), with or without an account (docs/adr/0039).
//
// It must not know any table: where somebody stands is told by internal/account,
// and what else belongs to a person is handed in.
package inquiry

import (
	"context"
	"embed"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/actor"
	"codeberg.org/aushang/aushang/internal/database"
	"codeberg.org/aushang/aushang/internal/markup"
	"codeberg.org/aushang/aushang/internal/page"
	"codeberg.org/aushang/aushang/internal/problem"
)

// Files are the templates and words of these pages.
//
//go:embed *.html *.toml
var Files embed.FS

// What somebody may want.
const (
	Access      = "access"
	Correction  = "correction"
	Erasure     = "erasure"
	Restriction = "restriction"
)

var (
	wants    = []string{Access, Correction, Erasure, Restriction}
	channels = []string{"counter", "mail", "letter", "phone"}
	// checks are the ways to make sure who somebody is.
	checks = []string{"card", "answer", "known", "account"}
)

// How a request ended.
const (
	Answered = "answered"
	Mended   = "corrected"
	Erased   = "erased"
	Withheld = "restricted"
	Refused  = "refused"
)

const (
	// LinkLife is how long the link to an answer works.
	LinkLife = 14 * 24 * time.Hour
	// kept is for how long it is known that there was a request, without whose.
	kept = 3 * 366 * 24 * time.Hour
)

// Kept says for how long what belongs to requests stays.
func Kept() map[string]time.Duration {
	return map[string]time.Duration{"data-answer": LinkLife, "data-request": kept}
}

// A Request is what somebody wants of the town hall about their own data.
type Request struct {
	bun.BaseModel `bun:"table:data_requests,alias:request"`

	ID string `bun:"id,pk"`
	// Wanted is one of Access, Correction, Erasure and Restriction; Channel how it
	// came.
	Wanted, Channel string
	// Contact is the mail address that is answered, AccountID and ActorID who it
	// is, Words what is looked for in what others wrote; each may be "".
	Contact, AccountID, ActorID, Words string
	// Checked is how the town hall made sure who it is, "" while it has not.
	Checked string
	// ByAccount is who worked on it last.
	ByAccount string
	// Outcome is "" while it waits.
	Outcome, Reason string
	TokenHash       string
	Received, Due   time.Time
	Answered        time.Time `bun:",nullzero"`
	Expires         time.Time `bun:",nullzero"`
}

// Open tells whether it waits for an answer.
func (r *Request) Open() bool { return r.Outcome == "" }

// Subject is whose data it is about.
func (r *Request) Subject() account.Subject {
	return account.Subject{AccountID: r.AccountID, Email: r.Contact, ActorID: r.ActorID}
}

// restriction says whose data is not used.
type restriction struct {
	bun.BaseModel                          `bun:"table:restrictions,alias:restriction"`
	ID                                     string `bun:"id,pk"`
	Contact, AccountID, ActorID, ByAccount string
	Created                                time.Time
	// Ends is when the data is used again, zero while that is not planned.
	Ends time.Time `bun:",nullzero"`
}

// A Mention is something in which words stand.
type Mention struct {
	Title, Href string
	Published   time.Time
}

// Person is what is done to people, handed in by the application.
type Person struct {
	// Leave forgets the person id with an account for good, and does in the same
	// transaction what is handed in; by is who does it.
	Leave func(ctx context.Context, by, id string, with account.Leaving) error
	// ForgetActor forgets all that somebody on another server wrote and did here.
	ForgetActor func(ctx context.Context, tx bun.Tx, id string) error
	// ForgetMail forgets a mail address that belongs to no account.
	ForgetMail func(ctx context.Context, tx bun.Tx, email string) error
	// ShutOut tells whether the town hall has decided to shut an actor out.
	ShutOut func(ctx context.Context, db bun.IDB, id string) (bool, error)
	// Refresh asks another server for the profile of an actor.
	Refresh func(ctx context.Context, id string) error
	// Mentions gives things of which the text contains words, at most limit.
	Mentions func(ctx context.Context, words string, limit int) ([]Mention, error)
	// Parts writes the further files of somebody with an account.
	Parts func(ctx context.Context, create func(name string) (io.Writer, error), a *account.Account) error
	// Help writes what somebody without an account asked to help with, what was
	// said, and the shifts.
	Help func(ctx context.Context, w io.Writer, email string) error
}

// Requests are what people want about their own data.
type Requests struct {
	DB       *database.DB
	Accounts *account.Accounts
	Actors   *actor.Actors
	Letters  *page.Letters
	Person   Person
	// Language is the town's.
	Language string
	// Clock gives the time; nil is time.Now.
	Clock func() time.Time
}

func (s *Requests) now() time.Time {
	if s.Clock != nil {
		return s.Clock().UTC().Truncate(time.Second)
	}
	return time.Now().UTC().Truncate(time.Second)
}

// A Draft is a request as somebody of the town hall enters it.
type Draft struct {
	// Key is that of the form: what is sent twice is one request. "" makes one.
	Key             string
	Wanted, Channel string
	// Contact is a mail address, Handle the address of somebody on another server,
	// Words a name that others may have written; one of them is enough.
	Contact, Handle, Words string
	// Received is when it came; zero is now.
	Received time.Time
}

// check finds what is wrong in d and cleans it.
func (d *Draft) check(now time.Time) problem.Fields {
	var errs problem.Fields
	d.Contact, d.Handle, d.Words = strings.ToLower(markup.Typed(d.Contact)), markup.Typed(d.Handle), markup.Typed(d.Words)
	if !slices.Contains(wants, d.Wanted) {
		errs.Add("wanted", "Please choose what the person wants.")
	}
	if !slices.Contains(channels, d.Channel) {
		errs.Add("channel", "Please choose how the request came.")
	}
	if d.Contact != "" && !account.IsEmail(d.Contact) {
		errs.Add("contact", "Please give a mail address such as anna@example.org.")
	}
	if d.Contact == "" && d.Handle == "" && d.Words == "" {
		errs.Add("contact", "Please give a mail address, an address on another platform or a name.")
	}
	if n := len([]rune(d.Words)); n > 0 && n < 3 || n > 100 {
		errs.Add("words", "Please give a name of 3 to 100 characters.")
	}
	if d.Received.IsZero() {
		d.Received = now
	}
	if d.Received.After(now.Add(24 * time.Hour)) {
		errs.Add("received", "Please give a day that has been.")
	}
	return errs
}
