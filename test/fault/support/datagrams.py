"""Binds a unix datagram socket and prints what comes to it, a JSON line each: {"pid": …, "lines": […]}."""
import json, socket, struct, sys

s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1])
print(json.dumps({"pid": 0, "lines": ["BOUND"]}), flush=True)
while True:
    data, ancillary, _, _ = s.recvmsg(4096, socket.CMSG_SPACE(12))
    pid = next((struct.unpack("3i", c)[0] for l, t, c in ancillary if t == socket.SCM_CREDENTIALS), 0)
    print(json.dumps({"pid": pid, "lines": data.decode().splitlines()}), flush=True)
