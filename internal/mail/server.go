package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"codeberg.org/aushang/aushang/internal/config"
)

// patience is how long one answer of the mail server may take.
const patience = 15 * time.Second

// dialler gives what connects to the mail server of c; hello is the name with
// which we introduce ourselves.
func dialler(c config.SMTP, hello string) (*gomail.Client, error) {
	port, err := strconv.Atoi(c.Port)
	if err != nil {
		return nil, fmt.Errorf("read smtp.port: %w", err)
	}
	secure := &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read smtp.ca_file: %w", err)
		}
		if secure.RootCAs = x509.NewCertPool(); !secure.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read smtp.ca_file: %s holds no certificate", c.CAFile)
		}
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(patience), gomail.WithHELO(hello), gomail.WithTLSConfig(secure), gomail.WithoutNoop(),
	}
	switch c.Security {
	case config.TLS:
		options = append(options, gomail.WithSSL())
	case config.NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.Username != "" {
		password, err := password(c)
		if err != nil {
			return nil, err
		}
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.Username), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(c.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare mail: %w", err)
	}
	return client, nil
}

func password(c config.SMTP) (string, error) {
	if c.PasswordFile == "" {
		return c.Password, nil
	}
	text, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read smtp.password_file: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// Probe connects to the mail server of c as a letter would, signs in where c
// says so, and leaves. hello is the name with which we introduce ourselves.
func Probe(ctx context.Context, c config.SMTP, hello string) error {
	client, err := dialler(c, hello)
	if err != nil {
		return err
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	return client.CloseWithSMTPClient(connection)
}

// hand gives one message to the mail server. final tells that trying again
// would not help.
func hand(ctx context.Context, client *gomail.Client, m *gomail.Msg) (final bool, err error) {
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return false, fmt.Errorf("connect to the mail server: %w", err)
	}
	err = client.SendWithSMTPClient(connection, m)
	_ = client.CloseWithSMTPClient(connection) // the letter is there, or it is not
	if err == nil || m.IsDelivered() {
		return false, nil
	}
	var failed *gomail.SendError
	if errors.As(err, &failed) {
		// What the server says of the letter and of who gets it counts. What it
		// says of who sends is about the configuration, which can be mended.
		ours := failed.Reason == gomail.ErrSMTPMailFrom || failed.Reason == gomail.ErrGetSender
		final = !ours && failed.ErrorCode() >= 500 && failed.ErrorCode() < 600
	}
	return final, err
}

// reason gives what the server said in one line, without whom it was about.
func reason(err error, to string) string {
	s, _, _ := strings.Cut(err.Error(), ", affected recipient(s)")
	s, _, _ = strings.Cut(s, ", affected message ID")
	return line(strings.ReplaceAll(s, to, "…"))
}
