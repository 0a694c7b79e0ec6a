package pipelines

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"merit/connectors"
	"merit/pipelines/project"
)

// ErrBusy says that another run holds the project; nothing was touched.
var ErrBusy = errors.New("another run holds this project")

// Lock takes the project for one writer at once, or gives ErrBusy at once. The
// operating system lets go of it when the process ends, however it ends.
func Lock(p *project.Project) (release func(), err error) {
	if err := os.MkdirAll(p.State(), 0o700); err != nil {
		return nil, connectors.Faultf(connectors.You, "make %s: %w", p.State(), err)
	}
	path := filepath.Join(p.State(), "lock")
	lock := flock.New(path, flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, connectors.Faultf(connectors.You, "lock %s: %w", path, err)
	}
	if !taken {
		return nil, fmt.Errorf("%w (%s): wait for it or stop it", ErrBusy, path)
	}
	return func() { _ = lock.Unlock() }, nil // a lock that can't be released ends with the process
}
