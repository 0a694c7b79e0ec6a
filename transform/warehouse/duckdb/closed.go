package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// closedBeside is added to the database's name: how the file was when Merit closed it.
const closedBeside = ".closed"

// forgetWhatOthersChanged forgets of what the tables were made, where the file is not as
// Merit closed it: somebody else has written it since, or a kill left it. The next build
// makes every table again. found is how the file was before it was opened; "" is not there.
func (db *DB) forgetWhatOthersChanged(found string) error {
	if db.path == "" || found == "" {
		return nil
	}
	then, err := os.ReadFile(db.path + closedBeside)
	if err == nil && string(then) == found {
		return nil
	}
	return db.Exec(context.Background(), "drop table if exists build.fingerprints; drop table if exists build.publications")
}

// rememberClosed is called once the file is closed.
func (db *DB) rememberClosed() error {
	if db.path == "" {
		return nil
	}
	now, err := stateOf(db.path)
	if err != nil || now == "" { // whoever took it away has nothing to be told
		return err
	}
	return os.WriteFile(db.path+closedBeside, []byte(now), 0o600)
}

// stateOf is "" where there is no file.
func stateOf(path string) (string, error) {
	about, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d bytes, changed at %d\n", about.Size(), about.ModTime().UnixNano()), nil
}
