package duckdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"merit/transform/warehouse"
)

// publications are what was published last into each folder, and of what it was made.
var publications = warehouse.Relation{
	Schema: "build", Name: "publications", Comment: "what was published last", Key: []string{"folder"},
	Columns: []warehouse.Column{
		{Name: "folder", Type: "varchar", Comment: "where"},
		{Name: "version", Type: "varchar", Comment: "its name under versions"},
		{Name: "made_of", Type: "varchar", Comment: "a hash of what the relations say of themselves, and of what their rows were made"},
	},
}

// madeOf is of all that decides what readers see; "" where a relation does not say of
// what its rows were made.
func madeOf(relations []warehouse.Relation) string {
	sum := sha256.New()
	for _, r := range relations {
		if r.MadeOf == "" {
			return ""
		}
		fmt.Fprintf(sum, "%q\n", r.Description())
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// publishedBefore is the version that was made of the same, where it is still
// there; "" where there is none.
func (db *DB) publishedBefore(ctx context.Context, relations []warehouse.Relation, folder string) (string, error) {
	of := madeOf(relations)
	there, err := db.Tables(ctx)
	if err != nil || of == "" || !there[publications.String()] {
		return "", err
	}
	for row, err := range db.Query(ctx, "select version from build.publications where folder = ? and made_of = ?", folder, of) {
		if err != nil {
			return "", err
		}
		if version := row.Text("version"); isOurs(filepath.Join(folder, versionsFolder), version) {
			return version, nil
		}
	}
	return "", nil // or it was cleaned away since
}

// rememberPublished is called once readers are shown the version.
func (db *DB) rememberPublished(ctx context.Context, relations []warehouse.Relation, folder, version string) error {
	of := madeOf(relations)
	there, err := db.Tables(ctx)
	if err != nil || of == "" {
		return err
	}
	rows := [][]any{{folder, version, of}}
	if there[publications.String()] {
		for row, err := range db.Query(ctx, "select folder, version, made_of from build.publications where folder <> ?", folder) {
			if err != nil {
				return err
			}
			rows = append(rows, []any{row.Text("folder"), row.Text("version"), row.Text("made_of")})
		}
	}
	return db.Put(ctx, publications, slices.Values(rows))
}
