//go:build ignore

// newconnector writes connectors/NAME, a connector that passes the contract test against a
// small recorded server, and puts it into the list of connectors and the floors.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const skeleton = "connectors/connectortest/skeleton"

func main() {
	into := flag.String("into", "", "write the connector's folder here, and nothing else")
	flag.Parse()
	name := flag.Arg(0)
	if !regexp.MustCompile(`^[a-z][a-z0-9]*$`).MatchString(name) {
		fail(fmt.Errorf("which CRM? make new-connector NAME=pipedrive: a Go package's name, in lower case"))
	}
	folder := filepath.Join("connectors", name)
	if *into != "" {
		folder = *into
	}
	if _, err := os.Stat(folder); err == nil && *into == "" {
		fail(fmt.Errorf("%s is there already", folder))
	}
	fill := strings.NewReplacer("UPPER", strings.ToUpper(name), "TITLE", strings.ToUpper(name[:1])+name[1:], "NAME", name)
	fail(filepath.WalkDir(skeleton, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(folder, fill.Replace(strings.TrimSuffix(strings.TrimPrefix(path, skeleton), ".txt")))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		fmt.Println(to)
		return os.WriteFile(to, []byte(fill.Replace(string(text))), 0o644)
	}))
	if *into != "" {
		return
	}
	insert("cmd/merit/parts.go", "hubspot.Connector(), ", "hubspot.Connector(), "+name+".Connector(), ")
	insert("cmd/merit/parts.go", "\t\"merit/connectors/hubspot\"\n", "\t\"merit/connectors/hubspot\"\n\t\"merit/connectors/"+name+"\"\n")
	insert("cmd/merit/floors_test.go", "\t\"connectors/files\":      ", "\t\"connectors/"+name+"\": {\"connectors\", \"connectors/fault\", \"connectors/incremental\", \"connectors/rest\", \"connectors/decode\"},\n\t\"connectors/files\":      ")
	fmt.Printf("next: go test ./connectors/%s, and connectors/README.md\n", name)
}

// insert replaces a text of a file, which must be there once.
func insert(path, old, text string) {
	body, err := os.ReadFile(path)
	if err == nil && strings.Count(string(body), old) != 1 {
		err = fmt.Errorf("%s does not have %q once; add the connector by hand", path, old)
	}
	if err == nil {
		fmt.Println(path)
		err = os.WriteFile(path, []byte(strings.Replace(string(body), old, text, 1)), 0o644)
	}
	fail(err)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
