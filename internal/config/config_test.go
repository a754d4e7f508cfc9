package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func given(lines ...string) func() []string { return func() []string { return lines } }

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "aushang.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	for name, tc := range map[string]struct {
		file    string
		environ []string
		change  func(*Config) // what differs from the defaults
	}{
		"nothing said gives the defaults": {"", nil, func(*Config) {}},
		"the file goes over the defaults": {
			"origin = \"https://aushang.musterdorf.example\"\nname = \"Herzberg\"\n[federation]\nallow_addresses = [\"127.0.0.0/8:8443\"]\n", nil,
			func(c *Config) {
				c.Origin, c.Name = "https://aushang.musterdorf.example", "Herzberg"
				c.Federation.AllowAddresses = []string{"127.0.0.0/8:8443"}
			},
		},
		"the environment goes over the file": {
			"listen = \":80\"\nlog_level = \"warn\"\n",
			[]string{"AUSHANG_LISTEN=[::1]:81", "PATH=/bin"},
			func(c *Config) { c.Listen, c.LogLevel = "[::1]:81", "warn" },
		},
		"an empty variable counts as not set": {"name = \"Herzberg\"\n", []string{"AUSHANG_NAME="}, func(c *Config) { c.Name = "Herzberg" }},
		"a list is separated by commas": {
			"",
			[]string{"AUSHANG_FEDERATION_ALLOW_ADDRESSES=127.0.0.0/8:8443, [fd00::/8]:443,", "AUSHANG_TRUSTED_PROXIES=127.0.0.1"},
			func(c *Config) {
				c.Federation.AllowAddresses = []string{"127.0.0.0/8:8443", "[fd00::/8]:443"}
				c.TrustedProxies = []string{"127.0.0.1"}
			},
		},
		"a dotted key is a key of a table": {"federation.allow_addresses = \"::1/128:443\"\n", nil, func(c *Config) { c.Federation.AllowAddresses = []string{"::1/128:443"} }},
		"hosts are written in one form": {
			"",
			[]string{"AUSHANG_ORIGIN=HTTPS://Müsterdorf.Example:443/", "AUSHANG_HANDLE_DOMAIN=Müsterdorf.Example."},
			func(c *Config) {
				c.Origin, c.HandleDomain = "https://xn--msterdorf-q9a.example", "xn--msterdorf-q9a.example"
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := ""
			if tc.file != "" {
				path = write(t, tc.file)
			}
			got, err := load(path, given(tc.environ...))
			if err != nil {
				t.Fatal(err)
			}
			want := Defaults()
			tc.change(&want)
			if diff := cmp.Diff(&want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// oidc begins a file with a sign-in service.
const oidc = "[oidc]\nissuer = \"https://sso.example\"\nclient_id = \"a\"\nname = \"Stadt\"\n"

func TestSignInService(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(write(t, oidc+"role_claim = \"groups\"\nroles = [\"/Stadt/a=b=admin\", \"x=editor\"]\nclient_secret_file = \""+file+"\""), given())
	if err != nil {
		t.Fatal(err)
	}
	roles, err := c.OIDC.RoleOf()
	if err != nil || !cmp.Equal(roles, map[string]string{"/Stadt/a=b": "admin", "x": "editor"}) || c.OIDC.Secret() != "geheim" {
		t.Errorf("%v, %v, %q", roles, err, c.OIDC.Secret())
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		file, variable string
		key, sentence  string // part of the sentence
	}{
		"a key that does not exist":            {"orgin = \"https://a.example\"", "", "orgin", "there is no such key; the keys are origin, handle_domain,"},
		"a key that does not exist in a table": {"[federation]\nalow = \"x\"", "", "federation.alow", "no such key"},
		"a file that is no TOML":               {"name = \"Musterdorf\"\norigin: x", "", "", "line 2, column 7"},
		"a number for a text":                  {"listen = 8080", "", "listen", "is 8080, which is no text; write it in quotes."},
		"a number in a list":                   {"trusted_proxies = [1]", "", "trusted_proxies", "is no list of texts"},
		"a table for a text":                   {"[name]\nde = \"x\"", "", "name.de", "no such key"},
		"an origin without scheme":             {"", "ORIGIN=aushang.example", "origin", `"aushang.example" is no web address; write https://HOST`},
		"an origin in another scheme":          {"", "ORIGIN=ftp://aushang.example", "origin", "has the scheme ftp"},
		"an origin without TLS":                {"", "ORIGIN=http://aushang.example", "origin", "is not encrypted; write https://HOST, or http://localhost:PORT"},
		"a trial without a port":               {"", "ORIGIN=http://localhost", "origin", "is not encrypted"},
		"an origin with a path":                {"", "ORIGIN=https://a.example/aushang", "origin", "has something after the host"},
		"an origin with a query":               {"", "ORIGIN=https://a.example?x", "origin", "has something after the host"},
		"an origin with a user":                {"", "ORIGIN=https://u@a.example", "origin", "has a user name"},
		"an origin with a bad host":            {"", "ORIGIN=https://a_b.example", "origin", "has no valid host"},
		"an origin with a bad port":            {"", "ORIGIN=https://a.example:99999", "origin", "has no valid host"},
		"a handle domain with scheme":          {"", "HANDLE_DOMAIN=https://a.example", "handle_domain", "write it without scheme and path"},
		"a handle domain with path":            {"", "HANDLE_DOMAIN=a.example/x", "handle_domain", "is no domain"},
		"a port alone":                         {"", "LISTEN=8080", "listen", "write HOST:PORT, like 127.0.0.1:8080"},
		"a port that is none":                  {"", "LISTEN=127.0.0.1:http", "listen", "is no address with a port"},
		"a host that is none":                  {"", "LISTEN=a b:80", "listen", "is no address with a port"},
		"an empty name":                        {"name = \"\"", "", "name", "write one line of 1 to 100 characters"},
		"a name of two lines":                  {"name = \"a\\nb\"", "", "name", "write one line"},
		"a language we do not speak":           {"", "LANGUAGE=fr", "language", "write de or en"},
		"a zone that does not exist":           {"", "TIMEZONE=Europe/Herzberg", "timezone", "write a name like Europe/Berlin"},
		"the zone of the machine":              {"", "TIMEZONE=Local", "timezone", "is no time zone"},
		"a database of another make":           {"", "DATABASE=mysql://u:geheim@h/d", "database", "write sqlite:PATH or postgres://"},
		"a database without path":              {"", "DATABASE=sqlite:", "database", "write sqlite:PATH"},
		"no folder":                            {"data = \"\"", "", "data", "write the path of a folder"},
		"a certificate without key":            {"", "TLS_CERT=a.pem", "tls_key", "give both or neither"},
		"a key without certificate":            {"", "TLS_KEY=a.pem", "tls_cert", "give both or neither"},
		"a proxy that is no address":           {"", "TRUSTED_PROXIES=127.0.0.1,proxy", "trusted_proxies", `"proxy" is no address`},
		"an allowed prefix without port":       {"", "FEDERATION_ALLOW_ADDRESSES=127.0.0.0/8", "federation.allow_addresses", "write 127.0.0.0/8:8443"},
		"an allowed port without prefix":       {"", "FEDERATION_ALLOW_ADDRESSES=localhost:80", "federation.allow_addresses", "is no prefix with a port"},
		"an allowed prefix left open":          {"", "FEDERATION_ALLOW_ADDRESSES=[::1/128:80", "federation.allow_addresses", "is no prefix with a port"},
		"a service that is no address":         {"", "OIDC_ISSUER=sso.example", "oidc.issuer", "write https://HOST/PATH"},
		"a service without TLS":                {"", "OIDC_ISSUER=http://sso.example", "oidc.issuer", "is no address of a service"},
		"keys of a service without a service":  {"", "OIDC_CLIENT_SECRET=geheim", "oidc.issuer", "is missing although other keys of oidc are set"},
		"a service that knows us by no name":   {"[oidc]\nissuer = \"https://sso.example\"\nname = \"Stadt\"", "", "oidc.client_id", "is missing although oidc.issuer is set"},
		"a service that people call nothing":   {"[oidc]\nissuer = \"https://sso.example\"\nclient_id = \"a\"", "", "oidc.name", "as people call it"},
		"a role that does not exist":           {oidc + "role_claim = \"groups\"\nroles = [\"a=boss\"]", "", "oidc.roles", "write VALUE=ROLE with one of the roles resident, editor"},
		"roles without a claim":                {oidc + "roles = [\"a=admin\"]", "", "oidc.role_claim", "like groups"},
		"two secrets":                          {oidc + "client_secret = \"geheim\"\nclient_secret_file = \"/x\"", "", "oidc.client_secret_file", "give one of them"},
		"a secret that is not there":           {oidc + "client_secret_file = \"/gibt/es/nicht\"", "", "oidc.client_secret_file", "holds no secret that can be read"},
		"new people, or not":                   {"", "OIDC_NEW_PEOPLE=yes", "oidc.new_people", "write on or off"},
		"a service in no network":              {"", "OIDC_ALLOW_ADDRESSES=10.0.0.1", "oidc.allow_addresses", "write 10.1.2.3/32:443"},
		"a mail server with scheme":            {"", "SMTP_HOST=smtp://mail.example", "smtp.host", "write it without scheme and port"},
		"a mail server without sender":         {"", "SMTP_HOST=mail.example", "smtp.from", "write the one that letters come from"},
		"a sender that is two":                 {"[smtp]\nhost = \"mail.example\"\nfrom = \"a@b.example, c@d.example\"", "", "smtp.from", "is no mail address"},
		"a mail port that is none":             {"", "SMTP_PORT=smtp", "smtp.port", "write a number like 587"},
		"a way to encrypt that is none":        {"", "SMTP_SECURITY=opportunistic", "smtp.security", "write starttls, tls or none"},
		"a password in the clear":              {"[smtp]\nhost = \"mail.example\"\nfrom = \"a@b.example\"\nsecurity = \"none\"\nusername = \"a\"\npassword = \"geheim\"", "", "smtp.security", "would travel in the clear"},
		"a mail user without password":         {"[smtp]\nhost = \"mail.example\"\nfrom = \"a@b.example\"\nusername = \"a\"", "", "smtp.password", "is missing"},
		"a mail password twice":                {"[smtp]\nhost = \"mail.example\"\nfrom = \"a@b.example\"\nusername = \"a\"\npassword = \"geheim\"\npassword_file = \"x\"", "", "smtp.password_file", "give one of them"},
		"a mail password of nobody":            {"[smtp]\nhost = \"mail.example\"\nfrom = \"a@b.example\"\npassword = \"geheim\"", "", "smtp.username", "give both or neither"},
		"a level that does not exist":          {"", "LOG_LEVEL=loud", "log_level", "write debug, info, warn or error"},
	} {
		t.Run(name, func(t *testing.T) {
			path, environ := "", []string{}
			if tc.file != "" {
				path = write(t, tc.file)
			}
			if tc.variable != "" {
				environ = append(environ, "AUSHANG_"+tc.variable)
			}
			_, err := load(path, given(environ...))
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("error = %v, want a *config.Error", err)
			}
			if refused.Key != tc.key || !strings.Contains(refused.Sentence, tc.sentence) {
				t.Errorf("error = %q about %q, want %q about %q", refused.Sentence, refused.Key, tc.sentence, tc.key)
			}
			if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "geheim") {
				t.Errorf("error = %q: want one line without secrets", err)
			}
		})
	}
}

func TestLoadNamesAFileThatIsNotThere(t *testing.T) {
	_, err := load(filepath.Join(t.TempDir(), "none.toml"), given())
	if err == nil || !strings.Contains(err.Error(), "none.toml does not exist; give its path with --config or AUSHANG_CONFIG.") {
		t.Errorf("error = %v", err)
	}
}

func TestDerivedValues(t *testing.T) {
	c, err := load("", given("AUSHANG_ORIGIN=https://aushang.example:8443", "AUSHANG_TRUSTED_PROXIES=10.0.0.0/8,::1", "AUSHANG_LOG_LEVEL=WARN"))
	if err != nil {
		t.Fatal(err)
	}
	var proxies []string
	for _, p := range c.Proxies() {
		proxies = append(proxies, p.String())
	}
	got := []any{c.Scheme(), c.Host(), c.HandleHost(), c.Location().String(), c.Level().String(), c.Trial(), proxies}
	want := []any{"https", "aushang.example:8443", "aushang.example:8443", "Europe/Berlin", "WARN", false, []string{"10.0.0.0/8", "::1/128"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	c.HandleDomain = "musterdorf.example"
	if got := c.HandleHost(); got != "musterdorf.example" {
		t.Errorf("HandleHost() = %q", got)
	}
}

func TestWarnings(t *testing.T) {
	path := write(t, "database = \"postgres://u:geheim@h/d\"\n")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := load(path, given("AUSHANG_PORT=tcp://10.0.0.1:80", "AUSHANG_CONFIG="+path, "AUSHANG_TEST_DATABASE=postgres", "AUSHANG_FEDERATION_ALLOW_ADDRESSES=127.0.0.0/8:1"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"The environment variable AUSHANG_PORT belongs to no key and is ignored.",
		path + " holds the password of the database and every user of this machine may read it: chmod 640 " + path + ".",
		"federation.allow_addresses lets outgoing requests reach 127.0.0.0/8:1: leave it empty outside tests and private networks.",
	}
	if diff := cmp.Diff(want, c.Warnings()); diff != "" {
		t.Error(diff)
	}
}

// TestNoSwitch: what guards a town cannot be turned off.
func TestNoSwitch(t *testing.T) {
	t.Run("T-SIG-04 T-AUTH-08 no key turns a check off", func(t *testing.T) {
		for _, key := range Keys() {
			for _, word := range []string{"insecure", "skip", "verify", "signature", "check", "debug", "dev", "private"} {
				if strings.Contains(key, word) {
					t.Errorf("what does %s turn off?", key)
				}
			}
		}
		for _, key := range []string{"federation.verify", "insecure", "tls_skip_verify", "signatures"} {
			path := filepath.Join(t.TempDir(), "aushang.toml")
			if err := os.WriteFile(path, []byte(key+" = \"false\"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(path); err == nil {
				t.Errorf("a program with %s starts", key)
			}
		}
	})
}
