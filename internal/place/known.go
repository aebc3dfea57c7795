package place

import (
	"fmt"
	"net/netip"
	"strings"
)

// Known reads what is known of DNS names: items "NAME=ADDRESS[,ADDRESS]". An item adds to what others say of its name; names are
// taken in lower case and without a final dot. No item gives nil.
func Known(items []string) (map[string][]netip.Addr, error) {
	var out map[string][]netip.Addr
	for _, item := range items {
		name, list, ok := strings.Cut(item, "=")
		name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
		if !ok || name == "" || strings.ContainsAny(name, "* ") {
			return nil, fmt.Errorf("%q is not NAME=ADDRESS[,ADDRESS]", item)
		}
		for text := range strings.SplitSeq(list, ",") {
			a, err := netip.ParseAddr(strings.TrimSpace(text))
			if err != nil {
				return nil, fmt.Errorf("%q: %q is not an IP address", item, text)
			}
			if out == nil {
				out = map[string][]netip.Addr{}
			}
			out[name] = append(out[name], a.Unmap().WithZone(""))
		}
	}
	return out, nil
}

// Dialled reads where a packet was sent to before its destination was translated: "ADDRESS:PORT", "[ADDRESS]:PORT" for IPv6.
func Dialled(text string) (netip.AddrPort, error) {
	to, err := netip.ParseAddrPort(text)
	if err != nil || to.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is not ADDRESS:PORT, such as 10.96.0.10:443 or [fd00::a]:443", text)
	}
	return netip.AddrPortFrom(to.Addr().Unmap().WithZone(""), to.Port()), nil
}
