package hsserver

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A filterText is a filter as it comes in a search's body.
type filterText struct {
	PropertyName string            `json:"propertyName"`
	Operator     string            `json:"operator"`
	Value        json.RawMessage   `json:"value"`
	HighValue    json.RawMessage   `json:"highValue"`
	Values       []json.RawMessage `json:"values"`
}

// A filter is a condition on one property.
type filter struct {
	property *property
	operator string
	operands []operand
	opened   bool // needs more of a record than its stamps

	// Of an id or a stamp most operators ask whether it lies in a range; searches
	// by key test that for every record there is.
	ranged    bool
	low, high int64
}

// An operand is a value as a search compares it: instants and integers exactly,
// other numbers as doubles, texts without regard to case.
type operand struct {
	whole  int64
	double float64
	text   string
}

func compare(a, b operand) int {
	return cmp.Or(cmp.Compare(a.whole, b.whole), cmp.Compare(a.double, b.double), cmp.Compare(a.text, b.text))
}

func readFilters(o *object, texts []filterText) ([]filter, error) {
	var group []filter
	for _, t := range texts {
		p, ok := o.catalogue.Load().byName[t.PropertyName]
		if !ok {
			return nil, unknownProperty(t.PropertyName)
		}
		f := filter{property: p, operator: t.Operator}
		var values []json.RawMessage
		switch t.Operator {
		case "EQ", "NEQ", "GT", "GTE", "LT", "LTE":
			values = []json.RawMessage{t.Value}
		case "BETWEEN":
			values = []json.RawMessage{t.Value, t.HighValue}
		case "IN", "NOT_IN":
			if values = t.Values; len(values) == 0 {
				return nil, invalid("Operator %s needs values", t.Operator)
			}
		case "HAS_PROPERTY", "NOT_HAS_PROPERTY":
		default:
			return nil, invalid("Unknown operator: %s", t.Operator)
		}
		for _, raw := range values {
			operand, err := readOperand(p, strings.Trim(string(raw), `"`))
			if err != nil {
				return nil, err
			}
			f.operands = append(f.operands, operand)
		}
		f.opened = p.whole == nil || p.name != "hs_object_id" && p.name != o.modified && p.name != "createdate"
		f.setRange()
		group = append(group, f)
	}
	// The stamps first: they leave few records to look into.
	slices.SortStableFunc(group, func(a, b filter) int { return cmp.Compare(rank(!a.opened), rank(!b.opened)) })
	return group, nil
}

func (f *filter) setRange() {
	if f.opened || len(f.operands) == 0 || f.operands[0].double != 0 {
		return
	}
	value := f.operands[0].whole
	f.ranged, f.low, f.high = true, math.MinInt64, math.MaxInt64
	switch f.operator {
	case "EQ":
		f.low, f.high = value, value
	case "GT":
		f.low = value + 1
	case "GTE":
		f.low = value
	case "LT":
		f.high = value - 1
	case "LTE":
		f.high = value
	case "BETWEEN":
		f.low, f.high = value, f.operands[1].whole
	default:
		f.ranged = false
	}
}

// readOperand reads a text as the property's type has it. Instants are epoch
// milliseconds or ISO 8601; from the epoch itself HubSpot's search breaks.
func readOperand(p *property, text string) (operand, error) {
	if text == "" {
		return operand{}, invalid("Property %s needs a value to compare with", p.name)
	}
	switch p.kind {
	case "datetime":
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return operand{}, invalid("Property %s: %s is no date", p.name, text)
			}
			ms = at.UnixMilli()
		}
		if ms <= 0 {
			return operand{}, &fault{code: http.StatusInternalServerError, Message: "internal error"}
		}
		return operand{whole: ms}, nil
	case "number":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return operand{whole: n}, nil
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return operand{}, invalid("Property %s: %s is no number", p.name, text)
		}
		n := int64(x)
		return operand{whole: n, double: x - float64(n)}, nil
	case "enumeration":
		return operand{text: text}, nil
	}
	return operand{text: strings.ToLower(text)}, nil
}

// holds tests a record. It opens the record only when the filter needs it.
func (f *filter) holds(o *object, r *record) bool {
	if f.ranged {
		value := f.property.whole(r)
		return f.low <= value && value <= f.high
	}
	value, there := f.read(o, r)
	switch f.operator {
	case "HAS_PROPERTY":
		return there
	case "NOT_HAS_PROPERTY":
		return !there
	case "NEQ": // as at HubSpot, a record without a value is not unequal
		return there && compare(value, f.operands[0]) != 0
	case "NOT_IN":
		return there && !slices.Contains(f.operands, value)
	case "IN":
		return there && slices.Contains(f.operands, value)
	}
	if !there {
		return false
	}
	order := compare(value, f.operands[0])
	switch f.operator {
	case "EQ":
		return order == 0
	case "GT":
		return order > 0
	case "GTE":
		return order >= 0
	case "LT":
		return order < 0
	case "LTE":
		return order <= 0
	}
	return order >= 0 && compare(value, f.operands[1]) <= 0 // BETWEEN
}

func (f *filter) read(o *object, r *record) (operand, bool) {
	if !f.opened {
		return operand{whole: f.property.whole(r)}, true
	}
	if r.born == 0 {
		o.open(r, r.index, r.at)
	}
	value, ok := f.property.value(r, nil)
	if !ok {
		return operand{}, false
	}
	read, err := readOperand(f.property, string(value))
	return read, err == nil
}
