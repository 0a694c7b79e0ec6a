package payouts

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ManifestName is the signed list of a payout folder's files.
const ManifestName = "manifest.txt"

const manifestTitle = "merit payout manifest 1"

// ManifestText says what a payout folder holds: the SHA-256 of every file, and
// what they all stand for. The preparer and the approvers sign this text, so what
// was approved is what is locked, to the byte.
func ManifestText(period, asOf, plan string, files map[string][]byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nperiod %s\nas of %s\nplan %s\n\n", manifestTitle, period, asOf, plan)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != ManifestName {
			b.WriteString(sumLine(name, files[name]))
		}
	}
	return b.String()
}

// ReadFolder reads every file of a payout folder, by its name within it.
func ReadFolder(folder string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a plain file", path)
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	return files, err
}

// CheckManifest holds the files of a folder against the manifest's text, whose
// signatures were checked before. Nothing may be changed, missing or added.
func CheckManifest(text, period string, files map[string][]byte) error {
	head, list, found := strings.Cut(text, "\n\n")
	if !found || !strings.HasPrefix(head, manifestTitle+"\nperiod "+period+"\n") {
		return fmt.Errorf("the manifest is not one of %s", period)
	}
	listed := map[string]bool{}
	var wrong []error
	for line := range strings.Lines(list) {
		_, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		listed[name] = true
		switch content, there := files[name]; {
		case !there:
			wrong = append(wrong, fmt.Errorf("%s is missing", name))
		case sumLine(name, content) != line:
			wrong = append(wrong, fmt.Errorf("%s was changed", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !listed[name] && name != ManifestName {
			wrong = append(wrong, fmt.Errorf("%s was added", name))
		}
	}
	return errors.Join(wrong...)
}
