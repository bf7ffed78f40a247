"""Stops by the book, but leaves its lock behind. The same container does not start again."""

import sys

from agent import Server

try:
    open('/tmp/storage-manager.lock', 'x').close()
except FileExistsError:
    sys.exit('/tmp/storage-manager.lock is there: another storage-manager runs')
server = Server()
server.until_signal()
server.finish()
