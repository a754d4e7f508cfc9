package check

import (
	"context"
	"fmt"
	"strings"

	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/database"
)

// A State says how a look ended.
type State string

// The states.
const (
	OK State = "ok"
	// Fault is what must be mended.
	Fault State = "FAULT"
	// Skipped could not be looked at now; Says tells why.
	Skipped State = "skipped"
)

// A Finding is one thing that was looked at.
type Finding struct {
	What  string `json:"what"`
	State State  `json:"state"`
	Says  string `json:"says"`
	// Mend is the way out of a fault, "" otherwise.
	Mend string `json:"mend,omitempty"`
}

// Town is what is looked at.
type Town struct {
	Config *config.Config
	// Version is that of the program.
	Version string
	// Account gives a handle of the town, "name@domain", and the id that it
	// leads to.
	Account func(ctx context.Context, db *database.DB) (handle, id string, err error)
	// Mail connects to the mail server as a letter would.
	Mail func(ctx context.Context) error
	// Letters counts those that failed and are tried again, and those that were
	// refused, with what the mail server said last.
	Letters func(ctx context.Context, db *database.DB) (failing, refused int, last string, err error)
	// Service asks the sign-in service as signing in does, and gives where people
	// go; nil when the town has none.
	Service func(ctx context.Context) (endpoint string, err error)
	// Standby tells whether a restored town waits for the word that it is the
	// only copy.
	Standby func(ctx context.Context, db *database.DB) (bool, error)
	// Law names what is missing in the pages that the law asks for, and Mend says
	// how it is filled in.
	Law  func(ctx context.Context, db *database.DB) (missing string, err error)
	Mend string
}

// look collects findings.
type look struct {
	Town
	found []Finding
}

func (l *look) ok(what, says string, args ...any) {
	l.found = append(l.found, Finding{what, OK, fmt.Sprintf(says, args...), ""})
}

func (l *look) skip(what, why string) {
	l.found = append(l.found, Finding{what, Skipped, why, ""})
}

func (l *look) fault(what, mend, says string, args ...any) {
	l.found = append(l.found, Finding{what, Fault, fmt.Sprintf(says, args...), mend})
}

// Configuration is the finding that the configuration cannot be used.
func Configuration(err error) []Finding {
	return []Finding{{"configuration", Fault, err.Error(), "Mend the key; docs/configuration.md names every key and what it takes."}}
}

// Run looks at everything, in the order in which one thing rests on another.
func Run(ctx context.Context, t Town) []Finding {
	l := &look{Town: t}
	l.configuration()
	l.proxies()
	l.secrets()
	l.disks()
	l.mail(ctx)
	l.service(ctx)
	handle, id := l.database(ctx)
	l.public(ctx, handle, id)
	return l.found
}

// Faulty tells whether there is a fault among findings.
func Faulty(findings []Finding) bool {
	for _, f := range findings {
		if f.State == Fault {
			return true
		}
	}
	return false
}

func (l *look) configuration() {
	l.ok("configuration", "origin %s, handles at %s, version %s", l.Config.Origin, l.Config.HandleHost(), l.Version)
	for _, w := range l.Config.Warnings() {
		l.ok("note", "%s", w)
	}
}

// proxies looks whether the proxy that must be there is known: without it all
// who sign in seem to come from one address.
func (l *look) proxies() {
	const what = "trusted_proxies"
	switch {
	case l.Config.Trial():
		l.skip(what, "a trial needs no proxy")
	case l.Config.TLSCert != "":
		l.ok(what, "the program speaks TLS itself")
	case len(l.Config.TrustedProxies) == 0:
		l.fault(what, `Name the proxy, for example trusted_proxies = ["127.0.0.1", "::1"].`,
			"the program speaks no TLS, so a proxy is before it, and none is named: all who sign in seem to come from one address")
	default:
		l.ok(what, "%s", strings.Join(l.Config.TrustedProxies, ", "))
	}
}
