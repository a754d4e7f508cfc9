package app

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// givePagesBack lets the machine have the pages of the program's own file, most
// of which only the start needed. What is used again is read from the file again.
// It keeps every part of which this process has changed something: only there
// would anything be lost.
func givePagesBack() error {
	parts, err := ownFile()
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.writable || p.changed {
			continue
		}
		// Newer kernels read 2 MB for each page that is used again. One that knows no huge pages refuses, and needs not be asked.
		if err := advise(p, syscall.MADV_NOHUGEPAGE); err != nil && !errors.Is(err, syscall.EINVAL) {
			return err
		}
		if err := advise(p, syscall.MADV_DONTNEED); err != nil {
			return err
		}
	}
	return nil
}

func advise(p mapping, advice uintptr) error {
	if _, _, err := syscall.Syscall(syscall.SYS_MADVISE, p.start, p.end-p.start, advice); err != 0 {
		return fmt.Errorf("give pages back: %w", err)
	}
	return nil
}

// mapping is a part of the program's file in memory.
type mapping struct {
	start, end uintptr
	// writable tells whether this process may change it, changed whether it has.
	writable, changed bool
}

// ownFile lists the parts of the program's file as proc(5) tells them.
func ownFile() ([]mapping, error) {
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil, fmt.Errorf("find the program's file: %w", err)
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil, fmt.Errorf("read what is in memory: %w", err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	var list []mapping
	for lines, mine := bufio.NewScanner(f), false; ; {
		if !lines.Scan() {
			return list, lines.Err()
		}
		words := strings.Fields(lines.Text())
		switch {
		case len(words) > 2 && !strings.HasSuffix(words[0], ":"): // another part begins
			if mine = strings.HasSuffix(lines.Text(), " "+own); !mine {
				continue
			}
			m, err := readMapping(words)
			if err != nil {
				return nil, err
			}
			list = append(list, m)
		case mine && words[0] == "Anonymous:":
			list[len(list)-1].changed = words[1] != "0"
		}
	}
}

// readMapping reads "00400000-01625000 r-xp ...".
func readMapping(words []string) (mapping, error) {
	from, to, _ := strings.Cut(words[0], "-")
	start, err1 := strconv.ParseUint(from, 16, 64)
	end, err2 := strconv.ParseUint(to, 16, 64)
	if err1 != nil || err2 != nil {
		return mapping{}, fmt.Errorf("read what is in memory: %q", words[0])
	}
	return mapping{start: uintptr(start), end: uintptr(end), writable: strings.Contains(words[1], "w")}, nil
}
