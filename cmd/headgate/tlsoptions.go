package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/runtime/certificate"
)

// tlsFlags name the files of a server's certificate.
type tlsFlags struct {
	prefix    string // of the flags' names
	cert, key string
	config    *tls.Config // nil: no TLS
}

// flags declares the flags. What they are for ends in "with".
func (f *tlsFlags) flags(cmd *cobra.Command, prefix, what string) {
	f.prefix = prefix
	cmd.Flags().StringVar(&f.cert, prefix+"tls-cert-file", "", what+" the certificate in this file; it is read again when it changes")
	cmd.Flags().StringVar(&f.key, prefix+"tls-key-file", "", "file with the key of that certificate")
}

// check refuses one without the other.
func (f *tlsFlags) check() error {
	if (f.cert == "") != (f.key == "") {
		return fmt.Errorf("--%stls-cert-file and --%stls-key-file need each other", f.prefix, f.prefix)
	}
	return nil
}

// open reads the files, if there are any.
func (f *tlsFlags) open(log *slog.Logger) error {
	if f.cert == "" {
		return nil
	}
	files, err := certificate.Open(f.cert, f.key, log)
	if err != nil {
		return err
	}
	f.config = files.Config()
	return nil
}
