package duckdb

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"merit/transform/warehouse"
)

// madeOfFile names the version that was published last, and of what it was made.
const madeOfFile = ".made-of"

// madeOf is of all that decides what readers see; "" where a relation does not say of
// what its rows were made.
func madeOf(relations []warehouse.Relation) string {
	sum := sha256.New()
	for _, r := range relations {
		if r.MadeOf == "" {
			return ""
		}
		fmt.Fprintf(sum, "%q\n", fmt.Sprintf("%+v", r))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// publishedBefore is the version that was made of the same, where it is still whole;
// "" where there is none.
func publishedBefore(relations []warehouse.Relation, folder string) (string, error) {
	of := madeOf(relations)
	text, err := os.ReadFile(filepath.Join(folder, madeOfFile))
	if errors.Is(err, fs.ErrNotExist) || of == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	version, then, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if then != of || !versionName.MatchString(version) {
		return "", nil
	}
	files := []string{databaseFile, catalogFile}
	for _, r := range relations {
		files = append(files, r.Name+".parquet")
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(folder, versionsFolder, version, file)); err != nil {
			return "", nil // it is published again
		}
	}
	return version, nil
}

// rememberPublished is called once readers are shown the version.
func rememberPublished(relations []warehouse.Relation, folder, version string) error {
	of := madeOf(relations)
	if of == "" {
		return nil
	}
	return renamedOver(filepath.Join(folder, madeOfFile), func(path string) error {
		return os.WriteFile(path, []byte(version+" "+of+"\n"), 0o600)
	})
}
