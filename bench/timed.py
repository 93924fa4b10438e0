"""Runs a command and prints how long it took and how much memory it held at most, as JSON. Small, because a child's peak begins with
its parent's size: the process that has the tables of the peers cannot tell.

    python timed.py COMMAND [ARGUMENT...]
"""

import json
import os
import sys
import time

started = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(child, 0)
print(json.dumps({"wall_s": time.perf_counter() - started, "peak_bytes": used.ru_maxrss * 1024, "status": os.waitstatus_to_exitcode(status)}))
