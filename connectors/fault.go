package connectors

import (
	"errors"
	"fmt"
	"syscall"
)

// A Party is who can mend a fault. Its number is the exit code of the command.
type Party int

const (
	Us   Party = 1 // Merit itself
	You  Party = 2 // whoever owns the settings, the plan or the permissions
	Them Party = 3 // the CRM or the warehouse: run again later
)

// A Fault is an error that knows who can mend it.
type Fault struct {
	Who Party
	Err error
}

func (f Fault) Error() string { return f.Err.Error() }
func (f Fault) Unwrap() error { return f.Err }

// Faultf is fmt.Errorf with somebody to mend it.
func Faultf(who Party, format string, args ...any) error {
	return Fault{Who: who, Err: fmt.Errorf(format, args...)}
}

// WhoMends finds the innermost Fault in err's chain. An error without one is ours, but
// for a disk that is full.
func WhoMends(err error) Party {
	who := Us
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		who = You
	}
	for {
		var f Fault
		if !errors.As(err, &f) {
			return who
		}
		who, err = f.Who, f.Err
	}
}
