package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config is the configuration of one town. The first sentence above a field is
// its line in docs/configuration.md. Use Load to get a checked one.
type Config struct {
	// Origin is the public address of the town, `https://host` or `https://host:port` without a path, and the beginning of
	// every id and link the program makes.
	// For a trial on one machine it may be `http://localhost:PORT` or `http://127.0.0.1:PORT`. The program takes scheme and
	// host from here alone, never from a request, and never redirects to https: that is for the proxy before it.
	// It cannot be changed once other servers know the town.
	Origin string `koanf:"origin"`
	// HandleDomain is the domain in `@club@domain` when it is shorter than the host of `origin`, for example `musterdorf.example`
	// for a town at `https://aushang.musterdorf.example`.
	// Empty means the host of `origin`. `https://HANDLE_DOMAIN/.well-known/webfinger` must then lead here. It cannot be changed later.
	HandleDomain string `koanf:"handle_domain"`
	// Listen is the address and port on which the program answers, `host:port`.
	// An empty host means every address of the machine.
	Listen string `koanf:"listen"`
	// Name is the name of the town as readers see it, in titles and on other servers.
	Name string `koanf:"name"`
	// Language is the language of a page for a reader whose browser asks for no language that we speak: `de` or `en`.
	Language string `koanf:"language"`
	// Timezone is the zone in which times without a zone are meant, a name of the IANA database.
	Timezone string `koanf:"timezone"`
	// Database is where the rows are: `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/NAME`.
	// Several processes may share one PostgreSQL.
	Database string `koanf:"database"`
	// Data is the folder for media and secrets. It is made when it does not exist.
	Data string `koanf:"data"`
	// TLSCert is the PEM file with the certificate chain when the program speaks TLS itself, together with `tls_key`.
	// Empty means plain HTTP behind a proxy.
	TLSCert string `koanf:"tls_cert"`
	// TLSKey is the PEM file with the private key that belongs to `tls_cert`.
	TLSKey string `koanf:"tls_key"`
	// TrustedProxies are the addresses or prefixes of the proxies whose `X-Forwarded-For` is believed.
	// Empty means that nobody's is. Name the proxy in front of the program here: attempts to sign in are counted by the address
	// of who tries, and without it all come from the proxy.
	TrustedProxies []string `koanf:"trusted_proxies"`
	// Registration says who comes in by the page `/registrieren`: `approval` lets in whom the town hall approves, `open` whoever
	// confirms a mail address, people and clubs alike, and `closed` nobody: then the town hall makes the accounts.
	// Without `smtp.host` it is as `closed` for who has no account. Invitations of clubs work with each.
	Registration string `koanf:"registration"`
	// Federation is how the town meets other servers.
	Federation Federation `koanf:"federation"`
	// OIDC is a sign-in service of the town, where people have accounts already.
	OIDC OIDC `koanf:"oidc"`
	// SMTP is how the town sends mail.
	SMTP SMTP `koanf:"smtp"`
	// MetricsListen is the address and port on which the numbers for Prometheus are read, at `/metrics`, `host:port`.
	// Empty means that they are not. Nobody is asked who reads them: choose an address that only the machine or its network reaches.
	MetricsListen string `koanf:"metrics_listen"`
	// LogLevel is the least weight of a line that is logged: `debug`, `info`, `warn` or `error`.
	LogLevel string `koanf:"log_level"`
	// Demo is `on` for a sample village: it has a page `/stil` that shows the parts of all pages with their states.
	// `off` is for every real town.
	Demo string `koanf:"demo"`

	warnings []string
}

