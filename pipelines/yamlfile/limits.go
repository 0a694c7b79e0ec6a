package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"merit/connectors/fault"
)

// What a person writes stays far below these; what is above is looked at no further, as
// the library takes memory by the square of the depth.
const (
	mostBytes = 1 << 20
	mostDepth = 64
)

// ReadRegular reads a file that a person keeps, if it is a regular one of at most so many
// bytes. It does not wait for a pipe.
func ReadRegular(path string, most int64) (text []byte, err error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	about, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case !about.Mode().IsRegular():
		return nil, fault.Errorf(fault.You, "%s is no regular file", path)
	case about.Size() > most:
		return nil, fault.Errorf(fault.You, "%s has %d bytes; more than %d are not read", path, about.Size(), most)
	}
	text, err = io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = fault.Errorf(fault.You, "%s has more than %d bytes, which are not read", path, most)
	}
	return text, err
}

// checkDepth refuses text that nests deeper than a person writes, before it is parsed:
// by brackets, and by what begins a block within a block.
func checkDepth(text []byte) error {
	if len(text) > mostBytes {
		return fmt.Errorf("it has %d bytes; more than %d are not read", len(text), mostBytes)
	}
	flow, deepest := 0, 0
	for n, line := range bytes.Split(text, []byte("\n")) {
		if depth := blockDepth(line); depth > mostDepth {
			return fmt.Errorf("line %d nests %d blocks; more than %d are not read", n+1, depth, mostDepth)
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				flow++
				deepest = max(deepest, flow)
			case ']', '}':
				flow = max(flow-1, 0)
			}
		}
		if deepest > mostDepth {
			return fmt.Errorf("line %d nests %d brackets; more than %d are not read", n+1, deepest, mostDepth)
		}
	}
	return nil
}

// blockDepth is how many blocks a line can be within at most: one for each character by
// which it is indented is more than anybody needs two of, and one for each "- ", "? " or
// "key: " that begins another.
func blockDepth(line []byte) int {
	text := bytes.TrimLeft(line, " \t")
	depth := (len(line) - len(text)) / 2
	for len(text) >= 2 && (text[0] == '-' || text[0] == '?') && (text[1] == ' ' || text[1] == '\t') {
		text = bytes.TrimLeft(text[2:], " \t")
		depth++
	}
	return depth
}
