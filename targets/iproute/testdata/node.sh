#!/bin/sh
set -e
TRANSPORT=$(ip -o addr show to 192.168.7.1 | awk '{ print $2; exit }')
ip link add hg-egress address 66:6b:8b:b8:4c:e7 type vxlan id 26727 dstport 8670 local 192.168.7.1 nolearning
sysctl -q -e -w net/ipv4/conf/hg-egress/forwarding=1
sysctl -q -e -w net/ipv4/conf/hg-egress/rp_filter=2
ip link set hg-egress addrgenmode none
ip link set hg-egress up
bridge fdb add 06:80:a9:3d:2e:9b dev hg-egress dst 192.168.7.2
bridge fdb add 86:21:d6:64:ef:60 dev hg-egress dst 192.168.7.3
ip addr add 127.104.0.1/32 dev hg-egress noprefixroute
ip neigh add 192.168.7.2 lladdr 06:80:a9:3d:2e:9b nud permanent dev hg-egress
ip neigh add 192.168.7.3 lladdr 86:21:d6:64:ef:60 nud permanent dev hg-egress
ip neigh add fe80::480:a9ff:fe3d:2e9b lladdr 06:80:a9:3d:2e:9b nud permanent dev hg-egress
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
# table 1751627563
ip -6 route add default via fe80::480:a9ff:fe3d:2e9b dev hg-egress onlink table 1751627563 proto 104
ip -6 route add throw fd00:1::/64 table 1751627563 proto 104
ip route add default via 192.168.7.2 dev hg-egress onlink table 1751627563 proto 104
ip route add throw 10.0.1.0/24 table 1751627563 proto 104
ip route add throw 10.77.0.1/32 table 1751627563 proto 104
ip route add throw 192.168.7.2/32 table 1751627563 proto 104
# table 1751630340
ip -6 route add default via fd18:b5::1 dev hg-ext.181 onlink table 1751630340 proto 104
ip -6 route add fd18:b5::/64 dev hg-ext.181 table 1751630340 proto 104
ip -6 route add throw fd00:1::/64 table 1751630340 proto 104
# table 1751637695
ip -6 route add fd00:2::/64 via fe80::480:a9ff:fe3d:2e9b dev hg-egress onlink table 1751637695 proto 104
ip route add 10.0.2.0/24 via 192.168.7.2 dev hg-egress onlink table 1751637695 proto 104
ip route add 10.0.3.0/24 via 192.168.7.3 dev hg-egress onlink table 1751637695 proto 104
ip route add 10.77.0.2/32 via 192.168.7.2 dev hg-egress onlink table 1751637695 proto 104
# table 1751641193
ip route add 172.18.181.0/24 dev hg-ext.181 table 1751641193 proto 104
ip route add default via 172.18.181.1 dev hg-ext.181 onlink table 1751641193 proto 104
ip route add throw 10.0.1.0/24 table 1751641193 proto 104
ip route add throw 10.77.0.1/32 table 1751641193 proto 104
# rules
ip -6 rule add from fd18:b5::40 lookup 1751630340 priority 8670 protocol 104
ip -6 rule add fwmark 0xb800000/0xff800000 lookup 1751627563 priority 8670 protocol 104
ip -6 rule add fwmark 0xff800000/0xff800000 lookup 1751637695 priority 8670 protocol 104
ip rule add from 172.18.181.40 lookup 1751641193 priority 8670 protocol 104
ip rule add fwmark 0x15800000/0xff800000 lookup 1751627563 priority 8670 protocol 104
ip rule add fwmark 0xed800000/0xff800000 lookup 1751641193 priority 8670 protocol 104
ip rule add fwmark 0xff800000/0xff800000 lookup 1751637695 priority 8670 protocol 104
ip route add blackhole 203.50.128.216/32 metric 762163972 table 1751580672 proto 104
