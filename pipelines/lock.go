package pipelines

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"merit/connectors/fault"
	"merit/pipelines/project"
)

// ErrBusy says that another run holds the project; nothing was touched.
var ErrBusy = errors.New("another run holds this project")

// Lock takes the project for one writer at once, or gives ErrBusy at once. The
// operating system lets go of it when the process ends, however it ends.
//
// Each time the lock is taken it has a higher number. The lake refuses commits of
// a lower one than it has seen: of a process that was stopped for so long, or lies
// on a disk shared so badly, that another took the lock meanwhile.
func Lock(p *project.Project) (number int64, release func(), err error) {
	if err := os.MkdirAll(p.State(), 0o700); err != nil {
		return 0, nil, fault.Errorf(fault.You, "make %s: %w", p.State(), err)
	}
	path := filepath.Join(p.State(), "lock")
	lock := flock.New(path, flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	if err != nil {
		return 0, nil, fault.Errorf(fault.You, "lock %s: %w", path, err)
	}
	if !taken {
		return 0, nil, fmt.Errorf("%w (%s): wait for it or stop it", ErrBusy, path)
	}
	number, err = nextNumber(path)
	if err != nil {
		return 0, nil, errors.Join(fault.Errorf(fault.You, "number %s: %w", path, err), lock.Unlock())
	}
	return number, func() { _ = lock.Unlock() }, nil // a lock that can't be released ends with the process
}

// nextNumber is higher than the last one that stands in the lock's file, and goes
// with the time, so that it rises even when the file was lost.
func nextNumber(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	last, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // cut short by a crash: the time decides
	number := max(last+1, time.Now().UnixMilli())
	return number, os.WriteFile(path, []byte(strconv.FormatInt(number, 10)+"\n"), 0o600)
}
