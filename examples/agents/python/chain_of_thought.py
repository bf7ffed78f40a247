"""Cleans up twice: by itself, and by atexit. Nothing keeps the second run from happening."""

import atexit

from agent import Server, log


def clean_up():
    log('clean-up: the traces are written')


atexit.register(clean_up)
server = Server()
server.until_signal()
clean_up()
server.finish()
