package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// workplace is an empty town on SQLite, named by the environment.
func workplace(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("AUSHANG_DATABASE", "sqlite:"+filepath.Join(dir, "aushang.db"))
	t.Setenv("AUSHANG_DATA", dir)
	t.Setenv("AUSHANG_ORIGIN", "https://here.test")
}

// aushang runs the program and gives what it printed.
func aushang(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// do runs a verb that must succeed, with --json, and gives what it made.
func do(t *testing.T, args ...string) made {
	t.Helper()
	code, out, errs := aushang(t, "", append(args, "--json")...)
	if code != exitDone {
		t.Fatalf("%v: exit %d: %s", args, code, errs)
	}
	var m made
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatalf("%v prints %q: %v", args, out, err)
	}
	return m
}

// TestWrongUsage: bad input is one sentence that names the flag, exit 2, and
// nothing is stored.
func TestWrongUsage(t *testing.T) {
	workplace(t)
	do(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--active")
	e := do(t, "event", "add", "--club", "tsv", "--name", "Fest", "--start", "2027-07-10T19:00")
	state := func() string {
		_, events, _ := aushang(t, "", "deliveries", "--json")
		_, remote, _ := aushang(t, "", "remote", "list", "--json")
		_, blocks, _ := aushang(t, "", "block", "list", "--json")
		return events + remote + blocks
	}
	before := state()
	long := strings.Repeat("x", 6000)
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"no verb":                        {nil, ""},
		"an unknown verb":                {[]string{"fly"}, "fly"},
		"an unknown flag":                {[]string{"serve", "--fast"}, "--fast"},
		"a missing flag":                 {[]string{"club", "add", "--handle", "x1"}, "--name"},
		"a handle with an umlaut":        {[]string{"club", "add", "--handle", "schützen", "--name", "S"}, "--handle"},
		"a handle that is reserved":      {[]string{"club", "add", "--handle", "admin", "--name", "S"}, "--handle"},
		"a club without a name":          {[]string{"club", "add", "--handle", "abc", "--name", "  "}, "--name"},
		"a summary that is too long":     {[]string{"club", "change", "tsv", "--summary", long}, "--summary"},
		"nothing to change":              {[]string{"club", "change", "tsv"}, "--name"},
		"a logo that is not there":       {[]string{"club", "change", "tsv", "--logo", "/nowhere.png", "--alt", "x"}, "--logo"},
		"a logo without a description":   {[]string{"club", "change", "tsv", "--logo", "main.go"}, "--alt"},
		"a logo that is no picture":      {[]string{"club", "change", "tsv", "--logo", "main.go", "--alt", "x"}, "--logo"},
		"a description without picture":  {[]string{"event", "add", "--club", "tsv", "--name", "F", "--start", "2027-01-01", "--alt", "x"}, "--alt"},
		"a focus that is no point":       {[]string{"event", "add", "--club", "tsv", "--name", "F", "--start", "2027-01-02", "--image", "main.go", "--alt", "x", "--focus", "left"}, "--focus"},
		"a focus outside":                {[]string{"event", "add", "--club", "tsv", "--name", "F", "--start", "2027-01-02", "--image", "main.go", "--alt", "x", "--focus", "2,0"}, "--focus"},
		"a start that is no time":        {[]string{"event", "add", "--club", "tsv", "--name", "F", "--start", "morgen"}, "--start"},
		"an end before the start":        {[]string{"event", "add", "--club", "tsv", "--name", "F", "--start", "2027-01-02", "--end", "2027-01-01"}, "--end"},
		"an event without a name":        {[]string{"event", "add", "--club", "tsv", "--name", "", "--start", "2027-01-02"}, "--name"},
		"a picture that is no picture":   {[]string{"event", "add", "--club", "tsv", "--name", "F", "--start", "2027-01-02", "--image", "main.go", "--alt", "x"}, "--image"},
		"a capacity":                     {[]string{"event", "add", "--club", "tsv", "--name", "F", "--start", "2027-01-02", "--capacity", "3"}, "--capacity"},
		"a repetition":                   {[]string{"event", "change", e.ID, "--repeat", "weekly"}, "--repeat"},
		"no reason":                      {[]string{"event", "cancel", e.ID, "--reason", " "}, "--reason"},
		"an empty post":                  {[]string{"post", "add", "--club", "tsv", "--text", " "}, "--text"},
		"a post that is too long":        {[]string{"post", "add", "--club", "tsv", "--text", long}, "--text"},
		"no mail address":                {[]string{"person", "add", "--email", "anna", "--name", "Anna", "--role", "admin"}, "--email"},
		"no such role":                   {[]string{"person", "add", "--email", "a@b.de", "--name", "Anna", "--role", "boss"}, "--role"},
		"an empty password":              {[]string{"person", "add", "--email", "a@b.de", "--name", "Anna", "--role", "admin", "--password-stdin"}, "--password-stdin"},
		"no domain":                      {[]string{"block", "add", "https://x.test/"}, "DOMAIN"},
		"no host to try":                 {[]string{"deliveries", "--try"}, "--host"},
		"both to try and to forget":      {[]string{"deliveries", "--host", "b.test", "--try", "--forget"}, "--forget"},
		"our own domain":                 {[]string{"block", "add", "here.test"}, "DOMAIN"},
		"no handle to follow":            {[]string{"club", "follow", "tsv", "--who", "x@y:1/z"}, "--who"},
		"nothing to do with a move":      {[]string{"club", "move", "tsv"}, "--to"},
		"no address to move to":          {[]string{"club", "move", "tsv", "--to", "x@y:1/z"}, "--to"},
		"two moves at once":              {[]string{"club", "move", "tsv", "--back", "--from", "@a@b.test"}, "--from"},
		"a verb of a later version":      {[]string{"token", "add"}, "later version"},
		"no town":                        {[]string{"peer", "add", "here.test"}, "DOMAIN"},
		"nothing that could be shared":   {[]string{"peer", "add", "b.test", "--asks", "wetter"}, "--asks"},
		"nothing at all":                 {[]string{"peer", "add", "b.test", "--asks", "", "--gives", ""}, "--asks"},
		"a configuration that is absent": {[]string{"--config", "/nowhere.toml", "migrate"}, "nowhere.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := aushang(t, "", tc.args...)
			if code != exitUsage || !strings.Contains(errs, tc.says) {
				t.Errorf("exit %d, out %q, errors %q; want 2 and %q", code, out, errs, tc.says)
			}
			if tc.args != nil && (strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "aushang: ")) {
				t.Errorf("this is not one line: %q", errs)
			}
		})
	}
	if after := state(); after != before {
		t.Errorf("something was stored:\n%s\n%s", before, after)
	}
}

