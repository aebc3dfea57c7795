#!/bin/sh
set -e
ip link add hg-egress address 86:21:d6:64:ef:60 type vxlan id 26727 dstport 9999 local 192.168.7.3 nolearning
sysctl -q -e -w net/ipv4/conf/hg-egress/forwarding=1
sysctl -q -e -w net/ipv4/conf/hg-egress/rp_filter=2
ip link set hg-egress addrgenmode none
ip link set hg-egress up
bridge fdb add 66:6b:8b:b8:4c:e7 dev hg-egress dst 192.168.7.1
ip addr add 127.104.0.1/32 dev hg-egress noprefixroute
ip neigh add 192.168.7.1 lladdr 66:6b:8b:b8:4c:e7 nud permanent dev hg-egress
# table 1751627966
ip route add default via 192.168.7.1 dev hg-egress onlink table 1751627966 proto 104
ip route add throw 10.0.3.0/24 table 1751627966 proto 104
ip route add throw 192.168.7.1/32 table 1751627966 proto 104
# rules
ip rule add fwmark 0xed800000/0xff800000 lookup 1751627966 priority 8670 protocol 104
ip route add blackhole 46.112.86.244/32 metric 2104759437 table 1751580672 proto 104
