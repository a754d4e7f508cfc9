package check

import (
	"context"
	"errors"
	"testing"

	"codeberg.org/aushang/aushang/internal/config"
)

func TestSignInService(t *testing.T) {
	c := config.Defaults()
	c.OIDC.Issuer = "https://sso.example"
	for want, ask := range map[State]func(context.Context) (string, error){
		Skipped: nil,
		OK:      func(context.Context) (string, error) { return "https://sso.example/auth", nil },
		Fault:   func(context.Context) (string, error) { return "", errors.New("it calls itself otherwise") },
	} {
		l := &look{Town: Town{Config: &c, Service: ask}}
		l.service(t.Context())
		if len(l.found) != 1 || l.found[0].State != want || (l.found[0].Mend != "") != (want == Fault) {
			t.Errorf("want %s: %+v", want, l.found)
		}
	}
}
