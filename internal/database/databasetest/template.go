package databasetest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Template gives databases that begin as one does that was prepared once, so that what takes long, as all steps of the
// schema do, is not done for every test. Make one with NewTemplate.
type Template struct {
	prepare func(url string) error
	// file and name give the prepared SQLite file and the name of the PostgreSQL database.
	file func() ([]byte, error)
	name func() (string, error)
}

// NewTemplate gives a template that prepare makes from an empty database, with which it is no longer connected when it
// returns. It is called at the first use, once for each kind of database.
func NewTemplate(prepare func(url string) error) *Template {
	m := &Template{prepare: prepare}
	m.file, m.name = sync.OnceValues(m.makeFile), sync.OnceValues(m.makeDatabase)
	return m
}

// Each is Each with databases that begin as the template.
func (m *Template) Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, m.SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, m.PostgreSQL(t)) })
}

// SQLite is SQLite with a database that begins as the template.
func (m *Template) SQLite(t testing.TB) string {
	t.Helper()
	address := SQLite(t)
	content, err := m.file()
	if err == nil {
		err = os.WriteFile(strings.TrimPrefix(address, "sqlite:"), content, 0o600)
	}
	if err != nil {
		t.Fatalf("prepare a database: %v", err)
	}
	return address
}

// PostgreSQL is PostgreSQL with a database that begins as the template.
func (m *Template) PostgreSQL(t testing.TB) string {
	t.Helper()
	name, err := m.name()
	if err != nil {
		t.Fatalf("prepare a database: %v", err)
	}
	return postgreSQL(t, name)
}

func (m *Template) makeFile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "aushang")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "aushang.db")
	if err := m.prepare("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func (m *Template) makeDatabase() (string, error) {
	s, err := running()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("template_%d", databases.Add(1))
	if err := s.run("createdb", "--template=template0", name); err != nil {
		return "", err
	}
	return name, m.prepare(s.address(name))
}

// address is the URL of a database of the server.
func (s *server) address(name string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + name}
	u.RawQuery = url.Values{"host": {s.dir}}.Encode()
	return u.String()
}
