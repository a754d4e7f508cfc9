package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/andybalholm/brotli"
)

// output is what will be in dist.
type output struct {
	// paths has the name in dist by the name that templates use.
	paths map[string]string
	// files has the content by the name in dist.
	files map[string][]byte
}

// copy adds a file of the disk.
func (o *output) copy(name, from string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	o.add(name, content)
	return nil
}

// add names a file by its content.
func (o *output) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	ending := path.Ext(name)
	hashed := strings.TrimSuffix(name, ending) + "." + hex.EncodeToString(sum[:6]) + ending
	o.paths[name] = hashed
	o.files[hashed] = content
}

// write replaces what is in dir, beside its .gitignore. The manifest comes last:
// without it there is no bundle.
func (o *output) write(dir, sources string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the bundle: %w", err)
	}
	old, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list the bundle before: %w", err)
	}
	for _, e := range old {
		if e.Name() == ".gitignore" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("remove the bundle before: %w", err)
		}
	}
	all := map[string][]byte{}
	for name, content := range o.files {
		all[name] = content
		if path.Ext(name) == ".woff2" {
			continue // is compressed already
		}
		for ending, compress := range map[string]func([]byte) ([]byte, error){".br": brotlied, ".gz": gzipped} {
			small, err := compress(content)
			if err != nil {
				return fmt.Errorf("compress %s: %w", name, err)
			}
			if len(small) < len(content) {
				all[name+ending] = small
			}
		}
	}
	manifest, err := json.MarshalIndent(map[string]any{"sources": sources, "paths": o.paths}, "", "\t")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	for name, content := range all {
		if err := write(filepath.Join(dir, filepath.FromSlash(name)), content); err != nil {
			return err
		}
	}
	return write(filepath.Join(dir, "manifest.json"), manifest)
}

func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make a folder of the bundle: %w", err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil { //nolint:gosec // everybody may read what is served to everybody
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}

func brotlied(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func gzipped(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// sources gives the hash of what a bundle is made from. web/assets asks the same
// of what it embeds (fingerprint there), and does not use a bundle of older
// sources.
func sources(root fs.FS) (string, error) {
	sum := sha256.New()
	for _, top := range []string{"css", "img", "js", "package-lock.json"} {
		err := fs.WalkDir(root, top, func(name string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			switch path.Ext(name) {
			case ".css", ".svg", ".txt", ".json", ".js":
			default:
				return nil
			}
			content, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("read what the bundle is made from: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
