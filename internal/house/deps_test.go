package house_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDepsOnAMachineWithoutAnything runs tools/deps.sh, which make test calls,
// where hardly a program is found.
func TestDepsOnAMachineWithoutAnything(t *testing.T) {
	const recorder = "#!/bin/sh\necho \"$0 $*\"\n"
	for name, tc := range map[string]struct {
		programs map[string]string // name to script; "" is the real program
		says     string
		fails    bool
	}{
		"it names the packages where there is no apt": {
			map[string]string{"id": "#!/bin/sh\necho 0\n"},
			"The tests need these packages (names as in Debian): gcc libc6-dev npm", true,
		},
		"it names the packages where it may not install": {
			map[string]string{"id": "#!/bin/sh\necho 1000\n", "apt-get": recorder, "sudo": "#!/bin/sh\nexit 1\n"},
			"Install them, then run make test again.", true,
		},
		"it installs as root": {
			map[string]string{"id": "#!/bin/sh\necho 0\n", "apt-get": recorder, "env": ""},
			"apt-get install -q -y --no-install-recommends gcc libc6-dev npm", false,
		},
		"it installs with sudo": {
			map[string]string{"id": "#!/bin/sh\necho 1000\n", "apt-get": recorder, "env": "", "sudo": "#!/bin/sh\nshift\necho with sudo\n\"$@\"\n"},
			"with sudo", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bin := t.TempDir()
			tc.programs["ls"] = ""
			for program, script := range tc.programs {
				place(t, filepath.Join(bin, program), program, script)
			}
			run := exec.CommandContext(t.Context(), "/bin/sh", filepath.Join(root, "tools/deps.sh"))
			run.Env = []string{"PATH=" + bin}
			said, err := run.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if (err != nil) != tc.fails || !strings.Contains(string(said), tc.says) {
				t.Errorf("error = %v, want one: %v; it said %q, want %q", err, tc.fails, said, tc.says)
			}
		})
	}
}

// place puts a program into a folder: a script, or the real one.
func place(t *testing.T, path, program, script string) {
	t.Helper()
	if script != "" {
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
		return
	}
	real, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Fatal(err)
	}
}
