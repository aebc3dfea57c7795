#!/bin/sh
# Installs the programs that the tests run, where they are missing. Each line of the table is a program and the Debian
# package that brings it; apt-get is called only if one is missing, so a prepared machine needs neither root nor network.
set -eu

PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
packages=$(while read -r program package; do
	command -v "$program" >/dev/null || echo "$package"
done <<'TABLE' | sort -u | tr '\n' ' '
git git
ip iproute2
nft nftables
conntrack conntrack
ethtool ethtool
tcpdump tcpdump
iperf3 iperf3
ovs-vsctl openvswitch-switch
ovs-vswitchd openvswitch-switch
qemu-system-x86_64 qemu-system-x86
busybox busybox-static
modprobe kmod
ps procps
setpriv util-linux
runc runc
systemd-analyze systemd
TABLE
)
# The module proxy is reached over TLS.
test -e /etc/ssl/certs/ca-certificates.crt || packages="$packages ca-certificates"
# busybox must run without libraries in the virtual machine's initial file system.
if command -v busybox >/dev/null && ldd "$(command -v busybox)" >/dev/null 2>&1; then
	packages="$packages busybox-static"
fi
packages=$(echo $packages)
test -n "$packages" || exit 0

if ! command -v apt-get >/dev/null; then
	echo "missing programs; install the equivalents of these Debian packages: $packages" >&2
	exit 1
fi
if test "$(id -u)" != 0; then
	echo "missing programs; as root run: apt-get install --no-install-recommends $packages" >&2
	exit 1
fi

# The tests run their own instances of Open vSwitch: the package must not start one on this machine. policy-rc.d is how
# Debian is told so (invoke-rc.d(8)); one that is already there stays.
policy=/usr/sbin/policy-rc.d
if ! test -e "$policy"; then
	trap 'rm -f "$policy"' EXIT
	trap 'exit 1' INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing $packages"
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -q -y --no-install-recommends $packages
case "$packages" in
*openvswitch*)
	if test -d /run/systemd/system; then
		systemctl disable --now openvswitch-switch.service
	fi
	;;
esac
