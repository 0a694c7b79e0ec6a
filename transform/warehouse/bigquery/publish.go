package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	bq "cloud.google.com/go/bigquery"

	"merit/connectors"
	"merit/transform/warehouse"
)

// published are the types that every reader understands.
var published = []bq.FieldType{
	bq.IntegerFieldType, bq.FloatFieldType, bq.NumericFieldType, bq.StringFieldType, bq.BooleanFieldType, bq.DateFieldType, bq.TimestampFieldType,
}

// Publish shows the relations in the dataset that readers are let into. All of
// them change in one transaction, so that nobody sees half, and what goes wrong
// changes nothing; only a table that is new, or got other columns, is made before.
// The folder is for engines that publish files.
func (w *Warehouse) Publish(ctx context.Context, relations []warehouse.Relation, _ string) error {
	if err := w.publish(ctx, relations); err != nil {
		return fmt.Errorf("publish to %s: %w", w.names.Dataset, err)
	}
	return nil
}

func (w *Warehouse) publish(ctx context.Context, relations []warehouse.Relation) error {
	described := make([]definition, len(relations))
	for i, r := range relations {
		if slices.ContainsFunc(relations[:i], func(other warehouse.Relation) bool { return other.Name == r.Name }) {
			return fmt.Errorf("two relations are called %s", r.Name)
		}
		var err error
		if described[i], err = w.described(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
	}
	if err := w.ensure(ctx, w.names.Dataset, "Scores, and what they rest on: what Merit publishes"); err != nil {
		return err
	}
	script := "begin transaction;\n"
	for i, r := range relations {
		if err := w.prepared(ctx, r, described[i]); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
		columns := quotedNames(namesOf(described[i].columns))
		script += fmt.Sprintf("delete from %[1]s where true;\ninsert into %[1]s (%[2]s)\nselect %[2]s\nfrom %[3]s;\n", described[i].name, columns, w.names.table(r.Schema, r.Name))
	}
	_, err := w.query(ctx, "publish", script+"commit transaction", nil)
	return err
}

// described is a relation as its table is now, with the declared comments.
func (w *Warehouse) described(ctx context.Context, r warehouse.Relation) (definition, error) {
	d := definition{name: identifier(w.names.Dataset) + "." + identifier(r.Name), comment: r.Comment, key: r.Key, labels: labels()}
	about, err := w.about(ctx, w.table(r.Schema, r.Name))
	if err != nil {
		return d, err
	}
	for _, field := range about.Schema {
		if !slices.Contains(published, field.Type) || field.Repeated {
			return d, connectors.Faultf(connectors.Us, "column %s is %s, which not every reader understands; cast it to bigint, double, decimal(18, x), varchar, boolean, date or timestamp with time zone", field.Name, field.Type)
		}
		column := warehouse.Column{Name: field.Name}
		if column.Type, err = sqlType(field); err != nil {
			return d, err
		}
		if said := slices.IndexFunc(r.Columns, func(c warehouse.Column) bool { return c.Name == field.Name }); said >= 0 {
			column.Comment = r.Columns[said].Comment
		}
		d.columns = append(d.columns, column)
	}
	return d, nil
}

func (w *Warehouse) about(ctx context.Context, table *bq.Table) (*bq.TableMetadata, error) {
	var about *bq.TableMetadata
	err := w.attempt(ctx, func(ctx context.Context, _ int) (err error) {
		about, err = table.Metadata(ctx)
		return err
	})
	return about, told(err)
}

// prepared makes the published table when there is none, or one of other columns;
// a new one is empty until the transaction, a changed one is whole at once.
func (w *Warehouse) prepared(ctx context.Context, r warehouse.Relation, d definition) error {
	about, err := w.about(ctx, w.client.Dataset(w.names.Dataset).Table(r.Name))
	if hasStatus(err, http.StatusNotFound) {
		_, err := w.query(ctx, "publish", d.create(), nil)
		return err
	}
	if err != nil {
		return err
	}
	if slices.EqualFunc(about.Schema, d.columns, func(field *bq.FieldSchema, column warehouse.Column) bool {
		kind, err := sqlType(field)
		return err == nil && field.Name == column.Name && kind == column.Type && field.Description == cut(column.Comment, longestColumn)
	}) {
		return nil
	}
	rows := "select " + quotedNames(namesOf(d.columns)) + "\nfrom " + w.names.table(r.Schema, r.Name)
	_, err = w.query(ctx, "publish", d.create()+" as\n"+rows, nil)
	return err
}
