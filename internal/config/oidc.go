package config

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// roles are those that a sign-in service may give.
var roles = []string{"resident", "editor", "office", "townhall", "admin"}

// checkOIDC reads the secret too, so that a missing file is told at the start.
func (c *Config) checkOIDC() error {
	o := &c.OIDC
	if o.NewPeople != On && o.NewPeople != Off {
		return &Error{"oidc.new_people", fmt.Sprintf("%q is neither; write on or off.", o.NewPeople)}
	}
	for _, s := range o.AllowAddresses {
		if !allowed(s) {
			return &Error{"oidc.allow_addresses", fmt.Sprintf("%q is no prefix with a port; write 10.1.2.3/32:443.", s)}
		}
	}
	if o.Issuer == "" {
		if o.ClientID != "" || o.ClientSecret != "" || o.ClientSecretFile != "" || o.RoleClaim != "" {
			return &Error{"oidc.issuer", "is missing although other keys of oidc are set; write the address of the service, like https://sso.musterdorf.example/realms/stadt."}
		}
		return nil
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return &Error{"oidc.issuer", fmt.Sprintf("%q is no address of a service; write https://HOST/PATH, exactly as the service calls itself.", o.Issuer)}
	}
	if o.ClientID == "" {
		return &Error{"oidc.client_id", "is missing although oidc.issuer is set; write the name that the service gave the town."}
	}
	if o.Name == "" || utf8.RuneCountInString(o.Name) > 40 || strings.ContainsFunc(o.Name, unicode.IsControl) {
		return &Error{"oidc.name", fmt.Sprintf("%q is no name of a service; write one line of 1 to 40 characters, as people call it.", o.Name)}
	}
	if _, err := o.RoleOf(); err != nil {
		return err
	}
	if len(o.Roles) > 0 && o.RoleClaim == "" {
		return &Error{"oidc.role_claim", "is missing although oidc.roles is set; write the claim that has the roles, like groups."}
	}
	return o.readSecret()
}

func (o *OIDC) readSecret() error {
	if o.ClientSecretFile == "" {
		return nil
	}
	if o.ClientSecret != "" {
		return &Error{"oidc.client_secret_file", "is set although oidc.client_secret is too; give one of them."}
	}
	secret, err := os.ReadFile(o.ClientSecretFile)
	if err != nil || strings.TrimSpace(string(secret)) == "" {
		return &Error{"oidc.client_secret_file", fmt.Sprintf("%s holds no secret that can be read; write it there, in one line.", o.ClientSecretFile)}
	}
	return nil
}

// Secret gives the client secret, from the file when it stands there.
func (o *OIDC) Secret() string {
	if o.ClientSecretFile == "" {
		return o.ClientSecret
	}
	secret, err := os.ReadFile(o.ClientSecretFile)
	if err != nil {
		return "" // Load has refused it
	}
	return strings.TrimSpace(string(secret))
}

// RoleOf gives oidc.roles as a role by a value of the claim.
func (o *OIDC) RoleOf() (map[string]string, error) {
	by := map[string]string{}
	for _, pair := range o.Roles {
		i := strings.LastIndexByte(pair, '=')
		if i < 1 || !slices.Contains(roles, pair[i+1:]) {
			return nil, &Error{"oidc.roles", fmt.Sprintf("%q gives no role; write VALUE=ROLE with one of the roles %s.", pair, strings.Join(roles, ", "))}
		}
		by[pair[:i]] = pair[i+1:]
	}
	return by, nil
}
