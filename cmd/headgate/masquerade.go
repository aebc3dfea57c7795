package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/targets/nft"
)

// masqueradeBit is a flag's value: a packet mark with one bit, in any notation of Go's.
type masqueradeBit uint32

func (b *masqueradeBit) String() string { return fmt.Sprintf("%#08x", uint32(*b)) }

// Type is what --help calls it.
func (b *masqueradeBit) Type() string { return "mark" }

// Set reads a mark.
func (b *masqueradeBit) Set(s string) error {
	n, err := strconv.ParseUint(s, 0, 32)
	if err != nil {
		return errors.New("want a packet mark of 32 bits, such as 0x400000")
	}
	if err := (nft.Options{MasqueradeBit: uint32(n)}).Check(); err != nil {
		return err
	}
	*b = masqueradeBit(n)
	return nil
}

// masqueradeFlag declares --masquerade-bit.
func masqueradeFlag(cmd *cobra.Command, value *masqueradeBit) {
	*value = masqueradeBit(nft.DefaultOptions().MasqueradeBit)
	cmd.Flags().Var(value, "masquerade-bit", "the one bit of packet marks that says whose source becomes the node's own, for Services")
}
