// Command aushang is the whole program: the server of a town and the verbs
// with which its operator works. It reads flags and configuration, calls
// internal/app and prints; it decides nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // the program runs where no zones are installed

	"github.com/alecthomas/kong"

	"codeberg.org/aushang/aushang/internal/app"
	"codeberg.org/aushang/aushang/internal/club"
	"codeberg.org/aushang/aushang/internal/config"
	"codeberg.org/aushang/aushang/internal/logging"
	"codeberg.org/aushang/aushang/internal/post"
	"codeberg.org/aushang/aushang/internal/problem"
)

// The codes with which the program ends.
const (
	exitDone    = 0
	exitRefused = 1
	exitUsage   = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main with its world handed in. It gives the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	cli := new(commands)
	parser, err := kong.New(cli, kong.Name("aushang"), kong.Writers(out, errs), kong.Vars{"version": app.Version, "fields": strings.Join(club.Fields, ", "), "kinds": strings.Join(post.Kinds, ", ")},
		kong.Description("The server of a town: its clubs, events and pin board, federated by ActivityPub."),
		kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		return fail(errs, err)
	}
	code, parsed, err := parse(parser, args)
	if parsed == nil {
		if err != nil {
			fmt.Fprintf(errs, "aushang: %s. Use aushang --help.\n", strings.TrimSuffix(err.Error(), "."))
		}
		return code
	}
	c := &call{ctx: ctx, in: in, out: out, errs: errs, cli: cli}
	defer c.close()
	if err := parsed.Run(c); err != nil {
		return fail(errs, err)
	}
	return exitDone
}

// exit is how kong ends after --help and --version.
type exit int

func parse(parser *kong.Kong, args []string) (code int, parsed *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exit)
			if !ok {
				panic(r)
			}
			code, parsed = int(e), nil
		}
	}()
	if parsed, err = parser.Parse(args); err != nil {
		return exitUsage, nil, err
	}
	return exitDone, parsed, nil
}

// errUsage is an error in how the program was called.
type errUsage struct{ sentence string }

func (e errUsage) Error() string { return e.sentence }

// fail prints one line that says what is wrong and how to mend it.
func fail(errs io.Writer, err error) int {
	var usage errUsage
	var key *config.Error
	if errors.As(err, &usage) || errors.As(err, &key) {
		fmt.Fprintf(errs, "aushang: %s\n", oneLine(err.Error()))
		return exitUsage
	}
	if fields := problem.FieldsOf(err); len(fields) > 0 {
		var list []string
		for _, f := range fields {
			list = append(list, flag(f.Field)+": "+f.Sentence())
		}
		fmt.Fprintf(errs, "aushang: %s\n", oneLine(strings.Join(list, " ")))
		return exitUsage
	}
	fmt.Fprintf(errs, "aushang: %s\n", oneLine(err.Error()))
	return exitRefused
}

// flag gives the flag or argument in which a field is given.
func flag(field string) string {
	switch field {
	case "domain":
		return "DOMAIN"
	case "thing":
		return "ID"
	case "password":
		return "--password-stdin"
	}
	return "--" + field
}

// unknown says of a value that names nothing which flag it was given to and the
// way out; other errors stay as they are.
func unknown(err error, flag, value, way string) error {
	if problem.KindOf(err) != problem.NotFound {
		return err
	}
	return errUsage{fmt.Sprintf("%s: there is nothing called %q here; %s", flag, value, way)}
}

// taken says of a value that is in use already which flag it was given to and
// the way out; other errors stay as they are.
func taken(err error, flag, value, way string) error {
	if problem.KindOf(err) != problem.Conflict {
		return err
	}
	return fmt.Errorf("%s: %s is here already; %s", flag, value, way)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// call is one call of the program.
type call struct {
	ctx       context.Context
	in        io.Reader
	out, errs io.Writer
	cli       *commands
	opened    *app.Town
}

// town gives the town, opened. Verbs log warnings only: their output is theirs.
func (c *call) town() (*app.Town, error) {
	if c.opened != nil {
		return c.opened, nil
	}
	cfg, err := config.Load(c.cli.Config)
	if err != nil {
		return nil, err
	}
	log := logging.Text(c.errs, slog.LevelError)
	if c.cli.serving {
		log = logging.JSON(c.errs, cfg.Level())
	}
	c.opened, err = app.Open(c.ctx, cfg, log)
	return c.opened, err
}

// there gives a problem where the database is a file that does not exist: who
// would be added to a new one is looked for in vain by the town that runs.
func (c *call) there() error {
	cfg, err := config.Load(c.cli.Config)
	if err != nil {
		return err
	}
	file, is := strings.CutPrefix(cfg.Database, "sqlite:")
	if !is {
		return nil
	}
	file, _, _ = strings.Cut(file, "?")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return errUsage{fmt.Sprintf("database: there is none at %s; start the town first with aushang serve, or name the database of the town that runs (AUSHANG_DATABASE)", file)}
	}
	return nil
}

// club gives the public club with this handle, which was given to flag.
func (c *call) club(flag, handle string) (*club.Club, error) {
	t, err := c.town()
	if err != nil {
		return nil, err
	}
	k, err := t.Clubs.Find(c.ctx, handle)
	if problem.KindOf(err) != problem.NotFound {
		return k, err
	}
	waits, failed := t.Clubs.Waits(c.ctx, handle)
	switch {
	case failed != nil:
		return nil, failed
	case waits:
		return nil, errUsage{fmt.Sprintf("%s: the club %s is not public; aushang club change %s --active makes it so", flag, handle, handle)}
	}
	return nil, unknown(err, flag, handle, "club add adds a club")
}

func (c *call) close() {
	if c.opened != nil {
		_ = c.opened.Close()
	}
}
