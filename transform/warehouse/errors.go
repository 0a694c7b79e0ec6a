package warehouse

import (
	"errors"

	"merit/connectors/fault"
)

// NoColumn says that a query names a column that a table lacks. An engine's Build
// wraps its own error in it, so that nobody else reads an engine's error texts.
type NoColumn struct {
	Table, Column string // Table is "" where the engine does not tell it
	Err           error
}

func (e *NoColumn) Error() string { return e.Err.Error() }

// Unwrap is the engine's error.
func (e *NoColumn) Unwrap() error { return e.Err }

// NoTable says that a query names a table or schema that is not there. Engines wrap their
// own errors in it.
type NoTable struct{ Err error }

func (e *NoTable) Error() string { return e.Err.Error() }

// Unwrap is the engine's error.
func (e *NoTable) Unwrap() error { return e.Err }

// NotBuilt tells the owner to build first where err is of a table that is not there;
// any other error stays what it is.
func NotBuilt(err error) error {
	var missing *NoTable
	if !errors.As(err, &missing) {
		return err
	}
	return fault.Error{Who: fault.You, Err: notBuilt{err}}
}

// notBuilt keeps the warehouse's own words out of the sentence and in the chain.
type notBuilt struct{ err error }

func (e notBuilt) Error() string {
	return "the tables that this reads were not built yet, or by a release that had none of them: `merit run` builds them"
}
func (e notBuilt) Unwrap() error { return e.err }