// TestRefused: what cannot be done is one line and exit 1.
func TestRefused(t *testing.T) {
	workplace(t)
	do(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--active")
	e := do(t, "event", "add", "--club", "tsv", "--name", "Fest", "--start", "2027-07-10T19:00")
	do(t, "event", "cancel", e.ID, "--reason", "Unwetter")
	do(t, "person", "add", "--email", "anna@example.org", "--name", "Anna", "--role", "editor")
	do(t, "person", "add", "--email", "b@example.org", "--name", "Bert", "--role", "editor")
	for name, args := range map[string][]string{
		"a handle that is taken":   {"club", "add", "--handle", "TSV", "--name", "Zwei"},
		"cancelled twice":          {"event", "cancel", e.ID, "--reason", "nochmal"},
		"an account twice":         {"person", "add", "--email", "Anna@Example.org", "--name", "Anna", "--role", "editor"},
		"no second factor":         {"person", "reset-factor", "--email", "anna@example.org"},
		"an address that is taken": {"person", "address", "--email", "anna@example.org", "--new", "b@example.org"},
		"hide our own":             {"hide", e.ID},
		"no former address":        {"club", "move", "tsv", "--forget", "@a@b.test"},
		"not blocked":              {"block", "remove", "b.test"},
		"a village where one is":   {"demo"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, errs := aushang(t, "", args...)
			if code != exitRefused || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit %d: %q", code, errs)
			}
		})
	}
}