// Federation holds the keys that begin with "federation.".
type Federation struct {
	// AllowAddresses are the `prefix:port` pairs of private networks that outgoing requests may reach all the same, for
	// example `127.0.0.0/8:8443` or `[fd00::/8]:443`.
	// For tests and private networks only: each entry opens a way from the outside to a service inside.
	AllowAddresses []string `koanf:"allow_addresses"`
	// Pictures is how much room on the disk small copies of pictures from other servers may take, such as `200 MB` or `1 GB`:
	// of the people who answer, and in their answers.
	// They lie in the folder `foreign` under `data`; those that were not looked at for longest go first, and none is made while
	// the disk has less than 512 MB left. `0` makes none: letters stand for everybody.
	Pictures string `koanf:"pictures"`
	// Hourly is how many likes, shares, follows and answers, each, one other platform may send in an hour; of reports a tenth.
	// What is beyond is to be sent again later, and the town hall is told.
	// Empty means 300, and any number where `federation.allow_addresses` is set. `0` is any number.
	Hourly string `koanf:"hourly"`
}

// OIDC holds the keys that begin with "oidc.".
type OIDC struct {
	// Issuer is the address of the sign-in service (OpenID Connect), exactly as it calls itself, for example
	// `https://sso.musterdorf.example/realms/stadt`.
	// Empty means that there is none. docs/sign-in.md says what to enter there and here.
	Issuer string `koanf:"issuer"`
	// ClientID is the name by which the service knows the town.
	ClientID string `koanf:"client_id"`
	// ClientSecret is the secret that belongs to `oidc.client_id`.
	// Empty for a public client, or when it stands in a file.
	ClientSecret string `koanf:"client_secret"`
	// ClientSecretFile is a file with that secret, in place of `oidc.client_secret`.
	ClientSecretFile string `koanf:"client_secret_file"`
	// Name is what people call the service, as in "Mit Stadt-Konto anmelden".
	Name string `koanf:"name"`
	// Scopes are asked for besides `openid`.
	Scopes []string `koanf:"scopes"`
	// RoleClaim is the claim that has the roles or groups of a person, for example `groups` or `realm_access.roles`; a dot leads
	// into a claim.
	// Empty means that the town hall gives the roles here.
	RoleClaim string `koanf:"role_claim"`
	// Roles are the roles here by a value of that claim, `VALUE=ROLE`, for example `aushang-rathaus=townhall`.
	// The roles are `resident`, `editor`, `office`, `townhall` and `admin`; of several the highest holds. A role that the service gave ends
	// at the first sign-in at which it does not give it any more. The last admin stays one.
	Roles []string `koanf:"roles"`
	// NewPeople is `on` to let in whom only the service knows, as a resident or with the role of the claim, or `off`.
	NewPeople string `koanf:"new_people"`
	// AllowAddresses are the `prefix:port` pairs of private networks that requests to the service may reach, for example
	// `10.1.2.3/32:443`, when it has no public address.
	AllowAddresses []string `koanf:"allow_addresses"`
}

// SMTP holds the keys that begin with "smtp.".
type SMTP struct {
	// Host is the name of the mail server that takes the town's letters.
	// Empty means that the town sends no mail: who needs a link gets it from the town hall, and nobody is told of anything by mail.
	Host string `koanf:"host"`
	// Port is the port of the mail server: `587` for `starttls`, mostly `465` for `tls`.
	Port string `koanf:"port"`
	// Security is how the connection is encrypted: `starttls`, `tls` from the first byte, or `none`.
	// It never falls back: a server that cannot do what is said here gets nothing. `none` is for a mail server on the same machine or in
	// the same closed network; with a user name it is refused anywhere but on the same machine.
	Security string `koanf:"security"`
	// Username is the name with which the town signs in at the mail server.
	// Empty means that it does not sign in.
	Username string `koanf:"username"`
	// Password is the password that belongs to `smtp.username`.
	Password string `koanf:"password"`
	// PasswordFile is a file with that password, in place of `smtp.password`.
	// A line end after the password does not count.
	PasswordFile string `koanf:"password_file"`
	// From is the mail address that letters come from, like `aushang@musterdorf.example`.
	// Answers and notices of failure go there, so somebody should read it.
	From string `koanf:"from"`
	// CAFile is a PEM file with the certificate of the authority that signed the mail server's, when it is none that the system knows.
	CAFile string `koanf:"ca_file"`
}

