package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"codeberg.org/aushang/aushang/internal/config"
)

func TestConfigurationPageIsCurrent(t *testing.T) {
	t.Chdir("..") // where go generate runs
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	want, err := document(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/configuration.md is not current, run make generate:\n%s", diff)
	}
	for _, key := range config.Keys() {
		if !strings.Contains(string(got), "\n## "+key+"\n") {
			t.Errorf("docs/configuration.md does not explain %s", key)
		}
	}
}

func TestAKeyWithoutASentenceIsRefused(t *testing.T) {
	_, err := document([]byte("package config\n\ntype Config struct {\n\tOrigin string `koanf:\"origin\"`\n}\n"))
	if err == nil || !strings.Contains(err.Error(), "key origin: its comment does not begin with Origin") {
		t.Errorf("error = %v", err)
	}
}
