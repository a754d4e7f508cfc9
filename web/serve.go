package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
)

// policy is the Content-Security-Policy of every page: nothing from elsewhere,
// no script in the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// permissions turns off what a page of a town never needs.
const permissions = "accelerometer=(), autoplay=(), bluetooth=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), " +
	"fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
	"picture-in-picture=(), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), usb=(), web-share=(), xr-spatial-tracking=()"

// Secure sets the headers that keep browsers from doing more than they must,
// and turns a panic into an error page.
func (s *Site) Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", permissions)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if strings.HasPrefix(s.Origin, "https://") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the very value, by its contract
					panic(p)
				}
				if s.Panicked != nil {
					s.Panicked()
				}
				s.Log.Error("panic", "route", route(r), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				s.fail(w, r, http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// Legible answers that nothing is there, when path or query hold what is no
// text: NUL, which no database takes, or bytes that are not UTF-8.
func (s *Site) Legible(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !legible(r.URL) {
			s.fail(w, r, http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func legible(u *url.URL) bool {
	if !IsText(u.Path) {
		return false
	}
	if strings.IndexByte(u.RawQuery, '%') < 0 {
		return IsText(u.RawQuery)
	}
	for key, values := range u.Query() {
		if !IsText(key) || slices.ContainsFunc(values, func(v string) bool { return !IsText(v) }) {
			return false
		}
	}
	return true
}

// IsText tells whether s is UTF-8 without a NUL.
func IsText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// SameSite refuses requests that change something and come from another site's
// page. Other servers, which send no such headers, pass.
func (s *Site) SameSite(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	_ = guard.AddTrustedOrigin(s.Origin) // checked when the configuration was read
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.failWith(w, r, http.StatusForbidden, "error.cross")
	}))
	return guard.Handler(next)
}

// Logged writes one line for each request: what was asked, by its route, and
// how it ended. Never who asked.
func (s *Site) Logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		route := route(r)
		if s.Observe != nil {
			s.Observe(route, seen.status)
		}
		s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("method", r.Method), slog.String("route", route), slog.Int("status", seen.status),
			slog.Int("bytes", seen.bytes), slog.Duration("duration", time.Since(start)))
	})
}

// route gives the pattern of the route of a request. What was asked for itself
// is not logged: a path may hold a secret.
func route(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		return c.RoutePattern()
	}
	return ""
}

// recorder remembers how a request was answered.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach what is underneath.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// parting is how long requests in flight may take after the end.
const parting = 10 * time.Second

// Serve answers on l until ctx ends, then lets the requests in flight finish.
// With a certificate and its key it speaks TLS.
func Serve(ctx context.Context, l net.Listener, h http.Handler, certFile, keyFile string) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // it names addresses of clients
	}
	ended := make(chan error, 1)
	go func() {
		if certFile != "" {
			ended <- server.ServeTLS(l, certFile, keyFile)
		} else {
			ended <- server.Serve(l)
		}
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}
