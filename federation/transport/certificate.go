package transport

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// CertificateEnds makes a TLS connection to host[:port], behind the same guard
// as every request, and gives when the first certificate of its chain ends. A
// chain that is not believed is an error.
func (c *Client) CertificateEnds(ctx context.Context, host string) (time.Time, error) {
	if err := c.Check("https://" + host + "/"); err != nil {
		return time.Time{}, err
	}
	address := host
	if _, _, err := net.SplitHostPort(host); err != nil {
		address = net.JoinHostPort(host, "443")
	}
	ctx, cancel := context.WithTimeout(ctx, dial+handshake)
	defer cancel()
	config := c.round.TLSClientConfig.Clone()
	config.ClientSessionCache = nil // a session that goes on shows no certificate
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Control: c.control}, Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return time.Time{}, fmt.Errorf("look at the certificate of %s: %w", host, err)
	}
	defer conn.Close() //nolint:errcheck // nothing was sent
	ends := time.Time{}
	for _, cert := range conn.(*tls.Conn).ConnectionState().PeerCertificates {
		if ends.IsZero() || cert.NotAfter.Before(ends) {
			ends = cert.NotAfter
		}
	}
	return ends, nil
}
