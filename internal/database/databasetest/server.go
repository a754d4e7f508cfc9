package databasetest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	superuser = "aushang"
	patience  = 60 * time.Second
)

// keeper is the program that stands between us and PostgreSQL. Its standard input is a pipe of which we hold the other
// end: when this process ends, even by kill -9, the read returns, the server is stopped and its directory removed.
const keeper = `
"$1/postgres" -D "$2/data" $3 </dev/null &
read -r _
"$1/pg_ctl" stop -D "$2/data" -m fast -t 20 >/dev/null
rm -rf "$2"
`

// options are what every start of the server is given.
func (s *server) options() string {
	return "-k " + s.dir + " -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB"
}

// server is a running PostgreSQL: bin holds its programs, dir its data and its socket.
type server struct {
	bin, dir string
	owner    *syscall.Credential // nil when we are not root
	life     io.WriteCloser      // the server ends when this is closed, at the latest with our process
}

// running starts the server of this process once.
var running = sync.OnceValues(start)

func start() (*server, error) {
	s := &server{}
	var err error
	if s.bin, err = programs(); err != nil {
		return nil, err
	}
	if s.owner, err = unprivileged(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "aushang-pg-"); err != nil {
		return nil, err
	}
	if s.owner != nil {
		if err := os.Chown(s.dir, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			return nil, err
		}
	}
	if err := s.run("initdb", "--pgdata="+filepath.Join(s.dir, "data"), "--username="+superuser, "--auth=trust",
		"--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=4"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.keep(); err != nil {
		return nil, err
	}
	return s, s.await()
}

// keep starts the keeper and the server below it.
func (s *server) keep() error {
	log, err := os.Create(s.log())
	if err != nil {
		return err
	}
	defer log.Close()
	c := s.command("sh", "-c", keeper, "keeper", s.bin, s.dir, s.options())
	// Its own process group, so that Ctrl-C in the terminal ends us first and the keeper can tidy up.
	c.SysProcAttr.Setpgid = true
	c.Stdout, c.Stderr = log, log
	if s.life, err = c.StdinPipe(); err != nil {
		return err
	}
	return c.Start()
}

// await returns as soon as the server answers.
func (s *server) await() error {
	deadline := time.Now().Add(patience)
	for {
		err := s.run("pg_isready", "--quiet")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(s.log())
			return fmt.Errorf("no answer within %v: %w\n%s", patience, errors.Join(err, s.life.Close()), said)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// run runs one of PostgreSQL's programs against this server.
func (s *server) run(program string, args ...string) error {
	c := s.command(filepath.Join(s.bin, program), args...)
	c.Env = append(os.Environ(), "PGHOST="+s.dir, "PGUSER="+superuser, "PGDATABASE=postgres")
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, said)
	}
	return nil
}

// command is exec.Command as the owner of the server, in its directory.
func (s *server) command(program string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return c
}

func (s *server) log() string { return filepath.Join(s.dir, "log") }

// programs finds the directory of PostgreSQL's programs: the newest that Debian installed, or the one in PATH.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("PostgreSQL is missing: install it with `make deps` or `apt-get install postgresql`")
	}
	return filepath.Dir(initdb), nil
}

// version reads 15 from /usr/lib/postgresql/15/bin/initdb; 0 when there is no number.
func version(initdb string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	if err != nil {
		return 0
	}
	return n
}

// unprivileged names the account that PostgreSQL runs as when we are root, because it refuses root; nil otherwise.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("find an account for PostgreSQL, which refuses to run as root: %w", err)
		}
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
