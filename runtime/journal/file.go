package journal

import (
	"io"

	"gopkg.in/natefinch/lumberjack.v2"
)

// Defaults of File: at most 300 MiB.
const (
	DefaultMaxSize  = 50
	DefaultMaxFiles = 5
	DefaultMaxDays  = 30
)

// File says where lines go and how much is kept of them.
type File struct {
	Path     string // its directory is made if need be; older files stand beside it, with the time of their end in the name
	MaxSize  int    // MiB, then a new file begins; 0: DefaultMaxSize
	MaxFiles int    // older files that are kept; 0: DefaultMaxFiles
	MaxDays  int    // older files are removed after so many days; 0: DefaultMaxDays
}

// Open returns the file as a Journal needs it. It is opened by the first line, and only its owner may read it.
func (f File) Open() io.WriteCloser {
	or := func(n, otherwise int) int {
		if n <= 0 {
			return otherwise
		}
		return n
	}
	return &lumberjack.Logger{Filename: f.Path, MaxSize: or(f.MaxSize, DefaultMaxSize), MaxBackups: or(f.MaxFiles, DefaultMaxFiles),
		MaxAge: or(f.MaxDays, DefaultMaxDays)}
}
