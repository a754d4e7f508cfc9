// Package volunteer is how people apply to help: the form with an account or
// with a mail address alone, what they see of it later, and what the club sees.
//
// It must not know how opportunities are written or shown; internal/application
// tells it what can be applied for.
package volunteer
