package salesforce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// describesAtOnce stays far under the 5 long calls that a developer org may have
// under way, and shortens ten round trips to three.
const describesAtOnce = 4

// A describe is what Salesforce tells of an object to this account. Fields that
// field-level security hides are simply not in it.
type describe struct {
	Name      string     `json:"name"`
	Queryable *looseBool `json:"queryable"` // nil: nothing is said against it
	Fields    []field    `json:"fields"`
}

type field struct {
	Name      string      `json:"name"`
	Label     string      `json:"label"`
	Type      string      `json:"type"`
	Precision looseNumber `json:"precision"`
	Scale     looseNumber `json:"scale"`
	Formula   looseBool   `json:"calculated"`
}

// speaks tells whether the org offers the version that merit.yml asks for; every
// call in another one would be answered as if its object did not exist.
func (a *account) speaks(ctx context.Context) error {
	var offered []struct {
		Version string `json:"version"`
	}
	err := a.api.Read(ctx, rest.Call{Path: "/services/data"}, func(reply *rest.Reply) error {
		if now, err := http.ParseTime(reply.Header.Get("Date")); err == nil {
			now = now.UTC()
			a.opened.Store(&now)
		}
		offered = nil
		return rest.DecodeJSON(reply, &offered)
	})
	if hasStatus(err, http.StatusNotFound) {
		return connectors.OfAccount(fault.Errorf(fault.You, "salesforce: endpoint is no org of Salesforce's (%v); it must be My Domain, such as https://acme.my.salesforce.com", err))
	}
	if err != nil {
		return err
	}
	newest := ""
	for _, o := range offered {
		if "v"+o.Version == a.version {
			return nil
		}
		newest = "v" + o.Version // in rising order
	}
	return fault.Errorf(fault.You, "salesforce: this org does not speak api_version %s; the newest it offers is %s", a.version, newest)
}

// quiet is an error that adds no words to the one it is in.
type quiet struct{ error }

func (quiet) Error() string   { return "" }
func (q quiet) Unwrap() error { return q.error }

// isClosed tells whether no query may name the object.
func (d describe) isClosed() bool { return d.Queryable != nil && !bool(*d.Queryable) }

// apiName is what Salesforce lets the name of a field be.
var apiName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// garbled tells of a field's name that can't be one: a field under another name would
// seem to be gone, and the object be read anew without it.
func (d describe) garbled() error {
	if len(d.Fields) == 0 {
		return fault.Errorf(fault.Them, "the describe has no fields, and every object has an Id")
	}
	for _, f := range d.Fields {
		if !apiName.MatchString(f.Name) {
			return fault.Errorf(fault.Them, "the describe has a field %q, and no field can be named so", f.Name)
		}
	}
	return nil
}

// isMissing tells the refusals of an object that is not there, or not for us.
func isMissing(err error) bool {
	return hasStatus(err, http.StatusNotFound) || hasCode(err, "INVALID_TYPE")
}

