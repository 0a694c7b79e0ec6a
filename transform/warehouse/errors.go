package warehouse

// NoColumn says that a query names a column that a table lacks. An engine's Build
// wraps its own error in it, so that nobody else reads an engine's error texts.
type NoColumn struct {
	Table, Column string // Table is "" where the engine does not tell it
	Err           error
}

func (e *NoColumn) Error() string { return e.Err.Error() }

// Unwrap is the engine's error.
func (e *NoColumn) Unwrap() error { return e.Err }
