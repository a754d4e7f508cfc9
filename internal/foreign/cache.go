package foreign

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// unused is after how long a copy goes for which nobody asks.
	unused = 30 * 24 * time.Hour
	// noted is how exactly it is known when a copy was last used.
	noted = 10 * time.Minute
	// floor is how much must stay free on the disk, in bytes.
	floor = 512 << 20
	// maxHead is how long the first line of a copy may be, in bytes.
	maxHead = 16 << 10
)

// copies are the names of the files: that of the copy.
var copies = regexp.MustCompile(`^[0-9a-f]{32}$`)

// cache keeps copies as files. Their first line says whose they are and what
// they are, their time when they were last used; so nothing must be known in
// memory, and several processes may share the folder.
type cache struct {
	root  *os.Root
	quota int64
	// free gives how many bytes are free on the disk.
	free func() (int64, error)

	mu sync.Mutex
	// total is how many bytes all copies take, as far as this process knows; -1
	// before it has looked.
	total int64
}

func newCache(folder string, quota int64) (*cache, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("open the folder of foreign pictures: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open the folder of foreign pictures: %w", err)
	}
	free := func() (int64, error) {
		var s syscall.Statfs_t
		err := syscall.Statfs(folder, &s)
		return int64(s.Bavail) * int64(s.Bsize), err //nolint:gosec // no disk is that large
	}
	return &cache{root: root, quota: quota, free: free, total: -1}, nil
}

// room tells whether the disk has room for copies.
func (c *cache) room() bool {
	n, err := c.free()
	return err == nil && n >= floor && c.quota > 0
}

// kept is an open copy: its bytes are size many from begin on.
type kept struct {
	*os.File
	of, mediaType string
	begin, size   int64
}

// open opens a copy, which is used then. One that is not there is
// fs.ErrNotExist.
func (c *cache) open(name string) (*kept, error) {
	k, info, err := c.read(name)
	if err != nil {
		return nil, err
	}
	if now := time.Now(); now.Sub(info.ModTime()) > noted {
		_ = c.root.Chtimes(name, now, now)
	}
	return k, nil
}

func (c *cache) read(name string) (*kept, fs.FileInfo, error) {
	f, err := c.root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		line, head := "", bufio.NewReader(io.LimitReader(f, maxHead))
		if line, err = head.ReadString('\n'); err == nil {
			of, mediaType, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			begin := int64(len(line))
			return &kept{f, of, mediaType, begin, info.Size() - begin}, info, nil
		}
	}
	_ = f.Close()
	return nil, nil, fmt.Errorf("read copy %s: %w", name, err)
}

// put keeps a copy, as a whole or not at all, and makes room for it.
func (c *cache) put(name, of, mediaType string, b []byte) error {
	head := of + " " + mediaType + "\n"
	if len(head) > maxHead {
		return errors.New("keep copy: it is of too long a name")
	}
	part := fmt.Sprintf("%s.%d.part", name, time.Now().UnixNano())
	if err := c.root.WriteFile(part, append([]byte(head), b...), 0o640); err != nil {
		_ = c.root.Remove(part)
		return fmt.Errorf("keep copy: %w", err)
	}
	if err := c.root.Rename(part, name); err != nil {
		_ = c.root.Remove(part)
		return fmt.Errorf("keep copy: %w", err)
	}
	return c.grow(int64(len(head) + len(b)))
}

// grow notes n bytes more, and removes what was not used for longest when there
// are too many.
func (c *cache) grow(n int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total >= 0 && c.total+n <= c.quota {
		c.total += n
		return nil
	}
	files, total, err := c.list()
	if err != nil {
		return err
	}
	if total > c.quota {
		slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
		for _, f := range files {
			if total <= c.quota-c.quota/10 {
				break
			}
			if err := c.root.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove copy: %w", err)
			}
			total -= f.Size()
		}
	}
	c.total = total
	return nil
}

// list gives all copies with what they take together, and removes what a crash
// left half written.
func (c *cache) list() (files []fs.FileInfo, total int64, err error) {
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		return nil, 0, fmt.Errorf("list copies: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // another process removed it
		}
		switch {
		case copies.MatchString(e.Name()):
			files = append(files, info)
			total += info.Size()
		case strings.HasSuffix(e.Name(), ".part") && time.Since(info.ModTime()) > time.Hour:
			_ = c.root.Remove(e.Name())
		}
	}
	return files, total, nil
}

// sweep removes the copies that wanted does not want, those that cannot be read,
// and those that nobody uses.
func (c *cache) sweep(wanted func(name, of string) (bool, error)) error {
	files, _, err := c.list()
	if err != nil {
		return err
	}
	for _, info := range files {
		stay := false
		if k, _, err := c.read(info.Name()); err == nil {
			_ = k.Close()
			if time.Since(info.ModTime()) < unused {
				if stay, err = wanted(info.Name(), k.of); err != nil {
					return err
				}
			}
		}
		if stay {
			continue
		}
		if err := c.root.Remove(info.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove copy: %w", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total = -1 // counted again when the next one is kept
	return nil
}
