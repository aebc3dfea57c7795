package nft

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// KubeProxy lists what kube-proxy has in the network namespace, by the names that nft has for it: "table ip kube-proxy" in its mode
// nftables, "chain ip nat KUBE-SERVICES" in its modes iptables and ipvs. Nothing is listed where it never ran, or was told to clean
// up; what a kube-proxy that ended has left is in force and listed. What iptables-legacy made is not seen: nftables does not know of it.
func (d *Dataplane) KubeProxy(ctx context.Context) (found []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = d.with(func(s *socket) error {
		for _, of := range []struct {
			family byte
			name   string
		}{{unix.NFPROTO_IPV4, "ip"}, {unix.NFPROTO_IPV6, "ip6"}} {
			for _, trace := range kubeProxyTraces() {
				there, err := s.has(of.family, trace.message)
				if err != nil {
					return fmt.Errorf("look for kube-proxy: %w", err)
				}
				if there {
					found = append(found, fmt.Sprintf(trace.format, of.name))
				}
			}
		}
		return nil
	})
	return found, err
}

// kubeProxyTrace is a question for something that only kube-proxy makes.
type kubeProxyTrace struct {
	message message
	format  string
}

func kubeProxyTraces() []kubeProxyTrace {
	var table, chain buffer
	table.str(unix.NFTA_TABLE_NAME, "kube-proxy")
	chain.str(unix.NFTA_CHAIN_TABLE, "nat")
	chain.str(unix.NFTA_CHAIN_NAME, "KUBE-SERVICES")
	return []kubeProxyTrace{
		{message{unix.NFT_MSG_GETTABLE, 0, table.b}, "table %s kube-proxy"},
		{message{unix.NFT_MSG_GETCHAIN, 0, chain.b}, "chain %s nat KUBE-SERVICES"},
	}
}

// has reports whether there is what a message asks for by its name.
func (s *socket) has(family byte, m message) (bool, error) {
	err := s.requestOf(family, m, func([]byte) error { return nil })
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	return err == nil, err
}
