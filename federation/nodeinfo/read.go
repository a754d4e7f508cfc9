package nodeinfo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// errSilent is given for a server that does not say what it runs.
var errSilent = errors.New("the server does not say what it runs")

// longest is how long the name of a program may be.
const longest = 40

// Fetch reads a document of JSON from an address.
type Fetch func(ctx context.Context, address string) ([]byte, error)

// Program gives the name of the program that the server at origin runs, in lower
// case (NodeInfo: software.name). It is a word to show, and no promise of what the
// server can do (FEP-0151).
func Program(ctx context.Context, origin string, fetch Fetch) (string, error) {
	body, err := fetch(ctx, origin+"/.well-known/nodeinfo")
	if err != nil {
		return "", fmt.Errorf("read the links of NodeInfo: %w", err)
	}
	href, err := schema(origin, body)
	if err != nil {
		return "", err
	}
	if body, err = fetch(ctx, href); err != nil {
		return "", fmt.Errorf("read NodeInfo: %w", err)
	}
	var d struct {
		Software struct {
			Name any `json:"name"`
		} `json:"software"`
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return "", fmt.Errorf("read NodeInfo: %w", err)
	}
	name, _ := d.Software.Name.(string)
	if name = word(name); name == "" {
		return "", errSilent
	}
	return name, nil
}

// schema gives the newest document that links lead to, on the same server.
func schema(origin string, body []byte) (string, error) {
	var d struct {
		Links []struct {
			Rel  any `json:"rel"`
			Href any `json:"href"`
		} `json:"links"`
	}
	if err := json.Unmarshal(body, &d); err != nil {
		return "", fmt.Errorf("read the links of NodeInfo: %w", err)
	}
	home, err := url.Parse(origin)
	if err != nil {
		return "", fmt.Errorf("read the origin: %w", err)
	}
	best, href := "", ""
	for _, l := range d.Links {
		r, _ := l.Rel.(string)
		h, _ := l.Href.(string)
		version, ok := strings.CutPrefix(r, rel(""))
		u, err := url.Parse(h)
		if ok && err == nil && u.Scheme == home.Scheme && strings.EqualFold(u.Host, home.Host) && version > best {
			best, href = version, h
		}
	}
	if href == "" {
		return "", errSilent
	}
	return href, nil
}

// word gives a name of the letters that NodeInfo allows for it, or "".
func word(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" || len(s) > longest || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return ""
	}
	return s
}