// TestUnknown: what names nothing here is wrong usage, and one line names the
// flag, what was given and the way out.
func TestUnknown(t *testing.T) {
	workplace(t)
	do(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--active")
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"a person's password":   {[]string{"person", "password", "--email", "niemand@example.org"}, `--email: there is nothing called "niemand@example.org" here; person add`},
		"a lost second factor":  {[]string{"person", "reset-factor", "--email", "niemand@example.org"}, "--email: "},
		"a club of a post":      {[]string{"post", "add", "--club", "nix", "--text", "x"}, `--club: there is nothing called "nix" here; club add`},
		"a club of an event":    {[]string{"event", "add", "--club", "nix", "--name", "x", "--start", "2027-07-10"}, "--club: "},
		"a club to change":      {[]string{"club", "change", "nix", "--name", "x"}, "HANDLE: "},
		"a club that follows":   {[]string{"club", "follow", "nix", "--who", "@a@b.test"}, "HANDLE: "},
		"an event to change":    {[]string{"event", "change", "nix", "--name", "x"}, "ID: "},
		"an event to cancel":    {[]string{"event", "cancel", "nix", "--reason", "x"}, "ID: "},
		"an object":             {[]string{"delete", "nix"}, "ID: "},
		"a person":              {[]string{"club", "editor", "--club", "tsv", "--email", "b@example.org", "--role", "owner"}, "--email: "},
		"a host to try":         {[]string{"deliveries", "--host", "b.test", "--try"}, "--host: "},
		"a host to forget":      {[]string{"deliveries", "--host", "b.test", "--forget"}, "--host: "},
		"a verb of a later day": {[]string{"token", "add", "x"}, "token: this verb belongs to a later version"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, errs := aushang(t, "", tc.args...)
			if code != exitUsage || !strings.HasPrefix(errs, "aushang: "+tc.says) || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit %d: %q", code, errs)
			}
		})
	}
}

