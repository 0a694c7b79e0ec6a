package salesforce

import (
	"strconv"
	"strings"

	"merit/connectors/fault"
)

// A looseNumber is a whole number that some who speak Salesforce's protocol send as a text.
type looseNumber int64

// UnmarshalJSON takes 18 and "18"; null is 0.
func (n *looseNumber) UnmarshalJSON(value []byte) error {
	text := strings.Trim(string(value), `"`)
	if text == "null" {
		*n = 0
		return nil
	}
	whole, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fault.Errorf(fault.Them, "%s stands where a whole number should", fault.Foreign(string(value)))
	}
	*n = looseNumber(whole)
	return nil
}

// A looseBool is a boolean that may come as a text.
type looseBool bool

// UnmarshalJSON takes true and "true"; null is false.
func (b *looseBool) UnmarshalJSON(value []byte) error {
	switch strings.ToLower(strings.Trim(string(value), `"`)) {
	case "true":
		*b = true
	case "false", "null":
		*b = false
	default:
		return fault.Errorf(fault.Them, "%s stands where true or false should", fault.Foreign(string(value)))
	}
	return nil
}
