// Package fault says who can mend an error, and so which exit code the command ends with.
package fault

import (
	"errors"
	"fmt"
	"syscall"
)

// A Party is who can mend an error. Its number is the exit code of the command.
type Party int

const (
	Us   Party = 1 // Merit itself
	You  Party = 2 // whoever owns the settings, the plan or the permissions
	Them Party = 3 // the CRM or the warehouse: run again later
)

// An Error knows who can mend it.
type Error struct {
	Who Party
	Err error
}

func (e Error) Error() string { return e.Err.Error() }
func (e Error) Unwrap() error { return e.Err }

// Errorf is fmt.Errorf with the party that can mend the error.
func Errorf(who Party, format string, args ...any) error {
	return Error{Who: who, Err: fmt.Errorf(format, args...)}
}

// WhoMends returns the party of the innermost Error in err's chain. An error without
// one is Us, except for what the operating system refuses: a full or read-only disk, a
// path without permission, a file where a folder is meant or the reverse. These are for You.
func WhoMends(err error) Party {
	who := Us
	for _, refused := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EACCES, syscall.EPERM, syscall.ENOTDIR, syscall.EISDIR} {
		if errors.Is(err, refused) {
			who = You
		}
	}
	for {
		var e Error
		if !errors.As(err, &e) {
			return who
		}
		who, err = e.Who, e.Err
	}
}
