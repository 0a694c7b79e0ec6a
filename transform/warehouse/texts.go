package warehouse

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// TextOf writes a value that is put into a column as text, and refuses what the
// column can't hold: nothing, where a value must be, and digits after the point
// that it would round away (every engine rounds them in silence).
func TextOf(column Column, value any) (Value, error) {
	var text string
	switch v := value.(type) {
	case nil:
		if !column.Nullable {
			return Value{}, fmt.Errorf("%s has no value", column.Name)
		}
		return Value{IsNull: true}, nil
	case string:
		text = v
	case int:
		text = strconv.Itoa(v)
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		text = strconv.FormatBool(v)
	case time.Time:
		text = v.UTC().Format(time.RFC3339Nano)
		if column.Type == "date" {
			text = v.Format(time.DateOnly)
		}
	default:
		return Value{}, fmt.Errorf("%s: a %T is no value for a table", column.Name, value)
	}
	return Value{Text: text}, fits(text, column)
}

// fits refuses digits after the point that the column would round away.
func fits(value string, column Column) error {
	_, scale, isNumeric := NumericOf(column.Type)
	if !isNumeric {
		return nil
	}
	if strings.ContainsAny(value, "eE") {
		return fmt.Errorf("%s: %s is no plain decimal", column.Name, value)
	}
	_, fraction, _ := strings.Cut(value, ".")
	if len(strings.TrimRight(fraction, "0")) > scale {
		return fmt.Errorf("%s: %s has more than %d digits after the point", column.Name, value, scale)
	}
	return nil
}

// NumericOf reads numeric(p, s).
func NumericOf(kind string) (precision, scale int, isNumeric bool) {
	kind = strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(kind), " ", ""), "decimal", "numeric")
	n, _ := fmt.Sscanf(kind, "numeric(%d,%d)", &precision, &scale)
	return precision, scale, n == 2
}
