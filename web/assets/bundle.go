package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
)

// manifest is what tools/bundle writes beside the files.
type manifest struct {
	// Sources is the fingerprint of what the bundle was made from.
	Sources string `json:"sources"`
	// Paths has the name in dist by the name of a file.
	Paths map[string]string `json:"paths"`
}

// bundle reads dist; not ok when there is none, or one of other sources, as after
// a change of the stylesheet without make.
func bundle(dist fs.FS, sources string) (s set, ok bool) {
	content, err := fs.ReadFile(dist, "dist/manifest.json")
	if err != nil {
		return s, false
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil || m.Sources != sources {
		return s, false
	}
	s = set{paths: map[string]string{}, files: map[string]file{}, bundled: true}
	for name, hashed := range m.Paths {
		plain, err := fs.ReadFile(dist, "dist/"+hashed)
		if err != nil {
			return s, false
		}
		f := file{media: media[path.Ext(name)], hash: sum(plain)[:12], plain: plain, coded: map[string][]byte{}}
		for coding, ending := range map[string]string{"br": ".br", "gzip": ".gz"} {
			if coded, err := fs.ReadFile(dist, "dist/"+hashed+ending); err == nil {
				f.coded[coding] = coded
			}
		}
		s.paths[name] = "/assets/" + hashed
		s.files["/assets/"+hashed] = f
	}
	return s, true
}

// fingerprint is the hash of what a bundle is made from: function sources of
// tools/bundle gives the same.
func fingerprint(root fs.FS) string {
	sum := sha256.New()
	for _, top := range []string{"css", "img", "js", "package-lock.json"} {
		_ = fs.WalkDir(root, top, func(name string, _ fs.DirEntry, err error) error { // what is not there has no part in it
			if err != nil {
				return err
			}
			switch path.Ext(name) {
			case ".css", ".svg", ".txt", ".json", ".js":
				content := read(root, name)
				fmt.Fprintf(sum, "%s %d\n%s", name, len(content), content)
			}
			return nil
		})
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}