// isRefused tells the refusals of an object for want of a feature or a permission.
func isRefused(err error) bool {
	return isMissing(err) || hasCode(err, "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "FUNCTIONALITY_NOT_ENABLED", "FORBIDDEN", "INVALID_TYPE_FOR_OPERATION") ||
		err != nil && strings.Contains(err.Error(), "Implementation restriction")
}

// absent is what an org that lacks the object, or hides it, is told.
func (o object) absent() error {
	return fault.Errorf(fault.You,
		"%s can't be read by this account, so Merit would not know %s; give the integration user Read access to it%w", o.name, o.why, quiet{errAbsent})
}

func (a *account) describe(ctx context.Context, o object) (describe, error) {
	var d describe
	err := a.api.JSON(ctx, rest.Call{Method: http.MethodGet, Path: a.path("sobjects", o.name, "describe")}, &d)
	if isMissing(err) || o.isSoft && isRefused(err) || (err == nil && d.isClosed()) {
		return describe{}, o.absent()
	}
	if err := cmp.Or(err, d.garbled()); err != nil {
		return d, fmt.Errorf("columns of %s: %w", o.name, err)
	}
	return d, nil
}

// selects is the key of a column's metadata that says what a query asks for to
// fill it. A column without it stays null: this org has no such field.
const selects = "salesforce"

// schemaOf is the table that an object gives: the fields we keep, those that
// merit.yml names, and in objects whose rows change, whether the row is deleted.
func schemaOf(o object, d describe, extra []string) (*arrow.Schema, error) {
	readable := map[string]field{}
	for _, f := range d.Fields {
		readable[strings.ToLower(f.Name)] = f
	}
	s := shape{object: o.name, readable: readable}
	for _, name := range strings.Fields(o.keeps) {
		if name != "IsDeleted" {
			s.need(name)
		} else if _, ok := readable["isdeleted"]; !ok {
			s.missing = append(s.missing, unreadable{object: o.name, field: name})
		}
	}
	for _, name := range strings.Fields(o.optional) {
		if name != "IsDeleted" {
			s.offer(name)
		}
	}
	switch o.kind {
	case snapshot:
		s.columns = append(s.columns, takenOn, takenAt)
	case changing:
		deleted := arrow.Field{Name: connectors.DeletedColumn, Type: arrow.FixedWidthTypes.Boolean, Nullable: true}
		if f, ok := readable["isdeleted"]; ok {
			deleted.Metadata = selecting(f.Name)
		}
		s.columns = append(s.columns, deleted)
	}
	for _, name := range extra { // last, so that one more moves no other column
		s.add(name)
	}
	return arrow.NewSchema(s.columns, nil), errors.Join(s.missing...)
}

// drifts marks a column whose values change while SystemModstamp stands still.
const drifts = "drifts"

// timeDriven are standard fields that the calendar changes, and nobody's edit.
var timeDriven = []string{"Contract.Status", "ContractLineItem.Status"}

// hasDrift tells whether a table has such a column.
func hasDrift(t connectors.Table) bool {
	for _, f := range t.Schema.Fields() {
		if _, ok := f.Metadata.GetValue(drifts); ok {
			return true
		}
	}
	return false
}

func selecting(field string) arrow.Metadata {
	return arrow.NewMetadata([]string{selects}, []string{field})
}

// A shape is a schema in the making.
type shape struct {
	object   string
	readable map[string]field // by lower-case name: SOQL does not mind case
	columns  []arrow.Field
	missing  []error
}

// need adds a field that must be there.
func (s *shape) need(name string) {
	f, ok := s.readable[strings.ToLower(name)]
	if !ok {
		s.missing = append(s.missing, unreadable{object: s.object, field: name})
		return
	}
	s.append(name, f)
}

// offer adds a field that only some orgs have; where it is missing the column is
// there all the same, so that views need not know.
func (s *shape) offer(name string) {
	if f, ok := s.readable[strings.ToLower(name)]; ok {
		s.append(name, f)
		return
	}
	s.columns = append(s.columns, arrow.Field{Name: name, Type: standardType(name), Nullable: true})
}

// add adds a field that merit.yml names, under the name Salesforce gives it.
func (s *shape) add(name string) {
	f, ok := s.readable[strings.ToLower(name)]
	switch {
	case !ok:
		s.missing = append(s.missing, fmt.Errorf("%w (it is listed under fields in merit.yml)", unreadable{object: s.object, field: name}))
	case s.has(f.Name):
	default:
		s.append(f.Name, f)
	}
}

// has tells whether a column is filled by this field already; a query that names
// a field twice is refused.
func (s *shape) has(field string) bool {
	for _, c := range s.columns {
		if filledBy, ok := c.Metadata.GetValue(selects); ok && strings.EqualFold(filledBy, field) {
			return true
		}
	}
	return false
}

func (s *shape) append(name string, f field) {
	dtype, err := arrowType(f)
	if err != nil {
		s.missing = append(s.missing, fmt.Errorf("%s.%s can't be read: %w", s.object, f.Name, err))
		return
	}
	keys, values := []string{selects}, []string{f.Name}
	if bool(f.Formula) || slices.Contains(timeDriven, s.object+"."+f.Name) {
		keys, values = append(keys, drifts), append(values, "true")
	}
	if f.Label != "" {
		keys, values = append(keys, connectors.DocKey), append(values, f.Label)
	}
	asked := arrow.NewMetadata(keys, values)
	s.columns = append(s.columns, arrow.Field{Name: name, Type: dtype, Nullable: true, Metadata: asked})
}

// standardType is the type that a standard field has in an org that lacks it.
func standardType(name string) arrow.DataType {
	switch {
	case strings.HasPrefix(name, "Is") && name != "IsoCode", strings.HasPrefix(name, "Has"), strings.HasPrefix(name, "Can"), name == "Incoming":
		return arrow.FixedWidthTypes.Boolean
	case strings.HasSuffix(name, "DateTime") || slices.Contains(instants, name):
		return instant
	case strings.HasSuffix(name, "Date"):
		return arrow.FixedWidthTypes.Date32
	case slices.Contains(counts, name):
		return arrow.PrimitiveTypes.Int64
	case name == "ConversionRate" || strings.HasSuffix(name, "Amount") || strings.HasSuffix(name, "Quantity") || strings.HasSuffix(name, "Price") ||
		strings.HasPrefix(name, "AmountWithout") || slices.Contains(numbers, name):
		return decode.Decimal()
	}
	return arrow.BinaryTypes.String
}

// Standard fields whose type their name does not tell.
var (
	instants = []string{"CreatedDate", "LastModifiedDate", "SystemModstamp", "LoginTime", "MessageDate", "ActivatedDate", "DeactivatedDate", "RespondedDate"}
	counts   = []string{"Number", "FiscalYearStartMonth", "ContractTerm", "DecimalPlaces", "SortOrder", "CallDurationInSeconds", "DurationInMinutes"}
	numbers  = []string{"SplitPercentage", "GrandTotal", "Discount", "DefaultProbability"}
)

var instant = &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}

// arrowType is the column type of a field as its describe has it, never as its
// values look. Money and every other number with a scale is a decimal.
func arrowType(f field) (arrow.DataType, error) {
	switch f.Type {
	case "boolean":
		return arrow.FixedWidthTypes.Boolean, nil
	case "int", "long":
		return arrow.PrimitiveTypes.Int64, nil
	case "double", "currency", "percent":
		return decode.Decimal(), nil // values have more digits than the describe tells
	case "date":
		return arrow.FixedWidthTypes.Date32, nil
	case "datetime":
		return instant, nil
	case "time":
		return arrow.FixedWidthTypes.Time64us, nil
	case "address", "location":
		return nil, fmt.Errorf("it is a compound of other fields; list those instead")
	case "base64":
		return nil, fmt.Errorf("it holds a file")
	}
	return arrow.BinaryTypes.String, nil
}
