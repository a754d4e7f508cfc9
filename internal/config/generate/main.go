// Command generate writes docs/configuration.md from the doc comments of
// config.Config, so that there is one place where a key is explained.
//
// It knows the shape of the struct and nothing of what a key does.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"

	"codeberg.org/aushang/aushang/internal/config"
)

// These are the paths as seen from internal/config, where go generate runs.
const (
	source = "config.go"
	target = "../../docs/configuration.md"
)

const head = `<!-- Generated from internal/config/config.go by "make generate". Do not edit. -->
# Configuration

Every key has a default: the program starts without any. Values come from the defaults, over them from a TOML file
(` + "`--config FILE` or `AUSHANG_CONFIG`" + `), over them from the environment. Every value is a text; in the environment a list is
separated by commas and an empty variable counts as not set. A key that does not exist, or a value that cannot be, ends the
program with one sentence that says what would be right.

`

func main() {
	text, err := os.ReadFile(source)
	if err == nil {
		text, err = document(text)
	}
	if err == nil {
		err = os.WriteFile(target, text, 0o644) //nolint:gosec // a page for everybody to read
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate the configuration page:", err)
		os.Exit(1)
	}
}

// document gives the page for the structs in the source text of config.go.
func document(text []byte) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), source, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	structs := map[string]*ast.StructType{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if s, ok := spec.Type.(*ast.StructType); ok {
				structs[spec.Name.Name] = s
			}
		}
		return true
	})
	var table, details bytes.Buffer
	table.WriteString(head + "| key | environment | default |\n|---|---|---|\n")
	if err := write(&table, &details, structs, "Config", "", reflect.ValueOf(config.Defaults())); err != nil {
		return nil, err
	}
	table.WriteByte('\n')
	return append(table.Bytes(), bytes.TrimSuffix(details.Bytes(), []byte("\n"))...), nil
}

func write(table, details *bytes.Buffer, structs map[string]*ast.StructType, name, before string, defaults reflect.Value) error {
	for _, field := range structs[name].Fields.List {
		if field.Tag == nil {
			continue
		}
		key := before + reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("koanf")
		goName := field.Names[0].Name
		value := defaults.FieldByName(goName)
		doc := strings.TrimSpace(field.Doc.Text())
		if !strings.HasPrefix(doc, goName+" ") {
			return fmt.Errorf("key %s: its comment does not begin with %s", key, goName)
		}
		if value.Kind() == reflect.Struct {
			if err := write(table, details, structs, field.Type.(*ast.Ident).Name, key+".", value); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(table, "| [`%s`](#%s) | `%s` | %s |\n", key, anchor(key), config.Variable(key), show(value))
		fmt.Fprintf(details, "## %s\n\n%s\n\n", key, sentence(goName, doc))
	}
	return nil
}

// sentence turns "Listen is the address ..." into "The address ...": a reader
// of the page knows the key, not the field.
func sentence(goName, doc string) string {
	rest := strings.TrimPrefix(doc, goName+" ")
	for _, verb := range []string{"is ", "are "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}

func show(value reflect.Value) string {
	if value.IsZero() {
		return "empty"
	}
	return fmt.Sprintf("`%v`", value.Interface())
}

// anchor gives the name under which Markdown readers reach the heading of a key.
func anchor(key string) string { return strings.ReplaceAll(key, ".", "") }
