package duckdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

// What a published folder looks like. Readers know the first two names; both
// change by a rename, so that whoever has one open keeps what it opened.
//
//	current      → versions/<hash>: one Parquet file a relation
//	               catalog.json beside them says what each one is
//	merit.duckdb   the same relations as tables, which SQL knows as
//	               merit.<name>: DuckDB names a database after its file. A schema
//	               called merit inside would make that name ambiguous.
//	versions/      the hash is of all that readers can see
const (
	currentLink    = "current"
	databaseFile   = "merit.duckdb"
	versionsFolder = "versions"
	// storageVersion can be read by every DuckDB since 1.0 (DuckDB's documentation,
	// "Storage versions and format").
	storageVersion = "v1.0.0"
	// keptVersions leaves readers of a version that was just replaced their files.
	keptVersions = 3
)

// Publish writes the relations as Parquet files and as one DuckDB file. What
// readers see changes only when everything is on disk, and only when something
// in it is different.
func (db *DB) Publish(ctx context.Context, relations []warehouse.Relation, folder string) error {
	if err := db.publish(ctx, relations, folder); err != nil {
		return fmt.Errorf("publish to %s: %w", folder, told(err))
	}
	return nil
}

func (db *DB) publish(ctx context.Context, relations []warehouse.Relation, folder string) (err error) {
	versions := filepath.Join(folder, versionsFolder)
	// Scores are about people: who else may read them is for the folder's owner to
	// say, once, by its mode.
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := ownFolder(folder); err != nil {
		return err
	}
	if err := removeUnfinished(versions); err != nil {
		return err
	}
	if before, err := db.publishedBefore(ctx, relations, folder); before != "" || err != nil {
		if err == nil {
			err = show(folder, before)
		}
		return err
	}
	fresh, err := os.MkdirTemp(versions, unfinished)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(fresh)
		}
	}()
	described, err := db.described(ctx, relations)
	if err != nil {
		return err
	}
	for _, r := range described {
		if err := db.writeParquet(ctx, r, fresh); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
	}
	version, err := hashOf(described, fresh)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(versions, version)); err == nil {
		// Published before, whole: a version gets its name last.
		if err := os.RemoveAll(fresh); err != nil {
			return err
		}
		return db.shown(ctx, relations, folder, version)
	}
	if err := db.writeCatalogue(ctx, described, fresh); err != nil {
		return err
	}
	if err := db.writeDatabase(ctx, described, fresh); err != nil {
		return err
	}
	if err := keep(fresh, filepath.Join(versions, version)); err != nil {
		return err
	}
	return db.shown(ctx, relations, folder, version)
}

func (db *DB) shown(ctx context.Context, relations []warehouse.Relation, folder, version string) error {
	if err := show(folder, version); err != nil {
		return err
	}
	return db.rememberPublished(ctx, relations, folder, version)
}

// published are the types that every reader understands. A decimal has 28 digits at most,
// which is what .NET's, and Power BI's with it, holds; sums of money need more than 18.
var published = regexp.MustCompile(`^(BIGINT|DOUBLE|DECIMAL\((\d|1\d|2[0-8]),\d+\)|VARCHAR|BOOLEAN|DATE|TIMESTAMP WITH TIME ZONE)$`)