func TestVerbs(t *testing.T) {
	workplace(t)
	c := do(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--summary", "**Sport**")
	if code, _, errs := aushang(t, "", "post", "add", "--club", "tsv", "--text", "x"); code != exitUsage || !strings.Contains(errs, "--club: the club tsv is not public; aushang club change tsv --active") {
		t.Errorf("a club that is only requested publishes: %d %s", code, errs)
	}
	do(t, "club", "change", "tsv", "--active")
	if !strings.HasPrefix(c.ID, "https://here.test/ap/actors/") || c.Handle != "@tsv@here.test" {
		t.Errorf("%+v", c)
	}
	if code, out, errs := aushang(t, "Hallo *Welt*\n", "post", "add", "--club", "tsv", "--text", "-", "--json"); code != exitDone || !strings.Contains(out, `"id"`) {
		t.Errorf("%d %s %s", code, out, errs)
	}
	e := do(t, "event", "add", "--club", "tsv", "--name", "Fest", "--start", "10.07.2027 19:00", "--place", "Markt")
	key := e.ID[strings.LastIndexByte(e.ID, '/')+1:]
	if changed := do(t, "event", "change", key, "--place", "Halle"); changed.ID != e.ID {
		t.Errorf("%+v", changed)
	}
	p := do(t, "person", "add", "--email", "anna@example.org", "--name", "Anna", "--role", "editor")
	if !strings.HasPrefix(p.OneTimeURL, "https://here.test/") {
		t.Errorf("%+v", p)
	}
	do(t, "club", "editor", "--club", "tsv", "--email", "anna@example.org", "--role", "owner")
	if code, out, _ := aushang(t, "ein ganzer Satz\n", "person", "add", "--email", "b@example.org", "--name", "B", "--role", "admin", "--password-stdin", "--json"); code != exitDone || strings.Contains(out, "one_time_url") {
		t.Errorf("%d %s", code, out)
	}
	if again := do(t, "person", "password", "--email", "anna@example.org"); again.ID != p.ID || !strings.HasPrefix(again.OneTimeURL, "https://here.test/anmelden/einmal/") {
		t.Errorf("%+v", again)
	}
	if code, out, _ := aushang(t, "ein ganzer Satz\n", "person", "password", "--email", "anna@example.org", "--password-stdin", "--json"); code != exitDone || strings.Contains(out, "one_time_url") {
		t.Errorf("%d %s", code, out)
	}
	if moved := do(t, "person", "address", "--email", "anna@example.org", "--new", "Neu@example.org"); moved.ID != p.ID {
		t.Errorf("%+v", moved)
	}
	do(t, "person", "password", "--email", "neu@example.org")
	for _, wrong := range []string{"neu@example.org", "nichts"} {
		if code, _, errs := aushang(t, "", "person", "address", "--email", "neu@example.org", "--new", wrong); code != exitUsage || !strings.Contains(errs, "--new: ") {
			t.Errorf("%s: %d %s", wrong, code, errs)
		}
	}
	do(t, "delete", key)
	for _, args := range [][]string{{"migrate"}, {"version"}, {"deliveries"}, {"remote", "list"}, {"block", "list"}, {"peer", "list"}, {"demo", "--keep"}, {"--help"}, {"--version"}} {
		if code, out, errs := aushang(t, "", args...); code != exitDone || len(out) == 0 && args[0] != "remote" {
			t.Errorf("%v: %d %q %q", args, code, out, errs)
		}
	}
}

// TestSite: the town's own pages are written from files.
func TestSite(t *testing.T) {
	workplace(t)
	file := filepath.Join(t.TempDir(), "impressum.md")
	if err := os.WriteFile(file, []byte("\ufeff## Rathaus\n\nFrau Noack\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.toml")
	if err := os.WriteFile(bad, []byte("[impressum]\nx = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ends := func(in string, want int, says string, args ...string) {
		t.Helper()
		code, out, errs := aushang(t, in, args...)
		if code != want || !strings.Contains(out+errs, says) || want != exitDone && strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errs)
		}
	}
	for _, page := range []string{"impressum", "datenschutz", "barrierefreiheit", "ueber", "netiquette", "leichte-sprache"} {
		if m := do(t, "site", "set", page, file); m.URL != "https://here.test/"+page+"?lang=de" || m.ID == "" {
			t.Errorf("%+v", m)
		}
	}
	ends("Imprint", exitDone, "/impressum?lang=en has the new text", "site", "set", "impressum", "-", "--language", "en")
	ends("", exitDone, `"starting":false,"missing":0`, "site", "list", "--json")
	ends("", exitDone, "starting text again; 5 things", "site", "reset", "impressum")
	ends("", exitDone, "starting text", "site", "list")
	ends("", exitUsage, "or --none", "site", "voice")
	ends("", exitDone, "No club speaks", "site", "voice", "--none")
	ends("", exitUsage, "PAGE: there is no page", "site", "set", "agb", file)
	ends("", exitDone, "starting text again", "site", "reset", "impressum", "--language", "en")
	ends("", exitDone, "modul.pinnwand is aus", "site", "set", "modul.pinnwand", "aus")
	ends("", exitDone, `{"key":"modul.pinnwand","value":"aus"}`, "site", "modules", "--json")
	ends("", exitUsage, "there is no module", "site", "set", "modul.rakete", "aus")
	ends("", exitUsage, "neither an nor aus", "site", "set", "modul.pinnwand", "off")
	ends("", exitDone, "modul.pinnwand is an", "site", "set", "modul.pinnwand", "an")
	ends("", exitDone, "modul.pinnwand", "site", "modules")
	ends("", exitDone, "sprache.anrede is du", "site", "set", "sprache.anrede", "du")
	ends("", exitDone, `{"key":"sprache.anrede","value":"du","choices":["sie","du"]}`, "site", "words", "--json")
	ends("", exitUsage, "is none of sie, du", "site", "set", "sprache.anrede", "ihr")
	ends("", exitUsage, "it is one of sprache.anrede", "site", "set", "sprache.ton", "leise")
	ends("", exitDone, "sprache.anrede is sie", "site", "set", "sprache.anrede", "sie")
	ends("", exitDone, "sprache.vereine", "site", "words")
	ends("", exitDone, "kept; still missing: impressum.address", "site", "set", "impressum.name", "Gemeinde Dorf")
	ends("[impressum]\naddress = \"Platz 1\\n12345 Dorf\"\nmail = \"rathaus@dorf.example\"\nrepresented = \"Anna\"\neditor = \"Anna\"\n", exitDone, "are whole", "site", "set", "recht", "-")
	ends("", exitDone, "Platz 1; 12345 Dorf", "site", "facts")
	ends("", exitDone, `{"key":"impressum.name","value":"Gemeinde Dorf"}`, "site", "facts", "--json")
	ends("", exitUsage, "land: There is no choice", "site", "set", "datenschutz.land", "XX")
	ends("", exitUsage, "there is no impressum.x", "site", "set", "recht", bad)
	ends("x", exitUsage, "no TOML", "site", "set", "recht", "-")
	ends("", exitUsage, "--language", "site", "set", "impressum", file, "--language", "fr")
	ends("", exitUsage, "FILE: ", "site", "set", "impressum", "/nowhere.md")
	ends("", exitUsage, "FILE: ", "site", "set", "impressum", "-")
	ends("\xff", exitUsage, "UTF-8", "site", "set", "impressum", "-")
}

// TestKeep: backup, verify, restore and the word that this is the only copy.
func TestKeep(t *testing.T) {
	workplace(t)
	do(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--active")
	post := do(t, "post", "add", "--club", "tsv", "--text", "Das bereue ich")
	file, old := filepath.Join(t.TempDir(), "town.zip"), os.Getenv("AUSHANG_DATA")
	ends := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errs := aushang(t, "", args...)
		if code != want || !strings.Contains(out+errs, says) {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errs)
		}
	}
	ends(exitUsage, "--only-copy", "restore")
	ends(exitRefused, "on already", "restore", "--only-copy")
	ends(exitDone, "pictures", "backup", file)
	ends(exitRefused, "--force", "backup", file)
	ends(exitDone, `"rows"`, "backup", file, "--force", "--json")
	ends(exitDone, "every byte", "verify", file)
	ends(exitDone, `"ok":true`, "verify", file, "--json")
	ends(exitRefused, "not empty", "restore", file)
	ends(exitRefused, "no earlier one", "migrate", "--back")
	workplace(t)
	ends(exitDone, "Federation is off", "restore", file)
	ends(exitRefused, "FAULT", "verify", "main.go")
	ends(exitDone, "Federation is on", "restore", "--only-copy")
	ends(exitRefused, "is here already", "club", "add", "--handle", "tsv", "--name", "TSV")
	workplace(t)
	ends(exitDone, `"federation":true`, "restore", file, "--only-copy", "--json")
	// Deleted since, it comes back with the backup alone, and not with the list.
	t.Setenv("AUSHANG_DATA", old)
	t.Setenv("AUSHANG_DATABASE", "sqlite:"+filepath.Join(old, "aushang.db"))
	ends(exitDone, "is deleted", "delete", post.ID)
	workplace(t)
	ends(exitRefused, "read the deletions", "restore", file, "--deletions", filepath.Join(old, "none"))
	ends(exitDone, "1 things and people that were deleted since then are deleted again", "restore", file, "--deletions", filepath.Join(old, "deletions"))
	ends(exitRefused, "deleted already", "delete", post.ID)
}

