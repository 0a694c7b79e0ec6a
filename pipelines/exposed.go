package pipelines

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"merit/pipelines/project"
)

// othersMay are the permissions by which another user of the machine reads or changes a file.
const othersMay fs.FileMode = 0o077

// Exposed names keys and secrets that others on this machine can read or change: whoever
// has one can sign for its owner, or sign in as Merit.
func Exposed(p *project.Project) []string {
	paths, _ := filepath.Glob(p.Path("keys/*.key")) // the pattern is right
	for _, settings := range p.Settings.Sources {
		for name, values := range settings {
			for _, value := range values {
				if path, isFile := strings.CutPrefix(value, "file:"); isFile {
					paths = append(paths, p.Path(path))
				} else if name == "token_file" {
					paths = append(paths, p.Path(value))
				}
			}
		}
	}
	s := p.Settings.Lake
	for _, value := range []string{string(s.AccessKey), string(s.SecretKey), s.Credentials, string(s.Catalog.Token), string(s.Catalog.ClientSecret)} {
		if path, isFile := strings.CutPrefix(value, "file:"); isFile {
			paths = append(paths, p.Path(path))
		}
	}
	slices.Sort(paths)
	var found []string
	for _, path := range slices.Compact(paths) {
		about, err := os.Stat(path)
		if err != nil || about.Mode().Perm()&othersMay == 0 {
			continue // what can't be read is told when it is used
		}
		found = append(found, fmt.Sprintf("%s is open to other users of this machine (mode %04o); `chmod 600 %s` closes it", path, about.Mode().Perm(), path))
	}
	return found
}
