package warehouse

import (
	"fmt"
	"strings"
)

// bigQueryTypes are BigQuery's names of the contract's types.
var bigQueryTypes = map[string]string{
	"varchar": "string", "bigint": "int64", "double": "float64", "boolean": "bool",
	"timestamptz": "timestamp", "timestamp with time zone": "timestamp",
}

// TypeIn is a dialect's name of a type in the contract's SQL. DuckDB's names are
// the contract's. BigQuery's numeric holds nine digits after the point and 29
// before it: numeric(38, 6) is numeric(35, 6) there. It wants one before it at least:
// numeric(6, 6) is numeric(7, 6).
func TypeIn(dialect, kind string) string {
	if dialect != "bigquery" {
		return kind
	}
	if precision, scale, isNumeric := NumericOf(kind); isNumeric && scale <= 9 {
		return fmt.Sprintf("numeric(%d, %d)", max(min(precision, scale+29), scale+1), scale)
	}
	if name, renamed := bigQueryTypes[strings.ToLower(kind)]; renamed {
		return name
	}
	return kind
}
