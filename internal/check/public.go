package check

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"codeberg.org/aushang/aushang/federation/activitystreams"
	"codeberg.org/aushang/aushang/federation/transport"
	"codeberg.org/aushang/aushang/federation/webfinger"
)

// Seen is the header in which /readyz says which host was asked for.
const Seen = "Aushang-Host"

// renewal is how many days before its end a certificate should be a new one.
const renewal = 14

// public looks at the town through its public address, by the same client and
// behind the same guard as other servers are asked.
func (l *look) public(ctx context.Context, handle, id string) {
	running := l.serving(ctx)
	if l.Config.Trial() {
		l.skip("public address", "a trial: "+l.Config.Origin+" is an address of this machine alone, and no other server reaches it")
		return
	}
	client, err := l.client()
	if err != nil {
		l.fault("public address", "Mend federation.allow_addresses.", "%v", err)
		return
	}
	defer client.CloseIdle()
	if !running {
		l.skip("public address", "serve does not run: start it and check again")
		return
	}
	if !l.ready(ctx, client) {
		return
	}
	l.certificate(ctx, client)
	l.webFinger(ctx, client, handle, id)
}

func (l *look) client() (*transport.Client, error) {
	var allow []transport.AllowedAddress
	for _, s := range l.Config.Federation.AllowAddresses {
		a, err := transport.ParseAllowed(s)
		if err != nil {
			return nil, err
		}
		allow = append(allow, a)
	}
	return transport.New(transport.Options{Allow: allow, UserAgent: "Aushang/" + l.Version + " (check)"}), nil
}

// serving looks whether the program listens.
func (l *look) serving(ctx context.Context) bool {
	host, port, _ := net.SplitHostPort(l.Config.Listen) // checked when the configuration was read
	if host == "" {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		l.ok("serve", "does not run (nothing listens on %s)", l.Config.Listen)
		return false
	}
	_ = conn.Close()
	l.ok("serve", "runs (%s is listened on)", l.Config.Listen)
	return true
}

// ready asks /readyz for what only this program can say.
func (l *look) ready(ctx context.Context, client *transport.Client) bool {
	const what = "public address"
	doc, err := client.Plain(ctx, l.Config.Origin+"/readyz", "*/*", 1<<10)
	var status *transport.StatusError
	switch {
	case errors.Is(err, transport.ErrBlocked):
		l.fault(what, "Let the name lead to the public address; in a private network add it to federation.allow_addresses.",
			"%s leads to an address that no other server would reach: %v", l.Config.Origin, err)
		return false
	case errors.As(err, &status) && status.Code == http.StatusServiceUnavailable:
		l.fault(what, "Read the log of serve and look at the database.", "the program answers that it is not ready")
		return false
	case err != nil:
		l.fault(what, "Look at the name in the DNS, at the firewall, at the certificate and at the proxy.", "%v", err)
		return false
	}
	seen := doc.Header.Get(Seen)
	if seen == "" {
		l.fault(what, "Let the proxy lead "+l.Config.Origin+" to "+l.Config.Listen+".", "something else answers there")
		return false
	}
	l.ok(what, "%s answers", l.Config.Origin)
	if !strings.EqualFold(seen, l.Config.Host()) {
		l.fault("host header", "Let the proxy pass it on unchanged (nginx: proxy_set_header Host $http_host).",
			"%s arrives as %q: other servers sign it, and no signature holds", l.Config.Host(), seen)
	} else {
		l.ok("host header", "arrives unchanged")
	}
	if at, err := http.ParseTime(doc.Header.Get("Date")); err == nil {
		l.clock("clock of the public address", at)
	}
	return true
}

func (l *look) certificate(ctx context.Context, client *transport.Client) {
	const what, mend = "certificate", "Renew it: other servers refuse the town when it ends."
	ends, err := client.CertificateEnds(ctx, l.Config.Host())
	days := int(time.Until(ends).Hours() / 24)
	switch {
	case err != nil:
		l.fault(what, mend, "%v", err)
	case days < renewal:
		l.fault(what, mend, "it is valid for %d days", days)
	default:
		l.ok(what, "valid, %d days are left", days)
	}
}

// webFinger asks where a handle leads, as every other server does first.
func (l *look) webFinger(ctx context.Context, client *transport.Client, handle, id string) {
	const what = "WebFinger"
	if handle == "" {
		l.skip(what, "the database must be right first")
		return
	}
	get := func(ctx context.Context, url, accept string, limit int64) ([]byte, error) {
		doc, err := client.Plain(ctx, url, accept, limit)
		if err != nil {
			return nil, err
		}
		return doc.Body, nil
	}
	mend := "Let https://" + l.Config.HandleHost() + "/.well-known/webfinger lead to " + l.Config.Origin + "."
	found, err := webfinger.Lookup(ctx, get, handle)
	if err != nil {
		l.fault(what, mend, "@%s is not found: %v", handle, err)
		return
	}
	if found != id {
		l.fault(what, mend, "@%s leads to %s, and not to %s", handle, found, id)
		return
	}
	if _, err := client.Get(ctx, id, nil); err != nil {
		l.fault("actor", "Let the proxy pass on what is under /ap/, with the Accept header.", "%s cannot be read by a stranger: %v", activitystreams.Host(id), err)
		return
	}
	l.ok(what, "@%s leads to its actor, and a stranger may read it", handle)
}
