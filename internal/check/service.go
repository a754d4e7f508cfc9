package check

import (
	"context"
	"time"
)

// service asks the sign-in service for its endpoints, as signing in does.
func (l *look) service(ctx context.Context) {
	const what = "sign-in service"
	if l.Service == nil {
		l.skip(what, "oidc.issuer is empty: people sign in here alone")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	endpoint, err := l.Service(ctx)
	if err != nil {
		l.fault(what, "Look at oidc.issuer, which must be exactly what the service calls itself, at the network and at the certificate; in a private network add its address to oidc.allow_addresses.",
			"%v", err)
		return
	}
	l.ok(what, "%s answers, and people go to %s; there it must know %s/anmelden/dienst/zurueck", l.Config.OIDC.Issuer, endpoint, l.Config.Origin)
}