// TestBlock: a domain is kept out, limited, allowed, or let in without pictures.
func TestBlock(t *testing.T) {
	workplace(t)
	for says, args := range map[string][]string{
		"a.test is kept out.": {"a.test"}, "b.test is limited.": {"b.test", "--limit"}, "c.test is let in.": {"c.test", "--allow"},
		"d.test is let in, without pictures.": {"d.test", "--without-pictures"}, "e.test is limited, without pictures, without reports.": {"e.test", "--limit", "--without-pictures", "--without-reports"},
	} {
		if code, out, errs := aushang(t, "", append([]string{"block", "add"}, args...)...); code != exitDone || !strings.Contains(out, says) {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errs)
		}
	}
	if code, _, errs := aushang(t, "", "block", "add", "f.test", "--limit", "--allow"); code != exitUsage {
		t.Errorf("both: exit %d: %s", code, errs)
	}
	if _, out, _ := aushang(t, "", "block", "list"); strings.TrimSpace(out) != "a.test" {
		t.Errorf("kept out: %s", out)
	}
	if _, out, _ := aushang(t, "", "block", "list", "--all", "--json"); !strings.Contains(out, `"domain":"d.test","severity":"allow","without_pictures":true`) {
		t.Errorf("all: %s", out)
	}
}

// TestCheck: a line for each thing, and exit 1 when one is wrong.
func TestCheck(t *testing.T) {
	workplace(t)
	code, out, errs := aushang(t, "", "check")
	if code != exitRefused || !strings.Contains(out, "FAULT") || !strings.Contains(out, "aushang migrate makes it") || strings.Count(errs, "\n") != 1 {
		t.Errorf("no database: exit %d: %s%s", code, out, errs)
	}
	if _, err := os.Stat(strings.TrimPrefix(os.Getenv("AUSHANG_DATABASE"), "sqlite:")); err == nil {
		t.Error("check made a database")
	}
	t.Setenv("AUSHANG_ORIGIN", "http://localhost:1")
	t.Setenv("AUSHANG_LISTEN", "127.0.0.1:1")
	aushang(t, "", "migrate")
	code, out, errs = aushang(t, "", "check")
	if code != exitDone || !strings.Contains(out, "a trial") || !strings.Contains(out, "does not run") {
		t.Errorf("a trial: exit %d: %s%s", code, out, errs)
	}
	file := filepath.Join(t.TempDir(), "town.zip")
	aushang(t, "", "backup", file)
	workplace(t)
	t.Setenv("AUSHANG_ORIGIN", "http://localhost:1")
	aushang(t, "", "restore", file)
	if code, out, _ := aushang(t, "", "check", "--json"); code != exitRefused || !strings.Contains(out, "restore --only-copy") {
		t.Errorf("a restored town: exit %d: %s", code, out)
	}
}

