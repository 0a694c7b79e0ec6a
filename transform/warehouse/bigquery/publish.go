package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	bq "cloud.google.com/go/bigquery"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// readable are the types that every reader understands.
var readable = []bq.FieldType{
	bq.IntegerFieldType, bq.FloatFieldType, bq.NumericFieldType, bq.StringFieldType, bq.BooleanFieldType, bq.DateFieldType, bq.TimestampFieldType,
}

// Publish shows the relations in the dataset that readers are let into. Those that
// changed do so in one transaction: what goes wrong before its commit changes
// nothing. A readers' table is never replaced, since row access policies, policy tags and
// grants hang on it. BigQuery has no DDL in transactions: a table that is new is made
// empty before it, and goes again when it breaks off; columns are added before it and
// dropped after it. The folder is for engines that publish files.
func (w *Warehouse) Publish(ctx context.Context, relations []warehouse.Relation, _ string) error {
	if err := w.publish(ctx, relations); err != nil {
		return fmt.Errorf("publish to %s: %w", w.names.Dataset, err)
	}
	return nil
}

// A showing is one relation on its way to its readers.
type showing struct {
	definition // the readers' table, as it shall be
	relation   warehouse.Relation
	rows       string // the query of its rows
	table      *bq.Table
	before     *bq.TableMetadata // the readers' table as it is; nil when there is none
	modifiedAt time.Time         // of the readers' table once all is done
}

func (w *Warehouse) publish(ctx context.Context, relations []warehouse.Relation) error {
	all := make([]showing, len(relations))
	for i, r := range relations {
		if slices.ContainsFunc(relations[:i], func(other warehouse.Relation) bool { return other.Name == r.Name }) {
			return fmt.Errorf("two relations are called %s", r.Name)
		}
		all[i] = showing{relation: r, table: w.client.Dataset(w.names.Dataset).Table(r.Name)}
	}
	if err := w.published(ctx); err != nil {
		return err
	}
	earlier, err := w.publishedBefore(ctx)
	if err != nil {
		return err
	}
	if err := w.each(ctx, all, w.seeBefore); err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(s showing) bool { return earlier[s.table.TableID].stands(madeOf(s.relation), s.before) })
	if len(all) == 0 {
		return nil
	}
	if err := w.each(ctx, all, w.define); err != nil {
		return err
	}
	if err := w.forget(ctx, earlier, all); err != nil {
		return err
	}
	if err := w.together(ctx, all); err != nil {
		return err
	}
	if err := w.each(ctx, all, w.afterwards); err != nil {
		return err
	}
	for _, s := range all {
		if of := madeOf(s.relation); of != "" {
			earlier[s.table.TableID] = publication{of, s.modifiedAt}
		}
	}
	if len(earlier) == 0 {
		return nil
	}
	return w.remember(ctx, earlier)
}

// together fills, in one transaction, every table.
func (w *Warehouse) together(ctx context.Context, all []showing) (err error) {
	var fresh []*bq.Table
	defer func() {
		if err != nil {
			w.drop(ctx, fresh)
		}
	}()
	var script strings.Builder
	for _, s := range all {
		before := s.columnsBefore()
		if s.before == nil {
			fresh = append(fresh, s.table)
			before = []string{s.create()}
		}
		for _, statement := range before {
			if _, err := w.query(ctx, "publish", statement, nil); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		columns := quotedNames(namesOf(s.columns))
		fmt.Fprintf(&script, "truncate table %[1]s;\ninsert into %[1]s (%[2]s)\n%[3]s;\n", s.name, columns, s.rows)
	}
	if script.Len() == 0 {
		return nil
	}
	_, err = w.query(ctx, "publish", "begin transaction;\n"+script.String()+"commit transaction", nil)
	return err
}

// drop takes back tables that were made and not filled; readers that see one
// instead see it empty, and the next run fills it.
func (w *Warehouse) drop(ctx context.Context, tables []*bq.Table) {
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), cancelling)
	defer end()
	for _, table := range tables {
		_ = table.Delete(ctx)
	}
}

// afterwards drops columns that are no more, and tells of the others what became of
// their comments; neither is possible within the transaction.
func (w *Warehouse) afterwards(ctx context.Context, s *showing) error {
	if s.before != nil {
		if statement := s.columnsAfter(); statement != "" {
			if _, err := w.query(ctx, "publish", statement, nil); err != nil {
				return err
			}
		}
	}
	if s.before == nil && madeOf(s.relation) == "" {
		return nil
	}
	now, err := w.about(ctx, s.table)
	if err != nil {
		return err
	}
	s.modifiedAt = now.LastModifiedTime
	comment := cut(s.comment, longestOfTables)
	isSaid := now.Description == comment
	for _, field := range now.Schema {
		at := slices.IndexFunc(s.columns, func(c warehouse.Column) bool { return c.Name == field.Name })
		if at < 0 {
			continue
		}
		said := cut(s.columns[at].Comment, longestColumn)
		isSaid = isSaid && field.Description == said
		field.Description = said
	}
	if s.before == nil || isSaid { // a new table was made with its comments
		return nil
	}
	return w.attempt(ctx, func(ctx context.Context, _ int) error {
		now, err := s.table.Update(ctx, bq.TableMetadataToUpdate{Description: comment, Schema: now.Schema}, "")
		if err == nil {
			s.modifiedAt = now.LastModifiedTime
		}
		return told(err)
	})
}

// seeBefore looks at what readers have.
func (w *Warehouse) seeBefore(ctx context.Context, s *showing) (err error) {
	if s.before, err = w.about(ctx, s.table); hasStatus(err, http.StatusNotFound) {
		s.before = nil
		return nil
	}
	return err
}

// define makes the readers' table of the relation's own as it is now, with the declared
// comments.
func (w *Warehouse) define(ctx context.Context, s *showing) error {
	r := s.relation
	s.definition = definition{name: identifier(w.names.Dataset) + "." + identifier(r.Name), comment: r.Comment, key: r.Key, labels: labels()}
	now, err := w.about(ctx, w.table(r.Schema, r.Name))
	if err != nil {
		return err
	}
	for _, field := range now.Schema {
		if !slices.Contains(readable, field.Type) || field.Repeated {
			return fault.Errorf(fault.Us, "column %s is %s, which not every reader understands; cast it to bigint, double, decimal(28, x) or less, varchar, boolean, date or timestamp with time zone", field.Name, field.Type)
		}
		column := warehouse.Column{Name: field.Name}
		if column.Type, err = sqlType(field); err != nil {
			return err
		}
		if said := slices.IndexFunc(r.Columns, func(c warehouse.Column) bool { return c.Name == field.Name }); said >= 0 {
			column.Comment = r.Columns[said].Comment
		}
		s.columns = append(s.columns, column)
	}
	s.rows = "select " + quotedNames(namesOf(s.columns)) + "\nfrom " + w.names.table(r.Schema, r.Name)
	return nil
}

func (w *Warehouse) about(ctx context.Context, table *bq.Table) (*bq.TableMetadata, error) {
	var about *bq.TableMetadata
	err := w.attempt(ctx, func(ctx context.Context, _ int) (err error) {
		about, err = table.Metadata(ctx)
		return err
	})
	if err != nil {
		return nil, told(err)
	}
	return about, nil
}
