package iproute

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/iproute"
)

// From linux/ip.h and linux/if_link.h: the settings of IPv4 that a link can be given over netlink. A container that is not privileged
// has /proc/sys for reading only, whatever its capabilities.
const (
	afSpec             = unix.IFLA_AF_SPEC
	inetConf           = 1 // IFLA_INET_CONF
	confForwarding     = 1
	confRPFilter       = 8
	confPromoteSeconds = 20
)

// confOf numbers a setting, by the last part of its path.
func confOf(path string) (int, bool) {
	switch {
	case !strings.HasPrefix(path, "net/ipv4/conf/"):
		return 0, false
	case strings.HasSuffix(path, "/forwarding"):
		return confForwarding, true
	case strings.HasSuffix(path, "/rp_filter"):
		return confRPFilter, true
	case strings.HasSuffix(path, "/promote_secondaries"):
		return confPromoteSeconds, true
	}
	return 0, false
}

// set gives a device of ours a setting that it does not have yet.
func (s *stack) set(e iproute.Sysctl) error {
	conf, ok := confOf(e.Path)
	switch {
	case setting(e) == e:
		return nil
	case !ok:
		return unless(os.WriteFile(filepath.Join("/proc/sys", e.Path), []byte(e.Value), 0), os.ErrNotExist)
	}
	value, err := strconv.ParseUint(e.Value, 10, 32)
	if err != nil {
		return err
	}
	req := s.request(unix.RTM_SETLINK, unix.NLM_F_ACK)
	head := nl.NewIfInfomsg(unix.AF_UNSPEC)
	head.Index = int32(s.index(e.Device))
	req.AddData(head)
	spec := nl.NewRtAttr(afSpec, nil)
	spec.AddRtAttr(unix.AF_INET, nil).AddRtAttr(inetConf, nil).AddRtAttr(conf, nl.Uint32Attr(uint32(value)))
	req.AddData(spec)
	if _, err := req.Execute(unix.NETLINK_ROUTE, 0); err != nil {
		return fmt.Errorf("%s: %w", e.Path, err)
	}
	return nil
}

// setting reads what a device of ours has. One that this kernel does not have counts as set; and routers are listened to by nobody who
// forwards, unless accept_ra is 2 (Documentation/networking/ip-sysctl.rst).
func setting(want iproute.Sysctl) iproute.Sysctl {
	text, err := os.ReadFile(filepath.Join("/proc/sys", want.Path))
	if err != nil {
		return want
	}
	got := want
	got.Value = strings.TrimSpace(string(text))
	if dir, ok := strings.CutSuffix(want.Path, "/accept_ra"); ok && got.Value == "1" {
		forwarding, err := os.ReadFile(filepath.Join("/proc/sys", dir, "forwarding"))
		if err == nil && strings.TrimSpace(string(forwarding)) == "1" {
			return want
		}
	}
	return got
}