// The values of smtp.security.
const (
	StartTLS = "starttls"
	TLS      = "tls"
	NoTLS    = "none"
)

// On and Off are the values of a switch.
const (
	On  = "on"
	Off = "off"
)

// Open, Approval and Closed are the values of registration.
const (
	Open     = "open"
	Approval = "approval"
	Closed   = "closed"
)

// Defaults gives the configuration of a trial on one machine.
func Defaults() Config {
	return Config{
		Origin:       "http://localhost:8080",
		Listen:       "127.0.0.1:8080",
		Name:         "Musterdorf",
		Language:     "de",
		Timezone:     "Europe/Berlin",
		Database:     "sqlite:var/aushang.db",
		Data:         "var",
		LogLevel:     "info",
		Demo:         Off,
		Registration: Approval,
		Federation:   Federation{Pictures: "200 MB"},
		OIDC:         OIDC{Scopes: []string{"profile", "email"}, NewPeople: Off},
		SMTP:         SMTP{Port: "587", Security: StartTLS},
	}
}

// Scheme gives the scheme of the origin, "https" or "http".
func (c *Config) Scheme() string {
	scheme, _, _ := strings.Cut(c.Origin, "://")
	return scheme
}

// Host gives host[:port] of the origin in ASCII and lower case, without a
// default port.
func (c *Config) Host() string {
	u, err := url.Parse(c.Origin)
	if err != nil {
		return "" // Load has refused it
	}
	return u.Host
}

// HandleHost gives the domain that stands after the second @ of a handle: the
// handle domain, or the host of the origin.
func (c *Config) HandleHost() string {
	if c.HandleDomain != "" {
		return c.HandleDomain
	}
	return c.Host()
}

// Location gives the time zone of the town; UTC if the zone is unknown.
func (c *Config) Location() *time.Location {
	l, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return time.UTC // Load has refused it
	}
	return l
}

// Level gives the log level.
func (c *Config) Level() slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(c.LogLevel)) // Load has refused others
	return l
}

// Proxies gives TrustedProxies as prefixes; an address alone is a prefix of its
// full length.
func (c *Config) Proxies() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range c.TrustedProxies {
		if p, err := parsePrefix(s); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// PictureQuota gives federation.pictures in bytes.
func (c *Config) PictureQuota() int64 {
	n, _ := parseSize(c.Federation.Pictures) // Load has refused what is none
	return n
}

// hourly is federation.hourly when it is empty.
const hourly = 300

// HourlyLimit gives federation.hourly as a number, 0 for no limit.
func (c *Config) HourlyLimit() int {
	if c.Federation.Hourly == "" {
		if len(c.Federation.AllowAddresses) > 0 {
			return 0
		}
		return hourly
	}
	n, _ := strconv.Atoi(c.Federation.Hourly) // Load has refused what is none
	return n
}

// Trial tells whether the origin is an address of this machine alone, which no
// other server can reach.
func (c *Config) Trial() bool { return c.Scheme() == "http" }

// Public tells whether the town can be reached by everybody: then the law asks
// for pages without which federation and registration do not start.
func (c *Config) Public() bool { return !c.Trial() }

// Warnings gives what is allowed but deserves a look, a sentence each. serve
// logs them and check reports them.
func (c *Config) Warnings() []string {
	all := c.warnings
	if len(c.Federation.AllowAddresses) > 0 {
		all = append(all[:len(all):len(all)], "federation.allow_addresses lets outgoing requests reach "+
			strings.Join(c.Federation.AllowAddresses, ", ")+": leave it empty outside tests and private networks.")
	}
	if c.SMTP.Host != "" && c.SMTP.Security == NoTLS && !loopback(c.SMTP.Host) {
		all = append(all[:len(all):len(all)], "smtp.security is none: whoever is between here and "+c.SMTP.Host+" reads the town's letters.")
	}
	return all
}
