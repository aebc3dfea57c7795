package ovs

import (
	"fmt"
	"strconv"

	"github.com/headgate-net/headgate/targets/openflow"
)

// generationFlow is the flow that stores a generation: a condition on two registers in a table of its own.
func generationFlow(generation string) (openflow.Flow, error) {
	n, err := strconv.ParseUint(generation, 16, 64)
	if err != nil {
		return openflow.Flow{}, fmt.Errorf("generation %q is not 16 hexadecimal digits: %w", generation, err)
	}
	return openflow.Flow{
		Table:    generationTable,
		Priority: 1,
		Cookie:   openflow.CookieMarker | uint64(generationTable),
		Match:    []openflow.Term{openflow.Is(openflow.Reg0, n>>32), openflow.Is(openflow.Reg1, n&0xffffffff)},
	}, nil
}

// generationOf reads what generationFlow wrote; "" if the flow is something else.
func generationOf(f *openflow.Flow) string {
	if len(f.Match) != 2 || f.Match[0].Field != openflow.Reg0 || f.Match[1].Field != openflow.Reg1 {
		return ""
	}
	return fmt.Sprintf("%016x", f.Match[0].Value.Lo<<32|f.Match[1].Value.Lo)
}
