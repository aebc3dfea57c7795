package main

import (
	"context"
	"errors"
	"fmt"
)

// The exit statuses. Nothing else is returned, but for `diff --diff-exit-code` and `lab exec`, which returns what the program
// in the lab returned.
const (
	exitOK        = 0 // done; diff: no difference; lab run: every packet did what the policies say
	exitDifferent = 1 // diff: something differs; fmt -l, -d: some layout does; lab run: some packet did something else; test: some expectation fails, or some packet did something else
	exitFindings  = 2 // the input has errors, or what --fail-on names
	exitFailed    = 3 // wrong usage, unreadable files, a dataplane or lab that refused
)

// exit is an error that carries an exit status. Err may be nil if everything has been said already.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// exitCode returns the status for the error of a command and the text to print, "" for none.
func exitCode(err error) (int, string) {
	var e *exit
	switch {
	case err == nil:
		return exitOK, ""
	case errors.As(err, &e) && e.err == nil:
		return e.code, ""
	case errors.As(err, &e):
		return e.code, err.Error()
	case errors.Is(err, context.Canceled):
		return exitFailed, "interrupted" // only a signal ends the commands' context
	}
	return exitFailed, err.Error()
}
