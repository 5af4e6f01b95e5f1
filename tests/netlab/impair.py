"""A slow and lossy piece of cable: forwards every frame between two interfaces. Usage: impair.py NAME NAME DELAY_MS LOSS_PERCENT"""
import collections
import random
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 3
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_VNET_HDR = 263, 1, 15
PACKET_MR_PROMISC, PACKET_OUTGOING = 1, 4


def opened(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(ETH_P_ALL))
    # Each frame keeps its offload header, because virtual cables leave checksums to hardware.
    port.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    port.bind((name, ETH_P_ALL))
    # Promiscuous, because the frames are for other machines.
    port.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, struct.pack('IHH8s', socket.if_nametoindex(name), PACKET_MR_PROMISC, 0, b''))
    return port


names, delay, loss = sys.argv[1:3], float(sys.argv[3]) / 1000, float(sys.argv[4]) / 100
ports = [opened(name) for name in names]
queue = collections.deque()
print('ready', flush=True)
while True:
    timeout = max(0, queue[0][0] - time.monotonic()) if queue else None
    for port in select.select(ports, [], [], timeout)[0]:
        frame, address = port.recvfrom(80000)
        if address[2] != PACKET_OUTGOING and random.random() >= loss:
            queue.append((time.monotonic() + delay, ports[1 - ports.index(port)], frame))
    while queue and queue[0][0] <= time.monotonic():
        _, port, frame = queue.popleft()
        try:
            port.send(frame)
        except OSError:
            pass
