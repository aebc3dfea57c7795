#!/bin/sh
set -e
TRANSPORT=$(ip -o addr show to 192.168.7.1 | awk '{ print $2; exit }')
ip link add link $TRANSPORT name hg-ext.181 type vlan id 181
sysctl -q -e -w net/ipv4/conf/hg-ext.181/forwarding=1
sysctl -q -e -w net/ipv4/conf/hg-ext.181/promote_secondaries=1
sysctl -q -e -w net/ipv4/conf/hg-ext.181/rp_filter=2
sysctl -q -e -w net/ipv6/conf/hg-ext.181/accept_ra=0
ip link set hg-ext.181 up
ip addr add 172.18.181.40/24 dev hg-ext.181 noprefixroute
ip addr add fd18:b5::40/64 dev hg-ext.181 noprefixroute nodad preferred_lft 0
# addresses of $TRANSPORT
ip addr add 192.0.2.200/32 dev $TRANSPORT noprefixroute
# table 1751630340
ip -6 route add default via fd18:b5::1 dev hg-ext.181 onlink table 1751630340 proto 104
ip -6 route add fd18:b5::/64 dev hg-ext.181 table 1751630340 proto 104
ip -6 route add throw fd00:1::/64 table 1751630340 proto 104
# table 1751641193
ip route add 172.18.181.0/24 dev hg-ext.181 table 1751641193 proto 104
ip route add default via 172.18.181.1 dev hg-ext.181 onlink table 1751641193 proto 104
ip route add throw 10.0.1.0/24 table 1751641193 proto 104
ip route add throw 10.77.0.1/32 table 1751641193 proto 104
# rules
ip -6 rule add from fd18:b5::40 lookup 1751630340 priority 8670 protocol 104
ip rule add from 172.18.181.40 lookup 1751641193 priority 8670 protocol 104
ip rule add fwmark 0xed800000/0xff800000 lookup 1751641193 priority 8670 protocol 104
ip route add blackhole 166.149.156.30/32 metric 1342984973 table 1751580672 proto 104
