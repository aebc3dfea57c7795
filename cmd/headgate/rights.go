package main

import (
	"log/slog"

	"golang.org/x/sys/unix"
)

// lacking lists the capabilities that the agent needs and this process does not have, with what is missing then.
func lacking() (map[string]string, error) {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&head, &data[0]); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for capability, need := range map[int][2]string{
		unix.CAP_NET_ADMIN: {"CAP_NET_ADMIN", "no rules can be loaded"},
		unix.CAP_NET_RAW:   {"CAP_NET_RAW", "neighbours are not told of addresses that move here, and go on sending to where they were"},
	} {
		if data[capability/32].Effective&(1<<(capability%32)) == 0 {
			out[need[0]] = need[1]
		}
	}
	return out, nil
}

// tellRights warns of what the process may not do: not all of that fails when it is tried.
func tellRights(log *slog.Logger) {
	missing, err := lacking()
	if err != nil {
		log.Warn("what this process may do cannot be found out", "error", err)
	}
	for _, name := range []string{"CAP_NET_ADMIN", "CAP_NET_RAW"} {
		if without, is := missing[name]; is {
			log.Warn("the agent lacks "+name, "so", without)
		}
	}
}
