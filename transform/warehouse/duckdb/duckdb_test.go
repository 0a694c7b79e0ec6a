package duckdb

import (
	"path/filepath"
	"testing"

	"merit/transform/warehouse"
	"merit/transform/warehouse/warehousetest"
)

func TestContract(t *testing.T) {
	t.Run("in memory", func(t *testing.T) {
		warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse { return opened(t, "") })
	})
	t.Run("in a file", func(t *testing.T) {
		warehousetest.Run(t, func(t *testing.T) warehouse.Warehouse {
			return opened(t, filepath.Join(t.TempDir(), "ware house.duckdb"))
		})
	})
}

func opened(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(path, "1GB")
	if err != nil {
		t.Fatal(err)
	}
	return db
}
