package nft

import (
	"fmt"

	"github.com/headgate-net/headgate/targets/mark"
)

// Check returns an error unless MasqueradeBit is one bit, and none of those that say by which address a packet leaves
// (mark.RouteMask).
func (o Options) Check() error {
	switch bit := o.MasqueradeBit; {
	case bit == 0 || bit&(bit-1) != 0:
		return fmt.Errorf("%#x is not one bit", bit)
	case bit&mark.RouteMask != 0:
		return fmt.Errorf("the bits of %#x say by which address a packet leaves", mark.RouteMask)
	}
	return nil
}
