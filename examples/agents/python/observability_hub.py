"""Stops by the book, but slowly: it sends all its metrics first. SLOW_SECONDS says how long that takes."""

import os
import time

from agent import Server, log

SLOW_SECONDS = float(os.environ.get('SLOW_SECONDS', '11'))

server = Server()
server.until_signal()
log('clean-up: sending metrics')
time.sleep(SLOW_SECONDS)
server.finish()
