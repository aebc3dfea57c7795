#!/bin/sh
set -e
ip link add hg-egress address 86:21:d6:64:ef:60 type vxlan id 26727 dstport 9999 local 192.168.7.3 nolearning
sysctl -q -w net/ipv4/conf/hg-egress/forwarding=1
sysctl -q -w net/ipv4/conf/hg-egress/rp_filter=2
ip link set hg-egress addrgenmode none
ip link set hg-egress up
bridge fdb add 66:6b:8b:b8:4c:e7 dev hg-egress dst 192.168.7.1
ip neigh add 192.168.7.1 lladdr 66:6b:8b:b8:4c:e7 nud permanent dev hg-egress
# table 1751627966
ip route add default via 192.168.7.1 dev hg-egress onlink table 1751627966 proto 104
ip route add throw 10.0.3.0/24 table 1751627966 proto 104
# rules
ip rule add fwmark 0xed800000/0xff800000 lookup 1751627966 priority 8670 protocol 104
ip route add blackhole 121.78.32.58/32 metric 1567613721 table 1751580672 proto 104