// TestPersonRemove: somebody is forgotten, and it is said what becomes of the clubs.
func TestPersonRemove(t *testing.T) {
	workplace(t)
	if code, _, errs := aushang(t, "", "person", "add", "--email", "a@example.org", "--name", "Anna", "--role", "admin"); code != exitUsage || !strings.Contains(errs, "aushang serve") {
		t.Errorf("a person is added to no town: exit %d: %s", code, errs)
	}
	do(t, "club", "add", "--handle", "tsv", "--name", "TSV", "--active")
	for _, role := range []string{"admin", "editor"} {
		do(t, "person", "add", "--email", role+"@example.org", "--name", "Anna", "--role", role)
	}
	do(t, "club", "editor", "--club", "tsv", "--email", "editor@example.org", "--role", "owner")
	if code, _, errs := aushang(t, "", "person", "remove", "--email", "niemand@example.org"); code != exitUsage || !strings.Contains(errs, "--email") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := aushang(t, "", "person", "remove", "--email", "admin@example.org"); code != exitRefused || !strings.Contains(errs, "the last account with all rights") {
		t.Errorf("exit %d: %s", code, errs)
	}
	code, out, errs := aushang(t, "", "person", "remove", "--email", "Editor@example.org", "--json")
	if code != exitDone || !strings.Contains(out, `"tsv": "orphaned"`) && !strings.Contains(out, `"tsv":"orphaned"`) {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if code, _, _ := aushang(t, "", "person", "remove", "--email", "editor@example.org"); code != exitUsage {
		t.Errorf("a second time: exit %d", code)
	}
}
