package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// prefix begins every environment variable of the program.
const prefix = "AUSHANG_"

// Error says which key has a value that cannot be, and what would be right.
type Error struct {
	// Key is the key as the file writes it, "federation.allow_addresses"; empty
	// when the file itself cannot be read.
	Key string
	// Sentence says what is wrong and what would be right, without the key.
	Sentence string
}

// Error gives the key and the sentence in one line.
func (e *Error) Error() string {
	if e.Key == "" {
		return e.Sentence
	}
	return e.Key + ": " + e.Sentence
}

// Load reads the configuration: the defaults, over them the TOML file at path
// (none if path is empty), over them the environment. A key "a.b" is AUSHANG_A_B
// there, lists are separated by commas, an empty variable counts as not set.
// What is wrong is an *Error.
func Load(path string) (*Config, error) {
	return load(path, os.Environ)
}

func load(path string, environ func() []string) (*Config, error) {
	c := Defaults()
	k := koanf.New(".")
	if path != "" {
		if err := k.Load(file.Provider(path), toml.Parser()); err != nil {
			return nil, unreadable(path, err)
		}
		if err := checkKeys(path, k.Keys()); err != nil {
			return nil, err
		}
	}
	variables := map[string]string{}
	for _, key := range Keys() {
		variables[Variable(key)] = key
	}
	read := env.Provider(".", env.Opt{
		Prefix:      prefix,
		EnvironFunc: environ,
		TransformFunc: func(name, value string) (string, any) {
			key, known := variables[name]
			switch {
			case value == "":
				return "", nil
			case !known:
				c.ignore(name)
				return "", nil
			}
			return key, value
		},
	})
	if err := k.Load(read, nil); err != nil {
		return nil, fmt.Errorf("read the environment: %w", err)
	}
	if err := c.fill(k.All()); err != nil {
		return nil, err
	}
	if err := c.normalise(); err != nil {
		return nil, err
	}
	c.warnOpenFile(path)
	return &c, nil
}

// Variable gives the environment variable of a key: AUSHANG_A_B for "a.b".
func Variable(key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Keys gives every key in the order of the struct.
func Keys() []string {
	var all []string
	walk("", reflect.TypeFor[Config](), nil, func(key string, _ []int) { all = append(all, key) })
	return all
}

// walk calls visit for every field with a key, nested ones with their full key.
func walk(before string, t reflect.Type, at []int, visit func(key string, index []int)) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("koanf")
		if !ok {
			continue
		}
		index := append(slices.Clone(at), i)
		if f.Type.Kind() == reflect.Struct {
			walk(before+tag+".", f.Type, index, visit)
			continue
		}
		visit(before+tag, index)
	}
}

// fill sets the fields for which values has a value. Every key is text or a
// list of texts; anything else is refused with the key named.
func (c *Config) fill(values map[string]any) error {
	var first error
	walk("", reflect.TypeFor[Config](), nil, func(key string, index []int) {
		value, given := values[key]
		if !given || first != nil {
			return
		}
		field := reflect.ValueOf(c).Elem().FieldByIndex(index)
		if field.Kind() == reflect.Slice {
			list, ok := texts(value)
			if !ok {
				first = &Error{key, `is no list of texts; write ["one", "two"], or "one,two".`}
				return
			}
			field.Set(reflect.ValueOf(list))
			return
		}
		text, ok := value.(string)
		if !ok {
			first = &Error{key, fmt.Sprintf(`is %v, which is no text; write it in quotes.`, value)}
			return
		}
		field.SetString(strings.TrimSpace(text))
	})
	return first
}

// texts gives the entries of a list, or of a text that separates them by commas.
func texts(value any) ([]string, bool) {
	var parts []string
	switch v := value.(type) {
	case string:
		parts = strings.Split(v, ",")
	case []any:
		for _, one := range v {
			s, ok := one.(string)
			if !ok {
				return nil, false
			}
			parts = append(parts, s)
		}
	default:
		return nil, false
	}
	var list []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list, true
}

func checkKeys(path string, given []string) error {
	known := Keys()
	for _, key := range given {
		if !slices.Contains(known, key) {
			return &Error{key, fmt.Sprintf("%s sets it, but there is no such key; the keys are %s.", path, strings.Join(known, ", "))}
		}
	}
	return nil
}

// unreadable makes one sentence of the reasons why a file cannot be used.
func unreadable(path string, err error) error {
	var at interface{ Position() (row, column int) }
	if errors.As(err, &at) {
		row, column := at.Position()
		return &Error{"", fmt.Sprintf("%s is no valid TOML: line %d, column %d: %s; a line is written key = \"value\".",
			path, row, column, strings.TrimPrefix(err.Error(), "toml: "))}
	}
	if errors.Is(err, os.ErrNotExist) {
		return &Error{"", fmt.Sprintf("The configuration file %s does not exist; give its path with --config or AUSHANG_CONFIG.", path)}
	}
	return &Error{"", fmt.Sprintf("The configuration file %s cannot be read: %v.", path, err)}
}

// ignore remembers a variable that looks like ours and is none. It is no error:
// container platforms invent such names (AUSHANG_PORT, AUSHANG_SERVICE_HOST).
func (c *Config) ignore(name string) {
	if name == prefix+"CONFIG" || strings.HasPrefix(name, prefix+"TEST_") {
		return
	}
	c.warnings = append(c.warnings, "The environment variable "+name+" belongs to no key and is ignored.")
}

// warnOpenFile warns of a file with a password that every user may read.
func (c *Config) warnOpenFile(path string) {
	what := ""
	switch {
	case hasPassword(c.Database):
		what = "the password of the database"
	case c.SMTP.Password != "":
		what = "the password of the mail server"
	case c.OIDC.ClientSecret != "":
		what = "the secret of the sign-in service"
	}
	if path == "" || what == "" {
		return
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
		c.warnings = append(c.warnings, fmt.Sprintf("%s holds %s and every user of this machine may read it: chmod 640 %s.", path, what, path))
	}
}
