"""Cleans up in its handler. A second signal starts that again, finds the journal closed, and exits with 1."""

import os
import signal
import sys
import time

from agent import Server, log

STAY_SECONDS = float(os.environ.get('STAY_SECONDS', '3'))

server = Server()
journal = open('/tmp/journal', 'w')


def stop(_number, _frame):
    server.stopping = True
    journal.write('stopped\n')
    journal.close()
    log('clean-up: the journal is closed')
    time.sleep(STAY_SECONDS)
    server.finish()
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
server.start()
# Short: the kernel may give the signal to another thread, and Python's handler waits for this one.
while True:
    time.sleep(0.05)
