package company

import "time"

// A Clock says what time it is in the sandbox: what happened after it, nobody
// can see yet.
type Clock interface{ Now() time.Time }