// described gives the relations their columns as they are in the database, with
// the declared comments, and refuses types that some reader would misread.
func (db *DB) described(ctx context.Context, relations []warehouse.Relation) ([]warehouse.Relation, error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	described := make([]warehouse.Relation, len(relations))
	seen := map[string]bool{}
	for i, r := range relations {
		if seen[r.Name] {
			return nil, fmt.Errorf("two relations are called %s", r.Name)
		}
		seen[r.Name] = true
		columns, err := columnsOf(ctx, conn, r.Schema, r.Name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r, err)
		}
		if len(columns) == 0 {
			return nil, fmt.Errorf("%s: there is no such table", r)
		}
		for at := range columns {
			if !published.MatchString(columns[at].Type) {
				return nil, fault.Errorf(fault.Us, "%s: column %s is %s, which not every reader understands; cast it to bigint, double, decimal(28, x) or less, varchar, boolean, date or timestamp with time zone", r, columns[at].Name, columns[at].Type)
			}
			if said := slices.IndexFunc(r.Columns, func(c warehouse.Column) bool { return c.Name == columns[at].Name }); said >= 0 {
				columns[at].Comment, columns[at].Nullable = r.Columns[said].Comment, r.Columns[said].Nullable
			} else {
				columns[at].Nullable = true
			}
		}
		r.Columns = columns
		r.IsView = false // readers of the published file have no other table to look into
		described[i] = r
	}
	return described, nil
}

// sorted selects a relation by its key, and by everything else where rows share
// one, so that equal tables give equal files.
func sorted(r warehouse.Relation) string {
	all := make([]string, len(r.Columns))
	for i, column := range r.Columns {
		all[i] = column.Name
	}
	by := slices.Clone(r.Key)
	for _, column := range all {
		if !slices.Contains(by, column) {
			by = append(by, column)
		}
	}
	return fmt.Sprintf("select %s from %s order by %s", names(all), name(r.Schema, r.Name), names(by))
}

func (db *DB) writeParquet(ctx context.Context, r warehouse.Relation, folder string) error {
	file := filepath.Join(folder, r.Name+".parquet")
	said, err := parquetMetadata(r)
	if err != nil {
		return err
	}
	return db.Exec(ctx, fmt.Sprintf("copy (%s) to %s (format parquet, compression zstd, %s)", sorted(r), text(file), said))
}

// hashOf is of all that readers can see: the files, and what the tables say of
// themselves.
func hashOf(relations []warehouse.Relation, folder string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "storage %s, catalogue 1\n", storageVersion)
	for _, r := range relations {
		fmt.Fprintf(sum, "%q %q %q %q\n", r.Name, r.Comment, r.Grain, r.Key)
		for _, column := range r.Columns {
			fmt.Fprintf(sum, "%q %q %q %t\n", column.Name, column.Type, column.Comment, column.Nullable)
		}
		written, err := digest(filepath.Join(folder, r.Name+".parquet"))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, written)
	}
	return hex.EncodeToString(sum.Sum(nil))[:24], nil
}

// digest is a file's SHA-256.
func digest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// writeDatabase makes the DuckDB file from the Parquet files, so that both say
// the same.
func (db *DB) writeDatabase(ctx context.Context, relations []warehouse.Relation, folder string) (err error) {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	run := func(statement string) error {
		_, err := conn.ExecContext(ctx, statement)
		return err
	}
	const catalog = "published"
	attach := fmt.Sprintf("attach %s as %s (storage_version '%s')", text(filepath.Join(folder, databaseFile)), catalog, storageVersion)
	if err := run(attach); err != nil {
		return err
	}
	defer func() {
		if _, detached := conn.ExecContext(context.WithoutCancel(ctx), "detach "+catalog); err == nil {
			err = detached
		}
	}()
	// What is handed on is small; the warehouse itself is written fast.
	if err := run("set global disabled_compression_methods = ''"); err != nil {
		return err
	}
	defer func() {
		if _, restored := conn.ExecContext(context.WithoutCancel(ctx), writtenFast); err == nil {
			err = restored
		}
	}()
	for _, r := range relations {
		table := name(catalog, "main", r.Name)
		file := filepath.Join(folder, r.Name+".parquet")
		var rows int64
		if err := conn.QueryRowContext(ctx, fmt.Sprintf("select count(*) from read_parquet(%s)", text(file))).Scan(&rows); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
		if err := run(declared(table, r, rows)); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
		if err := run(fmt.Sprintf("insert into %s select * from read_parquet(%s)", table, text(file))); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
		if err := run(comments(table, r)); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
	}
	return run("checkpoint " + catalog)
}
