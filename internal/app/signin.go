package app

import (
	"fmt"

	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/internal/account"
	"codeberg.org/aushang/aushang/internal/config"
)

// maxServiceAnswer is how long an answer of the sign-in service may be, in bytes.
const maxServiceAnswer = 1 << 20

// signInService lets people sign in at the service of the configuration.
func (t *Town) signInService() error {
	v, err := service(t.Config)
	if err == nil {
		t.Accounts.UseService(v)
	}
	return err
}

// service gives the sign-in service of a configuration, nil for none. Its
// requests have a client of their own: what it may reach in a private network,
// other servers cannot make us reach.
func service(c *config.Config) (*account.Service, error) {
	o := &c.OIDC
	if o.Issuer == "" {
		return nil, nil
	}
	roles, err := o.RoleOf()
	if err != nil {
		return nil, err
	}
	var allow []transport.AllowedAddress
	for _, s := range o.AllowAddresses {
		a, err := transport.ParseAllowed(s)
		if err != nil {
			return nil, fmt.Errorf("read oidc.allow_addresses: %w", err)
		}
		allow = append(allow, a)
	}
	client := transport.New(transport.Options{Allow: allow, UserAgent: "Aushang/" + Version + " (+" + c.Origin + "/)"})
	return &account.Service{
		Issuer: o.Issuer, ClientID: o.ClientID, Secret: o.Secret(), Name: o.Name, Scopes: o.Scopes, RoleClaim: o.RoleClaim, Roles: roles,
		NewPeople: o.NewPeople == config.On, Client: client.Door(maxServiceAnswer),
	}, nil
}
