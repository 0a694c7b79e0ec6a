package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
)

func TestWhoMends(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "lake/data.parquet", Err: syscall.ENOSPC}
	for name, of := range map[string]struct {
		err  error
		want Party
	}{
		"an error that nobody judged":         {errors.New("oh"), Us},
		"the innermost judgement counts":      {Errorf(Us, "read: %w", Errorf(Them, "503")), Them},
		"a judgement deep in a chain":         {fmt.Errorf("run: %w", Errorf(You, "no token")), You},
		"a full disk":                         {fmt.Errorf("commit: %w", full), You},
		"a file where a folder is meant":      {fmt.Errorf("publish: %w", &fs.PathError{Op: "mkdir", Path: "published", Err: syscall.ENOTDIR}), You},
		"a path without permission":           {fmt.Errorf("publish: %w", &fs.PathError{Op: "open", Path: "published", Err: syscall.EACCES}), You},
		"a full disk that was judged as ours": {Errorf(Us, "commit: %w", full), Us},
	} {
		if got := WhoMends(of.err); got != of.want {
			t.Errorf("%s: %d, want %d", name, got, of.want)
		}
	}
}
