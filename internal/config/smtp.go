package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
)

// sender is what an address looks like that letters come from.
var sender = regexp.MustCompile(`^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

func (c *Config) checkSMTP() error {
	s := &c.SMTP
	if n, err := strconv.ParseUint(s.Port, 10, 16); err != nil || n == 0 {
		return &Error{"smtp.port", fmt.Sprintf("%q is no port; write a number like 587.", s.Port)}
	}
	if !slices.Contains([]string{StartTLS, TLS, NoTLS}, s.Security) {
		return &Error{"smtp.security", fmt.Sprintf("%q is no way to encrypt; write starttls, tls or none.", s.Security)}
	}
	if s.Host == "" {
		return nil
	}
	if _, err := netip.ParseAddr(s.Host); err != nil {
		name, port, ok := splitHost(s.Host)
		if !ok || port != "" {
			return &Error{"smtp.host", fmt.Sprintf("%q is no name of a server; write it without scheme and port, like mail.musterdorf.example.", s.Host)}
		}
		s.Host = name
	}
	switch {
	case !sender.MatchString(s.From):
		return &Error{"smtp.from", fmt.Sprintf("%q is no mail address; write the one that letters come from, like aushang@musterdorf.example.", s.From)}
	case s.Password != "" && s.PasswordFile != "":
		return &Error{"smtp.password_file", "is set although smtp.password is too; give one of them."}
	case s.Username != "" && s.Password == "" && s.PasswordFile == "":
		return &Error{"smtp.password", "is missing although smtp.username is set; give it, or smtp.password_file."}
	case s.Username == "" && (s.Password != "" || s.PasswordFile != ""):
		return &Error{"smtp.username", "is missing although there is a password; give both or neither."}
	case s.Security == NoTLS && s.Username != "" && !loopback(s.Host):
		return &Error{"smtp.security", "is none, and the password would travel in the clear; write starttls or tls."}
	}
	return nil
}

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
